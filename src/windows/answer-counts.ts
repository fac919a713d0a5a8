import type { Answers, OutputValue } from "../engine/read-answers.ts";
import type { Column } from "../engine/rows.ts";
import { type Calibration, scoreBin } from "../experiments/trial/learn-calibration.ts";
import { columnFold } from "./fold-column.ts";
import { countsAt, type Counts } from "./counts.ts";
import type { AnswerReference } from "./reference.ts";
import type { ReferenceColumn } from "./reference-column.ts";
import { emptyTally } from "./tally.ts";

/** The two models that answer: the one whose answers callers get, and the one in its shadow. */
export type ModelRole = "main" | "challenger";

/** Answers to rows, column by column. */
export type AnsweredRows = Omit<Answers, "count">;

/** The slots of what is counted of both models on the same rows. */
export const PAIR = {
  /** What became of the challenger's answers. */
  ok: 0,
  errors: 1,
  skipped: 2,
  /** Rows that both answered with something that compares, and those on which they say the same. */
  compared: 3,
  agreed: 4,
  /** Rows of which both have a score, and by how much the challenger's is higher or lower, added up. */
  scored: 5,
  higherBy: 6,
  lowerBy: 7,
} as const;
const PAIR_SLOTS = 8;

/** The slots of why the challenger was not asked. */
export const SILENCE = { missing_features: 0, too_slow: 1, suspended: 2 } as const;
const SILENCE_SLOTS = 3;

/** Counts are kept by model, so that those of different models are never added up. */
export function answersName(role: ModelRole, modelId: string): string {
  return `${role}:${modelId}`;
}

/** The challenger's answers, counted as main's are, so that one chart can show both. */
export function shadowName(mainId: string, challengerId: string): string {
  return `shadow:${mainId}:${challengerId}`;
}

/** The scores that a calibration is about: see countCalibrated. */
export function calibratedName(role: ModelRole, modelId: string): string {
  return `${role}.calibrated:${modelId}`;
}

/** The probabilities of a class, under the name of the answers that they belong to. */
export function scoreName(answers: string, label: string): string {
  return `${answers}.score:${label}`;
}

export function pairName(mainId: string, challengerId: string): string {
  return `pair:${mainId}:${challengerId}`;
}

export function silenceName(mainId: string, challengerId: string): string {
  return `silence:${mainId}:${challengerId}`;
}

/** Counts for which reasons the challenger was not asked. */
export function countSilence(name: string, reasons: readonly (string | null)[], into: Counts): void {
  for (const [reason, slot] of Object.entries(SILENCE)) {
    const rows = reasons.filter((one) => one === reason).length;
    if (rows === 0) continue;
    const counts = countsAt(into, name, SILENCE_SLOTS);
    counts[slot] = (counts[slot] ?? 0) + rows;
  }
}

/**
 * Counts answers and their probabilities under a name, by the bins of a reference; `answered` says which rows were answered (left out:
 * all).
 */
export function countAnswers(
  name: string,
  reference: AnswerReference | null,
  answers: AnsweredRows,
  into: Counts,
  answered?: (row: number) => boolean,
): void {
  if (!reference) return;
  const { column, scores } = reference;
  if (column) count(name, column, answerColumn(answers, column.binning.kind === "numbers", answered), into);
  for (const score of scores) {
    const values = scoreColumn(answers, score.label, answered);
    if (values) count(scoreName(name, score.label), score.column, values, into);
  }
}

function count(name: string, reference: ReferenceColumn, values: Column, into: Counts): void {
  columnFold(reference)(values, countsAt(into, name, emptyTally(reference.binning).length));
}

/** The probabilities of one class; null where the answers have none. */
function scoreColumn(
  { classLabels, probabilities, predictions }: AnsweredRows,
  label: string,
  answered?: (row: number) => boolean,
): Column | null {
  const place = classLabels?.indexOf(label) ?? -1;
  if (!classLabels || !probabilities || place < 0) return null;
  const width = classLabels.length;
  const numbers = new Float64Array(predictions.length);
  let rows = 0;
  for (let row = 0; row < predictions.length; row += 1) {
    if (answered && !answered(row)) continue;
    numbers[rows] = probabilities[row * width + place] ?? Number.NaN;
    rows += 1;
  }
  return { numbers: numbers.subarray(0, rows) };
}

/**
 * Counts rows by the bins of a calibration under a name: of two classes first those that were answered with the second, then the others;
 * of more classes all, then zeros. Rows without probabilities count nowhere.
 */
