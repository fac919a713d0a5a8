import type { ShownCell } from "../../lib/cell-evidence.ts";
import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import { type NumberMarks, readNumberCell } from "../../lib/read-cell.ts";
import {
  coerceValue,
  isUnread,
  noteAbsent,
  type RefusedValue,
  refuseValues,
  type Warning,
} from "../spec/coerce-rows.ts";
import { type ColumnPlan, coercionPlan, type CoercionPlan, emptyRows, isMissingAt } from "../spec/coercion-plan.ts";
import type { PackedRows } from "../spec/packed-rows.ts";
import type { ServingSpec } from "../spec/serving-spec.ts";
import { CellTally, type UnreadCell, type UnreadCode } from "./cell-tally.ts";

const SHOWN_CHARACTERS = 40;

interface ReadColumn {
  column: ColumnPlan;
  /** Its place in the source; -1: the source has no such column. */
  at: number;
  marks: NumberMarks;
  /** Up to this size (exclusively) its numbers are taken as they are read: the rules come to the same. Null: each cell is coerced. */
  direct: number | null;
}

/** Rows that were read, and what is to be known of them. */
export interface ReadRows {
  rows: PackedRows;
  /** What keeps a row from being predicted. */
  refusals: RefusedValue[];
  /** Cells of features that are asked for which could not be read, and count as missing. */
  unread: UnreadCell[];
}

/**
 * Reads the features of a spec out of rows of a CSV, by the rules by which calls are read: the same cells are predicted alike, and the
 * same ones are refused. Columns of the source that are no features are passed over.
 */
export class BatchReader {
  /** Columns of the source, from 0, whose numbers are to be read along. */
  readonly numeric: number[];
  /** Of all cells that have been read so far. */
  readonly cells = new CellTally();
  readonly #spec: ServingSpec;
  readonly #plan: CoercionPlan;
  readonly #columns: ReadColumn[];

  /** `marks` say by column how the numbers of the source are written. */
  constructor(spec: ServingSpec, source: { columns: readonly string[]; marks: readonly NumberMarks[] }) {
    this.#spec = spec;
    this.#plan = coercionPlan(spec);
    this.#columns = this.#plan.columns.map((column) => {
      const at = source.columns.indexOf(column.feature.name);
      const direct = at >= 0 && spec.typePolicy === "best_effort" ? column.limit : null;
      return { column, at, direct, marks: source.marks[at] ?? "point" };
    });
    this.numeric = this.#columns.filter(({ direct }) => direct !== null).map(({ at }) => at);
  }

  /** Rows `from` to `to` (half-open) of a batch that was read with `numeric`. */
  read(batch: CsvBatch, from: number, to: number): ReadRows {
    const read: ReadRows = { rows: emptyRows(this.#plan, to - from), refusals: [], unread: [] };
    const others: ReadColumn[] = [];
    for (const column of this.#columns) {
      if (column.direct === null) others.push(column);
      else this.#readNumbers(column, column.direct, batch, from, read);
    }
    if (others.length > 0) this.#readCells(others, batch, from, read);
    return read;
  }

  #readNumbers({ column, at, marks }: ReadColumn, limit: number, batch: CsvBatch, from: number, into: ReadRows): void {
    const { rows } = into;
    const start = column.position * rows.count;
    const values = rows.numbers.subarray(start, start + rows.count);
    values.set(batch.numbers(at).subarray(from, from + rows.count));
    let read = 0;
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] ?? Number.NaN;
      if (Math.abs(value) < limit) {
        read += 1;
        continue;
      }
      if (Number.isNaN(value) && batch.isEmpty(from + index, at)) continue;
      // True and false, missing markers, and what is no number at all.
      const number = Number.isNaN(value) ? readNumberCell(batch.text(from + index, at), marks) : value;
      const isMissing = number !== null && Number.isNaN(number);
      const isRead = number !== null && Math.abs(number) < limit;
      values[index] = isRead ? number : Number.NaN;
      if (isRead) read += 1;
      else if (!isMissing)
        this.#noteUnread(column, number === null ? "not_coercible" : "overflow", batch, from, index, at, into);
    }
    if (column.asked) this.cells.addRead(column.feature.name, read);
  }

  #readCells(columns: readonly ReadColumn[], batch: CsvBatch, from: number, into: ReadRows): void {
    const { rows, refusals } = into;
    const reads = columns.map(() => 0);
    for (let index = 0; index < rows.count; index += 1) {
      const found: Warning[] = [];
      for (const [place, { column, at, marks }] of columns.entries()) {
        if (at < 0) {
          noteAbsent(column, found);
          continue;
        }
        const before = found.length;
        coerceValue(column, cellOf(batch, from + index, at, column, marks), index, rows, found, refusals, marks);
        const codes = found.slice(before).map((warning) => warning.code);
        const code = codes.find(isUnread);
        if (code !== undefined) this.#noteUnread(column, code, batch, from, index, at, into);
        else if (!isMissingAt(column, rows, index)) reads[place] = (reads[place] ?? 0) + 1;
        if (codes.includes("unseen_category"))
          this.cells.note(column.feature.name, "unseen_category", shownCell(batch, from + index, at));
      }
      refuseValues(this.#spec, this.#plan, rows, index, found, refusals);
    }
    for (const [place, { column }] of columns.entries())
      if (column.asked) this.cells.addRead(column.feature.name, reads[place] ?? 0);
  }

  #noteUnread(
    { feature: { name }, asked }: ColumnPlan,
    code: UnreadCode,
    batch: CsvBatch,
    from: number,
    row: number,
    at: number,
    { unread }: ReadRows,
  ): void {
    if (!asked) return;
    unread.push({ row, feature: name });
    this.cells.note(name, code, shownCell(batch, from + row, at));
  }
}

function shownCell(batch: CsvBatch, row: number, at: number): ShownCell {
  const text = batch.text(row, at).trim();
  return { line: batch.line(row), text: text.slice(0, SHOWN_CHARACTERS) };
}

/** A cell as a call would send it: with a point before decimals, where it is read as a number. */
function cellOf(
  batch: CsvBatch,
  row: number,
  at: number,
  { isNumber, areNumbers }: ColumnPlan,
  marks: NumberMarks,
): string | number {
  const text = batch.text(row, at);
  if (isNumber || !areNumbers || marks === "point") return text;
  const number = batch.number(row, at);
  return number === null ? text : String(number);
}
