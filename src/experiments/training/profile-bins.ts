import { placeInBin, placesPerUnit } from "../../lib/place-in-bin.ts";

/** The bins of a histogram: bin i is [edges[i], edges[i + 1]) with `counts[i]` values, the last one holds its upper edge. */
export interface Bins {
  edges: number[];
  counts: number[];
}

const EDGE_DIGITS_MAX = 17;
// Few enough digits that 0.1 + 0.2 is 0.3, enough for any step that a chart has.
const NICE_DIGITS = 12;
const NICE_STEPS = [1, 2, 2.5, 5, 10];

/**
 * At most `binsMax` bins of about equal count over ascending values, the outer edges being the smallest and the largest
 * value. A value never lies in two bins, so a frequent one fills a bin by itself and the others share the rest: there are
 * `binsMax` bins wherever there are as many distinct values, else one for each. Inner edges are the shortest decimals that
 * separate the two values beside them. A single value v has the bin from v to the next double. No values: no bins.
 */
export function quantileBins(sorted: Float64Array, binsMax: number): Bins {
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return { edges: [], counts: [] };
  if (first === last) {
    return { edges: [first, nextAbove(first)], counts: [sorted.length] };
  }
  let runsLeft = countRuns(sorted, Number.POSITIVE_INFINITY);
  let binsLeft = Math.min(binsMax, runsLeft);
  const edges = [first];
  const counts: number[] = [];
  let binStart = 0;
  let runStart = 0;
  while (binsLeft > 1) {
    const runEnd = endOfRun(sorted, runStart);
    runsLeft--;
    const want = (sorted.length - binStart) / binsLeft;
    // Cut before a run that would overshoot by more than cutting here falls short.
    const nextEnd = endOfRun(sorted, runEnd);
    const isNearest = want - (runEnd - binStart) <= nextEnd - binStart - want;
    if (isNearest || runsLeft < binsLeft) {
      counts.push(runEnd - binStart);
      edges.push(shortestBetween(sorted[runEnd - 1] ?? first, sorted[runEnd] ?? last, last));
      binStart = runEnd;
      binsLeft--;
    }
    runStart = runEnd;
  }
  // Neighbouring doubles leave no room for an edge between them.
  edges.push((edges.at(-1) ?? first) < last ? last : nextAbove(last));
  counts.push(sorted.length - binStart);
  return { edges, counts };
}

// A tail bin of fewer values than these is not cut again.
const TAIL_ROWS_MIN = 4;
// Wider bins hide where the values of a window lie, in standard deviations; and so many parts are enough for the widest.
const WIDTH_MAX = 0.25;
const PARTS_MAX = 8;

/**
 * `quantileBins`, fine enough for distances between values: where there are more values than bins, the outer bins are halved by their
 * counts towards the extremes, and a bin wider than a quarter of `std` is cut into up to eight even parts. So a long tail or a gap is no
 * single bin.
 */
export function distanceBins(sorted: Float64Array, binsMax: number, std: number | null): Bins {
  const { edges } = quantileBins(sorted, binsMax);
  if (countRuns(sorted, binsMax) <= binsMax) return { edges, counts: countSorted(sorted, edges) };
  const lower = tailEdges(sorted, edges[1] ?? 0, true);
  const upper = tailEdges(sorted, edges.at(-2) ?? 0, false);
  const fine = [...edges.slice(0, 1), ...lower, ...edges.slice(1, -1), ...upper, ...edges.slice(-1)];
  const cut = fine.flatMap((edge, index) => [edge, ...evenCuts(edge, fine[index + 1] ?? edge, std)]);
  return { edges: cut, counts: countSorted(sorted, cut) };
}

/** Edges in the outer bin that begins or ends at `border`: each leaves half of what is left outside of it. Ascending. */
function tailEdges(sorted: Float64Array, border: number, isLower: boolean): number[] {
  const last = sorted.at(-1) ?? border;
  const inner = firstNotBelow(sorted, border);
  let [from, to] = isLower ? [0, inner] : [inner, sorted.length];
  let [low, high] = isLower ? [sorted[0] ?? border, border] : [border, last];
  const edges: number[] = [];
  while (to - from >= TAIL_ROWS_MIN) {
    const middle = firstNotBelow(sorted, sorted[(from + to) >> 1] ?? border);
    const edge = shortestBetween(sorted[middle - 1] ?? low, sorted[middle] ?? high, last);
    if (middle <= from || !(edge > low && edge < high)) break;
    edges.push(edge);
    if (isLower) [to, high] = [middle, edge];
    else [from, low] = [middle, edge];
  }
  return isLower ? edges.reverse() : edges;
}

