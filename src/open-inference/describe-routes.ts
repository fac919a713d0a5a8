import { z } from "zod";
import { type Api, OPTIONAL_CREDENTIAL } from "../endpoint.ts";
import { idempotencyHeaders } from "../inference/api-schemas.ts";
import { PROTOCOL_SCHEMAS } from "./protocol-schemas.ts";

type Schema = keyof typeof PROTOCOL_SCHEMAS;

/** A call of the Open Inference Protocol that is about one model. */
export interface ModelCall {
  method: "get" | "post";
  /** What follows the path of the model, or of its version. */
  rest: "" | "/ready" | "/infer";
  operationId: string;
  summary: string;
  description: string;
  answer: Schema;
  body?: Schema;
}

/** Each of them has a path with a version too. */
export const MODEL_CALLS: readonly ModelCall[] = [
  {
    method: "get",
    rest: "",
    operationId: "model_metadata",
    summary: "The tensors that a call sends and an answer carries",
    description:
      "A deployment is a model: its features are the input tensors. Versions before the current one are described as well.",
    answer: "ModelMetadata",
  },
  {
    method: "get",
    rest: "/ready",
    operationId: "model_ready",
    summary: "Whether the model is ready",
    description: "Only the current version can be ready.",
    answer: "ModelReady",
  },
  {
    method: "post",
    rest: "/infer",
    operationId: "infer",
    summary: "Predict the rows in the tensors",
    description:
      "Works like predict: recorded, with the same limits. Every feature is required, with null for a missing value. Tensors are JSON: the binary extension is not supported. Only the current version answers; another version is a 409.",
    answer: "InferResponse",
    body: "InferRequest",
  },
];

const TAG = "Open Inference Protocol";
const byName = z.object({ name: z.string().describe("Slug or id of the deployment") });
const byVersion = byName.extend({ version: z.string().describe("Number of a version") });

/** Puts the routes of `openInference` into the document of the API. */
export function describeOpenInference({ registry }: Api): void {
  const server = { method: "get" as const, tags: [TAG], security: [] };
  registry.registerPath({
    ...server,
    path: "/v2",
    operationId: "server_metadata",
    summary: "Server metadata",
    responses: { 200: answer("Name and version", "ServerMetadata") },
  });
  registry.registerPath({
    ...server,
    path: "/v2/health/live",
    operationId: "server_live",
    summary: "Liveness of the server",
    responses: { 200: answer("It is", "ServerLive") },
  });
  registry.registerPath({
    ...server,
    path: "/v2/health/ready",
    operationId: "server_ready",
    summary: "Readiness of the server",
    responses: { 200: answer("It does", "ServerReady") },
  });
  for (const call of MODEL_CALLS) {
    describeModelCall(registry, call, "/v2/models/{name}", byName, call.operationId);
    describeModelCall(
      registry,
      call,
      "/v2/models/{name}/versions/{version}",
      byVersion,
      `${call.operationId}_of_version`,
    );
  }
}

function describeModelCall(
  registry: Api["registry"],
  { method, rest, summary, description, answer: answered, body }: ModelCall,
  path: string,
  params: z.ZodObject,
  operationId: string,
): void {
  registry.registerPath({
    method,
    path: path + rest,
    operationId,
    tags: [TAG],
    security: OPTIONAL_CREDENTIAL,
    summary,
    description,
    request: {
      params,
      ...(body && {
        headers: idempotencyHeaders,
        body: { required: true, content: { "application/json": { schema: PROTOCOL_SCHEMAS[body] } } },
      }),
    },
    responses: {
      200: answer("The answer", answered),
      ...(rest === "/ready" && {
        503: answer("It does not answer, or this version is not the current version", "ModelNotReady"),
      }),
      default: answer("A refusal in the form of this protocol", "InferError"),
    },
  });
}

function answer(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema: PROTOCOL_SCHEMAS[schema] } } };
}
