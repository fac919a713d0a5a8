// Lanczos' approximation with g = 7 and nine terms: 1e-15 relative for positive arguments.
const LANCZOS_G = 7;
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const STEPS_MAX = 100_000;
const TINY = 1e-300;

/** The natural logarithm of the gamma function, for x > 0; 1e-14 relative. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  let sum = LANCZOS[0] ?? 0;
  for (let term = 1; term < LANCZOS.length; term += 1) sum += (LANCZOS[term] ?? 0) / (z + term);
  const t = z + LANCZOS_G + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The regularized upper incomplete gamma function Q(a, x), for a > 0 and x >= 0: the chance of a gamma variable above x. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - (scale * lowerSeries(a, x)) / a : scale * upperFraction(a, x);
}

/** 1 + x/(a+1) + x²/((a+1)(a+2)) + ... */
function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let step = 1; step < STEPS_MAX && term > sum * Number.EPSILON; step += 1) {
    term *= x / (a + step);
    sum += term;
  }
  return sum;
}

/** The continued fraction of Q(a, x) by Lentz's method, which converges where x > a + 1. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let value = d;
  for (let step = 1; step < STEPS_MAX; step += 1) {
    const an = step * (a - step);
    b += 2;
    d = 1 / (an * d + b || TINY);
    c = b + an / c || TINY;
    value *= c * d;
    if (Math.abs(c * d - 1) < Number.EPSILON) break;
  }
  return value;
}

/** The chance that a chi-square variable of so many degrees of freedom (any number > 0) exceeds x. */
export function chiSquareAbove(x: number, degrees: number): number {
  return upperGamma(degrees / 2, x / 2);
}

/** The chance that a standard normal variable is further from zero than z, on either side. */
export function normalBeyond(z: number): number {
  return upperGamma(0.5, (z * z) / 2);
}

/** The z that a standard normal variable exceeds with this chance, 0 < chance < 0.5. */
export function normalAbove(chance: number): number {
  let low = 0;
  let high = 40;
  // Bisection to the last bits: it is asked for a handful of times.
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (normalBeyond(middle) / 2 > chance) low = middle;
    else high = middle;
  }
  return low;
}

/** The regularized incomplete beta function I_x(a, b), for a, b > 0 and 0 <= x <= 1: the chance of a beta variable up to x. */
export function lowerBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const scale = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast on this side of the mean only.
  return x < (a + 1) / (a + b + 2) ? (scale * betaFraction(x, a, b)) / a : 1 - (scale * betaFraction(1 - x, b, a)) / b;
}

/** The continued fraction of I_x(a, b) by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || TINY);
  let value = d;
  for (let step = 1; step < STEPS_MAX; step += 1) {
    const even = (step * (b - step) * x) / ((a + 2 * step - 1) * (a + 2 * step));
    d = 1 / (1 + even * d || TINY);
    c = 1 + even / c || TINY;
    value *= c * d;
    const odd = (-(a + step) * (a + b + step) * x) / ((a + 2 * step) * (a + 2 * step + 1));
    d = 1 / (1 + odd * d || TINY);
    c = 1 + odd / c || TINY;
    value *= c * d;
    if (Math.abs(c * d - 1) < Number.EPSILON) break;
  }
  return value;
}

/** The x up to which a beta variable lies with this chance, 0 < chance < 1. */
export function betaQuantile(chance: number, a: number, b: number): number {
  return bisect(0, 1, (x) => lowerBeta(x, a, b) < chance);
}

/** The t that a Student variable of so many degrees of freedom exceeds with this chance, 0 < chance < 0.5. */
export function studentAbove(chance: number, degrees: number): number {
  // The chance beyond +-t is I_x(degrees / 2, 1 / 2) at x = degrees / (degrees + t²).
  const x = betaQuantile(2 * chance, degrees / 2, 0.5);
  return Math.sqrt((degrees * (1 - x)) / x);
}

/** The place between `low` and `high` up to which `isBelow` holds, to the last bits. */
export function bisect(low: number, high: number, isBelow: (x: number) => boolean): number {
  let [from, to] = [low, high];
  for (let step = 0; step < 80; step += 1) {
    const middle = (from + to) / 2;
    if (isBelow(middle)) from = middle;
    else to = middle;
  }
  return from;
}
