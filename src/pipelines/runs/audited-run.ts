import type { Change } from "../../audit/audit.ts";
import type { Run } from "./queries.ts";

type Named = Pick<Run, "id"> & { pipeline: Pick<Run["pipeline"], "id" | "name" | "projectId"> };

/** The audit entry of a run that somebody asked for. What the clock starts is not in the log: the runs themselves tell it. */
export function auditedNewRun(run: Named): Change {
  return { ...entry(run, "create"), after: { pipeline_id: run.pipeline.id } };
}

/** The audit entry of what somebody did with a run. */
export function auditedRun(run: Run, verb: "cancel" | "retry"): Change {
  const { state, attempt } = run;
  return { ...entry(run, verb), before: { state, attempt } };
}

function entry({ id, pipeline }: Named, verb: string) {
  const { projectId, name } = pipeline;
  return { projectId, action: `run.${verb}`, object: { kind: "run", id, name } } as const;
}
