/** What fell outside the bins of a histogram. */
export interface OutsideCounts {
  /** NaN: no value. */
  missing: number;
  below: number;
  above: number;
}

/**
 * The bin of `value` among ascending `edges`: bin i is [edges[i], edges[i + 1]), the last one holds its upper edge too.
 * -1 below the first edge, `edges.length - 1` (the number of bins) above the last. Throws RangeError for NaN.
 */
export function binIndex(edges: ArrayLike<number>, value: number): number {
  const last = edges.length - 1;
  const first = edges[0];
  const end = edges[last];
  if (first === undefined || end === undefined || last < 1)
    throw new RangeError("A histogram needs two edges or more.");
  if (Number.isNaN(value)) throw new RangeError("A missing value has no bin.");
  if (value < first) return -1;
  if (value >= end) return value === end ? last - 1 : last;
  let low = 0;
  let high = last;
  // Invariant: edges[low] <= value < edges[high].
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? end) <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** Adds each value to its bin in `counts` (one entry per bin) and says how many had none; repeating adds again. */
export function countInto(
  counts: number[] | Float64Array | Uint32Array,
  edges: ArrayLike<number>,
  values: ArrayLike<number>,
): OutsideCounts {
  const outside: OutsideCounts = { missing: 0, below: 0, above: 0 };
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) {
      outside.missing++;
      continue;
    }
    const bin = binIndex(edges, value);
    if (bin < 0) outside.below++;
    else if (bin >= edges.length - 1) outside.above++;
    else counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return outside;
}

/**
 * The q-quantile (0 <= q <= 1) of ascending values by linear interpolation between the two nearest ranks: the rule
 * `linear` of numpy, type 7 of Hyndman and Fan. NaN when there are no values.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const rank = (sorted.length - 1) * q;
  const lowRank = Math.floor(rank);
  const low = sorted[lowRank];
  const high = sorted[Math.ceil(rank)];
  if (low === undefined || high === undefined) return Number.NaN;
  const share = rank - lowRank;
  const span = high - low;
  if (share === 0 || span === 0) return low;
  if (!Number.isFinite(span)) return low * (1 - share) + high * share;
  // From the nearer end, so that the result never leaves [low, high] by rounding.
  return share < 0.5 ? low + span * share : high - span * (1 - share);
}
