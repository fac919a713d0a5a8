import { predictRows, sliceAnswers } from "../../engine/predict-rows.ts";
import type { Answers } from "../../engine/read-answers.ts";
import type { Session } from "../../engine/runtime.ts";
import { AppError, isAppError } from "../../errors.ts";
import { findCulprit } from "./find-culprit.ts";
import type { HostAnswer } from "../spec/host-answer.ts";
import { type PackedRows, unpackRows } from "../spec/packed-rows.ts";
import type { RecordedPiece, RecordLog } from "../records/record-log.ts";
import type { ServingSpec } from "../spec/serving-spec.ts";

/** A call that waits for its answer. */
export interface WaitingCall {
  rows: PackedRows;
  arrivedAt: number;
  answer: (answer: HostAnswer) => void;
}

export interface BatchPorts {
  spec: ServingSpec;
  session: Session;
  log: RecordLog;
  now: () => number;
  /** Told of calls that were refused. */
  noteErrors: (calls: number) => void;
}

/**
 * Answers all `calls` by one run of the main model and one segment of records. When the model does not take the rows
 * together, each call is answered alone, so that only the one with the culprit is refused. Says how many rows were answered.
 */
export function answerBatch(ports: BatchPorts, calls: readonly WaitingCall[]): number {
  try {
    return answerTogether(ports, calls);
  } catch (error) {
    if (!isAppError(error)) throw error;
    const [only] = calls;
    if (!only || calls.length > 1) return calls.reduce((rows, call) => rows + answerBatch(ports, [call]), 0);
    only.answer(refusal(ports, only, error));
    ports.noteErrors(1);
    return 0;
  }
}

/** The refusal of a call that the model did not take by itself, with the row that is why. */
function refusal(
  { spec, session }: BatchPorts,
  { rows }: WaitingCall,
  { code, message }: Pick<AppError, "code" | "message">,
): HostAnswer {
  if (rows.count === 1) return { kind: "refused", code, message, row: 0 };
  const culprit = findCulprit(session, spec.main.plan, unpackRows(spec.features, [rows]));
  return culprit
    ? { kind: "refused", code, message: culprit.reason, row: culprit.row }
    : { kind: "refused", code, message };
}

function answerTogether({ spec, session, log, now }: BatchPorts, calls: readonly WaitingCall[]): number {
  const rows = unpackRows(
    spec.features,
    calls.map((call) => call.rows),
  );
  const answers = predictRows(session, spec.main.plan, rows);
  if (answers.predictions.length !== rows.count) throw new AppError("model_run", "The model did not answer every row.");
  const at = now();
  const latencyMs = calls.flatMap((call) => Array.from({ length: call.rows.count }, () => at - call.arrivedAt));
  // Pieces of one batch are written without a pause between them, which makes them one commit.
  const pieces = log.append(at, { rows, calls: calls.length, latencyMs, main: answers });
  let from = 0;
  for (const call of calls) {
    const to = from + call.rows.count;
    call.answer({
      kind: "answered",
      answers: partOf(answers, from, to, calls.length),
      places: placesOf(pieces, from, to),
    });
    from = to;
  }
  return rows.count;
}

function partOf(answers: Answers, from: number, to: number, callCount: number): Answers {
  return callCount === 1 ? answers : sliceAnswers(answers, from, to);
}

/** Segment and index of rows `from` to `to` of the batch, one pair after the other. */
function placesOf(pieces: readonly RecordedPiece[], from: number, to: number): number[] {
  const places: number[] = [];
  let start = 0;
  for (const piece of pieces) {
    for (let row = Math.max(from, start); row < Math.min(to, start + piece.rows); row += 1) {
      places.push(piece.segment, row - start);
    }
    start += piece.rows;
  }
  return places;
}

/** Answers all `calls` that they cannot be answered; what is no refusal of ours is a bug, and is logged. */
export function refuseCalls(calls: readonly WaitingCall[], error: unknown): void {
  if (!isAppError(error)) console.error("a batch was not answered", error);
  const message = isAppError(error) ? error.message : "The deployment cannot answer now. Try again in a moment.";
  const code = isAppError(error) && error.code === "not_found" ? "not_found" : "not_running";
  for (const call of calls) call.answer({ kind: "refused", code, message });
}
