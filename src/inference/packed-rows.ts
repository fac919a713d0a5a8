import type { Column, Rows } from "../engine/rows.ts";
import { isNumberFeature, type ServedFeature } from "./serving-spec.ts";

/** Rows as they travel from the Worker to a host: one array of numbers and one of texts, column after column. */
export interface PackedRows {
  count: number;
  numbers: Float64Array;
  texts: (string | null)[];
}

/** The rows of all `calls` one behind the other, by feature name. */
export function unpackRows(features: readonly ServedFeature[], calls: readonly PackedRows[]): Rows {
  const count = calls.reduce((sum, call) => sum + call.count, 0);
  const columns = new Map<string, Column>();
  let numberPosition = 0;
  let textPosition = 0;
  for (const feature of features) {
    if (isNumberFeature(feature)) {
      columns.set(feature.name, { numbers: gatherNumbers(calls, numberPosition, count) });
      numberPosition += 1;
    } else {
      columns.set(feature.name, { texts: gatherTexts(calls, textPosition) });
      textPosition += 1;
    }
  }
  return { count, columns };
}

function gatherNumbers(calls: readonly PackedRows[], position: number, count: number): Float64Array {
  const numbers = new Float64Array(count);
  let offset = 0;
  for (const call of calls) {
    const start = position * call.count;
    // One row a call is the common case, and then a copy by index is cheaper than a view.
    if (call.count === 1) numbers[offset] = call.numbers[start] ?? Number.NaN;
    else numbers.set(call.numbers.subarray(start, start + call.count), offset);
    offset += call.count;
  }
  return numbers;
}

function gatherTexts(calls: readonly PackedRows[], position: number): (string | null)[] {
  return calls.flatMap((call) => call.texts.slice(position * call.count, (position + 1) * call.count));
}
