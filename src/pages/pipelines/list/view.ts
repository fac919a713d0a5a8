import { isAllowed } from "../../../access/rights.ts";
import { type AppContext, pageRequest } from "../../../http.ts";
import { type ProjectPageView, projectPageView } from "../../project-shell.tsx";
import { nextSlots } from "../../../pipelines/schedules/schedule.ts";
import { type PipelineNames, pipelineNames } from "../../../pipelines/definitions/pipeline-names.ts";
import { listPipelines, type Pipeline } from "../../../pipelines/definitions/queries.ts";

/** A pipeline as the list shows it. */
export interface PipelineLine {
  pipeline: Pipeline;
  /** UTC ms; null when it will not run by itself. */
  nextRun: number | null;
}

export interface PipelinesView extends Pick<ProjectPageView, "frame" | "project"> {
  lines: PipelineLine[];
  names: PipelineNames;
  mayChange: boolean;
  /** That of this page; null on the first one. */
  cursor: string | null;
  nextCursor: string | null;
  nowMs: number;
}

/** All that the list of pipelines shows, for who may read the project. */
export async function pipelinesView(c: AppContext): Promise<PipelinesView> {
  const { db, frame, project } = await projectPageView(c, "read");
  const page = pageRequest(c);
  const { items, nextCursor } = await listPipelines(db, c.var.caller, project.id, page);
  const nowMs = Date.now();
  return {
    frame,
    project,
    lines: items.map((pipeline) => ({ pipeline, nextRun: nextRunsOf(pipeline, nowMs, 1)[0] ?? null })),
    names: await pipelineNames(db, project.id, items),
    mayChange: isAllowed(c.var.caller, "change", { projectId: project.id }),
    cursor: page.cursor,
    nextCursor,
    nowMs,
  };
}

/** The next slots for which a pipeline will run, UTC ms; none while it is not enabled, or without a deployment. */
export function nextRunsOf({ schedule, enabled, deployment }: Pipeline, nowMs: number, count: number): number[] {
  return schedule && enabled && deployment.deletedAt === null ? nextSlots(schedule, nowMs, count) : [];
}

/** What the list shows of the last runs, in its order: another text once one of them has changed. */
export function statesOf({ lines }: Pick<PipelinesView, "lines">): string {
  return lines
    .map(({ pipeline: { lastRun } }) => (lastRun ? `${lastRun.id.slice(-4)}${lastRun.state.charAt(0)}` : ""))
    .join("-");
}
