import { hidden, requireUser } from "../access/authorize.ts";
import { auditedChange } from "../audit/audited-change.ts";
import { requireDeployment } from "../deployments/find-deployment.ts";
import { describeDeployments } from "../deployments/queries.ts";
import { invalid } from "../errors.ts";
import type { VerbContext } from "../verb-context.ts";
import { METHODS } from "./drift/methods.ts";
import { describeMonitored } from "./monitored.ts";
import { monitoringSettings } from "./schema.ts";
import { type KeptSettings, type MonitoringSettings, readSettings } from "./settings.ts";

/**
 * Replaces the monitoring settings of a deployment, for its contributors. Pages, the API and alerts judge by them from then on; what
 * was counted stays. 422 for a feature that is not monitored, and for a reference that ends before it begins.
 */
export async function changeSettings(
  context: VerbContext,
  input: MonitoringSettings & { deployment: string },
): Promise<KeptSettings> {
  const { env, db, caller, nowMs } = context;
  const row = await requireDeployment(db, caller, input.deployment, "change");
  const { userId } = requireUser(caller);
  const settings: MonitoringSettings = { features: input.features, reference: input.reference };
  const [deployment] = await describeDeployments(db, [row]);
  if (!deployment) throw hidden();
  const { columns } = await describeMonitored(env, db, deployment);
  const unknown = Object.keys(settings.features).find((name) => !columns.some((column) => column.name === name));
  if (unknown !== undefined)
    throw invalid(`features.${unknown}`, `"${unknown}" is not a monitored feature of this deployment.`);
  for (const column of columns) {
    const method = new Map(Object.entries(settings.features)).get(column.name)?.method;
    if (method !== undefined && !METHODS[method].suits(column))
      throw invalid(`features.${column.name}.method`, `"${column.name}" cannot be judged by ${method}.`);
  }
  const { reference } = settings;
  if (reference.kind === "span" && Date.parse(reference.from) >= Date.parse(reference.to))
    throw invalid("reference.from", "reference.from must be before reference.to.");
  const before = await readSettings(db, row.id);
  if (JSON.stringify(before.settings) === JSON.stringify(settings)) return before;
  const kept = { settings, updatedAt: nowMs, updatedBy: userId };
  const write = db
    .insert(monitoringSettings)
    .values({ deploymentId: row.id, ...kept })
    .onConflictDoUpdate({ target: monitoringSettings.deploymentId, set: kept });
  await auditedChange(context, write, {
    projectId: row.projectId,
    action: "monitoring.update",
    object: { kind: "deployment", id: row.id, name: row.name },
    before: { ...before.settings },
    after: { ...settings },
  });
  return kept;
}
