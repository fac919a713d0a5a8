import { holdsMissing, misfit } from "../../engine/build-tensors.ts";
import { type Column, pickRows, type Rows } from "../../engine/rows.ts";
import type { TensorType } from "../../engine/tensor.ts";
import { booleanNumber, spelledBoolean } from "../spec/coerce-value.ts";
import type { ServedFeature } from "../spec/serving-spec.ts";

/**
 * The rows at `indices` as the challenger reads them. Booleans are recorded as main reads them: a challenger that was trained on
 * the other form gets them in that one, and neither changes what the other is fed.
 */
export function challengerRows(rows: Rows, indices: readonly number[], readers: readonly ServedFeature[]): Rows {
  const picked = pickRows(rows, indices);
  const columns = new Map(picked.columns);
  for (const feature of readers) {
    const column = columns.get(feature.name);
    if (column && feature.kind === "boolean") columns.set(feature.name, booleanColumn(feature, column));
  }
  return { count: picked.count, columns };
}

function booleanColumn(feature: ServedFeature, column: Column): Column {
  const wantsTexts = feature.challengerTensors.every((type) => type === "string");
  if ("numbers" in column) {
    if (!wantsTexts) return column;
    return {
      texts: Array.from(column.numbers, (value) => (Number.isNaN(value) ? null : spelledBoolean(feature, value === 1))),
    };
  }
  if (wantsTexts) return column;
  return { numbers: Float64Array.from(column.texts, (text) => booleanNumber(text) ?? Number.NaN) };
}

/** The rows that have all that the challenger needs: its own columns, and a value that fits where its tensors cannot hold a missing one. */
export function completeRows(rows: Rows, readers: readonly ServedFeature[]): number[] {
  const needed = readers.filter(
    (feature) => feature.mainTensors.length === 0 || !feature.challengerTensors.every(holdsMissing),
  );
  const columns = needed.map(({ name, challengerTensors }) => ({
    column: rows.columns.get(name),
    challengerTensors,
  }));
  return Array.from({ length: rows.count }, (_, index) => index).filter((index) =>
    columns.every(
      ({ column, challengerTensors }) => column !== undefined && isUsable(column, index, challengerTensors),
    ),
  );
}

/** Whether a value is there, and every tensor that it feeds can hold it as it is. */
function isUsable(column: Column, index: number, tensors: readonly TensorType[]): boolean {
  const value = "numbers" in column ? (column.numbers[index] ?? Number.NaN) : (column.texts[index] ?? null);
  if (value === null || Number.isNaN(value)) return false;
  return tensors.every((type) => type === "string" || misfit(type, booleanNumber(value) ?? Number(value)) === null);
}
