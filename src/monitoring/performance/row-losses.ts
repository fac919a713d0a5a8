import type { AnsweredNumbers, ScoredLabels } from "./labelled-rows.ts";

/** (actual - prediction)^2 of each row, in squared units of the target. */
export function squaredErrors({ actual, predicted }: AnsweredNumbers): Float64Array {
  return actual.map((truth, row) => (truth - (predicted[row] ?? Number.NaN)) ** 2);
}

/** |actual - prediction| of each row, in units of the target. */
export function absoluteErrors({ actual, predicted }: AnsweredNumbers): Float64Array {
  return actual.map((truth, row) => Math.abs(truth - (predicted[row] ?? Number.NaN)));
}

/**
 * The log loss of each row: their mean is `log_loss`, clipped as there to [2^-52, 1 - 2^-52]. A class that the model does not know
 * stands for probability 0.
 */
export function logLosses({ actual, labels, probabilities }: Omit<ScoredLabels, "predicted">): Float64Array {
  const columns = new Map(labels.map((label, column) => [label, column]));
  const losses = new Float64Array(actual.length);
  for (let row = 0; row < actual.length; row++) {
    const column = columns.get(actual[row] ?? "");
    const probability = column === undefined ? 0 : (probabilities[row * labels.length + column] ?? 0);
    losses[row] = -Math.log(Math.min(Math.max(probability, Number.EPSILON), 1 - Number.EPSILON));
  }
  return losses;
}

/**
 * The Brier loss of each row, by the probability of `positive` in `scores`: their mean is `brier`. A class that the model does not know
 * is, as there, a third one of probability 0.
 */
export function brierLosses({ actual, labels }: ScoredLabels, positive: string, scores: Float64Array): Float64Array {
  const known = new Set(labels);
  return scores.map((score, row) => {
    const label = actual[row] ?? "";
    if (!known.has(label)) return (score ** 2 + (1 - score) ** 2 + 1) / 2;
    return (score - (label === positive ? 1 : 0)) ** 2;
  });
}
