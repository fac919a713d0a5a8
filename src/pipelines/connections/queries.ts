import { and, desc, eq, getTableColumns, type InferSelectModel, isNull, type SQL, sql } from "drizzle-orm";
import { authorize } from "../../access/authorize.ts";
import type { Caller } from "../../access/caller.ts";
import { behindCursor, listPage, type ListPage } from "../../list-cursor.ts";
import type { Right } from "../../access/rights.ts";
import type { Database } from "../../db.ts";
import { AppError } from "../../errors.ts";
import type { PageRequest } from "../../http.ts";
import { requireProject } from "../../projects/queries.ts";
import { projects } from "../../projects/schema.ts";
import { connections, pipelines } from "../schema.ts";

export type ConnectionRow = InferSelectModel<typeof connections>;

/** The connections of a project, newest first, for its viewers. */
export async function listConnections(
  db: Database,
  caller: Caller,
  projectIdOrSlug: string,
  page: PageRequest,
): Promise<ListPage<ConnectionRow>> {
  const project = await requireProject(db, caller, projectIdOrSlug, "read");
  const rows = await db
    .select()
    .from(connections)
    .where(and(eq(connections.projectId, project.id), behindCursor(connections.createdAt, connections.id, page)))
    .orderBy(desc(connections.createdAt), desc(connections.id))
    .limit(page.limit + 1);
  return listPage(rows, page);
}

/** The connection, for a caller who has the right in its project: 401, 403 or 404 otherwise. */
export async function requireConnection(
  db: Database,
  caller: Caller,
  id: string,
  right: Right,
): Promise<ConnectionRow> {
  const row = await db
    .select(getTableColumns(connections))
    .from(connections)
    .innerJoin(projects, eq(projects.id, connections.projectId))
    .where(and(eq(connections.id, id), isNull(projects.deletedAt)))
    .get();
  authorize(caller, right, row ?? { projectId: "" });
  if (!row) throw new AppError("not_found", "Connection not found, or you have no access to it.");
  return row;
}

/** The connection with this id in the project; null when it has none. Asks for no right: for runs, which act for nobody. */
export async function findConnection(db: Database, projectId: string, id: string): Promise<ConnectionRow | null> {
  const row = await db
    .select()
    .from(connections)
    .where(and(eq(connections.id, id), eq(connections.projectId, projectId)))
    .get();
  return row ?? null;
}

/** The condition for the pipelines that are not deleted and read from a connection or deliver to it. */
export function usesConnection(id: string): SQL {
  return sql`${pipelines.deletedAt} is null and (${pipelines.source} ->> '$.connection_id' = ${id} or exists (
    select 1 from json_each(${pipelines.destinations}) as destination where destination.value ->> '$.connection_id' = ${id}))`;
}
