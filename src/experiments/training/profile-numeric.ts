import { quantile } from "../../lib/histogram.ts";
import { countRuns, distanceBins, endOfRun, niceBins, sumsOfPlaces } from "./profile-bins.ts";
import type { Bins } from "./profile-bins.ts";

export interface Quantiles {
  p01: number;
  p05: number;
  p25: number;
  p50: number;
  p75: number;
  p95: number;
  p99: number;
}

/** What is known about a set of numbers. All that needs a number is null when there is none. */
export interface NumberProfile {
  min: number | null;
  max: number | null;
  mean: number | null;
  /** Of the population: divided by n. */
  std: number | null;
  /** By linear interpolation, as numpy does. */
  quantiles: Quantiles | null;
  /** The number of different values; null for more than 1,000. */
  distinct: number | null;
  /** All values are whole numbers. */
  integer: boolean;
  /** Each value with its count, ascending, where there are at most 20 different ones; else null. */
  values: { value: number; count: number }[] | null;
  /**
   * Fixed bins of about equal count, finer in tails and gaps, for drift: bin i is [edges[i], edges[i + 1]), the last one holds its upper
   * edge too. Null where the column is not monitored, empty without values.
   */
  edges: number[] | null;
  /** Values in each bin of `edges`. */
  counts: number[] | null;
  /** Where they lie in their bin: places (see lib/place-in-bin.ts) added up. Absent in profiles that were made before these were kept. */
  sums?: number[] | null;
  /** Fixed bins of equal width, for charts; null where the column is not monitored. */
  display: Bins | null;
  /** A typical value within the range, for forms and documentation. */
  example: number | null;
}

// 100 bins bound the error of a CDF by 0.01 where values are continuous.
const TEST_BINS = 100;
const DISPLAY_BINS = 20;
const DISTINCT_MAX = 1000;
const VALUES_MAX = 20;
const EXAMPLE_DIGITS = 3;

/** Profiles the numbers that are not NaN; bins only when `isMonitored`. Quantities that exceed a double become null. */
export function profileNumbers(numbers: Float64Array, isMonitored: boolean): NumberProfile {
  const sorted = numbers.filter((number) => !Number.isNaN(number)).sort();
  const isInteger = sorted.every(Number.isInteger);
  const runs = countRuns(sorted, DISTINCT_MAX);
  const min = sorted[0] ?? null;
  const max = sorted.at(-1) ?? null;
  const { mean, std } = moments(sorted);
  const bins = isMonitored ? distanceBins(sorted, TEST_BINS, std) : null;
  return {
    min,
    max,
    mean,
    std,
    quantiles: sorted.length === 0 ? null : quantilesOf(sorted),
    distinct: runs > DISTINCT_MAX ? null : runs,
    integer: isInteger,
    values: runs > VALUES_MAX ? null : valuesOf(sorted),
    edges: bins?.edges ?? null,
    counts: bins?.counts ?? null,
    sums: bins && sumsOfPlaces(sorted, bins),
    display: isMonitored ? niceBins(sorted, DISPLAY_BINS, isInteger) : null,
    example: exampleOf(sorted, runs, isInteger),
  };
}

function moments(sorted: Float64Array): { mean: number | null; std: number | null } {
  if (sorted.length === 0) return { mean: null, std: null };
  // Divided by a power of two near the largest size, which is exact, so that neither sum nor square overflows.
  const size = Math.max(Math.abs(sorted[0] ?? 0), Math.abs(sorted.at(-1) ?? 0));
  const scale = size === 0 ? 1 : 2 ** Math.floor(Math.log2(size));
  let sum = 0;
  for (const number of sorted) sum += number / scale;
  const rough = sum / sorted.length;
  let rest = 0;
  let squares = 0;
  for (const number of sorted) {
    const deviation = number / scale - rough;
    rest += deviation;
    squares += deviation * deviation;
  }
  // The mean of the deviations is the rounding error of the first sum.
  const error = rest / sorted.length;
  const variance = Math.max(0, squares / sorted.length - error * error);
  return { mean: (rough + error) * scale, std: Math.sqrt(variance) * scale };
}

function quantilesOf(sorted: Float64Array): Quantiles {
  return {
    p01: quantile(sorted, 0.01),
    p05: quantile(sorted, 0.05),
    p25: quantile(sorted, 0.25),
    p50: quantile(sorted, 0.5),
    p75: quantile(sorted, 0.75),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
  };
}

function valuesOf(sorted: Float64Array): { value: number; count: number }[] {
  const values: { value: number; count: number }[] = [];
  for (let start = 0; start < sorted.length;) {
    const end = endOfRun(sorted, start);
    values.push({ value: sorted[start] ?? 0, count: end - start });
    start = end;
  }
  return values;
}

/** The lower median; where values are many and fractional, rounded as long as that stays within the range. */
function exampleOf(sorted: Float64Array, runs: number, isInteger: boolean): number | null {
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  if (median === undefined) return null;
  if (isInteger || runs <= VALUES_MAX) return median;
  const rounded = Number(median.toPrecision(EXAMPLE_DIGITS));
  return rounded >= (sorted[0] ?? median) && rounded <= (sorted.at(-1) ?? median) ? rounded : median;
}
