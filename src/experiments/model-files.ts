import { AppError } from "../errors.ts";
import { sha256Hex } from "../lib/hash.ts";

/** Where the files of experiments lie in R2. Everything of one thing lies under one prefix, so that removal finds it all. */
export function modelPrefix(modelId: string): string {
  return `models/${modelId}/`;
}

export function versionPrefix(versionId: string): string {
  return `versions/${versionId}/`;
}

export function originalKey(modelId: string): string {
  return `models/${modelId}/original.onnx`;
}

/** The repaired, self-contained file that hosts load. */
export function servingKey(modelId: string): string {
  return `models/${modelId}/serving.onnx`;
}

export function externalKey(modelId: string, name: string): string {
  return `models/${modelId}/external/${name}`;
}

/** The distribution of the model's outputs on the reference rows. */
export function trialKey(modelId: string): string {
  return `models/${modelId}/trial.json`;
}

export function referenceKey(versionId: string): string {
  return `versions/${versionId}/reference.csv`;
}

export function holdoutKey(versionId: string): string {
  return `versions/${versionId}/holdout.csv`;
}

export function profileKey(versionId: string): string {
  return `versions/${versionId}/profile.json`;
}

/** The bytes of a model's served file; throws AppError `model_load` when they are gone or are not what was stored. */
export async function readVerified(store: R2Bucket, key: string, sha256: string): Promise<Uint8Array> {
  const object = await store.get(key);
  if (!object) throw new AppError("model_load", "The file of the model is missing from the store.");
  const bytes = new Uint8Array(await object.arrayBuffer());
  if ((await sha256Hex(bytes)) !== sha256) {
    throw new AppError("model_load", "The file of the model is not the one that was uploaded: its SHA-256 differs.");
  }
  return bytes;
}

/** Deletes every object under a prefix. Repeating is safe. */
export async function deleteFiles(store: R2Bucket, prefix: string): Promise<void> {
  for (;;) {
    const { objects, truncated } = await store.list({ prefix });
    if (objects.length > 0) await store.delete(objects.map((object) => object.key));
    if (!truncated) return;
  }
}
