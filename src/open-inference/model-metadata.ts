import { type Database, database } from "../db.ts";
import type { DeploymentRow } from "../deployments/find-deployment.ts";
import { type Call, callableDeployment } from "../inference/answer-predict.ts";
import { findServingSpec } from "../inference/find-serving-spec.ts";
import { loadServingSpec } from "../inference/load-serving-spec.ts";
import type { ServingSpec } from "../inference/serving-spec.ts";
import { inputMetadata, outputMetadata, type TensorMetadata } from "./describe-model.ts";
import { type ModelPath, noVersion, versionNumbers } from "./model-version.ts";

export interface ModelMetadata {
  name: string;
  versions: string[];
  platform: "onnxruntime_onnx";
  inputs: TensorMetadata[];
  outputs: TensorMetadata[];
}

/** What calls send and answers carry: of the current version, or of the one that the path names. It need not run. 401, 403 or 404. */
export async function modelMetadata(call: Call, path: ModelPath): Promise<ModelMetadata> {
  const deployment = await callableDeployment(call, path.name);
  const db = database(call.env);
  const version = path.version ?? String(deployment.currentVersion);
  const numbers = await versionNumbers(db, deployment.id);
  const number = numbers.find((candidate) => String(candidate) === version);
  const spec = number === undefined ? null : await specOf(db, deployment, number);
  if (!spec) throw noVersion(version, deployment.currentVersion);
  return {
    name: deployment.slug,
    versions: numbers.map(String),
    platform: "onnxruntime_onnx",
    inputs: inputMetadata(spec),
    outputs: outputMetadata(spec),
  };
}

/** One that is being tried may yet be taken back, and its number given again: only what is current may be kept in memory. */
function specOf(db: Database, { id, currentVersion }: DeploymentRow, number: number): Promise<ServingSpec | null> {
  return (number === currentVersion ? findServingSpec : loadServingSpec)(db, id, number);
}
