import { type Database, database } from "../db.ts";
import type { DeploymentRow } from "../deployments/find-deployment.ts";
import { type Call, callableDeployment } from "../inference/call/answer-predict.ts";
import { findServingSpec } from "../inference/spec/find-serving-spec.ts";
import { loadServingSpec } from "../inference/spec/load-serving-spec.ts";
import type { ServingSpec } from "../inference/spec/serving-spec.ts";
import { inputMetadata, outputMetadata, type TensorMetadata } from "./describe-model.ts";
import { findVersionNumber, type ModelPath, noVersion } from "./model-version.ts";

export interface ModelMetadata {
  name: string;
  /** Those that may be asked for: the current one. */
  versions: string[];
  platform: "onnxruntime_onnx";
  inputs: TensorMetadata[];
  outputs: TensorMetadata[];
}

/** What calls send and answers carry: of the current version, or of the one that the path names. It need not run. 401, 403 or 404. */
export async function modelMetadata(call: Call, path: ModelPath): Promise<ModelMetadata> {
  const deployment = await callableDeployment(call, path.name);
  const db = database(call.env);
  const current = String(deployment.currentVersion);
  const version = path.version ?? current;
  const number = version === current ? deployment.currentVersion : await findVersionNumber(db, deployment.id, version);
  const spec = number === null ? null : await specOf(db, deployment, number);
  if (!spec) throw noVersion(version, deployment.currentVersion);
  return {
    name: deployment.slug,
    versions: [current],
    platform: "onnxruntime_onnx",
    inputs: inputMetadata(spec),
    outputs: outputMetadata(spec),
  };
}

/** One that is being tried may yet be taken back, and its number given again: only what is current may be kept in memory. */
function specOf(db: Database, { id, currentVersion }: DeploymentRow, number: number): Promise<ServingSpec | null> {
  return (number === currentVersion ? findServingSpec : loadServingSpec)(db, id, number);
}