/** The index of the first of ascending values that is not below `value`. */
function firstNotBelow(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? value) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function evenCuts(from: number, to: number, std: number | null): number[] {
  const parts = Math.min(PARTS_MAX, Math.ceil((to - from) / (WIDTH_MAX * (std ?? Number.POSITIVE_INFINITY))));
  return parts > 1 ? evenEdges(from, to, parts).slice(1, -1) : [];
}

/** For each bin, the places of its values (see placeInBin) added up. */
export function sumsOfPlaces(sorted: Float64Array, { edges, counts }: Bins): number[] {
  let at = 0;
  return counts.map((count, bin) => {
    const from = edges[bin] ?? 0;
    const perUnit = placesPerUnit(from, edges[bin + 1] ?? from);
    let sum = 0;
    for (const end = at + count; at < end; at += 1) sum += placeInBin(sorted[at] ?? from, from, perUnit);
    return sum;
  });
}

/** The number of distinct values among ascending ones, counted up to `max` + 1. */
export function countRuns(sorted: Float64Array, max: number): number {
  let runs = sorted.length === 0 ? 0 : 1;
  for (let index = 1; index < sorted.length && runs <= max; index++) {
    if (sorted[index] !== sorted[index - 1]) runs++;
  }
  return runs;
}

/** The index behind the run of equal values that begins at `start`. */
export function endOfRun(sorted: Float64Array, start: number): number {
  let end = start + 1;
  while (end < sorted.length && sorted[end] === sorted[start]) end++;
  return end;
}

/**
 * About `binsAbout` bins (half as many up to twice as many) over ascending values, all of one width that a person would
 * choose: 1, 2, 2.5 or 5 times a power of ten. Integers have whole widths and never lie on the upper edge. Where doubles
 * are too coarse for that, the bins are even parts of the range. No values: no bins.
 */
export function niceBins(sorted: Float64Array, binsAbout: number, isInteger: boolean): Bins {
  const min = sorted[0];
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return { edges: [], counts: [] };
  const nice = niceEdges(min, max, binsAbout, isInteger);
  const edges = isAscending(nice) ? nice : evenEdges(min, max, binsAbout);
  return { edges, counts: countSorted(sorted, edges) };
}

function niceEdges(min: number, max: number, binsAbout: number, isInteger: boolean): number[] {
  const step = niceStep(max - min, max, binsAbout, isInteger);
  if (!(step > 0) || !Number.isFinite(step)) return [];
  const low = Math.floor(min / step);
  const high = isInteger || max === min ? Math.floor(max / step) + 1 : Math.ceil(max / step);
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high)) return [];
  const edges: number[] = [];
  for (let index = low; index <= high; index++) edges.push(Number((index * step).toPrecision(NICE_DIGITS)));
  // Rounding may leave the extremes outside, by less than a bin.
  edges[0] = Math.min(edges[0] ?? min, min);
  edges[edges.length - 1] = Math.max(edges.at(-1) ?? max, max);
  return edges;
}

function niceStep(range: number, max: number, binsAbout: number, isInteger: boolean): number {
  const rough = (range === 0 ? Math.max(Math.abs(max), 1) : range) / binsAbout;
  if (isInteger && rough <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const fits = (factor: number): boolean => factor * power >= rough && (!isInteger || Number.isInteger(factor * power));
  return (NICE_STEPS.find(fits) ?? 10) * power;
}

function evenEdges(min: number, max: number, parts: number): number[] {
  if (min === max) return [min, nextAbove(min)];
  const edges = [min];
  for (let part = 1; part < parts; part++) {
    const edge = min * (1 - part / parts) + max * (part / parts);
    if (edge > (edges.at(-1) ?? min) && edge < max) edges.push(edge);
  }
  return [...edges, max];
}

function isAscending(edges: number[]): boolean {
  return edges.length > 1 && edges.every((edge, index) => index === 0 || edge > (edges[index - 1] ?? edge));
}

/** A double just above `value`, at most two steps away. */
function nextAbove(value: number): number {
  return Math.min(value + Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE), Number.MAX_VALUE);
}

/** How many of ascending values lie in each bin, all of which they are within. */
function countSorted(sorted: Float64Array, edges: number[]): number[] {
  const counts: number[] = [];
  if (edges.length < 2) return counts;
  let from = 0;
  for (const edge of edges.slice(1, -1)) {
    let to = from;
    while (to < sorted.length && (sorted[to] ?? edge) < edge) to++;
    counts.push(to - from);
    from = to;
  }
  counts.push(sorted.length - from);
  return counts;
}

/** The decimal of fewest digits in (below, above], and below `last`; `above` where there is none. */
function shortestBetween(below: number, above: number, last: number): number {
  const middle = below / 2 + above / 2;
  for (let digits = 1; digits <= EDGE_DIGITS_MAX; digits++) {
    const short = Number(middle.toPrecision(digits));
    if (short > below && short <= above && short < last) return short;
  }
  return above;
}
