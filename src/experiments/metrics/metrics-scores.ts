/** Scores in falling order as steps of equal score. */
export interface Ranking {
  positives: number;
  negatives: number;
  steps: { positives: number; negatives: number }[];
}

/** Ranks rows by finite `scores`; `outcomes` are 1 for a positive row, else 0. Equal scores share a step. */
export function rankScores(outcomes: Uint8Array, scores: Float64Array): Ranking {
  const order = Uint32Array.from(scores, (_, row) => row).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const ranking: Ranking = { positives: 0, negatives: 0, steps: [] };
  let step = { positives: 0, negatives: 0 };
  let last: number | undefined;
  for (const row of order) {
    const score = scores[row];
    if (score !== last) {
      step = { positives: 0, negatives: 0 };
      ranking.steps.push(step);
      last = score;
    }
    const side = outcomes[row] === 1 ? "positives" : "negatives";
    step[side]++;
    ranking[side]++;
  }
  return ranking;
}

/** The chance that a positive row scores above a negative one, a tie counting half, 0..1; null if one of them is missing. */
export function rocAuc({ positives, negatives, steps }: Ranking): number | null {
  if (positives === 0 || negatives === 0) return null;
  let below = negatives;
  let wins = 0;
  for (const step of steps) {
    below -= step.negatives;
    wins += step.positives * (below + step.negatives / 2);
  }
  return wins / (positives * negatives);
}

/** Precision at each step weighted by the recall that it gains, without interpolation, 0..1; null without a positive row. */
export function averagePrecision({ positives, steps }: Ranking): number | null {
  if (positives === 0) return null;
  let found = 0;
  let seen = 0;
  let sum = 0;
  for (const step of steps) {
    found += step.positives;
    seen += step.positives + step.negatives;
    sum += step.positives * (found / seen);
  }
  return sum / positives;
}

/**
 * The mean of -ln(probability of the actual class), natural log, the probability clipped to [2^-52, 1 - 2^-52].
 * `truth` holds the column of the actual class; -1, a class without a column, stands for probability 0.
 * `probabilities` are row-major, `width` a row. Null for no rows.
 */
export function logLoss(truth: Int32Array, probabilities: Float64Array, width: number): number | null {
  if (truth.length === 0) return null;
  let sum = 0;
  truth.forEach((column, row) => {
    const probability = column < 0 ? 0 : (probabilities[row * width + column] ?? 0);
    sum -= Math.log(Math.min(Math.max(probability, Number.EPSILON), 1 - Number.EPSILON));
  });
  return sum / truth.length;
}

/**
 * The mean squared difference of `scores` (probability of the positive class) from `outcomes`, 0..1; null for no rows.
 * A row whose class is not `known` is a third class of probability 0: (p^2 + (1 - p)^2 + 1) / 2.
 */
export function brierScore(outcomes: Uint8Array, known: Uint8Array, scores: Float64Array): number | null {
  if (scores.length === 0) return null;
  let sum = 0;
  scores.forEach((score, row) => {
    sum += known[row] === 1 ? (score - (outcomes[row] ?? 0)) ** 2 : (score ** 2 + (1 - score) ** 2 + 1) / 2;
  });
  return sum / scores.length;
}
