import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { hidden, requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { writeAudit } from "../audit/audit.ts";
import { LIMITS } from "../config.ts";
import type { Database } from "../db.ts";
import { requireDeployment } from "../deployments/find-deployment.ts";
import { AppError } from "../errors.ts";
import { experiments } from "../experiments/schema.ts";
import { newId } from "../lib/id.ts";
import type { Alert } from "./alert-message.ts";
import { alertRule } from "./alert-rules.ts";
import { auditedAlert } from "./audited-alert.ts";
import { secretPlace } from "./deliver.ts";
import { makeSigningSecret, notifyInput, notifyOf } from "./notify-input.ts";
import { ALERT_KINDS, alerts } from "./schema.ts";

export const alertInput = z.object({
  kind: z.enum(ALERT_KINDS, `kind is one of ${ALERT_KINDS.join(", ")}.`),
  threshold: z
    .number("threshold must be a number.")
    .nullish()
    .describe(
      "drift: columns that drift in the last 24 h (1). errors: share of calls, 0 to 1 (0.05). latency: ms, p95 of the last hour (1000). performance: the worst value that the metric may have (needed). not_running: minutes (2)",
    ),
  metric: z.string().nullish().describe("Of performance; the headline metric of the task unless told"),
  notify: notifyInput,
});

export interface AlertPorts {
  env: Env;
  db: Database;
  /** Under which the caller reached the instance: messages link there. */
  origin: string;
}

/**
 * Makes an alert of a deployment, for its contributors. The secret that signs the messages of a webhook is in this answer and nowhere
 * else in the clear. 422 for a rule that cannot be judged, an address that may not be called, and past 20 alerts a deployment.
 */
export async function createAlert(
  { env, db, origin }: AlertPorts,
  caller: Caller,
  deploymentIdOrSlug: string,
  input: z.output<typeof alertInput>,
  nowMs: number,
): Promise<{ alert: Alert; signingSecret: string | null }> {
  const deployment = await requireDeployment(db, caller, deploymentIdOrSlug, "change");
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
  await insertWithinLimit(db, alert);
  await writeAudit(db, user, auditedAlert(deployment, alert, "create"), nowMs);
  return { alert, signingSecret: secret?.signingSecret ?? null };
}

/** One statement counts and writes, so that two calls at the same time do not make one too many. */
async function insertWithinLimit(db: Database, alert: Alert): Promise<void> {
  const { id, deploymentId, kind, threshold, metric, notifyBy, notifyTo, sealedSecret, origin } = alert;
  const rows = await db.all(sql`
    insert into "alerts" ("id", "deploymentId", "kind", "threshold", "metric", "notifyBy", "notifyTo", "sealedSecret", "origin", "createdBy", "createdAt", "state", "since")
    select ${id}, ${deploymentId}, ${kind}, ${threshold}, ${metric}, ${notifyBy}, ${notifyTo}, ${sealedSecret}, ${origin}, ${alert.createdBy}, ${alert.createdAt}, ${alert.state}, ${alert.since}
    where (select count(*) from ${alerts} where ${alerts.deploymentId} = ${deploymentId}) < ${LIMITS.alertsPerDeploymentMax}
      and exists (select 1 from "deployments" where "id" = ${deploymentId} and "deletedAt" is null)
    returning "id"`);
  if (rows.length > 0) return;
  const message = `A deployment may have ${LIMITS.alertsPerDeploymentMax} alerts. Delete one that is not needed.`;
  throw new AppError("invalid_input", message);
}
