import { followSequence, sequenceHalfWidth } from "./confidence-sequence.ts";
import type { SequenceState } from "./confidence-sequence.ts";
import type { Interval } from "./intervals.ts";
import { isScored } from "./labelled-rows.ts";
import type { LabelAnswers, LabelledClasses, LabelledNumbers, LabelledRows } from "./labelled-rows.ts";
import { logLosses } from "./row-losses.ts";

// Beyond this nobody waits; it also bounds the search.
const ROWS_NEEDED_MAX = 10_000_000;

export interface Verdict {
  state: "challenger_better" | "challenger_worse" | "undecided";
  /** What both were measured by: mean squared error (squared units of the target), mean log loss, or share of wrong labels. */
  metric: "mse" | "log_loss" | "error_rate";
  /**
   * The metric of main minus that of the challenger, over all pairs: above 0 the challenger is better. Null for no pairs.
   */
  difference: number | null;
  /**
   * Of the difference, and valid whenever one looks; the state is nothing but whether it leaves out 0. Null for fewer than 30 pairs, and
   * for fewer than 10 on which the losses differ.
   */
  interval: Interval | null;
  /** Pairs: labelled rows that both models answered. */
  n: number;
  /** Pairs on which the losses differ. */
  differing: number;
  /**
   * How many pairs more would settle it, should difference and spread stay as they are; null when settled, not to be said, or over 10
   * million.
   */
  rows_needed: number | null;
  /** After how many pairs the first verdict fell; null while there was none. It tells of a verdict that was withdrawn, too. */
  decided_at: number | null;
}

/**
 * Which model is better, by paired losses on the same rows in the order in which labels arrived: squared error (regression), log loss
 * (both models give probabilities; rows without are left out), else whether the label is wrong. `rows` are of one pair of models.
 *
 * The interval is of a 95 % asymptotic confidence sequence, valid however often one looks: with no real difference, at most about 5 of
 * 100 deployments ever see a verdict. It is about the average difference over all pairs, so a verdict may be withdrawn if the
 * difference changes. Undecided, without numbers, where a loss is beyond float64.
 */
export function verdict(rows: LabelledRows): Verdict {
  const { metric, differences } =
    rows.task === "regression"
      ? { metric: "mse" as const, differences: squaredErrorDifferences(rows) }
      : labelDifferences(rows);
  const sequence = followSequence(differences);
  const { n, differing, mean, deviation, decidedAt } = sequence;
  const finite = Number.isFinite(mean) && Number.isFinite(deviation);
  const interval = finite ? sequence.interval : null;
  const state = stateOf(interval);
  return {
    state,
    metric,
    difference: finite ? mean : null,
    interval,
    n,
    differing,
    rows_needed: state === "undecided" && finite ? rowsNeeded(sequence) : null,
    decided_at: decidedAt,
  };
}

function stateOf(interval: Interval | null): Verdict["state"] {
  if (!interval) return "undecided";
  if (interval[0] > 0) return "challenger_better";
  return interval[1] < 0 ? "challenger_worse" : "undecided";
}

function rowsNeeded({ n, mean, deviation, interval }: SequenceState): number | null {
  if (!interval || mean === 0) return null;
  const settles = (rows: number) => sequenceHalfWidth(rows) * deviation < Math.abs(mean);
  let open = n;
  let settled = n + ROWS_NEEDED_MAX;
  if (!settles(settled)) return null;
  // Invariant: `open` rows do not settle it, `settled` rows do.
  while (settled - open > 1) {
    const middle = Math.floor((open + settled) / 2);
    if (settles(middle)) settled = middle;
    else open = middle;
  }
  return settled - n;
}

function squaredErrorDifferences({ actual, main, challenger }: LabelledNumbers): Float64Array {
  if (!challenger) return new Float64Array();
  const differences = actual.map((truth, row) => {
    const [one, other] = [main.prediction[row] ?? Number.NaN, challenger.prediction[row] ?? Number.NaN];
    return Number.isFinite(one) && Number.isFinite(other) ? (truth - one) ** 2 - (truth - other) ** 2 : Number.NaN;
  });
  const answered = (row: number) =>
    Number.isFinite(main.prediction[row]) && Number.isFinite(challenger.prediction[row]);
  return differences.filter((_, row) => answered(row));
}

function labelDifferences(rows: LabelledClasses): { metric: "log_loss" | "error_rate"; differences: Float64Array } {
  const { actual, main, challenger } = rows;
  if (!challenger) return { metric: "error_rate", differences: new Float64Array() };
  const [one, other] = [lossesOf(actual, main), lossesOf(actual, challenger)];
  if (rows.task !== "anomaly_detection" && one && other) {
    const [mainWidth, otherWidth] = [main.classLabels?.length ?? 0, challenger.classLabels?.length ?? 0];
    const paired = (row: number) => isScored(main, mainWidth, row) && isScored(challenger, otherWidth, row);
    const differences = one.map((loss, row) => loss - (other[row] ?? Number.NaN));
    return { metric: "log_loss", differences: differences.filter((_, row) => paired(row)) };
  }
  const wrong = ({ prediction }: LabelAnswers, row: number) => (prediction[row] === actual[row] ? 0 : 1);
  const answered = (row: number) =>
    (main.prediction[row] ?? null) !== null && (challenger.prediction[row] ?? null) !== null;
  const differences = Float64Array.from(actual, (_, row) => wrong(main, row) - wrong(challenger, row));
  return { metric: "error_rate", differences: differences.filter((_, row) => answered(row)) };
}

function lossesOf(actual: readonly string[], { classLabels, probabilities }: LabelAnswers): Float64Array | null {
  if (!classLabels || classLabels.length === 0 || !probabilities) return null;
  return logLosses({ actual, labels: classLabels, probabilities });
}
