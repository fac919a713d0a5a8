import { keyedByText } from "../lib/keyed-by-text.ts";
import { buildTensors } from "./build-tensors.ts";
import { type Answers, readAnswers } from "./read-answers.ts";
import { type Rows, sliceRows } from "./rows.ts";
import type { Session } from "./runtime.ts";
import { plannedOutputs, type ServingPlan } from "./serving-plan.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Predicts all of `rows` (at least one): in one run, or in pieces where the model wants a fixed number of rows.
 * Synchronous. Throws AppError `model_run` when the model does not accept them, `model_memory` when it has no room for so many; then no
 * row is answered.
 */
export function predictRows(session: Session, plan: ServingPlan, rows: Rows): Answers {
  const size = plan.rowsAlone ? 1 : plan.batchRows;
  if (size === null) return predictPiece(session, plan, rows);
  const pieces: Answers[] = [];
  for (let from = 0; from < rows.count; from += size) {
    pieces.push(predictPiece(session, plan, sliceRows(rows, from, Math.min(rows.count, from + size))));
  }
  return joinAnswers(pieces);
}

function predictPiece(session: Session, plan: ServingPlan, rows: Rows): Answers {
  const { outputs, count } = runOnce(session, plan, rows);
  const answers = readAnswers(plan, outputs, count);
  return count === rows.count ? answers : sliceAnswers(answers, 0, rows.count);
}

/**
 * The outputs of one run over `rows`, and how many rows were in it: with a fixed batch the last row is repeated up to that. Throws as
 * `predictRows`.
 */
export function runOnce(
  session: Session,
  plan: ServingPlan,
  rows: Rows,
): { outputs: Map<string, Tensor>; count: number } {
  const names = plannedOutputs(plan);
  const tensors = session.run(buildTensors(plan, rows, plan.batchRows), names);
  const outputs = new Map(
    names.flatMap((name, index) => {
      const tensor = tensors[index];
      return tensor ? [[name, tensor] as const] : [];
    }),
  );
  return { outputs, count: plan.batchRows ?? rows.count };
}

/** Answers `from` to `to` (half-open). */
export function sliceAnswers(answers: Answers, from: number, to: number): Answers {
  const width = answers.classLabels?.length ?? 0;
  return {
    count: to - from,
    predictions: answers.predictions.slice(from, to),
    probabilities: answers.probabilities?.slice(from * width, to * width) ?? null,
    classLabels: answers.classLabels,
    extra: Object.fromEntries(Object.entries(answers.extra).map(([name, values]) => [name, values.slice(from, to)])),
  };
}

/** The answers of `pieces` one behind the other; all are of one model. */
export function joinAnswers(pieces: readonly Answers[]): Answers {
  const [first] = pieces;
  if (!first || pieces.length === 1)
    return first ?? { count: 0, predictions: [], probabilities: null, classLabels: null, extra: keyedByText() };
  return {
    count: pieces.reduce((sum, piece) => sum + piece.count, 0),
    predictions: pieces.flatMap((piece) => piece.predictions),
    probabilities: first.probabilities ? pieces.flatMap((piece) => piece.probabilities ?? []) : null,
    classLabels: first.classLabels,
    extra: Object.fromEntries(
      Object.keys(first.extra).map((name) => [name, pieces.flatMap((piece) => piece.extra[name] ?? [])]),
    ),
  };
}
