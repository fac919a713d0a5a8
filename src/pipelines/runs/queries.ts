import { and, asc, desc, eq, getTableColumns, type InferSelectModel, isNull, type SQL, sql } from "drizzle-orm";
import { authorize } from "../../access/authorize.ts";
import type { Caller } from "../../access/caller.ts";
import { behindCursor, listPage, type ListPage } from "../../list-cursor.ts";
import type { Right } from "../../access/rights.ts";
import type { Database } from "../../db.ts";
import { requireDeployment } from "../../deployments/find-deployment.ts";
import { deployments } from "../../deployments/schema.ts";
import { AppError } from "../../errors.ts";
import type { PageRequest } from "../../http.ts";
import { projects } from "../../projects/schema.ts";
import { requirePipeline } from "../definitions/queries.ts";
import { connections, deliveries, pipelines, type RunFiles, runs, type RunWarning } from "../schema.ts";

export type RunRow = InferSelectModel<typeof runs>;
export type DeliveryRow = InferSelectModel<typeof deliveries>;

/** A delivery, and what its connection is called; null when that is gone. */
export interface RunDelivery extends DeliveryRow {
  connectionName: string | null;
}

/** A run with what its lists and pages show of it. */
export interface Run extends Omit<RunRow, "files"> {
  /** Null until they are made. */
  files: RunFiles | null;
  warnings: RunWarning[];
  pipeline: { id: string; name: string; projectId: string; deletedAt: number | null };
  deployment: { id: string; slug: string; name: string };
  /** In the order of the pipeline's destinations. */
  deliveries: RunDelivery[];
}

/** The run, for a caller who has the right in its project: 401, 403 or 404 otherwise. Runs of removed deployments are gone. */
export async function requireRun(db: Database, caller: Caller, id: string, right: Right): Promise<Run> {
  const run = await findRun(db, id);
  authorize(caller, right, { projectId: run?.pipeline.projectId ?? "" });
  if (!run) throw new AppError("not_found", "Run not found, or you have no access to it.");
  return run;
}

/**
 * The run; null when there is none, or its deployment has been removed. Asks for no right: for what tells of runs, which acts for nobody.
 */
export async function findRun(db: Database, id: string): Promise<Run | null> {
  const row = await selectRuns(db, eq(runs.id, id)).get();
  const [run] = row ? await withDeliveries(db, [row]) : [];
  return run ?? null;
}

/** The runs of a pipeline, newest first, for viewers of its project. */
export async function listPipelineRuns(
  db: Database,
  caller: Caller,
  pipelineId: string,
  page: PageRequest,
): Promise<ListPage<Run>> {
  const pipeline = await requirePipeline(db, caller, pipelineId, "read");
  return listRuns(db, eq(runs.pipelineId, pipeline.id), page);
}

/** The runs of a deployment, newest first, for viewers of its project: those of deleted pipelines too. */
export async function listDeploymentRuns(
  db: Database,
  caller: Caller,
  deploymentIdOrSlug: string,
  page: PageRequest,
): Promise<ListPage<Run>> {
  const deployment = await requireDeployment(db, caller, deploymentIdOrSlug, "read");
  return listRuns(db, eq(runs.deploymentId, deployment.id), page);
}

async function listRuns(db: Database, which: SQL, page: PageRequest): Promise<ListPage<Run>> {
  const rows = await selectRuns(db, and(which, behindCursor(runs.createdAt, runs.id, page)))
    .orderBy(desc(runs.createdAt), desc(runs.id))
    .limit(page.limit + 1);
  const { items, nextCursor } = listPage(rows, page);
  return { items: await withDeliveries(db, items), nextCursor };
}

function selectRuns(db: Database, which: SQL | undefined) {
  const { id, name, projectId, deletedAt } = pipelines;
  return db
    .select({
      ...getTableColumns(runs),
      pipeline: { id, name, projectId, deletedAt },
      deployment: { id: deployments.id, slug: deployments.slug, name: deployments.name },
    })
    .from(runs)
    .innerJoin(pipelines, eq(pipelines.id, runs.pipelineId))
    .innerJoin(deployments, eq(deployments.id, runs.deploymentId))
    .innerJoin(projects, eq(projects.id, pipelines.projectId))
    .where(and(which, isNull(deployments.deletedAt), isNull(projects.deletedAt)));
}

type SelectedRun = RunRow & Pick<Run, "pipeline" | "deployment">;

async function withDeliveries(db: Database, rows: SelectedRun[]): Promise<Run[]> {
  if (rows.length === 0) return [];
  // One parameter, however many runs: D1 binds at most 100 a statement.
  const ids = JSON.stringify(rows.map(({ id }) => id));
  const found = await db
    .select({ ...getTableColumns(deliveries), connectionName: connections.name })
    .from(deliveries)
    .leftJoin(connections, eq(connections.id, deliveries.connectionId))
    .where(sql`${deliveries.runId} in (select value from json_each(${ids}))`)
    .orderBy(asc(deliveries.position));
  const byRun = Map.groupBy(found, ({ runId }) => runId);
  return rows.map(({ files, ...row }) => ({
    ...row,
    files: files?.main ? files : null,
    warnings: files?.warnings ?? [],
    deliveries: byRun.get(row.id) ?? [],
  }));
}
