import { hidden, requireUser } from "../../../access/authorize.ts";
import { isAllowed, type Right } from "../../../access/rights.ts";
import { type Database, database } from "../../../db.ts";
import { findDeployment } from "../../../deployments/find-deployment.ts";
import { userNames } from "../../../experiments/page-queries.ts";
import { type AppContext, pageRequest } from "../../../http.ts";
import { pageFrame } from "../../page-frame.ts";
import { findProject } from "../../../projects/queries.ts";
import type { Frame } from "../../../ui/layout.tsx";
import { listPipelineRuns, type Run } from "../../../pipelines/runs/queries.ts";
import { type PipelineNames, pipelineNames } from "../../../pipelines/definitions/pipeline-names.ts";
import { type Preview, previewOfPipeline } from "../../../pipelines/definitions/preview-destinations.ts";
import { nextRunsOf } from "../list/view.ts";
import { type Pipeline, requirePipeline } from "../../../pipelines/definitions/queries.ts";

const NEXT_RUNS = 5;

/** A pipeline and what stands around its pages. */
export interface PipelineFrame {
  db: Database;
  frame: Frame;
  project: { id: string; slug: string; name: string };
  pipeline: Pipeline;
}

/** The pipeline that the address names unless told, for a caller who has the right in its project: 401, 403 or 404 otherwise. */
export async function pipelineFrame(c: AppContext, right: Right, id = c.req.param("pipeline")): Promise<PipelineFrame> {
  const db = database(c.env);
  const pipeline = await requirePipeline(db, c.var.caller, id ?? "", right);
  const user = requireUser(c.var.caller);
  const project = await findProject(db, pipeline.projectId);
  if (!project) throw hidden();
  return { db, frame: await pageFrame(db, user, project), project, pipeline };
}

export interface PipelineView extends Omit<PipelineFrame, "db"> {
  names: PipelineNames;
  creator: string | null;
  /** UTC ms. */
  nextRuns: number[];
  runs: Run[];
  /** What its destinations get; null where it has none. */
  preview: Preview | null;
  /** That of this page of runs; null on the first one. */
  cursor: string | null;
  nextCursor: string | null;
  mayChange: boolean;
  mayDelete: boolean;
  nowMs: number;
}

/** All that the page of a pipeline shows, for who may read its project. */
export async function pipelineView(c: AppContext, id = c.req.param("pipeline")): Promise<PipelineView> {
  const { db, ...around } = await pipelineFrame(c, "read", id);
  const { pipeline, project } = around;
  const { caller } = c.var;
  const page = pageRequest(c);
  const [{ items, nextCursor }, names, creators] = await Promise.all([
    listPipelineRuns(db, caller, pipeline.id, page),
    pipelineNames(db, project.id, [pipeline]),
    userNames(db, [pipeline.createdBy]),
  ]);
  const nowMs = Date.now();
  const { source, destinations, deploymentId } = pipeline;
  const deployment = destinations.length === 0 ? null : await findDeployment(db, deploymentId);
  const kinds = new Map([...names.connections].map(([connection, { kind }]) => [connection, kind]));
  const of = deployment && { projectId: project.id, deployment, source, destinations, kinds };
  return {
    ...around,
    preview: of && (await previewOfPipeline({ db, env: c.env }, of)),
    names,
    creator: creators.get(pipeline.createdBy) ?? null,
    nextRuns: nextRunsOf(pipeline, nowMs, NEXT_RUNS),
    runs: items,
    cursor: page.cursor,
    nextCursor,
    mayChange: isAllowed(caller, "change", { projectId: project.id }),
    mayDelete: isAllowed(caller, "delete", { projectId: project.id, createdBy: pipeline.createdBy }),
    nowMs,
  };
}
