import { and, desc, eq, getTableColumns, type InferSelectModel, isNull, ne } from "drizzle-orm";
import { authorize } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { behindCursor, listPage, type ListPage } from "../list-cursor.ts";
import { numberedPage } from "../numbered-page.ts";
import type { Right } from "../access/rights.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { PageRequest } from "../http.ts";
import { requireProject } from "../projects/queries.ts";
import { projects } from "../projects/schema.ts";
import { experiments, experimentVersions, models } from "./schema.ts";

export type ExperimentRow = InferSelectModel<typeof experiments>;
export type VersionRow = InferSelectModel<typeof experimentVersions>;
export type ModelRow = InferSelectModel<typeof models>;

/** A deleted experiment is a row without a name until nothing refers to it. Needs `projects` in a join. */
const isPresent = and(ne(experiments.name, ""), isNull(projects.deletedAt));

/** The experiments of a project, newest first. */
export async function listExperiments(
  db: Database,
  caller: Caller,
  projectIdOrSlug: string,
  page: PageRequest,
): Promise<ListPage<ExperimentRow>> {
  const project = await requireProject(db, caller, projectIdOrSlug, "read");
  const rows = await db
    .select()
    .from(experiments)
    .where(
      and(
        eq(experiments.projectId, project.id),
        ne(experiments.name, ""),
        behindCursor(experiments.createdAt, experiments.id, page),
      ),
    )
    .orderBy(desc(experiments.createdAt), desc(experiments.id))
    .limit(page.limit + 1);
  return listPage(rows, page);
}

/** The experiment, for a caller who has the right in its project: 401, 403 or 404 otherwise. */
export async function requireExperiment(
  db: Database,
  caller: Caller,
  id: string,
  right: Right,
): Promise<ExperimentRow> {
  const row = await db
    .select(getTableColumns(experiments))
    .from(experiments)
    .innerJoin(projects, eq(projects.id, experiments.projectId))
    .where(and(eq(experiments.id, id), isPresent))
    .get();
  authorize(caller, right, row ?? { projectId: "" });
  if (!row) throw notFound("experiment");
  return row;
}

/** The versions of an experiment, newest first. */
export async function listVersions(
  db: Database,
  experimentId: string,
  page: PageRequest,
): Promise<ListPage<VersionRow>> {
  const { number, id } = experimentVersions;
  const rows = await db
    .select()
    .from(experimentVersions)
    .where(and(eq(experimentVersions.experimentId, experimentId), behindCursor(number, id, page)))
    .orderBy(desc(number))
    .limit(page.limit + 1);
  return numberedPage(rows, page);
}

/** One version of an experiment, with the experiment; 404 when there is none. */
export async function requireVersion(
  db: Database,
  caller: Caller,
  experimentId: string,
  number: number,
  right: Right,
): Promise<{ experiment: ExperimentRow; version: VersionRow }> {
  const experiment = await requireExperiment(db, caller, experimentId, right);
  const version = await db
    .select()
    .from(experimentVersions)
    .where(and(eq(experimentVersions.experimentId, experiment.id), eq(experimentVersions.number, number)))
    .get();
  if (!version) throw notFound("version");
  return { experiment, version };
}

/** The models of a version, newest first. */
export async function listModels(db: Database, versionId: string, page: PageRequest): Promise<ListPage<ModelRow>> {
  const rows = await db
    .select()
    .from(models)
    .where(and(eq(models.versionId, versionId), behindCursor(models.createdAt, models.id, page)))
    .orderBy(desc(models.createdAt), desc(models.id))
    .limit(page.limit + 1);
  return listPage(rows, page);
}

/** A model with its version and experiment; 401, 403 or 404 as the caller's right in the project says. */
export async function requireModel(
  db: Database,
  caller: Caller,
  id: string,
  right: Right,
): Promise<{ model: ModelRow; version: VersionRow; experiment: ExperimentRow }> {
  const row = await db
    .select({ model: models, version: experimentVersions, experiment: experiments })
    .from(models)
    .innerJoin(experimentVersions, eq(experimentVersions.id, models.versionId))
    .innerJoin(experiments, eq(experiments.id, experimentVersions.experimentId))
    .innerJoin(projects, eq(projects.id, experiments.projectId))
    .where(and(eq(models.id, id), isPresent))
    .get();
  authorize(caller, right, { projectId: row?.experiment.projectId ?? "", createdBy: row?.model.createdBy ?? "" });
  if (!row) throw notFound("model");
  return row;
}

function notFound(what: string): AppError {
  return new AppError("not_found", `This ${what} was not found, or you do not have access.`);
}
