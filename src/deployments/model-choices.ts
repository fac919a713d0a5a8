import { desc, eq } from "drizzle-orm";
import type { Database } from "../db.ts";
import type { Task } from "../engine/serving-plan.ts";
import { metricLabel, METRICS_AT_A_GLANCE, metricText } from "../experiments/metrics/metric-facts.ts";
import type { ModelMetrics } from "../experiments/metrics/metrics.ts";
import { experimentVersions, models } from "../experiments/schema.ts";
import { formatBytes } from "../lib/format.ts";

/** A model that a deployment could be made of, or why it could not. */
export interface ModelCandidate {
  id: string;
  name: string;
  /** Of the experiment. */
  version: number;
  /** With the key metric and the memory, or with what is in the way. */
  label: string;
  isReady: boolean;
}

/** The models of all versions of an experiment, the newest version first and the newest model first in it. Asks for no right. */
export async function listModelCandidates(
  db: Database,
  experiment: { id: string; task: Task },
): Promise<ModelCandidate[]> {
  const rows = await db
    .select({
      id: models.id,
      name: models.name,
      state: models.state,
      errorMessage: models.errorMessage,
      metrics: models.metrics,
      heapBytes: models.heapBytes,
      version: experimentVersions.number,
    })
    .from(models)
    .innerJoin(experimentVersions, eq(experimentVersions.id, models.versionId))
    .where(eq(experimentVersions.experimentId, experiment.id))
    .orderBy(desc(experimentVersions.number), desc(models.createdAt), desc(models.id));
  return rows.map(({ id, name, state, errorMessage, metrics, heapBytes, version }) => {
    const memory = heapBytes === null ? null : `${formatBytes(heapBytes)} of memory`;
    const facts = {
      succeeded: [keyMetric(experiment.task, metrics ?? null), memory],
      failed: [`failed its trial: ${shortened(errorMessage ?? "see its report")}`],
      pending: ["is being tried"],
      running: ["is being tried"],
    }[state];
    const label = [name, ...facts.filter((fact) => fact !== null)].join(" · ");
    return { id, name, version, label, isReady: state === "succeeded" };
  });
}

/** The one number by which models of a task are told apart, such as "RMSE 12.3"; null where nothing was measured. */
function keyMetric(task: Task, metrics: ModelMetrics | null): string | null {
  const measured = METRICS_AT_A_GLANCE[task].find((name) => typeof metrics?.values[name] === "number");
  return measured === undefined ? null : `${metricLabel(measured)} ${metricText(measured, metrics?.values[measured])}`;
}

const REASON_LENGTH_MAX = 90;

function shortened(reason: string): string {
  return reason.length <= REASON_LENGTH_MAX ? reason : `${reason.slice(0, REASON_LENGTH_MAX)}…`;
}
