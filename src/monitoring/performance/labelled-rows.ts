import type { Task } from "../../engine/serving-plan.ts";
import type { ModelRole } from "../../windows/answer-counts.ts";

/** Rows whose actual is known, column by column, in the order in which their labels arrived: that of the verdict. */
export type LabelledRows = LabelledNumbers | LabelledClasses;

/** Of a regression. */
export interface LabelledNumbers {
  task: "regression";
  /** When the row was predicted, UTC ms. */
  at: Float64Array;
  /** In units of the target, finite. */
  actual: Float64Array;
  main: NumberAnswers;
  /** Null: there is no challenger. */
  challenger: NumberAnswers | null;
}

/** Of every other task. */
export interface LabelledClasses {
  task: Exclude<Task, "regression">;
  at: Float64Array;
  actual: readonly string[];
  main: LabelAnswers;
  challenger: LabelAnswers | null;
}

export interface NumberAnswers {
  /** One a row; NaN where the model did not answer. */
  prediction: Float64Array;
}

export interface LabelAnswers {
  /** One a row; null where the model did not answer. */
  prediction: readonly (string | null)[];
  /** Row-major, `classLabels.length` a row, NaN where a row has none; null: the model gives none. */
  probabilities: Float64Array | null;
  /** In the order of the columns of `probabilities`; null: not known. */
  classLabels: readonly string[] | null;
}

/** The rows at `positions`, in that order. */
export function rowsAt(rows: LabelledRows, positions: readonly number[]): LabelledRows {
  return rows.task === "regression" ? numberRowsAt(rows, positions) : classRowsAt(rows, positions);
}

function numberRowsAt({ task, at, actual, main, challenger }: LabelledNumbers, positions: readonly number[]) {
  const pick = ({ prediction }: NumberAnswers): NumberAnswers => ({ prediction: numbersAt(prediction, positions) });
  return {
    task,
    at: numbersAt(at, positions),
    actual: numbersAt(actual, positions),
    main: pick(main),
    challenger: challenger && pick(challenger),
  };
}

function classRowsAt(
  { task, at, actual, main, challenger }: LabelledClasses,
  positions: readonly number[],
): LabelledClasses {
  const pick = ({ prediction, probabilities, classLabels }: LabelAnswers): LabelAnswers => ({
    prediction: positions.map((row) => prediction[row] ?? null),
    probabilities: probabilities && linesAt(probabilities, classLabels?.length ?? 0, positions),
    classLabels,
  });
  return {
    task,
    at: numbersAt(at, positions),
    actual: positions.map((row) => actual[row] ?? ""),
    main: pick(main),
    challenger: challenger && pick(challenger),
  };
}

/** Actuals and predictions of the rows that a model answered. */
export interface AnsweredNumbers {
  actual: Float64Array;
  predicted: Float64Array;
}

/** Null where there is no such model. */
export function answeredNumbers(rows: LabelledNumbers, role: ModelRole): AnsweredNumbers | null {
  const prediction = rows[role]?.prediction;
  if (!prediction) return null;
  const actual = rows.actual.filter((_, row) => Number.isFinite(prediction[row]));
  return { actual, predicted: prediction.filter(Number.isFinite) };
}

/** The rows that a model answered with a label. */
export interface AnsweredLabels {
  actual: readonly string[];
  predicted: readonly string[];
}

/** Null where there is no such model. */
export function answeredLabels(rows: LabelledClasses, role: ModelRole): AnsweredLabels | null {
  const prediction = rows[role]?.prediction;
  if (!prediction) return null;
  return {
    actual: rows.actual.filter((_, row) => (prediction[row] ?? null) !== null),
    predicted: prediction.filter((label) => label !== null),
  };
}

/** The rows that a model answered with a label and every probability. */
export interface ScoredLabels extends AnsweredLabels {
  labels: readonly string[];
  /** Row-major, `labels.length` a row, finite. */
  probabilities: Float64Array;
}

/** Null where there is no such model, or it gives no probabilities. */
export function scoredLabels(rows: LabelledClasses, role: ModelRole): ScoredLabels | null {
  const answers = rows[role];
  const labels = answers?.classLabels;
  if (!labels || labels.length === 0 || !answers.probabilities) return null;
  const scored = scoredPositions(answers, labels.length, rows.actual.length);
  const picked = scored.length === rows.actual.length ? rows : classRowsAt(rows, scored);
  const { prediction, probabilities } = picked[role] ?? answers;
  const predicted = prediction.filter((label) => label !== null);
  return { actual: picked.actual, predicted, labels, probabilities: probabilities ?? new Float64Array() };
}

/** Whether a model answered a row with a label and every probability. */
export function isScored({ prediction, probabilities }: LabelAnswers, width: number, row: number): boolean {
  if ((prediction[row] ?? null) === null || !probabilities) return false;
  for (let column = 0; column < width; column++) {
    if (!Number.isFinite(probabilities[row * width + column])) return false;
  }
  return true;
}

function scoredPositions(answers: LabelAnswers, width: number, count: number): number[] {
  const positions: number[] = [];
  for (let row = 0; row < count; row++) if (isScored(answers, width, row)) positions.push(row);
  return positions;
}

function numbersAt(values: Float64Array, positions: readonly number[]): Float64Array {
  return Float64Array.from(positions, (row) => values[row] ?? Number.NaN);
}

function linesAt(values: Float64Array, width: number, positions: readonly number[]): Float64Array {
  const lines = new Float64Array(positions.length * width);
  positions.forEach((row, index) => lines.set(values.subarray(row * width, (row + 1) * width), index * width));
  return lines;
}
