import {
  answersName,
  calibratedName,
  countAnswers,
  countCalibrated,
  countPair,
  countSilence,
  shadowName,
  silenceName,
} from "../../windows/answer-counts.ts";
import { countsAt, type Window } from "../../windows/counts.ts";
import { countInvalid } from "../../windows/invalid-counts.ts";
import type { ColumnFold } from "../../windows/fold-column.ts";
import type { AnswerReference } from "../../windows/reference.ts";
import { addUsage } from "../../windows/usage-counts.ts";
import type { SegmentOutputs } from "./challenger-log.ts";
import type { Segment } from "./segment.ts";

/** How the records of a version are counted. */
export interface FoldPlan {
  features: { name: string; slots: number; fold: ColumnFold }[];
  main: { id: string; reference: AnswerReference | null };
  challenger: { id: string; reference: AnswerReference | null } | null;
  /** Up to which difference the numbers of both models agree; null: not known. */
  tolerance: number | null;
}

/** What the challenger said of rows that main answered. */
export type ShadowOutputs = Omit<SegmentOutputs, "segment">;

/** Counts rows and what the main model answered to them. */
export function countMain(
  plan: FoldPlan,
  { rows, main, calls, invalid }: Pick<Segment, "rows" | "main" | "calls" | "invalid">,
  window: Window,
): void {
  window.rows += rows.count;
  if (invalid) countInvalid(window.answers, rows.count, invalid);
  for (const { name, slots, fold } of plan.features) {
    const column = rows.columns.get(name);
    if (column) fold(column, countsAt(window.features, name, slots));
  }
  countAnswers(answersName("main", plan.main.id), plan.main.reference, main, window.answers);
  const calibration = plan.main.reference?.calibration;
  if (calibration) countCalibrated(calibratedName("main", plan.main.id), calibration, main, window.answers);
  addUsage(window.usage, "main", { calls, rows: rows.count });
}

/**
 * Counts what the challenger answered to rows beside what main did. Of `calls` with some rows that it did not answer, as many count as
 * may have one that it did.
 */
export function countChallenger(
  plan: FoldPlan,
  { main: answers, calls }: Pick<Segment, "main" | "calls">,
  outputs: ShadowOutputs,
  window: Window,
): void {
  const { main, challenger, tolerance } = plan;
  if (!challenger) return;
  const isOk = (row: number) => outputs.states[row] === "ok";
  countAnswers(answersName("challenger", challenger.id), challenger.reference, outputs, window.answers, isOk);
  countAnswers(shadowName(main.id, challenger.id), main.reference, outputs, window.answers, isOk);
  const calibration = challenger.reference?.calibration;
  if (calibration) {
    countCalibrated(calibratedName("challenger", challenger.id), calibration, outputs, window.answers, isOk);
  }
  countPair({ mainId: main.id, challengerId: challenger.id, tolerance }, answers, outputs, window.answers);
  const answered = outputs.states.filter((state) => state === "ok").length;
  const errors = outputs.states.filter((state) => state === "error").length;
  countSilence(silenceName(main.id, challenger.id), outputs.reasons, window.answers);
  addUsage(window.usage, "challenger", { calls: Math.min(calls, answered), errors, rows: answered });
}
