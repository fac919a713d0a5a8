/** Numbers in [0, 1), the same ones for the same seed (mulberry32): for simulations whose result must not change between looks. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
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
