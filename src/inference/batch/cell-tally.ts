import type { ShownCell } from "../../lib/cell-evidence.ts";
import type { InvalidCounts } from "../spec/packed-rows.ts";

/** Why a cell counts as missing although something stands in it. */
export type UnreadCode = "not_coercible" | "overflow";

/** What was read of the cells of a feature. Plain JSON. */
export interface FeatureCells {
  feature: string;
  /** Cells that hold a value which was read. */
  read: number;
  unread: UnreadCells[];
}

/** Cells of one feature that could not be read for one reason. */
export interface UnreadCells {
  code: UnreadCode;
  count: number;
  /** The one that stands first in the source. */
  first: ShownCell;
}

/** A cell that could not be read, by its row among those that were read together. */
export interface UnreadCell {
  row: number;
  feature: string;
}

/** Counts the cells of a source that were read and that could not be. */
export class CellTally {
  readonly #features = new Map<string, FeatureCells>();

  addRead(feature: string, count: number): void {
    this.#of(feature).read += count;
  }

  addUnread(feature: string, code: UnreadCode, first: ShownCell, count = 1): void {
    const { unread } = this.#of(feature);
    const known = unread.find((cells) => cells.code === code);
    if (!known) {
      unread.push({ code, count, first });
      return;
    }
    known.count += count;
    if (first.line < known.first.line) known.first = first;
  }

  /** Adds what was counted of other rows of the same source. */
  add(others: readonly FeatureCells[]): void {
    for (const { feature, read, unread } of others) {
      this.addRead(feature, read);
      for (const { code, first, count } of unread) this.addUnread(feature, code, first, count);
    }
  }

  /** By feature, in the order in which they were first seen. */
  get features(): FeatureCells[] {
    return [...this.#features.values()];
  }

  #of(feature: string): FeatureCells {
    const known = this.#features.get(feature);
    if (known) return known;
    const made = { feature, read: 0, unread: [] };
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
