import { and, desc, eq, getTableColumns, type InferSelectModel, isNull, ne } from "drizzle-orm";
import { authorize } from "../../access/authorize.ts";
import type { Caller } from "../../access/caller.ts";
import { behindCursor, listPage, type ListPage } from "../../list-cursor.ts";
import type { Right } from "../../access/rights.ts";
import type { Database } from "../../db.ts";
import { AppError } from "../../errors.ts";
import type { PageRequest } from "../../http.ts";
import { requireProject } from "../../projects/queries.ts";
import { projects } from "../../projects/schema.ts";
import { datasets } from "../schema.ts";

export type DatasetRow = InferSelectModel<typeof datasets>;

// A dataset that is being deleted is a row without a name until its files are gone.
const isPresent = ne(datasets.name, "");

/** The datasets of a project, newest first, for its viewers. */
export async function listDatasets(
  db: Database,
  caller: Caller,
  projectIdOrSlug: string,
  page: PageRequest,
): Promise<ListPage<DatasetRow>> {
  const project = await requireProject(db, caller, projectIdOrSlug, "read");
  const rows = await db
    .select()
    .from(datasets)
    .where(and(eq(datasets.projectId, project.id), isPresent, behindCursor(datasets.createdAt, datasets.id, page)))
    .orderBy(desc(datasets.createdAt), desc(datasets.id))
    .limit(page.limit + 1);
  return listPage(rows, page);
}

/** The dataset, for a caller who has the right in its project: 401, 403 or 404 otherwise. */
export async function requireDataset(db: Database, caller: Caller, id: string, right: Right): Promise<DatasetRow> {
  const row = await db
    .select(getTableColumns(datasets))
    .from(datasets)
    .innerJoin(projects, eq(projects.id, datasets.projectId))
    .where(and(eq(datasets.id, id), isPresent, isNull(projects.deletedAt)))
    .get();
  authorize(caller, right, row ?? { projectId: "" });
  if (!row) throw new AppError("not_found", "Dataset not found, or you have no access to it.");
  return row;
}

/** The dataset with this id in the project; null when it has none. Asks for no right: for runs, which act for nobody. */
export async function findDataset(db: Database, projectId: string, id: string): Promise<DatasetRow | null> {
  const row = await db
    .select()
    .from(datasets)
    .where(and(eq(datasets.id, id), eq(datasets.projectId, projectId), isPresent))
    .get();
  return row ?? null;
}

/** The dataset as it stands, whoever asks; null when it is gone. */
export async function readDataset(db: Database, id: string): Promise<DatasetRow | null> {
  return (
    (await db
      .select()
      .from(datasets)
      .where(and(eq(datasets.id, id), isPresent))
      .get()) ?? null
  );
}
