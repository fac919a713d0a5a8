import type { OpenedDatabase } from "../connections/connection-input.ts";
import { STATEMENT_TIMEOUT_MS } from "./query-error.ts";
import type { Cursor } from "./cursor.ts";
import type { QueryLimits } from "./query-limits.ts";

/**
 * Runs a query in a transaction that may only read. Throws SourceError with what the database says: wrong SQL, no right, no answer
 * within 10 s of connecting, more than one statement, no row, or none for ten minutes. When `signal` is aborted, throws its reason.
 */
export async function openCursor(
  connection: OpenedDatabase,
  sql: string,
  { statementMs = STATEMENT_TIMEOUT_MS, signal }: Partial<QueryLimits> = {},
): Promise<Cursor> {
  const limits = { statementMs, signal };
  // Loaded when they are needed: a prediction should not pay for them.
  switch (connection.kind) {
    case "postgres":
      return (await import("./postgres-cursor.ts")).openPostgresCursor(connection, sql, limits);
    case "mysql":
      return (await import("./mysql-cursor.ts")).openMysqlCursor(connection, sql, limits);
  }
}
