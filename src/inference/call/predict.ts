import { hidden } from "../../access/authorize.ts";
import type { Database } from "../../db.ts";
import { type DeploymentRow, findDeployment, forgetDeployment } from "../../deployments/find-deployment.ts";
import { AppError, invalid } from "../../errors.ts";
import { callHost, type HostCaller } from "./call-host.ts";
import { coerceRows, type SentRow, type Warning } from "../spec/coerce-rows.ts";
import { hostFor } from "../../deployments/reach-host.ts";
import { servingSpecOf } from "../spec/find-serving-spec.ts";
import type { HostAnswer } from "../spec/host-answer.ts";
import { predictionId, predictionIdStem } from "../records/prediction-id.ts";
import { answerAt, type StoredAnswer } from "../records/records.ts";
import type { ServingSpec } from "../spec/serving-spec.ts";

/** Switches that one call may live through before it is refused. */
const MOVES_MAX = 5;

/** One answer as callers read it. That a challenger exists, or what it said, is never in it. */
export interface PredictionJson extends StoredAnswer {
  prediction_id: string;
  version: number;
  model: { id: string; name: string };
  warnings: Warning[];
}

/**
 * The online path from the caller's rows to the answers: version, coercion, the host near the caller, the answers in order. That the
 * caller may predict has been settled. `pathOf` names a row in errors. Everything that is answered has been recorded.
 * Throws AppError: 404, 422, 503.
 */
export async function predict(
  call: HostCaller & { db: Database; request: Request },
  deployment: DeploymentRow,
  rows: readonly SentRow[],
  pathOf: (index: number) => string,
  movesLeft = MOVES_MAX,
): Promise<PredictionJson[]> {
  const spec = await servingSpecOf(call.db, deployment);
  const { rows: clean, warnings } = coerceRows(spec, rows, pathOf);
  const host = hostFor(call.env, call.request, deployment.id, spec.version);
  const answer = await callHost(call, host, clean);
  if (answer.kind === "refused") throw refusalOf(answer, pathOf);
  if (answer.kind === "moved") return predictAfterSwitch(call, deployment, rows, pathOf, movesLeft);
  const stem = predictionIdStem(host);
  return answer.answers.predictions.map((_, index) => predictionJson(spec, stem, answer, index, warnings[index] ?? []));
}

/** The same rows to the version that is current by now: its features may be others, so they are coerced again. */
async function predictAfterSwitch(
  call: HostCaller & { db: Database; request: Request },
  { id }: DeploymentRow,
  rows: readonly SentRow[],
  pathOf: (index: number) => string,
  movesLeft: number,
): Promise<PredictionJson[]> {
  forgetDeployment({ id });
  const present = await findDeployment(call.db, id);
  if (!present) throw hidden();
  if (movesLeft === 0)
    throw refusalOf({ kind: "refused", code: "not_running", message: "The deployment is being switched." }, pathOf);
  return predict(call, present, rows, pathOf, movesLeft - 1);
}

function refusalOf(
  { code, message, row }: Extract<HostAnswer, { kind: "refused" }>,
  pathOf: (index: number) => string,
): AppError {
  if (code === "not_running") return new AppError("not_running", message, { retryAfterSeconds: 5 });
  if (code !== "model_run" && code !== "model_memory") return new AppError(code, message);
  const [path, what, remedy] =
    row === undefined
      ? ["rows", "these rows together", "Send fewer at once"]
      : [pathOf(row), "this row", "Change its values"];
  const said = `the model could not predict ${what}: ${message.replace(/\.$/, "")}`;
  return invalid(path, `${path}: ${said}. ${remedy}; nothing was predicted.`, said);
}

function predictionJson(
  spec: ServingSpec,
  stem: string,
  answer: Extract<HostAnswer, { kind: "answered" }>,
  index: number,
  warnings: Warning[],
): PredictionJson {
  const stored = answerAt(answer.answers, index);
  const { [index * 2]: segment = 0, [index * 2 + 1]: position = 0 } = answer.places;
  return {
    prediction_id: predictionId(stem, segment, position),
    ...stored,
    version: spec.version,
    model: { id: spec.main.id, name: spec.main.name },
    warnings: isFinite(stored) ? warnings : [...warnings, NOT_FINITE],
  };
}

const NOT_FINITE: Warning = {
  feature: "",
  code: "not_finite",
  message: "the model's answer is not a finite number, so it is returned as null",
};

function isFinite({ prediction, probabilities, extra }: StoredAnswer): boolean {
  if (holdsNull(prediction)) return false;
  if (probabilities !== null && Object.values(probabilities).includes(null)) return false;
  return extra === undefined || !Object.values(extra).some(holdsNull);
}

function holdsNull(value: StoredAnswer["prediction"]): boolean {
  return Array.isArray(value) ? value.includes(null) : value === null;
}
