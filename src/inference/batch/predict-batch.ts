import { joinAnswers, predictRows } from "../../engine/predict-rows.ts";
import type { Answers } from "../../engine/read-answers.ts";
import { pickRows, type Rows, sliceRows } from "../../engine/rows.ts";
import type { Session } from "../../engine/runtime.ts";
import type { ModelRole } from "../../engine/sessions.ts";
import { type AppError, isAppError } from "../../errors.ts";
import { challengerRows, completeRows } from "../host/challenger-rows.ts";
import { noOutputs, place } from "../host/challenger-slices.ts";
import type { ShadowOutputs } from "../records/count-records.ts";
import type { ServedFeature, ServedModel, ServingSpec } from "../spec/serving-spec.ts";

export interface BatchModels {
  spec: ServingSpec;
  /** Loads a model when it is not loaded. Throws AppError where it cannot be. */
  session: (role: ModelRole) => Promise<Session>;
  /** Told of each run over rows, that took from one time to the other by the clock, ms. */
  noteRun: (role: ModelRole, rows: number, fromMs: number, toMs: number) => Promise<void>;
}

/** What both models said of some rows. */
export interface AnsweredBatch {
  /** The rows that main answered, as places among those that were asked for. */
  places: number[];
  rows: Rows;
  main: Answers;
  /** Of `rows`; null: there is no challenger. */
  challenger: ShadowOutputs | null;
  failures: RowFailure[];
}

/** A row that a model did not answer. */
export interface RowFailure {
  row: number;
  model: ModelRole;
  reason: string;
}

/**
 * Has both models answer rows. What the main model does not take together it is asked again in halves, so that only the culprits go
 * without. What the challenger does wrong is a state of its rows. Throws AppError where the main model cannot be loaded.
 */
export async function predictBatch(models: BatchModels, rows: Rows): Promise<AnsweredBatch> {
  const { main } = models.spec;
  await models.session("main");
  const said = await askEach((asked) => ask(models, "main", main, asked), rows);
  const answered = said.places.length === rows.count ? rows : pickRows(rows, said.places);
  const challenger = await shadow(models, answered);
  const failures = said.failures.map(({ row, reason }): RowFailure => ({ row, model: "main", reason }));
  challenger?.states.forEach((state, index) => {
    if (state === "ok") return;
    const reason = challenger.reasons[index] ?? state;
    failures.push({ row: said.places[index] ?? index, model: "challenger", reason });
  });
  return { places: said.places, rows: answered, main: said.answers, challenger, failures };
}

async function shadow(models: BatchModels, rows: Rows): Promise<ShadowOutputs | null> {
  const { features, challenger } = models.spec;
  if (!challenger) return null;
  const readers = features.filter(({ challengerTensors }: ServedFeature) => challengerTensors.length > 0);
  const outputs = noOutputs(rows.count, "skipped", "missing_features");
  const complete = completeRows(rows, readers);
  if (complete.length === 0) return outputs;
  const failed = (index: number, reason: string): void => {
    outputs.states[index] = "error";
    outputs.reasons[index] = reason;
  };
  try {
    await models.session("challenger");
  } catch (error) {
    if (!isAppError(error)) throw error;
    for (const index of complete) failed(index, error.message);
    return outputs;
  }
  const asked = challengerRows(rows, complete, readers);
  const said = await askEach((part) => ask(models, "challenger", challenger, part), asked);
  const indices = said.places.map((at) => complete[at] ?? at);
  place(outputs, indices, said.answers);
  for (const { row, reason } of said.failures) failed(complete[row] ?? row, reason);
  return outputs;
}

/** One run. A session that an earlier run has broken is made anew first. */
async function ask(models: BatchModels, role: ModelRole, { plan }: ServedModel, rows: Rows): Promise<Answers> {
  const session = await models.session(role);
  const fromMs = Date.now();
  const answers = predictRows(session, plan, rows);
  await models.noteRun(role, rows.count, fromMs, Date.now());
  return answers;
}

interface Said {
  /** Rows that were answered, ascending, and their answers in this order. */
  places: number[];
  answers: Answers;
  failures: { row: number; reason: string }[];
}

async function askEach(asking: (rows: Rows) => Promise<Answers>, rows: Rows): Promise<Said> {
  const pieces: Answers[] = [];
  const places: number[] = [];
  const failures: Said["failures"] = [];
  const askPart = async (from: number, to: number): Promise<void> => {
    if (from === to) return;
    try {
      const isWhole = from === 0 && to === rows.count;
      pieces.push(await asking(isWhole ? rows : sliceRows(rows, from, to)));
      for (let row = from; row < to; row += 1) places.push(row);
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (to - from === 1) {
        failures.push({ row: from, reason: reasonOf(error) });
        return;
      }
      const middle = (from + to) >>> 1;
      await askPart(from, middle);
      await askPart(middle, to);
    }
  };
  await askPart(0, rows.count);
  return { places, answers: joinAnswers(pieces), failures };
}

function reasonOf({ message }: Pick<AppError, "message">): string {
  return message.slice(0, 300);
}
