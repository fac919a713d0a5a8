import type { OpenedDatabase } from "../connections/connection-input.ts";

/** Rows that a database gives piece by piece, all of one moment. */
export interface Cursor {
  columns: string[];
  /** Cells as text, null for a missing one. Once. */
  batches: AsyncIterable<(string | null)[][]>;
  /** Ends the transaction and the connection; needed also after an error. */
  close: () => Promise<void>;
}

/**
 * Runs a query in a transaction that may only read. Throws SourceError with what the database says: wrong SQL, no right, no answer
 * within 10 s of connecting, more than one statement, or no row.
 */
export async function openCursor(connection: OpenedDatabase, sql: string): Promise<Cursor> {
  // Loaded when they are needed: a prediction should not pay for them.
  if (connection.kind === "postgres") return (await import("./postgres-cursor.ts")).openPostgresCursor(connection, sql);
  return (await import("./mysql-cursor.ts")).openMysqlCursor(connection, sql);
}