export function countCalibrated(
  name: string,
  { of, edges }: Calibration,
  answers: AnsweredRows,
  into: Counts,
  answered?: (row: number) => boolean,
): void {
  const bins = edges.length - 1;
  const counts = countsAt(into, name, 2 * bins);
  for (let row = 0; row < answers.predictions.length; row += 1) {
    if (answered && !answered(row)) continue;
    const label = of === "second_class" ? answers.classLabels?.[1] : answers.predictions[row];
    const score = label === null || label === undefined ? null : probabilityOf(answers, row, String(label));
    if (score === null) continue;
    const isOther = of === "second_class" && answers.predictions[row] !== label;
    const slot = scoreBin(edges, score) + (isOther ? bins : 0);
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
}

/**
 * Counts how the two answered the same rows. `tolerance`: up to which difference numbers agree; null: not known, then numbers agree when
 * they are equal.
 */
export function countPair(
  pair: { mainId: string; challengerId: string; tolerance: number | null },
  main: AnsweredRows,
  challenger: AnsweredRows & { states: readonly ("ok" | "error" | "skipped")[] },
  into: Counts,
): void {
  const counts = countsAt(into, pairName(pair.mainId, pair.challengerId), PAIR_SLOTS);
  const add = (slot: number, amount: number) => {
    counts[slot] = (counts[slot] ?? 0) + amount;
  };
  challenger.states.forEach((state, row) => {
    if (state !== "ok") {
      add(state === "error" ? PAIR.errors : PAIR.skipped, 1);
      return;
    }
    add(PAIR.ok, 1);
    const agreed = agree(main.predictions[row] ?? null, challenger.predictions[row] ?? null, pair.tolerance);
    if (agreed !== null) add(PAIR.compared, 1);
    if (agreed) add(PAIR.agreed, 1);
    const shift = scoreShift(main, challenger, row);
    if (shift === null) return;
    add(PAIR.scored, 1);
    add(shift > 0 ? PAIR.higherBy : PAIR.lowerBy, Math.abs(shift));
  });
}

/** Whether two answers say the same: labels that are equal, numbers no further apart than `tolerance`. Null where one says nothing. */
export function agree(main: OutputValue, challenger: OutputValue, tolerance: number | null): boolean | null {
  if (main === null || challenger === null) return null;
  if (typeof main === "number" && typeof challenger === "number")
    return Math.abs(main - challenger) <= (tolerance ?? 0);
  if (Array.isArray(main) && Array.isArray(challenger)) {
    return (
      main.length === challenger.length &&
      main.every((value, index) => agree(value, challenger[index] ?? null, tolerance) === true)
    );
  }
  return main === challenger;
}

/**
 * By how much the challenger's score is higher: its number; else its probability of the second class of two, or of the class that
 * main names. Null where the answer has no score.
 */
export function scoreShift(main: AnsweredRows, challenger: AnsweredRows, row: number): number | null {
  const one = main.predictions[row];
  const other = challenger.predictions[row];
  if (typeof one === "number" && typeof other === "number") return other - one;
  const labels = main.classLabels;
  const label = labels?.length === 2 ? labels[1] : one;
  if (typeof label !== "string") return null;
  const [before, after] = [probabilityOf(main, row, label), probabilityOf(challenger, row, label)];
  return before === null || after === null ? null : after - before;
}

/** The probability that answers give a label; null where they give none. */
export function probabilityOf({ classLabels, probabilities }: AnsweredRows, row: number, label: string): number | null {
  const place = classLabels?.indexOf(label) ?? -1;
  if (!classLabels || place < 0) return null;
  return probabilities?.[row * classLabels.length + place] ?? null;
}

/** The values that are compared with the reference: the number or anomaly score of each row, else its label. */
function answerColumn(answers: AnsweredRows, areNumbers: boolean, answered?: (row: number) => boolean): Column {
  const rows = answers.predictions.map((_, row) => row).filter((row) => answered?.(row) ?? true);
  if (!areNumbers) {
    return {
      texts: rows.map((row) => {
        const value = answers.predictions[row] ?? null;
        return value === null ? null : String(value);
      }),
    };
  }
  const scores = answers.extra["score"];
  return {
    numbers: Float64Array.from(rows, (row) => {
      const value = typeof answers.predictions[row] === "number" ? answers.predictions[row] : scores?.[row];
      return typeof value === "number" ? value : Number.NaN;
    }),
  };
}
