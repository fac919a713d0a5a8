import { and, desc, eq, getTableColumns, type InferSelectModel, isNull, sql } from "drizzle-orm";
import { authorize } from "../../access/authorize.ts";
import type { Caller } from "../../access/caller.ts";
import { behindCursor, listPage, type ListPage } from "../../list-cursor.ts";
import type { Right } from "../../access/rights.ts";
import type { Database } from "../../db.ts";
import { deployments } from "../../deployments/schema.ts";
import { AppError } from "../../errors.ts";
import type { PageRequest } from "../../http.ts";
import { requireProject } from "../../projects/queries.ts";
import { projects } from "../../projects/schema.ts";
import { pipelines, runs } from "../schema.ts";

export type PipelineRow = InferSelectModel<typeof pipelines>;
type RunRow = InferSelectModel<typeof runs>;

/** A pipeline with what its lists and pages show of it. */
export interface Pipeline extends PipelineRow {
  deployment: { id: string; slug: string; name: string; deletedAt: number | null };
  /** The newest; null before the first one. */
  lastRun: Pick<RunRow, "id" | "state" | "createdAt" | "startedAt" | "finishedAt"> | null;
}

/** The pipelines of a project, newest first, for its viewers. */
export async function listPipelines(
  db: Database,
  caller: Caller,
  projectIdOrSlug: string,
  page: PageRequest,
): Promise<ListPage<Pipeline>> {
  const project = await requireProject(db, caller, projectIdOrSlug, "read");
  const rows = await selectPipelines(db)
    .where(
      and(
        eq(pipelines.projectId, project.id),
        isNull(pipelines.deletedAt),
        behindCursor(pipelines.createdAt, pipelines.id, page),
      ),
    )
    .orderBy(desc(pipelines.createdAt), desc(pipelines.id))
    .limit(page.limit + 1);
  return listPage(rows.map(pipelineOf), page);
}

/** The pipeline, for a caller who has the right in its project: 401, 403 or 404 otherwise. */
export async function requirePipeline(db: Database, caller: Caller, id: string, right: Right): Promise<Pipeline> {
  const row = await selectPipelines(db)
    .where(and(eq(pipelines.id, id), isNull(pipelines.deletedAt), isNull(projects.deletedAt)))
    .get();
  authorize(caller, right, row?.pipeline ?? { projectId: "" });
  if (!row) throw new AppError("not_found", "Pipeline not found, or you have no access to it.");
  return pipelineOf(row);
}

function selectPipelines(db: Database) {
  // Runs of removed deployments are gone for whoever asks for them.
  const newest = sql`(select newest.id from ${runs} as newest where newest."pipelineId" = ${pipelines.id}
    and exists (select 1 from ${deployments} as its where its.id = newest."deploymentId" and its."deletedAt" is null)
    order by newest."createdAt" desc, newest.id desc limit 1)`;
  const { id, slug, name, deletedAt } = deployments;
  const { state, createdAt, startedAt, finishedAt } = runs;
  return db
    .select({
      pipeline: getTableColumns(pipelines),
      deployment: { id, slug, name, deletedAt },
      lastRun: { id: runs.id, state, createdAt, startedAt, finishedAt },
    })
    .from(pipelines)
    .innerJoin(deployments, eq(deployments.id, pipelines.deploymentId))
    .innerJoin(projects, eq(projects.id, pipelines.projectId))
    .leftJoin(runs, eq(runs.id, newest));
}

type Selected = Awaited<ReturnType<typeof selectPipelines>>[number];

function pipelineOf({ pipeline, deployment, lastRun }: Selected): Pipeline {
  return { ...pipeline, deployment, lastRun };
}
