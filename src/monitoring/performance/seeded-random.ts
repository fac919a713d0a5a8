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
