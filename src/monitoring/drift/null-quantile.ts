import type { ReferenceColumn } from "../../windows/reference-column.ts";
import type { DistanceMethod } from "./drift-method.ts";
import { normalAbove } from "./special-functions.ts";
import { CHANCE } from "./thresholds.ts";
import { seededRandom, weightedDraw } from "../../lib/seeded-random.ts";

interface GridPoint {
  rows: number;
  /** How many are simulated; fewer for long ones, whose distances vary less, so that a column takes some 5 ms. */
  windows: number;
}

const GRID: readonly GridPoint[] = [
  { rows: 100, windows: 400 },
  { rows: 300, windows: 250 },
  { rows: 1_000, windows: 120 },
  { rows: 3_000, windows: 60 },
  { rows: 10_000, windows: 25 },
];
const SEED = 20_261_122;

const quantiles = new WeakMap<ReferenceColumn, Map<string, number>>();

/**
 * The distance that all but `chance` (0.001) of the windows without any drift stay below. `sizes` are counted by the method's
 * `comparedRows`. Both are samples, so windows of n m / (n + m) rows are drawn from the reference's shares; simulated at round numbers of
 * rows and interpolated. The same column gives the same answer, and keeps what was simulated. Below `floor` it is only known to be below.
 */
export function nullQuantile(
  column: ReferenceColumn,
  method: DistanceMethod,
  sizes: { referenceRows: number; currentRows: number },
  floor: number,
  chance = CHANCE,
): number {
  const rows = (sizes.referenceRows * sizes.currentRows) / (sizes.referenceRows + sizes.currentRows);
  const upper = GRID.findIndex((point) => point.rows > rows);
  const low = GRID[upper === -1 ? GRID.length - 1 : Math.max(0, upper - 1)];
  const high = upper > 0 ? GRID[upper] : undefined;
  if (!low || !(rows > 0)) return Number.POSITIVE_INFINITY;
  const atLow = quantileAt(column, method, low, chance);
  // It falls with the number of rows.
  if (!high || atLow < floor) return atLow * (low.rows / rows) ** method.withoutDrift.power;
  const atHigh = quantileAt(column, method, high, chance);
  const share = Math.log(rows / low.rows) / Math.log(high.rows / low.rows);
  // A reference of one value never differs from itself.
  return atLow > 0 && atHigh > 0 ? atLow ** (1 - share) * atHigh ** share : atLow;
}

function quantileAt(column: ReferenceColumn, method: DistanceMethod, point: GridPoint, chance: number): number {
  const known = quantiles.get(column) ?? new Map<string, number>();
  quantiles.set(column, known);
  const key = `${method.id} ${point.rows} ${chance}`;
  const quantile = known.get(key) ?? simulate(column, method, point, normalAbove(chance));
  known.set(key, quantile);
  return quantile;
}

/**
 * The quantile (99.9 % where z is 3.09) of a shifted gamma distribution with the mean, variance and skewness of the simulated distances(or of their squares): it needs a tenth of the windows that counting to the thousandth does. In large runs 0.05 to 0.2 % of windows
 * exceeded it on average, for columns of any shape. One standard error is added: of few windows, it is rather too high than too low.
 */
function simulate(
  column: ReferenceColumn,
  { withoutDrift }: DistanceMethod,
  { rows, windows }: GridPoint,
  z: number,
): number {
  const { weights, distance } = withoutDrift.simulate(column);
  const draw = weightedDraw(weights, seededRandom(seedOf(column.name) + rows));
  const counts = new Float64Array(weights.length);
  const values = new Float64Array(windows);
  for (let window = 0; window < windows; window += 1) {
    counts.fill(0);
    for (let row = 0; row < rows; row += 1) {
      const bucket = draw();
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    const value = distance(counts) ?? 0;
    values[window] = withoutDrift.isSquared ? value * value : value;
  }
  const quantile = quantileByMoments(values, z);
  return withoutDrift.isSquared ? Math.sqrt(quantile) : quantile;
}

/** One of its own for each column, so that columns do not all err to the same side. */
function seedOf(name: string): number {
  let seed = SEED;
  for (let at = 0; at < name.length; at += 1) seed = Math.imul(seed ^ name.charCodeAt(at), 0x01000193);
  return seed;
}

/** Never less skewed than the gamma distribution that begins at 0; its quantile by Wilson and Hilferty's cube root, at most 3 % off. */
function quantileByMoments(values: Float64Array, z: number): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  let cubes = 0;
  for (const value of values) {
    squares += (value - mean) ** 2;
    cubes += (value - mean) ** 3;
  }
  const std = Math.sqrt(squares / (values.length - 1));
  if (!(mean > 0) || !(std > 0)) return Math.max(0, mean);
  const skewness = Math.max(cubes / values.length / std ** 3, (2 * std) / mean);
  const shape = 4 / skewness ** 2;
  const root = 1 - 1 / (9 * shape) + z / Math.sqrt(9 * shape);
  const deviations = Math.sqrt(shape) * (root ** 3 - 1);
  const standardError = Math.sqrt((1 + deviations ** 2 / 2) / values.length);
  return mean + std * (deviations + standardError);
}
