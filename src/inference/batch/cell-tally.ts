import type { ShownCell } from "../../lib/cell-evidence.ts";
import type { InvalidCounts } from "../spec/packed-rows.ts";

/** Why a cell counts as missing although something stands in it. */
export type UnreadCode = "not_coercible" | "overflow";
/** What is to be known of a cell: such a reason, or that the training data do not have its category. */
export type CellCode = UnreadCode | "unseen_category";

/** What was read of the cells of a feature. Plain JSON. */
export interface FeatureCells {
  feature: string;
  /** Cells that hold a value which was read. */
  read: number;
  noted: NotedCells[];
}

/** Cells of one feature of which one thing is to be known. */
export interface NotedCells {
  code: CellCode;
  count: number;
  /** The one that stands first in the source. */
  first: ShownCell;
}

/** A cell that could not be read, by its row among those that were read together. */
export interface UnreadCell {
  row: number;
  feature: string;
}

/** Counts the cells of a source that were read, and those of which something is to be known. */
export class CellTally {
  readonly #features = new Map<string, FeatureCells>();

  addRead(feature: string, count: number): void {
    this.#of(feature).read += count;
  }

  note(feature: string, code: CellCode, first: ShownCell, count = 1): void {
    const { noted } = this.#of(feature);
    const known = noted.find((cells) => cells.code === code);
    if (!known) {
      noted.push({ code, count, first });
      return;
    }
    known.count += count;
    if (first.line < known.first.line) known.first = first;
  }

  /** Adds what was counted of other rows of the same source. */
  add(others: readonly FeatureCells[]): void {
    for (const { feature, read, noted } of others) {
      this.addRead(feature, read);
      for (const { code, first, count } of noted) this.note(feature, code, first, count);
    }
  }

  /** By feature, in the order in which they were first seen. */
  get features(): FeatureCells[] {
    return [...this.#features.values()];
  }

  #of(feature: string): FeatureCells {
    const known = this.#features.get(feature);
    if (known) return known;
    const made = { feature, read: 0, noted: [] };
    this.#features.set(feature, made);
    return made;
  }
}

/** The values that could not be read in those rows that `isCounted` lets through, by feature. */
export function invalidCounts(cells: readonly UnreadCell[], isCounted: (row: number) => boolean): InvalidCounts {
  const counts = new Map<string, number>();
  for (const { row, feature } of cells) if (isCounted(row)) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  return [...counts];
}
