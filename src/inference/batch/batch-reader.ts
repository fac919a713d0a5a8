import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import {
  type ColumnPlan,
  coerceValue,
  coercionPlan,
  type CoercionPlan,
  emptyRows,
  noteAbsent,
  type RefusedValue,
  refuseValues,
  type Warning,
} from "../spec/coerce-rows.ts";
import type { PackedRows } from "../spec/packed-rows.ts";
import type { ServingSpec } from "../spec/serving-spec.ts";

interface ReadColumn {
  column: ColumnPlan;
  /** Its place in the source; -1: the source has no such column. */
  at: number;
  /** Its numbers are taken as they are read: whatever a cell holds, the rules come to the same. */
  isDirect: boolean;
}

/**
 * Reads the features of a spec out of rows of a CSV, by the rules by which calls are read: the same cells are predicted alike, and the
 * same ones are refused. Columns of the source that are no features are passed over.
 */
export class BatchReader {
  /** Columns of the source, from 0, whose numbers are to be read along. */
  readonly numeric: number[];
  readonly #spec: ServingSpec;
  readonly #plan: CoercionPlan;
  readonly #columns: ReadColumn[];
  readonly #decimalComma: boolean;

  constructor(spec: ServingSpec, source: { columns: readonly string[]; decimalComma: boolean }) {
    this.#spec = spec;
    this.#plan = coercionPlan(spec);
    this.#decimalComma = source.decimalComma;
    this.#columns = this.#plan.columns.map((column) => {
      const at = source.columns.indexOf(column.feature.name);
      return { column, at, isDirect: at >= 0 && column.takesAnyNumber && spec.typePolicy === "best_effort" };
    });
    this.numeric = this.#columns.filter(({ isDirect }) => isDirect).map(({ at }) => at);
  }

  /** Rows `from` to `to` (half-open) of a batch that was read with `numeric`; what keeps a row from being predicted is in `refusals`. */
  read(batch: CsvBatch, from: number, to: number): { rows: PackedRows; refusals: RefusedValue[] } {
    const rows = emptyRows(this.#plan, to - from);
    const refusals: RefusedValue[] = [];
    const others: ReadColumn[] = [];
    for (const read of this.#columns) {
      if (read.isDirect) rows.numbers.set(batch.numbers(read.at).subarray(from, to), read.column.position * rows.count);
      else others.push(read);
    }
    if (others.length === 0) return { rows, refusals };
    for (let index = 0; index < rows.count; index += 1) {
      const found: Warning[] = [];
      for (const { column, at } of others) {
        if (at < 0) noteAbsent(column, found);
        else coerceValue(column, this.#cell(batch, from + index, at, column), index, rows, found, refusals);
      }
      refuseValues(this.#spec, this.#plan, rows, index, found, refusals);
    }
    return { rows, refusals };
  }

  #cell(batch: CsvBatch, row: number, at: number, { isNumber }: ColumnPlan): string | number {
    const text = batch.text(row, at);
    return isNumber && this.#decimalComma ? (batch.number(row, at) ?? text) : text;
  }
}
