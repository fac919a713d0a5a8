import { logGamma } from "./special-functions.ts";

// Beyond it both sides are so seldom exceeded together that twice one side is exact to 1e-6 and better.
const ONE_SIDE_FROM = 2.2;
const MATRIX_N_MAX = 140;
const ONE_SIDE_SUM_N_MAX = 20_000;
const SERIES_TERMS = 20;

/**
 * The chance that Kolmogorov's statistic of n values against their own distribution is d or more (scipy's kstwo.sf).
 * Relative error: 1e-9 for n up to 140, 3e-5 up to 20,000, beyond it 1e-3 for p-values above 1e-7.
 */
export function kolmogorovAbove(n: number, d: number): number {
  if (d <= 0.5 / n) return 1;
  if (d >= 1) return 0;
  const squared = n * d * d;
  if (squared >= (n <= MATRIX_N_MAX ? 2 * ONE_SIDE_FROM : ONE_SIDE_FROM)) return Math.min(1, 2 * oneSideAbove(n, d));
  return Math.min(1, Math.max(0, 1 - (n <= MATRIX_N_MAX ? matrixBelow(n, d) : seriesBelow(n, d))));
}

/** Smirnov's one-sided statistic: an exact sum; for very many values its limit with a first correction (Maag and Dicaire). */
function oneSideAbove(n: number, d: number): number {
  if (n > ONE_SIDE_SUM_N_MAX) return Math.exp(-((6 * n * d + 1) ** 2) / (18 * n));
  const logAll = logGamma(n + 1);
  let sum = 0;
  for (let j = 0; j <= Math.floor(n * (1 - d)); j += 1) {
    const low = d + j / n;
    const high = 1 - low;
    if (high < 0) break;
    const logWays = logAll - logGamma(j + 1) - logGamma(n - j + 1);
    const logHigh = n === j ? 0 : (n - j) * Math.log(high);
    sum += Math.exp(logWays + (j - 1) * Math.log(low) + logHigh);
  }
  return d * sum;
}

/** Durbin's matrix, as Marsaglia, Tsang and Wang (2003) compute with it: exact, at a cost of (n d)³. */
function matrixBelow(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const size = 2 * k - 1;
  const h = k - n * d;
  const base = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < Math.min(size, row + 2); column += 1) base[row * size + column] = 1;
  }
  for (let index = 0; index < size; index += 1) {
    base[index * size] = (base[index * size] ?? 0) - h ** (index + 1);
    const last = (size - 1) * size + index;
    base[last] = (base[last] ?? 0) - h ** (size - index);
  }
  const corner = (size - 1) * size;
  base[corner] = (base[corner] ?? 0) + Math.max(0, 2 * h - 1) ** size;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < Math.min(size, row + 2); column += 1) {
      const at = row * size + column;
      base[at] = (base[at] ?? 0) / Math.exp(logGamma(row - column + 2));
    }
  }
  let middle = matrixPower(base, size, n)[(k - 1) * size + k - 1] ?? 0;
  for (let factor = 1; factor <= n; factor += 1) middle *= factor / n;
  return middle;
}

/** n is at most 140 here, so that neither the power nor n!/nⁿ leaves the range of a double. */
function matrixPower(base: Float64Array, size: number, exponent: number): Float64Array {
  if (exponent === 1) return base;
  const half = matrixPower(base, size, Math.floor(exponent / 2));
  const square = multiply(half, half, size);
  return exponent % 2 === 0 ? square : multiply(square, base, size);
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let inner = 0; inner < size; inner += 1) {
      const factor = a[row * size + inner] ?? 0;
      for (let column = 0; column < size; column += 1) {
        const at = row * size + column;
        product[at] = (product[at] ?? 0) + factor * (b[inner * size + column] ?? 0);
      }
    }
  }
  return product;
}

/** The series of Pelz and Good (1976): the limit and three corrections in powers of 1/√n; 1e-5 off where n is 141. */
function seriesBelow(n: number, d: number): number {
  const z = d * Math.sqrt(n);
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  let limit = 0;
  let first = 0;
  let second = 0;
  let third = 0;
  for (let k = 0; k < SERIES_TERMS; k += 1) {
    const odd = (Math.PI * (k + 0.5)) ** 2;
    // Terms of k and -k - 1 are the same.
    const oddWeight = 2 * Math.exp(-odd / (2 * z2));
    const even = (Math.PI * k) ** 2;
    const evenWeight = (k === 0 ? 1 : 2) * Math.exp(-even / (2 * z2));
    limit += oddWeight;
    first += oddWeight * (odd - z2);
    second += oddWeight * (6 * z6 + 2 * z4 + odd * (2 * z4 - 5 * z2) + odd * odd * (1 - 2 * z2));
    second -= evenWeight * 2 * z4 * even;
    const thirdOdd =
      odd ** 3 * (5 - 30 * z2) + odd ** 2 * (212 * z4 - 60 * z2) + odd * (135 * z4 - 96 * z6) - 30 * z6 - 90 * z4 * z4;
    third += oddWeight * thirdOdd + evenWeight * 30 * z4 * (3 * even * z2 - even * even);
  }
  const root = Math.sqrt(Math.PI / 2);
  const series =
    limit / z + first / (6 * z4 * Math.sqrt(n)) + second / (72 * z6 * z * n) + third / (6480 * z6 * z4 * n ** 1.5);
  return root * series;
}
