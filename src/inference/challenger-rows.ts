import { type Column, pickRows, type Rows } from "../engine/rows.ts";
import { booleanNumber, spelledBoolean } from "./coerce-value.ts";
import type { ServedFeature } from "./serving-spec.ts";

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
