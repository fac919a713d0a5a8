import type { SourceType } from "./source-type.ts";

/** Rows that a database gives piece by piece, all of one moment. */
export interface Cursor {
  columns: string[];
  /** What the database calls each; null for what has no type of ours. */
  types: (SourceType | null)[];
  /** Cells as text, null for a missing one. Once. */
  batches: AsyncIterable<(string | null)[][]>;
  /** Ends the transaction and the connection, and the query where it is still going on; needed also after an error. */
  close: () => Promise<void>;
}
