import { holdsMissing, misfit } from "../../engine/build-tensors.ts";
import type { Column, Rows } from "../../engine/rows.ts";
import { readNumberCell } from "../../lib/read-cell.ts";
import type { ServingPlan } from "../../engine/serving-plan.ts";
import { plannedColumns } from "../../engine/serving-plan.ts";
import type { Feature, FeatureSchema } from "./feature.ts";
import { cellAt, type TextColumn, type TrainingColumn } from "./training-columns.ts";
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
      return value !== null && misfit(type, numberOf(value)) === null;
    }),
  );
}

/**
 * The schema by which the rows of a model are read: numbers of which one of its tensors reads the text are text, as the file spells them,
 * and tensors of numbers read theirs from it.
 */
export function schemaFor(schema: FeatureSchema, plan: ServingPlan): FeatureSchema {
  const features = schema.features.map((feature): Feature =>
    feature.kind === "numeric" && readsStrings(plan, feature.name) ? { ...feature, kind: "text" } : feature,
  );
  return { ...schema, features };
}

/** Of each column that looks like numbers and is read as text, the text that occurs most: what `textExamples` of a plan are. */
export function textExamples(schema: FeatureSchema, plan: ServingPlan, table: TrainingTable): [string, string][] {
  const numeric = new Set(schema.features.filter(({ kind }) => kind === "numeric").map(({ name }) => name));
  return table.columns.flatMap((column): [string, string][] => {
    if (column.kind !== "text" || !numeric.has(column.name) || !readsStrings(plan, column.name)) return [];
    const example = mostFrequent(column);
    return example === null ? [] : [[column.name, example]];
  });
}

function mostFrequent({ texts }: TextColumn): string | null {
  const counts = new Map<string, number>();
  for (let row = 0; row < texts.length; row++) {
    const text = texts.at(row);
    if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  let best: string | null = null;
  for (const [text, count] of counts) if (best === null || count > (counts.get(best) ?? 0)) best = text;
  return best;
}

function readsStrings(plan: ServingPlan, column: string): boolean {
  return plan.inputs.some((input) => input.type === "string" && input.columns.includes(column));
}

function numberOf(value: number | boolean | string): number {
  return typeof value === "string" ? (readNumberCell(value) ?? Number.NaN) : Number(value);
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
