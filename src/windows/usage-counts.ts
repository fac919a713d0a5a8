import type { ModelRole } from "./answer-counts.ts";
import { countsAt, type Counts } from "./counts.ts";

/** What is counted of the work for one model. */
export const USAGE = {
  /** Calls answered, and calls that reached the model and were not; of the challenger, rows that it did not answer. */
  calls: 0,
  errors: 1,
  rows: 2,
  /** Time of runs that were measured, ms, and the rows in them: not every run is, because measuring takes two pauses. */
  measuredMs: 3,
  measuredRows: 4,
  /** Memory of the loaded model, bytes, added up over looks at it, and the number of looks. */
  memoryBytes: 5,
  memoryLooks: 6,
} as const;
const USAGE_SLOTS = 7;

/** Latencies are counted in bins that grow by a fifth, from half a millisecond to a minute. */
const LATENCY_FROM_MS = 0.5;
const LATENCY_GROWTH = 1.2;
export const LATENCY_BINS = 65;

/** Adds to what is counted of a model's work. */
export function addUsage(into: Counts, role: ModelRole, amounts: Partial<Record<keyof typeof USAGE, number>>): void {
  const counts = countsAt(into, role, USAGE_SLOTS);
  for (const [name, amount] of Object.entries(amounts)) {
    const slot = USAGE[name as keyof typeof USAGE];
    counts[slot] = (counts[slot] ?? 0) + amount;
  }
}

/** One amount of what is counted of a model's work. */
export function usageOf(counts: Counts, role: ModelRole, name: keyof typeof USAGE): number {
  return counts.get(role)?.[USAGE[name]] ?? 0;
}

/** Counts latencies, ms, each over the way from the Worker to the model and back. */
export function countLatencies(into: Counts, latenciesMs: readonly number[]): void {
  const bins = countsAt(into, "latency", LATENCY_BINS);
  for (const latency of latenciesMs) {
    const bin =
      latency <= LATENCY_FROM_MS ? 0 : Math.ceil(Math.log(latency / LATENCY_FROM_MS) / Math.log(LATENCY_GROWTH));
    const place = Math.min(bin, LATENCY_BINS - 1);
    bins[place] = (bins[place] ?? 0) + 1;
  }
}

/**
 * The latency, ms, below which the share `q` of the calls lies; null for no calls. Interpolated within a bin, so it is right within a
 * fifth.
 */
export function latencyQuantile(counts: Counts, q: number): number | null {
  const bins = counts.get("latency");
  const total = bins?.reduce((sum, count) => sum + count, 0) ?? 0;
  if (!bins || total === 0) return null;
  let left = q * total;
  for (const [bin, count] of bins.entries()) {
    if (count > 0 && left <= count) {
      const low = bin === 0 ? 0 : LATENCY_FROM_MS * LATENCY_GROWTH ** (bin - 1);
      const high = LATENCY_FROM_MS * LATENCY_GROWTH ** bin;
      return low + ((high - low) * left) / count;
    }
    left -= count;
  }
  return LATENCY_FROM_MS * LATENCY_GROWTH ** (LATENCY_BINS - 1);
}

/** Time that the model has run, ms: what was measured, spread over all rows; null when nothing was. */
export function computeMs(counts: Counts, role: ModelRole): number | null {
  const measured = usageOf(counts, role, "measuredRows");
  return measured === 0 ? null : (usageOf(counts, role, "measuredMs") / measured) * usageOf(counts, role, "rows");
}
