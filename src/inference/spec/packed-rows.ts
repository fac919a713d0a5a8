import type { Column, Rows } from "../../engine/rows.ts";
import { isNumberFeature, type ServedFeature } from "./serving-spec.ts";

/** Rows of one call on their way from the Worker to a host: numbers and texts, column after column. */
export interface PackedRows {
  count: number;
  /** NaN: missing. */
  numbers: Float64Array;
  texts: (string | null)[];
  /** How many values of which feature were sent and could not be read; absent where nobody counted. */
  invalid?: InvalidCounts;
}

/** Values that could not be read, by feature. */
export type InvalidCounts = [feature: string, count: number][];

/** Several calls as they cross RPC: one text and one array, because each value more costs a hop more than its bytes do. */
export interface PackedCalls {
  heads: string;
  numbers: Float64Array;
}

type Head = [count: number, numbers: number, texts: (string | null)[], startedAt: number, invalid?: InvalidCounts];

/** Rows of a call, and when it came to the Worker, UTC ms. */
export interface StartedRows {
  rows: PackedRows;
  startedAt: number;
}

/** Packs calls, in their order, for one hop. */
export function packCalls(calls: readonly StartedRows[]): PackedCalls {
  const numbers = new Float64Array(calls.reduce((sum, { rows }) => sum + rows.numbers.length, 0));
  let offset = 0;
  const heads = calls.map(({ rows, startedAt }): Head => {
    numbers.set(rows.numbers, offset);
    offset += rows.numbers.length;
    const head: Head = [rows.count, rows.numbers.length, rows.texts, startedAt];
    if (rows.invalid) head.push(rows.invalid);
    return head;
  });
  return { heads: JSON.stringify(heads), numbers };
}

/** Reads back what packCalls made. */
export function unpackCalls({ heads, numbers }: PackedCalls): StartedRows[] {
  let offset = 0;
  return (JSON.parse(heads) as Head[]).map(([count, length, texts, startedAt, invalid]) => {
    const own = numbers.subarray(offset, offset + length);
    offset += length;
    return { rows: { count, numbers: own, texts, ...(invalid && { invalid }) }, startedAt };
  });
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

/** The values of all `calls` that could not be read; absent where they were not counted in one of them. */
export function joinInvalid(calls: readonly PackedRows[]): InvalidCounts | undefined {
  if (calls.some(({ invalid }) => invalid === undefined)) return undefined;
  const counts = new Map<string, number>();
  for (const [feature, count] of calls.flatMap(({ invalid }) => invalid ?? []))
    counts.set(feature, (counts.get(feature) ?? 0) + count);
  return [...counts];
}

function gatherNumbers(calls: readonly PackedRows[], position: number, count: number): Column {
  const [only] = calls;
  // One call is the usual case of a batch run: its numbers need not be copied.
  if (only && calls.length === 1) return { numbers: only.numbers.subarray(position * count, (position + 1) * count) };
  const numbers = new Float64Array(count);
  let offset = 0;
  for (const call of calls) {
    const start = position * call.count;
    numbers.set(call.numbers.subarray(start, start + call.count), offset);
    offset += call.count;
  }
  return { numbers };
}

function gatherTexts(calls: readonly PackedRows[], position: number): (string | null)[] {
  return calls.flatMap((call) => call.texts.slice(position * call.count, (position + 1) * call.count));
}
