import { buildTensors } from "./build-tensors.ts";
import { type Answers, readAnswers } from "./read-answers.ts";
import { type Rows, sliceRows } from "./rows.ts";
import type { Session } from "./runtime.ts";
import { plannedOutputs, type ServingPlan } from "./serving-plan.ts";

/**
 * Predicts all of `rows` (at least one): in one run, or in pieces where the model wants a fixed number of rows.
 * Synchronous. Throws AppError `model_run` when the model does not accept them; then no row is answered.
 */
export function predictRows(session: Session, plan: ServingPlan, rows: Rows): Answers {
  const size = plan.batchRows;
  if (size === null) return predictPiece(session, plan, rows, null);
  const pieces: Answers[] = [];
  for (let from = 0; from < rows.count; from += size) {
    pieces.push(predictPiece(session, plan, sliceRows(rows, from, Math.min(rows.count, from + size)), size));
  }
  return joinAnswers(pieces);
}

function predictPiece(session: Session, plan: ServingPlan, rows: Rows, padTo: number | null): Answers {
  const names = plannedOutputs(plan);
  const tensors = session.run(buildTensors(plan, rows, padTo), names);
  const outputs = new Map(
    names.flatMap((name, index) => {
      const tensor = tensors[index];
      return tensor ? [[name, tensor] as const] : [];
    }),
  );
  const answers = readAnswers(plan, outputs, padTo ?? rows.count);
  return padTo === null || padTo === rows.count ? answers : sliceAnswers(answers, 0, rows.count);
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
    return first ?? { count: 0, predictions: [], probabilities: null, classLabels: null, extra: {} };
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
