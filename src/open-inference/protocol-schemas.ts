import { z } from "zod";
import { DATATYPES } from "./datatype.ts";
import type { TensorMetadata } from "./describe-model.ts";
import type { InferResponse } from "./infer.ts";
import { inferRequest } from "./infer-request.ts";
import type { ModelMetadata } from "./model-metadata.ts";
import type { OutputTensor } from "./write-tensors.ts";

const parameters = z.object({ class_names: z.array(z.string()) }).exactOptional();
const datatype = z.enum(["BOOL", "FP64", "BYTES"]);

const tensorMetadata: z.ZodType<TensorMetadata> = z.object({
  name: z.string(),
  datatype,
  shape: z.array(z.int()).describe("-1: any number; in the first place, the number of rows"),
  parameters,
});

const outputTensor: z.ZodType<OutputTensor> = z.object({
  name: z.string(),
  datatype,
  shape: z.array(z.int()),
  parameters,
  data: z.array(z.union([z.number(), z.string(), z.boolean()]).nullable()).describe("In row-major order"),
});

const inferResponse: z.ZodType<InferResponse> = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().describe("As it was sent, or the id of the request"),
  parameters: z.object({
    prediction_ids: z.array(z.string()).describe("One for each row; send actuals with them"),
    warnings: z.array(z.object({ row: z.int(), feature: z.string(), code: z.string(), message: z.string() })),
  }),
  outputs: z.array(outputTensor),
});

const modelMetadata: z.ZodType<ModelMetadata> = z.object({
  name: z.string(),
  versions: z.array(z.string()).describe("Those that answer: the current one"),
  platform: z.literal("onnxruntime_onnx"),
  inputs: z.array(tensorMetadata).describe("One for each feature"),
  outputs: z.array(tensorMetadata),
});

/** What goes over the wire in the Open Inference Protocol, for documents. */
export const PROTOCOL_SCHEMAS = {
  ServerMetadata: z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) }),
  ServerLive: z.object({ live: z.boolean() }),
  ServerReady: z.object({ live: z.boolean(), ready: z.boolean() }),
  ModelMetadata: modelMetadata,
  ModelReady: z.object({ name: z.string(), ready: z.literal(true) }),
  ModelNotReady: z.object({ name: z.string(), ready: z.literal(false), error: z.string() }),
  InferRequest: inferRequest.describe(`Tensors of these datatypes: ${DATATYPES.join(", ")}`),
  InferResponse: inferResponse,
  InferError: z.object({ error: z.string() }),
};
