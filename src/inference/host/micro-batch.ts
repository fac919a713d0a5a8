import { joinAnswers, predictRows, sliceAnswers } from "../../engine/predict-rows.ts";
import type { Answers } from "../../engine/read-answers.ts";
import { type Rows, sliceRows } from "../../engine/rows.ts";
import type { Session } from "../../engine/runtime.ts";
import { AppError, isAppError } from "../../errors.ts";
import { findCulprit } from "./find-culprit.ts";
import type { HostAnswer } from "../spec/host-answer.ts";
import { joinInvalid, type PackedRows, unpackRows } from "../spec/packed-rows.ts";
import type { RecordedPiece, RecordLog } from "../records/record-log.ts";
import type { ServingSpec } from "../spec/serving-spec.ts";

/** A call that waits for its answer. */
export interface WaitingCall {
  rows: PackedRows;
  /** When it came to the Worker, UTC ms, by that one's clock. */
  startedAt: number;
  answer: (answer: HostAnswer) => void;
}

export interface BatchPorts {
  spec: ServingSpec;
  /** The main model, loaded anew where an earlier run stopped it. */
  session: () => Session | Promise<Session>;
  log: RecordLog;
  /** The most rows that are known to fit into the memory of a run; learnt here. */
  fit: { rows: number };
  now: () => number;
  /** Told of calls that were refused. */
  noteErrors: (calls: number) => void;
  /** Told how long answered calls took, one by one: what their records say. */
  noteLatencies: (latenciesMs: number[]) => void;
}

/**
 * Answers all `calls` by one run of the main model and one segment of records. When the model does not take the rows
 * together, each call is answered alone, so that only the one with the culprit is refused. What does not fit into its memory is run in
 * halves. Says how many rows were answered.
 */
export async function answerBatch(ports: BatchPorts, calls: readonly WaitingCall[]): Promise<number> {
  try {
    return await answerTogether(ports, calls);
  } catch (error) {
    if (!isAppError(error)) throw error;
    const [only] = calls;
    if (only && calls.length === 1) {
      only.answer(await refusal(ports, only, error));
      ports.noteErrors(1);
      return 0;
    }
    let rows = 0;
    for (const call of calls) rows += await answerBatch(ports, [call]);
    return rows;
  }
}

/** The refusal of a call that the model did not take by itself, with the row that is why. */
async function refusal(
  { spec, session }: BatchPorts,
  { rows }: WaitingCall,
  { code, message, details }: Pick<AppError, "code" | "message" | "details">,
): Promise<HostAnswer> {
  const row = rows.count === 1 ? 0 : rowOf({ details });
  if (row !== null) return { kind: "refused", code, message, row };
  const culprit = findCulprit(await session(), spec.main.plan, unpackRows(spec.features, [rows]));
  return culprit
    ? { kind: "refused", code, message: culprit.reason, row: culprit.row }
    : { kind: "refused", code, message };
}

async function answerTogether(ports: BatchPorts, calls: readonly WaitingCall[]): Promise<number> {
  const { spec, log, now, noteLatencies } = ports;
  const rows = unpackRows(
    spec.features,
    calls.map((call) => call.rows),
  );
  const answers = await predictFitting(ports, rows);
  if (answers.predictions.length !== rows.count) throw new AppError("model_run", "The model did not answer every row.");
  const at = now();
  // The clocks of two machines may differ by more than a call takes.
  const latencies = calls.map((call) => Math.max(0, at - call.startedAt));
  const latencyMs = calls.flatMap((call, index) =>
    Array.from({ length: call.rows.count }, () => latencies[index] ?? 0),
  );
  // Pieces of one batch are written without a pause between them, which makes them one commit.
  const invalid = joinInvalid(calls.map((call) => call.rows));
  const pieces = log.append(at, { rows, calls: calls.length, latencyMs, main: answers, ...(invalid && { invalid }) });
  noteLatencies(latencies);
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

/** The refusal of a row that needs more memory than there is, wherever among the rows it stands. */
function tooLargeAt(row: number, { code, message }: Pick<AppError, "code" | "message">): AppError {
  return new AppError(code, message, { extra: { row } });
}

function rowOf({ details }: Pick<AppError, "details">): number | null {
  const row = details.extra?.["row"];
  return typeof row === "number" ? row : null;
}

/** One run over the rows, or several where so many do not fit into the model's memory. */
async function predictFitting(ports: BatchPorts, rows: Rows): Promise<Answers> {
  const { fit, session, spec } = ports;
  if (rows.count > fit.rows) return joinAnswers(await inPieces(ports, rows));
  const loaded = session();
  try {
    return predictRows(loaded instanceof Promise ? await loaded : loaded, spec.main.plan, rows);
  } catch (error) {
    if (!isAppError(error) || error.code !== "model_memory" || rows.count === 1) throw error;
    fit.rows = rows.count >>> 1;
    return joinAnswers(await inPieces(ports, rows));
  }
}

async function inPieces(ports: BatchPorts, rows: Rows): Promise<Answers[]> {
  const pieces: Answers[] = [];
  // What fits may shrink from piece to piece.
  for (let from = 0; from < rows.count;) {
    const to = Math.min(rows.count, from + ports.fit.rows);
    try {
      pieces.push(await predictFitting(ports, sliceRows(rows, from, to)));
    } catch (error) {
      throw isAppError(error) && error.code === "model_memory" ? tooLargeAt(from + (rowOf(error) ?? 0), error) : error;
    }
    from = to;
  }
  return pieces;
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
