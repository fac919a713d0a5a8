import type { TestResult } from "./drift-method.ts";
import { normalBeyond } from "./special-functions.ts";

/** So many of so many. */
export interface Share {
  count: number;
  of: number;
}

// Below it the normal distribution makes one row in a hundred look impossible.
const EXPECTED_MIN = 5;
// Chances that differ by rounding only are the same chance.
const TIE = 1 + 1e-7;

/** The two-sided Z-test of two proportions with their pooled variance; `statistic` is |z|. Null where either is of nothing. */
export function zTest(reference: Share, current: Share): TestResult | null {
  if (reference.of === 0 || current.of === 0) return null;
  const pooled = (reference.count + current.count) / (reference.of + current.of);
  const variance = pooled * (1 - pooled) * (1 / reference.of + 1 / current.of);
  if (variance <= 0) return { statistic: 0, pValue: 1 };
  const statistic = Math.abs(reference.count / reference.of - current.count / current.of) / Math.sqrt(variance);
  return { statistic, pValue: normalBeyond(statistic) };
}

/** `zTest`, but with the p-value of Fisher's exact test where a count below 5 is expected. Counts are whole numbers. */
export function compareShares(reference: Share, current: Share): TestResult | null {
  const result = zTest(reference, current);
  if (result === null) return null;
  const rows = reference.of + current.of;
  const counted = reference.count + current.count;
  const expectedLeast = (Math.min(reference.of, current.of) * Math.min(counted, rows - counted)) / rows;
  return expectedLeast >= EXPECTED_MIN ? result : { ...result, pValue: fisherExact(reference, current) };
}

/** Fisher's exact test (two-sided): the chance of a table that is no likelier than this one, given its margins. */
export function fisherExact(reference: Share, current: Share): number {
  const rows = reference.of + current.of;
  const counted = reference.count + current.count;
  const least = Math.max(0, counted - reference.of);
  const most = Math.min(counted, current.of);
  const weights = new Float64Array(most - least + 1);
  // From the likeliest table to both sides, so that the first weight can be 1 and what underflows does not matter.
  const mode = Math.min(most, Math.max(least, Math.floor(((counted + 1) * (current.of + 1)) / (rows + 2))));
  weights[mode - least] = 1;
  const ratio = (x: number): number =>
    ((counted - x) * (current.of - x)) / ((x + 1) * (reference.of - counted + x + 1));
  for (let x = mode; x < most; x += 1) weights[x + 1 - least] = (weights[x - least] ?? 0) * ratio(x);
  for (let x = mode - 1; x >= least; x -= 1) weights[x - least] = (weights[x + 1 - least] ?? 0) / ratio(x);
  const limit = (weights[current.count - least] ?? 0) * TIE;
  let all = 0;
  let unlikely = 0;
  for (const weight of weights) {
    all += weight;
    if (weight <= limit) unlikely += weight;
  }
  return Math.min(1, unlikely / all);
}
