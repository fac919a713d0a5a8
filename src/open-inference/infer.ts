import { database } from "../db.ts";
import type { DeploymentRow } from "../deployments/find-deployment.ts";
import { parseInput } from "../endpoint.ts";
import { parseJson, readJsonText } from "../http.ts";
import type { Call } from "../inference/call/answer-predict.ts";
import { answerOnce } from "../inference/call/answer-once.ts";
import { findServingSpec } from "../inference/spec/find-serving-spec.ts";
import { predict, type PredictionJson } from "../inference/call/predict.ts";
import { servingSpecOf } from "../inference/spec/find-serving-spec.ts";
import { binaryRefusal, inferRequest } from "./infer-request.ts";
import { type ModelPath, notCurrent, requireCurrent } from "./model-version.ts";
import { readTensors } from "./read-tensors.ts";
import { type OutputTensor, wantedOutputs, writeTensors } from "./write-tensors.ts";

export interface InferResponse {
  model_name: string;
  model_version: string;
  id: string;
  parameters: { prediction_ids: string[]; warnings: { row: number; feature: string; code: string; message: string }[] };
  outputs: OutputTensor[];
}

/**
 * POST …/infer: predicts the rows that the tensors hold, as `predict` does, recorded and within its limits, and gives the JSON text of
 * the answer. `requestId` stands for an id that the caller did not send. An Idempotency-Key counts as it does for predict.
 * Throws AppError: 400, 401, 403, 404, 409, 413, 415, 422, 503.
 */
export async function infer(call: Call, path: ModelPath, requestId: string): Promise<string> {
  const { env, request } = call;
  // The right comes before the body: who may not call learns nothing about what a body should be.
  const deployment = await requireCurrent(call, path);
  if (request.headers.has("inference-header-content-length")) throw binaryRefusal();
  const text = await readJsonText(request);
  const key = request.headers.get("idempotency-key");
  const answer = async (): Promise<string> =>
    JSON.stringify(await inferText(call, deployment, path.version, text, requestId));
  return key === null ? answer() : answerOnce(env, deployment.id, key, text, answer);
}

async function inferText(
  { env, request, background }: Call,
  deployment: DeploymentRow,
  version: string | undefined,
  text: string,
  requestId: string,
): Promise<InferResponse> {
  const body = parseInput(inferRequest, parseJson(text));
  const db = database(env);
  const spec = await servingSpecOf(db, deployment);
  const wanted = wantedOutputs(spec, body.outputs);
  const rows = readTensors(spec, body.inputs);
  const answers = await predict({ env, background, db, request }, deployment, rows, (index) => `rows[${index}]`);
  // A switch may have come between: then another version has answered.
  const answered = answers[0]?.version ?? spec.version;
  if (version !== undefined && version !== String(answered)) throw notCurrent(version, answered);
  const answering = answered === spec.version ? spec : await findServingSpec(db, deployment.id, answered);
  return {
    model_name: deployment.slug,
    model_version: String(answered),
    id: body.id ?? requestId,
    parameters: {
      prediction_ids: answers.map(({ prediction_id }) => prediction_id),
      warnings: answers.flatMap(warningsOf),
    },
    outputs: writeTensors(answering ?? spec, answers, wanted),
  };
}

function warningsOf({ warnings }: PredictionJson, row: number): InferResponse["parameters"]["warnings"] {
  return warnings.map((warning) => ({ row, ...warning }));
}
