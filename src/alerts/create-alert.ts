import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { hidden, requireUser } from "../access/authorize.ts";
import { auditedChange } from "../audit/audited-change.ts";
import { LIMITS } from "../config.ts";
import { requireDeployment } from "../deployments/find-deployment.ts";
import { deployments } from "../deployments/schema.ts";
import { AppError } from "../errors.ts";
import { experiments } from "../experiments/schema.ts";
import { insertWhere } from "../insert-where.ts";
import { newId } from "../lib/id.ts";
import type { VerbContext } from "../verb-context.ts";
import { KINDS } from "./alert-kinds.ts";
import type { Alert } from "./alert-message.ts";
import { alertRule } from "./alert-rules.ts";
import { auditedAlert } from "./audited-alert.ts";
import { secretPlace } from "./deliver.ts";
import { makeSigningSecret, notifyInput, notifyOf } from "./notify-input.ts";
import { ALERT_KINDS, type AlertKindId, alerts } from "./schema.ts";

const LIMIT_REACHED = `A deployment may have at most ${LIMITS.alertsPerDeploymentMax} alerts. Delete one.`;

export const alertInput = z.object({
  kind: z.enum(ALERT_KINDS, `kind must be one of ${ALERT_KINDS.join(", ")}.`),
  threshold: z.number("threshold must be a number.").nullish().describe(ALERT_KINDS.map(thresholdHelp).join(". ")),
  metric: z.string().nullish().describe("For performance. Default: the headline metric of the task"),
  notify: notifyInput,
});

function thresholdHelp(kind: AlertKindId): string {
  const { help, default: preset } = KINDS[kind].threshold;
  return `${kind}: ${help} (${preset ?? "needed"})`;
}

/**
 * Makes an alert of a deployment, for its contributors. The secret that signs the messages of a webhook is in this answer and nowhere
 * else in the clear. Messages link to the origin under which it was made. 422 for a rule that cannot be judged, an address that may not
 * be called, and past 20 alerts a deployment.
 */
export async function createAlert(
  context: VerbContext,
  input: z.output<typeof alertInput> & { deployment: string },
): Promise<{ alert: Alert; signingSecret: string | null }> {
  const { env, db, caller, nowMs, origin } = context;
  const deployment = await requireDeployment(db, caller, input.deployment, "change");
  const user = requireUser(caller);
  const experiment = await db
    .select({ task: experiments.task })
    .from(experiments)
    .where(eq(experiments.id, deployment.experimentId))
    .get();
  if (!experiment) throw hidden();
  const rule = alertRule(experiment.task, input);
  const notify = notifyOf(env, input.notify);
  const id = newId("alr");
  const secret = notify.notifyBy === "webhook" ? await makeSigningSecret(env, secretPlace(id)) : null;
  const alert: Alert = {
    id,
    deploymentId: deployment.id,
    ...rule,
    ...notify,
    sealedSecret: secret?.sealedSecret ?? null,
    origin,
    createdBy: user.userId,
    createdAt: nowMs,
    state: "unknown",
    since: nowMs,
    fineLooks: 0,
    lastValue: null,
    lastDetail: null,
    lastCheckedAt: null,
    checkError: null,
    deliveryError: null,
  };
  // Counted by the write itself, so that two calls at the same time do not make one too many.
  const mayBe = sql`(select count(*) from ${alerts} where ${alerts.deploymentId} = ${deployment.id}) < ${LIMITS.alertsPerDeploymentMax}
    and exists (select 1 from ${deployments} where ${deployments.id} = ${deployment.id} and ${deployments.deletedAt} is null)`;
  const write = insertWhere(db, alerts, alert, mayBe).returning({ id: alerts.id });
  const [made] = await auditedChange(context, write, auditedAlert(deployment, alert, "create"));
  if (!made) throw new AppError("invalid_input", LIMIT_REACHED);
  return { alert, signingSecret: secret?.signingSecret ?? null };
}
