/** Rows that a classifier answered with every probability. */
export interface ScoredRows {
  actual: readonly string[];
  labels: readonly string[];
  /** Row-major, `labels.length` a row, finite. */
  probabilities: ArrayLike<number>;
}

/** What a model was how sure of, row by row. */
export interface Confidences {
  /** 1 where that came true which the confidence is about, else 0. */
  outcomes: Uint8Array;
  /** Each 0..1. */
  confidences: Float64Array;
}

/**
 * With a `positive` label: its probability, and whether the actual is it. Without: the probability of the likeliest label (the first
 * of equally likely ones), and whether the actual is that. Null where `positive` is not among the labels.
 */
export function confidencesOf(rows: ScoredRows, positive: string | undefined): Confidences | null {
  if (positive === undefined) return likeliestOf(rows);
  const { actual, labels, probabilities } = rows;
  const column = labels.indexOf(positive);
  if (column < 0) return null;
  return {
    outcomes: Uint8Array.from(actual, (label) => (label === positive ? 1 : 0)),
    confidences: new Float64Array(actual.length).map((_, row) => probabilities[row * labels.length + column] ?? 0),
  };
}

function likeliestOf({ actual, labels, probabilities }: ScoredRows): Confidences {
  const width = labels.length;
  const outcomes = new Uint8Array(actual.length);
  const confidences = new Float64Array(actual.length);
  for (let row = 0; row < actual.length; row++) {
    let best = 0;
    for (let column = 1; column < width; column++) {
      if ((probabilities[row * width + column] ?? 0) > (probabilities[row * width + best] ?? 0)) best = column;
    }
    confidences[row] = probabilities[row * width + best] ?? 0;
    outcomes[row] = labels[best] === actual[row] ? 1 : 0;
  }
  return { outcomes, confidences };
}
