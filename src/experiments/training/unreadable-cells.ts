import type { ShownCell } from "../../lib/cell-evidence.ts";

/** Cells of a column that could not be read as what it is, and count as missing. Plain JSON. */
export interface UnreadableCells {
  count: number;
  first: ShownCell;
}
