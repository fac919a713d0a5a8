// Below this mean a binomial count is drawn exactly; above, the normal curve is off by less than a replicate can show.
const EXACT_MEAN_MAX = 30;

/** Numbers in [0, 1), always the same for a seed: so that the same rows give the same interval. Marsaglia's xorshift, 32 bits. */
export function seededRandom(seed: number): () => number {
  // Zero is the one state that xorshift never leaves; the multiplication spreads small seeds over all bits.
  // An array, since the engine would box a variable of 32 bits at each call: that is half of the time.
  const state = Uint32Array.of(Math.imul(seed + 1, 0x9e3779b1) || 1);
  return () => {
    let bits = state[0] ?? 1;
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    bits ^= bits << 5;
    state[0] = bits;
    return (bits >>> 0) / 2 ** 32;
  };
}

/** A draw of the standard normal distribution, by Box and Muller. */
export function normalDraw(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** How many of `trials` come true, each with `probability`: exact for small means, else by the rounded normal curve. */
export function binomialDraw(random: () => number, trials: number, probability: number): number {
  if (trials <= 0 || probability <= 0) return 0;
  if (probability >= 1) return trials;
  if (probability > 0.5) return trials - binomialDraw(random, trials, 1 - probability);
  const mean = trials * probability;
  if (mean < EXACT_MEAN_MAX) return smallBinomial(random, trials, probability);
  const drawn = Math.round(mean + Math.sqrt(mean * (1 - probability)) * normalDraw(random));
  return Math.min(Math.max(drawn, 0), trials);
}

/** By walking up the distribution function. */
function smallBinomial(random: () => number, trials: number, probability: number): number {
  const odds = probability / (1 - probability);
  let chance = (1 - probability) ** trials;
  let left = random();
  let count = 0;
  while (left >= chance && count < trials) {
    left -= chance;
    count++;
    chance *= (odds * (trials - count + 1)) / count;
  }
  return count;
}

/** A draw of the gamma distribution of this shape (above 0) and scale 1, by Marsaglia and Tsang (2000). */
export function gammaDraw(random: () => number, shape: number): number {
  if (shape < 1) return gammaDraw(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = normalDraw(random);
    const v = (1 + c * normal) ** 3;
    if (v > 0 && Math.log(1 - random()) < normal ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Draws `sum(counts)` rows anew, each from the cells by their shares: a multinomial draw, cell by cell. */
export function multinomialDraw(random: () => number, counts: readonly number[]): number[] {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  let toDraw = rows;
  let share = rows;
  return counts.map((count) => {
    const drawn = binomialDraw(random, toDraw, count / share);
    toDraw -= drawn;
    share -= count;
    return drawn;
  });
}

/** Draws indices in proportion to `weights`, each draw in constant time (Walker's alias method). One weight at least is above 0. */
export function weightedDraw(weights: ArrayLike<number>, random: () => number): () => number {
  const size = weights.length;
  let total = 0;
  for (let index = 0; index < size; index += 1) total += weights[index] ?? 0;
  const keep = Float64Array.from({ length: size }, (_, index) => ((weights[index] ?? 0) / total) * size);
  const alias = Int32Array.from({ length: size }, (_, index) => index);
  const small: number[] = [];
  const large: number[] = [];
  for (let index = 0; index < size; index += 1) ((keep[index] ?? 0) < 1 ? small : large).push(index);
  while (small.length > 0 && large.length > 0) {
    const low = small.pop() ?? 0;
    const high = large.pop() ?? 0;
    alias[low] = high;
    keep[high] = (keep[high] ?? 0) - (1 - (keep[low] ?? 0));
    ((keep[high] ?? 0) < 1 ? small : large).push(high);
  }
  // What is left is 1 but for rounding.
  for (const index of [...small, ...large]) keep[index] = 1;
  return () => {
    const place = random() * size;
    const index = Math.floor(place);
    return place - index < (keep[index] ?? 1) ? index : (alias[index] ?? index);
  };
}
