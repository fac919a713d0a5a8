import { and, eq, sql } from "drizzle-orm";
import { auditedChange } from "../../audit/audited-change.ts";
import type { Database } from "../../db.ts";
import { AppError } from "../../errors.ts";
import type { VerbContext } from "../../verb-context.ts";
import { connections, pipelines } from "../schema.ts";
import { auditedConnection } from "./audited-connection.ts";
import { requireConnection, usesConnection } from "./queries.ts";

/**
 * Deletes a connection and its secret: contributors may delete what they made, admins of the project any. 409 names the pipelines that
 * use it, and nothing is deleted then. 404 on repetition.
 */
export async function deleteConnection(
  context: VerbContext,
  { connection: id }: { connection: string },
): Promise<void> {
  const { db, caller } = context;
  const connection = await requireConnection(db, caller, id, "delete");
  // In the write itself, so that a pipeline that is made at the same moment keeps its connection.
  const isFree = sql`not exists (select 1 from ${pipelines} where ${usesConnection(id)})`;
  const write = db
    .delete(connections)
    .where(and(eq(connections.id, id), isFree))
    .returning({ id: connections.id });
  const [deleted] = await auditedChange(context, write, auditedConnection(connection, "delete"));
  if (!deleted) throw await inUse(db, id);
}

async function inUse(db: Database, id: string): Promise<AppError> {
  const uses = await db.select({ name: pipelines.name }).from(pipelines).where(usesConnection(id));
  if (uses.length === 0) return new AppError("not_found", "Connection not found, or you have no access to it.");
  const names = uses.map(({ name }) => `"${name}"`).join(", ");
  const [by, those] = uses.length === 1 ? ["the pipeline", "that pipeline"] : ["the pipelines", "those pipelines"];
  return new AppError(
    "conflict",
    `The connection is used by ${by} ${names}. First give ${those} another connection, or delete ${uses.length === 1 ? "it" : "them"}.`,
  );
}
