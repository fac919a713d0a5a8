import { addCounts, type Counts } from "./counts.ts";
import type { ReadWindow } from "./read-windows.ts";

/** Windows of several hosts and versions, added up. */
export interface Merged {
  rows: number;
  features: Counts;
  answers: Counts;
  usage: Counts;
}

/** All windows added up. */
export function mergeWindows(windows: readonly ReadWindow[]): Merged {
  const merged: Merged = { rows: 0, features: new Map(), answers: new Map(), usage: new Map() };
  for (const window of windows) {
    merged.rows += window.rows;
    addCounts(merged.features, window.features);
    addCounts(merged.answers, window.answers);
    addCounts(merged.usage, window.usage);
  }
  return merged;
}

/** The windows of each bucket, by its start; buckets without any are left out. */
export function byStart(windows: readonly ReadWindow[]): Map<number, ReadWindow[]> {
  const buckets = new Map<number, ReadWindow[]>();
  for (const window of windows) buckets.set(window.start, [...(buckets.get(window.start) ?? []), window]);
  return buckets;
}
