import type { CellEvidence, ShownCell } from "./cell-evidence.ts";
import type { NumberMarks } from "./read-cell.ts";

/** How the numbers of a column are written, and what is to be said of that. */
export interface ColumnMarks {
  marks: NumberMarks;
  /** Numbers with thousands in groups, the sign of which is left out; null: there are none. */
  grouped: { count: number; first: ShownCell } | null;
  /** Numbers such as 1.234, in a file that writes decimals with points here and with commas there; null: none. */
  unclear: { count: number; first: ShownCell } | null;
  /** Numbers such as 1.234, in a file of which no cell says what parts its decimals; null: none. */
  unsettled: { count: number; first: ShownCell } | null;
}

/**
 * Decides how the numbers of each column are written: by those of its cells that can only have a decimal point or only a decimal comma;
 * where it has none, by those of the whole file; where that has none either, `1.234` is a decimal, and `1,234` is one in a file with
 * semicolons and else a group of thousands.
 */
export function decideMarks(columns: readonly CellEvidence[], delimiter: string): ColumnMarks[] {
  const numeric = columns.filter((column) => column.hasNumbers);
  const points = numeric.reduce((sum, column) => sum + column.points, 0);
  const commas = numeric.reduce((sum, column) => sum + column.commas, 0);
  return columns.map((column) => {
    const lone = column.lonePoints + column.loneCommas;
    const isComma = hasComma(column, { points, commas }, delimiter);
    // In a column that has both, nobody knows what a lone one is.
    const isMixed = isComma ? column.points > 0 : column.commas > 0;
    const loneGroups = isMixed ? 0 : isComma ? column.lonePoints : column.loneCommas;
    const first = column.firstGroup;
    const count = column.groups + loneGroups;
    const base = isComma ? "comma" : "point";
    return {
      marks: loneGroups > 0 ? `${base}+groups` : base,
      grouped: count > 0 && first ? { count, first } : null,
      unclear: lone > 0 && first && points > 0 && commas > 0 ? { count: lone, first } : null,
      unsettled: lone > 0 && first && points === 0 && commas === 0 ? { count: lone, first } : null,
    };
  });
}

function hasComma(column: CellEvidence, file: { points: number; commas: number }, delimiter: string): boolean {
  if (column.commas !== column.points) return column.commas > column.points;
  if (column.commas > 0) return false;
  if (file.commas !== file.points) return file.commas > file.points;
  return delimiter === ";" && column.loneCommas > column.lonePoints;
}
