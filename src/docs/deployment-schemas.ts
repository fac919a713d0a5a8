import { LIMITS } from "../config.ts";
import { STATUS_OF_CODE } from "../errors.ts";
import { aboutSchema, actualsAnswer, actualsBody, inputsSchema, outputsSchema } from "../inference/api-schemas.ts";
import { describeOutputs, type OutputJson } from "../inference/spec/describe-deployment.ts";
import type { ServingSpec } from "../inference/spec/serving-spec.ts";
import { PROTOCOL_SCHEMAS } from "../open-inference/protocol-schemas.ts";
import { featuresSchema } from "./feature-schema.ts";
import { type Json, type JsonObject, object, ref, schemaOf } from "./openapi-json.ts";

/** What the document of a deployment refers to. */
export function schemasOf(spec: ServingSpec): JsonObject {
  const { ServerMetadata: _, ServerLive: __, ServerReady: ___, ...ofModels } = PROTOCOL_SCHEMAS;
  return {
    Features: featuresSchema(spec),
    PredictOne: object({ features: ref("Features") }),
    PredictRows: object({
      rows: { type: "array", minItems: 1, maxItems: LIMITS.rowsPerCallMax, items: ref("Features") },
    }),
    ...predictionSchemas(describeOutputs(spec)),
    About: schemaOf(aboutSchema),
    Inputs: schemaOf(inputsSchema),
    Outputs: schemaOf(outputsSchema),
    Actuals: schemaOf(actualsBody),
    ActualsKept: schemaOf(actualsAnswer),
    ...Object.fromEntries(Object.entries(ofModels).map(([name, schema]) => [name, schemaOf(schema)])),
    Problem: problemSchema(),
  };
}

function predictionSchemas(outputs: readonly OutputJson[]): JsonObject {
  const text: Json = { type: "string" };
  const model = object({ id: text, name: text });
  return {
    Prediction: object(
      {
        prediction_id: text,
        prediction: predictionSchema(outputs),
        probabilities: probabilitiesSchema(outputs),
        version: { type: "integer" },
        model,
        warnings: { type: "array", items: object({ feature: text, code: text, message: text }) },
        extra: { type: "object", description: "Further outputs of the model" },
      },
      ["extra"],
    ),
    Predictions: object({
      predictions: { type: "array", items: ref("Prediction") },
      version: { type: "integer" },
      model,
    }),
  };
}

function problemSchema(): JsonObject {
  const text: Json = { type: "string" };
  return object(
    {
      type: text,
      title: text,
      status: { type: "integer" },
      detail: { type: "string", description: "What is wrong, and what to change" },
      code: { type: "string", enum: Object.keys(STATUS_OF_CODE) },
      request_id: text,
      errors: { type: "array", items: object({ path: text, message: text }) },
    },
    ["errors"],
  );
}

function predictionSchema(outputs: readonly OutputJson[]): JsonObject {
  const label = outputs.find(({ type }) => type === "label");
  if (!label) return { type: ["number", "array", "null"], items: { type: ["number", "null"] } };
  return label.classes
    ? { type: ["string", "null"], enum: [...label.classes, null] }
    : { type: ["string", "number", "null"] };
}

function probabilitiesSchema(outputs: readonly OutputJson[]): JsonObject {
  const output = outputs.find(({ type }) => type === "probabilities");
  if (!output) return { type: "null" };
  const share: Json = { type: ["number", "null"], minimum: 0, maximum: 1 };
  if (!output.classes) return { type: "object", additionalProperties: share };
  return object(Object.fromEntries(output.classes.map((label) => [label, share])));
}
