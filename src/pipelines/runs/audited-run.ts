import type { Change } from "../../audit/audit.ts";
import type { Run } from "./queries.ts";

/** The audit entry of what somebody did with a run. What the clock starts is not in the log: the runs themselves tell it. */
export function auditedRun({ id, pipeline, state, attempt }: Run, verb: "create" | "cancel" | "retry"): Change {
  return {
    projectId: pipeline.projectId,
    action: `run.${verb}`,
    object: { kind: "run", id, name: pipeline.name },
    ...(verb === "create" ? { after: { pipeline_id: pipeline.id } } : { before: { state, attempt } }),
  };
}
