import type { Column, Rows } from "../engine/rows.ts";
import { isNumberFeature, type ServedFeature } from "./serving-spec.ts";

/** Rows on their way from the Worker to a host: numbers and texts, column after column. */
export interface PackedRows {
  count: number;
  /** NaN: missing. */
  numbers: number[];
  texts: (string | null)[];
}

/**
 * Rows as one text. A text crosses RPC for little more than a call without arguments; an object with typed arrays costs as much
 * again as the whole call (docs/decisions/0004-the-online-path.md). NaN becomes null on the way.
 */
export function encodeRows({ count, numbers, texts }: PackedRows): string {
  return JSON.stringify([count, numbers, texts]);
}

/** Reads back what encodeRows wrote. */
export function decodeRows(text: string): PackedRows {
  const [count, numbers, texts] = JSON.parse(text) as [number, (number | null)[], (string | null)[]];
  return { count, numbers: numbers.map((value) => value ?? Number.NaN), texts };
}

/** The rows of all `calls` one behind the other, by feature name. */
export function unpackRows(features: readonly ServedFeature[], calls: readonly PackedRows[]): Rows {
  const count = calls.reduce((sum, call) => sum + call.count, 0);
  const columns = new Map<string, Column>();
  let numberPosition = 0;
  let textPosition = 0;
  for (const feature of features) {
    if (isNumberFeature(feature)) {
      columns.set(feature.name, gatherNumbers(calls, numberPosition, count));
      numberPosition += 1;
    } else {
      columns.set(feature.name, { texts: gatherTexts(calls, textPosition) });
      textPosition += 1;
    }
  }
  return { count, columns };
}

function gatherNumbers(calls: readonly PackedRows[], position: number, count: number): Column {
  const numbers = new Float64Array(count);
  let offset = 0;
  for (const call of calls) {
    const start = position * call.count;
    for (let row = 0; row < call.count; row += 1) numbers[offset + row] = call.numbers[start + row] ?? Number.NaN;
    offset += call.count;
  }
  return { numbers };
}

function gatherTexts(calls: readonly PackedRows[], position: number): (string | null)[] {
  return calls.flatMap((call) => call.texts.slice(position * call.count, (position + 1) * call.count));
}
