import { keyedByText } from "../lib/keyed-by-text.ts";
import { packNumbers, unpackNumbers } from "../lib/pack-numbers.ts";
import { addTally } from "./tally.ts";

/** Counts by name. None is negative; two sets of counts of the same names and lengths are merged by adding them. */
export type Counts = Map<string, Float64Array>;

/** What is counted of the rows of one span of time, in three parts because they are read apart. */
export interface Window {
  /** Rows that the main model answered. */
  rows: number;
  /** A tally for each monitored feature, by its name. */
  features: Counts;
  /** Of the answers: see answer-counts.ts. */
  answers: Counts;
  /** Of calls and the machine: see usage-counts.ts. */
  usage: Counts;
}

export function emptyWindow(): Window {
  return { rows: 0, features: new Map(), answers: new Map(), usage: new Map() };
}

/** The counts under a name, created with `length` slots of 0 when they are missing. */
export function countsAt(counts: Counts, name: string, length: number): Float64Array {
  const present = counts.get(name);
  if (present) return present;
  const made = new Float64Array(length);
  counts.set(name, made);
  return made;
}

/** Adds `from` to `into`. Throws RangeError where counts of one name have different lengths. */
export function addCounts(into: Counts, from: Counts): void {
  for (const [name, counts] of from) addTally(countsAt(into, name, counts.length), counts);
}

/** Adds one window to another. */
export function addWindow(into: Window, from: Window): void {
  into.rows += from.rows;
  addCounts(into.features, from.features);
  addCounts(into.answers, from.answers);
  addCounts(into.usage, from.usage);
}

/**
 * Counts as text: JSON of a text for each name (see packNumbers), so that a window of hundreds of columns stays a fraction of a megabyte.
 */
export function encodeCounts(counts: Counts): string {
  const packed = keyedByText<string>();
  for (const [name, values] of counts) packed[name] = packNumbers(values);
  return JSON.stringify(packed);
}

/** Reads back what encodeCounts wrote, and lists in which a negative number stands for that many zeros, as it once did. */
export function decodeCounts(text: string): Counts {
  const packed = JSON.parse(text) as Record<string, string | number[]>;
  return new Map(
    Object.entries(packed).map(([name, values]) => [
      name,
      typeof values === "string" ? unpackNumbers(values) : unpackZeros(values),
    ]),
  );
}

function unpackZeros(packed: readonly number[]): Float64Array {
  const length = packed.reduce((sum, value) => sum + (value < 0 ? -value : 1), 0);
  const values = new Float64Array(length);
  let at = 0;
  for (const value of packed) {
    if (value >= 0) values[at] = value;
    at += value < 0 ? -value : 1;
  }
  return values;
}
