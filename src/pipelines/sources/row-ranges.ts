import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import type { RowRange } from "./staged.ts";

const RANGE_BYTES = 4_194_304;
const RANGE_ROWS = 10_000;
/** As many as a run may predict one by one. */
const RANGES_MAX = 500;

/** Cuts the rows of a CSV into ranges of 4 MiB or 10,000 rows, of twice as much where these would be more than 500, and so on. */
export class RowRanges {
  readonly #ranges: RowRange[] = [];
  #open: RowRange | null = null;
  #factor = 1;
  #rows = 0;

  /** Takes the rows that come next. */
  add(batch: CsvBatch): void {
    for (let row = 0; row < batch.rows; row++) {
      const offset = batch.offset(row);
      const open = this.#open;
      if (
        open === null ||
        open.rows >= RANGE_ROWS * this.#factor ||
        offset - open.offset >= RANGE_BYTES * this.#factor
      ) {
        this.#close(offset);
        this.#open = { offset, length: 0, firstRow: this.#rows, rows: 0, firstLine: batch.line(row) };
      }
      if (this.#open !== null) this.#open.rows++;
      this.#rows++;
    }
  }

  /** The ranges, once all rows have been added; the last one ends at `endOffset`. */
  end(endOffset: number): RowRange[] {
    this.#close(endOffset);
    return this.#ranges;
  }

  #close(offset: number): void {
    if (this.#open === null) return;
    this.#open.length = offset - this.#open.offset;
    this.#ranges.push(this.#open);
    this.#open = null;
    if (this.#ranges.length < RANGES_MAX) return;
    const pairs = this.#ranges.splice(0);
    for (let index = 0; index < pairs.length; index += 2) this.#ranges.push(...joined(pairs[index], pairs[index + 1]));
    this.#factor *= 2;
  }
}

function joined(first: RowRange | undefined, second: RowRange | undefined): RowRange[] {
  if (first === undefined) return [];
  if (second === undefined) return [first];
  return [{ ...first, length: first.length + second.length, rows: first.rows + second.rows }];
}
