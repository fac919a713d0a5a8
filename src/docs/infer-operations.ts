import type { ServingSpec } from "../inference/spec/serving-spec.ts";
import { inputMetadata } from "../open-inference/describe-model.ts";
import { MODEL_CALLS, type ModelCall } from "../open-inference/describe-routes.ts";
import { exampleRow } from "../inference/spec/describe-deployment.ts";
import { type Json, jsonContent, type JsonObject, jsonOf, ref } from "./openapi-json.ts";

/** The paths of the Open Inference Protocol under which a deployment is a model. `headers` are those of predict. */
export function inferPaths(slug: string, spec: ServingSpec, headers: Json[]): JsonObject {
  const paths: JsonObject = {};
  const version: Json = {
    name: "version",
    in: "path",
    required: true,
    description: "Number of a version",
    schema: { type: "string", examples: [String(spec.version)] },
  };
  for (const call of MODEL_CALLS) {
    const { operationId, method, rest } = call;
    const own = call.body ? headers : [];
    const base = `/v2/models/${slug}`;
    paths[base + rest] = { [method]: { operationId, ...operation(call, spec, own) } };
    paths[`${base}/versions/{version}${rest}`] = {
      [method]: { operationId: `${operationId}_of_version`, ...operation(call, spec, [version, ...own]) },
    };
  }
  return paths;
}

/** A body for POST …/infer: the typical row, a tensor for each feature. */
export function exampleInference(spec: ServingSpec): { inputs: unknown[] } {
  const row = exampleRow(spec);
  return {
    inputs: inputMetadata(spec).map(({ name, datatype }) => ({
      name,
      shape: [1],
      datatype,
      data: [row[name] ?? null],
    })),
  };
}

function operation(call: ModelCall, spec: ServingSpec, parameters: Json[]): JsonObject {
  const { summary, description, answer, body, rest } = call;
  const example = jsonOf(exampleInference(spec));
  return {
    tags: ["Open Inference Protocol"],
    summary,
    description,
    parameters,
    ...(body && { requestBody: { required: true, content: jsonContent(ref(body), { one: { value: example } }) } }),
    responses: {
      "200": { description: "The answer", content: jsonContent(ref(answer)) },
      ...(rest === "/ready" && {
        "503": {
          description: "It does not answer, or this version is not the current version",
          content: jsonContent(ref("ModelNotReady")),
        },
      }),
      default: { description: "A refusal in the form of this protocol", content: jsonContent(ref("InferError")) },
    },
  };
}
