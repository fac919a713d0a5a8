import { holdsMissing, misfit } from "../../engine/build-tensors.ts";
import type { Column, Rows } from "../../engine/rows.ts";
import type { ServingPlan } from "../../engine/serving-plan.ts";
import { plannedColumns } from "../../engine/serving-plan.ts";
import { cellAt, type TrainingColumn } from "./training-columns.ts";
import type { TrainingTable } from "./training-table.ts";

/** The rows of a table with these numbers, and the columns that the plan reads: what the model is tried on. */
export function tableRows(table: TrainingTable, plan: ServingPlan, rowNumbers: readonly number[]): Rows {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const columns = new Map<string, Column>();
  for (const name of plannedColumns(plan)) {
    const column = byName.get(name);
    if (column) columns.set(name, toColumn(column, readsStrings(plan, name), rowNumbers));
  }
  return { count: rowNumbers.length, columns };
}

/** The numbers of the rows that have a value wherever the model's tensors cannot hold a missing one, or hold that value at all. */
export function completeRows(table: TrainingTable, plan: ServingPlan): number[] {
  const needed = plan.inputs
    .filter((input) => !holdsMissing(input.type))
    .flatMap((input) => input.columns.map((name) => ({ name, type: input.type })));
  const columns = needed.flatMap(({ name, type }) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    return column ? [{ column, type }] : [];
  });
  return Array.from({ length: table.rows }, (_, row) => row).filter((row) =>
    columns.every(({ column, type }) => {
      const value = cellAt(column, row);
      return value !== null && misfit(type, Number(value)) === null;
    }),
  );
}

function readsStrings(plan: ServingPlan, column: string): boolean {
  return plan.inputs.filter((input) => input.columns.includes(column)).every((input) => input.type === "string");
}

function toColumn(column: TrainingColumn, asStrings: boolean, rowNumbers: readonly number[]): Column {
  if (column.kind === "numeric")
    return { numbers: Float64Array.from(rowNumbers, (row) => column.numbers[row] ?? Number.NaN) };
  const rows = rowNumbers.map((row) => cellAt(column, row));
  if (column.kind === "boolean" && !asStrings) {
    return { numbers: Float64Array.from(rows, (value) => (value === null ? Number.NaN : Number(value))) };
  }
  return { texts: rows.map((value) => textOf(column, value)) };
}

/** A model that reads text gets a boolean as the file spells it. */
function textOf(column: TrainingColumn, value: number | boolean | string | null): string | null {
  if (value === null) return null;
  if (column.kind === "boolean") return value === true ? column.spelling.true : column.spelling.false;
  return String(value);
}
