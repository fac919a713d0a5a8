import type { Answers } from "../../engine/read-answers.ts";
import type { Column, Rows } from "../../engine/rows.ts";
import type { InvalidCounts } from "../spec/packed-rows.ts";
import { isNumberFeature, type ServedFeature, wasNumberFeature } from "../spec/serving-spec.ts";

/** All that was answered in one batch, column by column, as it is written: one row of storage for many predictions. */
export interface Segment {
  id: number;
  /** When the batch was answered, UTC ms. */
  at: number;
  source: "online" | "batch";
  rows: Rows;
  /** Calls that the rows came with; of one that was cut in two, the first part. */
  calls: number;
  /** From the call in the Worker to the answer in the host, ms, of each row. */
  latencyMs: number[];
  main: Answers;
  /** Values that were sent and could not be read; absent where they were not counted. */
  invalid?: InvalidCounts;
}

/** A segment as it is stored. */
export interface StoredSegment {
  /** JSON: everything but the numbers of the rows. */
  body: string;
  /** The numbers of the rows, column after column, as 64-bit floats: a third of the size and a tenth of the time of JSON. NaN: missing. */
  numbers: ArrayBuffer;
}

interface SegmentBody {
  n: number;
  /** Left out in segments written before calls were counted: then each row counts as one. */
  calls?: number;
  /** Only in segments written before the numbers had a place of their own. A missing one stands as null. */
  numbers?: (number | null)[][];
  texts: (string | null)[][];
  latency: number[];
  main: Answers;
  invalid?: InvalidCounts;
  /** Numbers of which some tensor reads the text stand among the texts; left out in segments where they are numbers. */
  spelled?: true;
}

/** The rows and answers of a batch as they are stored. */
export function encodeSegment(
  features: readonly ServedFeature[],
  { rows, calls, latencyMs, main, invalid }: Omit<Segment, "id" | "at" | "source">,
): StoredSegment {
  const numbers = new Float64Array(features.filter(isNumberFeature).length * rows.count);
  const texts: (string | null)[][] = [];
  let offset = 0;
  for (const { name } of features) {
    const column = rows.columns.get(name);
    if (column && "texts" in column) texts.push(column.texts);
    else if (column) {
      numbers.set(column.numbers, offset);
      offset += rows.count;
    }
  }
  const body: SegmentBody = { n: rows.count, calls, texts, latency: latencyMs, main, spelled: true };
  if (invalid) body.invalid = invalid;
  return { body: JSON.stringify(body), numbers: numbers.buffer };
}

/** Reads back what encodeSegment made, with the same features. */
export function decodeSegment(
  features: readonly ServedFeature[],
  stored: Pick<StoredSegment, "body"> & { numbers: ArrayBuffer | null },
): Omit<Segment, "id" | "at" | "source"> {
  const body = JSON.parse(stored.body) as SegmentBody;
  const columns = new Map<string, Column>();
  let numberPosition = 0;
  let textPosition = 0;
  for (const feature of features) {
    const isNumber = isNumberFeature(feature);
    if (body.spelled ? isNumber : wasNumberFeature(feature)) {
      const numbers = numbersAt(stored.numbers, body, numberPosition);
      columns.set(feature.name, isNumber ? { numbers } : { texts: Array.from(numbers, textOfNumber) });
      numberPosition += 1;
    } else {
      columns.set(feature.name, { texts: body.texts[textPosition] ?? [] });
      textPosition += 1;
    }
  }
  const { calls = body.n, latency, main, invalid } = body;
  return { rows: { count: body.n, columns }, calls, latencyMs: latency, main, ...(invalid && { invalid }) };
}

function textOfNumber(value: number): string | null {
  return Number.isNaN(value) ? null : String(value);
}

function numbersAt(stored: ArrayBuffer | null, body: SegmentBody, position: number): Float64Array {
  if (stored) return new Float64Array(stored, position * body.n * Float64Array.BYTES_PER_ELEMENT, body.n);
  return Float64Array.from(body.numbers?.[position] ?? [], (value) => value ?? Number.NaN);
}
