import type { OpenedDatabase } from "../connections/connection-input.ts";
import { STATEMENT_TIMEOUT_MS } from "./query-error.ts";
import type { QueryLimits } from "./query-limits.ts";

/** Rows that a database gives piece by piece, all of one moment. */
export interface Cursor {
  columns: string[];
  /** Cells as text, null for a missing one. Once. */
  batches: AsyncIterable<(string | null)[][]>;
  /** Ends the transaction and the connection, and the query where it is still going on; needed also after an error. */
  close: () => Promise<void>;
}

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
  if (connection.kind === "postgres")
    return (await import("./postgres-cursor.ts")).openPostgresCursor(connection, sql, limits);
  return (await import("./mysql-cursor.ts")).openMysqlCursor(connection, sql, limits);
}
