import { seededRandom } from "../../lib/seeded-random.ts";
import { chiSquareAbove } from "./special-functions.ts";

/** Two rows of counts by their margins. */
export interface SparseTable {
  statistic: number;
  /** Rows of the two samples. */
  n: number;
  m: number;
  /** Rows of both by bucket, none of them 0. */
  buckets: readonly number[];
}

// Chances above it alarm nobody.
const DRAWN_BELOW = 0.1;
const TABLES_MAX = 2_000;
const TABLES_MIN = 200;
// About two milliseconds.
const ROWS_DRAWN_MAX = 200_000;
// Two megabytes for as long as it takes.
const DECK_ROWS_MAX = 1_000_000;
const SEED = 20_261_122;
// Sums that differ by rounding only are the same sum.
const TIE = 1 - 1e-9;

/**
 * The p-value of a chi-square statistic where few rows are expected in some bucket, so that it does not follow the chi-square distribution:
 * that of a gamma distribution with the exact mean and variance of all tables of these margins. A single row in a bucket of its own
 * is a jump that no smooth distribution has: where the p-value is small, it is at least the share of such tables, drawn at random but
 * the same ones each time, that have a statistic as large.
 */
export function sparseChiSquareP(table: SparseTable): number {
  const { mean, variance } = exactMoments(table);
  const scale = variance / (2 * mean);
  const smooth = chiSquareAbove(table.statistic / scale, mean / scale);
  return smooth < DRAWN_BELOW ? Math.max(smooth, shareAsLarge(table)) : smooth;
}

/** Mean and variance of the statistic over all tables with the same margins (Dawson, Biometrika 41, 1954). */
function exactMoments({ n, m, buckets }: SparseTable): { mean: number; variance: number } {
  const rows = n + m;
  const kinds = buckets.length;
  const inverses = buckets.reduce((sum, count) => sum + 1 / count, 0);
  const sampleSpread = (rows * (1 / n + 1 / m) - 4) / (rows - 2);
  const bucketSpread = (rows * inverses - kinds * kinds) / (rows - 2);
  const sampleFreedom = (rows - 2) / (rows - 1);
  const bucketFreedom = ((kinds - 1) * (rows - kinds)) / (rows - 1);
  const regular = ((2 * rows) / (rows - 3)) * (sampleFreedom - sampleSpread) * (bucketFreedom - bucketSpread);
  return {
    mean: ((kinds - 1) * rows) / (rows - 1),
    variance: regular + ((rows * rows) / (rows - 1)) * sampleSpread * bucketSpread,
  };
}

/** 0 where it would take too long to draw enough tables. */
function shareAsLarge({ statistic, n, m, buckets }: SparseTable): number {
  const rows = n + m;
  const drawn = Math.min(n, m);
  const tables = Math.min(TABLES_MAX, Math.floor(ROWS_DRAWN_MAX / drawn));
  if (tables < TABLES_MIN || rows > DECK_ROWS_MAX) return 0;
  const deck = new Uint16Array(rows);
  let from = 0;
  for (const [bucket, count] of buckets.entries()) deck.fill(bucket, from, (from += count));
  const random = seededRandom(SEED);
  const counts = new Float64Array(buckets.length);
  // The statistic is rows² / (n m) times (the sum of squares over the buckets' totals, less the mean of that).
  const least = ((statistic * n * m) / rows / rows + (drawn * drawn) / rows) * TIE;
  let asLarge = 0;
  for (let table = 0; table < tables; table += 1) {
    counts.fill(0);
    for (let row = 0; row < drawn; row += 1) {
      const other = row + Math.floor(random() * (rows - row));
      const bucket = deck[other] ?? 0;
      deck[other] = deck[row] ?? 0;
      deck[row] = bucket;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    let sum = 0;
    for (const [bucket, count] of buckets.entries()) sum += (counts[bucket] ?? 0) ** 2 / count;
    if (sum >= least) asLarge += 1;
  }
  return asLarge / tables;
}
