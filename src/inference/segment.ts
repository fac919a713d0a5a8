import type { Answers } from "../engine/read-answers.ts";
import type { Column, Rows } from "../engine/rows.ts";
import { isNumberFeature, type ServedFeature } from "./serving-spec.ts";

/** All that was answered in one batch, column by column, as it is written: one row of storage for many predictions. */
export interface Segment {
  id: number;
  /** When the batch was answered, UTC ms. */
  at: number;
  source: "online" | "batch";
  rows: Rows;
  /** Arrival to answer of each row, ms, as the host's clock saw it. */
  latencyMs: number[];
  main: Answers;
}

/** The longest body of a segment, bytes: well under the 2 MB that a row of storage may have. */
export const SEGMENT_BYTES_MAX = 1_000_000;

interface SegmentBody {
  n: number;
  numbers: (number | null)[][];
  texts: (string | null)[][];
  latency: number[];
  main: Answers;
}

/** The body of a segment as text. JSON has no NaN: a missing number stands as null, and nothing else does. */
export function encodeSegment(
  features: readonly ServedFeature[],
  segment: Omit<Segment, "id" | "at" | "source">,
): string {
  const body: SegmentBody = {
    n: segment.rows.count,
    numbers: [],
    texts: [],
    latency: segment.latencyMs,
    main: segment.main,
  };
  for (const feature of features) {
    const column = segment.rows.columns.get(feature.name);
    if (column && "numbers" in column) body.numbers.push(Array.from(column.numbers));
    else if (column) body.texts.push(column.texts);
  }
  return JSON.stringify(body);
}

/** Reads back what encodeSegment wrote, with the same features. */
export function decodeSegment(features: readonly ServedFeature[], text: string): Omit<Segment, "id" | "at" | "source"> {
  const body = JSON.parse(text) as SegmentBody;
  const columns = new Map<string, Column>();
  let numberPosition = 0;
  let textPosition = 0;
  for (const feature of features) {
    if (isNumberFeature(feature)) {
      const values = body.numbers[numberPosition++] ?? [];
      columns.set(feature.name, { numbers: Float64Array.from(values, (value) => value ?? Number.NaN) });
    } else {
      columns.set(feature.name, { texts: body.texts[textPosition++] ?? [] });
    }
  }
  return { rows: { count: body.n, columns }, latencyMs: body.latency, main: body.main };
}
