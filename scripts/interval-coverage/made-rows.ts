import { normalDraw } from "../../src/lib/seeded-random.ts";
import type { LabelledClasses, LabelledNumbers } from "../../src/monitoring/performance/labelled-rows.ts";

/** Rows of a regression, by how a prediction and the actual of a prediction are drawn. */
export function numberRows(
  count: number,
  predict: () => number,
  actualOf: (prediction: number) => number,
): LabelledNumbers {
  const prediction = new Float64Array(count).map(predict);
  return {
    task: "regression",
    at: new Float64Array(count),
    actual: prediction.map(actualOf),
    main: { prediction },
    challenger: null,
  };
}

export interface BinaryKind {
  /** The share of positive rows. */
  positives: number;
  /** How far the two classes lie apart, in standard deviations of either. */
  distance: number;
  /** The share of positive rows that look like negative ones. */
  hidden?: number;
}

/**
 * Rows of two normal classes. The model gives the true probability of the second class for its distance, and answers it where that is
 * at least the share of positives, or 0.5 if that is less.
 */
export function binaryRows(count: number, random: () => number, kind: BinaryKind): LabelledClasses {
  const { positives, distance, hidden = 0 } = kind;
  const threshold = Math.min(0.5, 5 * positives);
  const actual: string[] = [];
  const prediction: string[] = [];
  const probabilities = new Float64Array(2 * count);
  for (let row = 0; row < count; row++) {
    const isPositive = random() < positives;
    const isMoved = isPositive && random() >= hidden;
    const place = normalDraw(random) + (isMoved ? distance : 0);
    const odds = (positives / (1 - positives)) * Math.exp(distance * place - distance ** 2 / 2);
    const score = odds / (1 + odds);
    actual.push(isPositive ? "yes" : "no");
    prediction.push(score >= threshold ? "yes" : "no");
    probabilities[2 * row] = 1 - score;
    probabilities[2 * row + 1] = score;
  }
  return {
    task: "binary_classification",
    at: new Float64Array(count),
    actual,
    main: { prediction, probabilities, classLabels: ["no", "yes"] },
    challenger: null,
  };
}

/** Rows of many classes with these shares, of which a model sees each one standard normal variable that is 2 higher for the true class. */
export function manyClasses(count: number, random: () => number, shares: readonly number[]): LabelledClasses {
  const labels = shares.map((_, index) => `class ${index}`);
  const actual: string[] = [];
  const prediction: string[] = [];
  const probabilities = new Float64Array(count * labels.length);
  for (let row = 0; row < count; row++) {
    let left = random();
    let truth = 0;
    while (truth < shares.length - 1 && left >= (shares[truth] ?? 0)) {
      left -= shares[truth] ?? 0;
      truth++;
    }
    const weights = shares.map(
      (share, index) => share * Math.exp(2 * (normalDraw(random) + (index === truth ? 2 : 0))),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    weights.forEach((weight, index) => {
      probabilities[row * labels.length + index] = weight / sum;
    });
    actual.push(labels[truth] ?? "");
    prediction.push(labels[weights.indexOf(Math.max(...weights))] ?? "");
  }
  return {
    task: "multiclass_classification",
    at: new Float64Array(count),
    actual,
    main: { prediction, probabilities, classLabels: labels },
    challenger: null,
  };
}
