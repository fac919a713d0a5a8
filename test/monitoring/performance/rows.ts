import type { LabelledClasses, LabelledNumbers } from "../../../src/monitoring/performance/labelled-rows.ts";

/** Predictions whose squared errors differ by exactly `differences`: main's less those of the challenger. */
export function rowsThatDifferBy(differences: Float64Array): LabelledNumbers {
  return {
    task: "regression",
    at: new Float64Array(differences.length),
    actual: new Float64Array(differences.length),
    main: { prediction: differences.map((difference) => Math.sqrt(Math.max(difference, 0))) },
    challenger: { prediction: differences.map((difference) => Math.sqrt(Math.max(-difference, 0))) },
  };
}

/** Binary rows of classes "no" and "yes"; the label is said from a probability of 0.5 on. Null: the challenger did not answer. */
export function binaryRows(
  actual: readonly number[],
  main: readonly number[],
  challenger: readonly (number | null)[] | null = null,
): LabelledClasses {
  const answers = (scores: readonly (number | null)[]) => ({
    prediction: scores.map((score) => (score === null ? null : nameOf(score >= 0.5))),
    probabilities: Float64Array.from(scores.flatMap((score) => (score === null ? [NaN, NaN] : [1 - score, score]))),
    classLabels: ["no", "yes"],
  });
  return {
    task: "binary_classification",
    at: Float64Array.from(actual, (_, row) => row * 60_000),
    actual: actual.map((label) => nameOf(label === 1)),
    main: answers(main),
    challenger: challenger && answers(challenger),
  };
}

function nameOf(isPositive: boolean): string {
  return isPositive ? "yes" : "no";
}
