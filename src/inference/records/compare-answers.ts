import type { OutputValue } from "../../engine/read-answers.ts";
import { countInto } from "../../lib/histogram.ts";
import type { StoredAnswer } from "./records.ts";

/** How far apart two answers to one row are. */
export interface Difference {
  /** Another label, or numbers further apart than the tolerance. */
  changed: boolean;
  /**
   * Numbers: the absolute difference, the largest of several. Labels: the total variation distance of the probabilities, 0 to 1; without
   * probabilities 1 for another label.
   */
  distance: number;
}

/** Compares what two models say to one row. `tolerance` is the absolute difference up to which numbers count as the same. */
export function compareAnswers(current: StoredAnswer, candidate: StoredAnswer, tolerance: number): Difference {
  const numbers = [numbersOf(current.prediction), numbersOf(candidate.prediction)] as const;
  if (numbers[0] && numbers[1]) {
    const distance = largestGap(numbers[0], numbers[1]);
    return { changed: distance > tolerance, distance };
  }
  const changed = JSON.stringify(current.prediction) !== JSON.stringify(candidate.prediction);
  const variation = totalVariation(current.probabilities, candidate.probabilities);
  return { changed, distance: variation ?? (changed ? 1 : 0) };
}

/** The numbers of a prediction; null when it is a label, or not finite. */
export function numbersOf(prediction: OutputValue): number[] | null {
  const values = Array.isArray(prediction) ? prediction : [prediction];
  const numbers = values.filter((value) => typeof value === "number");
  return numbers.length === values.length && values.length > 0 ? numbers : null;
}

function largestGap(current: readonly number[], candidate: readonly number[]): number {
  const length = Math.max(current.length, candidate.length);
  let largest = 0;
  for (let index = 0; index < length; index += 1) {
    const [one, other] = [current[index], candidate[index]];
    // Another number of outputs is as different as can be.
    if (one === undefined || other === undefined) return Number.MAX_VALUE;
    largest = Math.max(largest, Math.abs(one - other));
  }
  return largest;
}

/** Half the sum of the absolute differences: the largest difference of probability that any set of labels can have. */
function totalVariation(
  current: StoredAnswer["probabilities"],
  candidate: StoredAnswer["probabilities"],
): number | null {
  if (!current || !candidate) return null;
  const labels = new Set([...Object.keys(current), ...Object.keys(candidate)]);
  let sum = 0;
  for (const label of labels) sum += Math.abs((current[label] ?? 0) - (candidate[label] ?? 0));
  return sum / 2;
}

/** How the answers of both are distributed: bins of equal width over what both say, or counts of labels by falling sum. */
export type AnswerDistribution =
  | { kind: "numeric"; edges: number[]; current: number[]; candidate: number[] }
  | { kind: "categorical"; labels: string[]; current: number[]; candidate: number[] };

const BINS = 20;

/** The distribution of both sides; of several numbers a row, of the first. */
export function distributionOf(current: readonly OutputValue[], candidate: readonly OutputValue[]): AnswerDistribution {
  const numeric = [current, candidate].map((side) => side.map((value) => numbersOf(value)?.[0]));
  const known = numeric.flat().filter((value) => value !== undefined);
  if (known.length > 0) {
    const edges = equalEdges(Math.min(...known), Math.max(...known));
    const [one = [], other = []] = numeric.map((side) => {
      const counts = Array.from({ length: BINS }, () => 0);
      countInto(
        counts,
        edges,
        side.map((value) => value ?? Number.NaN),
      );
      return counts;
    });
    return { kind: "numeric", edges, current: one, candidate: other };
  }
  const counts = new Map<string, [number, number]>();
  [current, candidate].forEach((side, index) => {
    for (const value of side) {
      const label = String(value);
      const pair = counts.get(label) ?? [0, 0];
      pair[index] = (pair[index] ?? 0) + 1;
      counts.set(label, pair);
    }
  });
  const sorted = [...counts].sort(([, one], [, other]) => other[0] + other[1] - one[0] - one[1]);
  return {
    kind: "categorical",
    labels: sorted.map(([label]) => label),
    current: sorted.map(([, pair]) => pair[0]),
    candidate: sorted.map(([, pair]) => pair[1]),
  };
}

/** Edges of bins from `low` to `high`; one value alone stands in the middle of a range of its own. */
function equalEdges(low: number, high: number): number[] {
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  return Array.from({ length: BINS + 1 }, (_, index) => (index === BINS ? to : from + ((to - from) * index) / BINS));
}
