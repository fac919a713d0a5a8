import { type Change, changedFields } from "../../audit/audit.ts";
import { destinationWords, scheduleWords, sourceWords } from "./destination-words.ts";
import type { PipelineRow } from "./queries.ts";

/** The audit entry of a pipeline that was made or deleted. */
export function auditedPipeline(pipeline: PipelineRow, verb: "create" | "delete"): Change {
  const facts = factsOf(pipeline);
  return { ...entry(pipeline, verb), ...(verb === "create" ? { after: facts } : { before: facts }) };
}

/** The audit entry of a pipeline that was changed. */
export function auditedPipelineChange(before: PipelineRow, after: PipelineRow): Change {
  return { ...entry(after, "update"), ...changedFields(factsOf(before), factsOf(after)) };
}

function entry({ id, projectId, name }: PipelineRow, verb: string) {
  return { projectId, action: `pipeline.${verb}`, object: { kind: "pipeline", id, name } } as const;
}

/** Of addresses it keeps the host only: the rest of one often is a secret. */
function factsOf(pipeline: PipelineRow) {
  const { name, deploymentId, source, destinations, schedule, enabled, notifyBy, notifyTo } = pipeline;
  const told = notifyBy === "webhook" ? new URL(notifyTo ?? "").host : notifyTo;
  return {
    name,
    deployment_id: deploymentId,
    source: sourceWords(source),
    destinations: destinations.map((one) => `${one.connection_id} ${destinationWords(one)}`).join("; "),
    schedule: schedule && scheduleWords(schedule),
    enabled,
    notify: told,
  };
}
