/** Rows that a database gives piece by piece, all of one moment. */
export interface Cursor {
  columns: string[];
  /** Cells as text, null for a missing one. Once. */
  batches: AsyncIterable<(string | null)[][]>;
  /** Ends the transaction and the connection, and the query where it is still going on; needed also after an error. */
  close: () => Promise<void>;
}
