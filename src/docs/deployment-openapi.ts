import { LIMITS } from "../config.ts";
import type { DeploymentRow } from "../deployments/find-deployment.ts";
import { STATUS_OF_CODE } from "../errors.ts";
import {
  describeInputs,
  describeOutputs,
  exampleRow,
  type InputJson,
  type OutputJson,
} from "../inference/describe-deployment.ts";
import type { ServingSpec } from "../inference/serving-spec.ts";
import { exampleAnswer } from "./example-answer.ts";
import { completeCategories, rangeText } from "./feature-facts.ts";

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };

/** The OpenAPI 3.1 document of exactly this deployment: its own features, classes and examples. `origin` is where it answers. */
export function deploymentOpenapi(deployment: DeploymentRow, spec: ServingSpec, origin: string): JsonObject {
  const isPublic = deployment.access === "public";
  const bearer: JsonObject = { bearer: [] };
  return {
    openapi: "3.1.0",
    info: {
      title: deployment.name,
      ...(deployment.description === "" ? {} : { description: deployment.description }),
      version: String(spec.version),
    },
    servers: [{ url: origin }],
    security: isPublic ? [{}, bearer] : [bearer],
    paths: pathsOf(`/api/v1/deployments/${deployment.slug}`, spec),
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API key of this deployment, or a personal token" },
      },
      schemas: schemasOf(spec),
    },
  };
}

function pathsOf(base: string, spec: ServingSpec): JsonObject {
  return {
    [`${base}/predict`]: { post: predictOperation(spec) },
    [`${base}/about`]: { get: readOperation("about", "What is predicted, and with which version", "About") },
    [`${base}/inputs`]: { get: readOperation("inputs", "The features that a call sends", "Inputs") },
    [`${base}/outputs`]: { get: readOperation("outputs", "What an answer carries", "Outputs") },
  };
}

function predictOperation(spec: ServingSpec): JsonObject {
  const features = exampleRow(spec);
  const answer = exampleAnswer(spec);
  const several = { predictions: [answer], version: answer.version, model: answer.model };
  return {
    operationId: "predict",
    summary: "Predict one row or several",
    parameters: [
      {
        name: "Idempotency-Key",
        in: "header",
        required: false,
        description: "The same key and body get the same answer for 24 hours, however often they are sent",
        schema: { type: "string", maxLength: LIMITS.idempotencyKeyLengthMax },
      },
    ],
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: { oneOf: [ref("PredictOne"), ref("PredictRows")] },
          examples: { one: { value: { features } }, rows: { value: { rows: [features] } } },
        },
      },
    },
    responses: {
      "200": {
        description: "The answer, or the answers in the order of the rows",
        content: {
          "application/json": {
            schema: { oneOf: [ref("Prediction"), ref("Predictions")] },
            // What stands in examples is data of ours, and all of it is JSON.
            examples: { one: { value: jsonOf(answer) }, rows: { value: jsonOf(several) } },
          },
        },
      },
      ...problems([
        "malformed",
        "unauthorized",
        "forbidden",
        "not_found",
        "conflict",
        "too_large",
        "unsupported_media_type",
        "invalid_input",
        "internal",
        "not_running",
      ]),
    },
  };
}

function readOperation(operationId: string, summary: string, schema: string): JsonObject {
  return {
    operationId,
    summary,
    responses: {
      "200": { description: summary, content: { "application/json": { schema: ref(schema) } } },
      ...problems(["unauthorized", "forbidden", "not_found", "not_running"]),
    },
  };
}

function problems(codes: (keyof typeof STATUS_OF_CODE)[]): JsonObject {
  return Object.fromEntries(
    codes.map((code) => [
      String(STATUS_OF_CODE[code]),
      {
        description: `Problem document with code \`${code}\``,
        content: { "application/problem+json": { schema: ref("Problem") } },
      },
    ]),
  );
}

function schemasOf(spec: ServingSpec): JsonObject {
  const outputs = describeOutputs(spec);
  const text: Json = { type: "string" };
  const model = object({ id: text, name: text });
  return {
    Features: featuresSchema(spec),
    PredictOne: object({ features: ref("Features") }),
    PredictRows: object({
      rows: { type: "array", minItems: 1, maxItems: LIMITS.rowsPerCallMax, items: ref("Features") },
    }),
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
    About: object({
      slug: text,
      name: text,
      description: text,
      task: text,
      version: { type: "integer" },
      type_policy: text,
      access: text,
    }),
    Inputs: object({
      items: { type: "array", items: object({ name: text, kind: text, required: { type: "boolean" } }) },
    }),
    Outputs: object({ items: { type: "array", items: object({ name: text, type: text }) } }),
    Problem: object(
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
    ),
  };
}

function featuresSchema(spec: ServingSpec): JsonObject {
  const inputs = describeInputs(spec);
  const isStrict = spec.typePolicy === "strict";
  return {
    type: "object",
    properties: Object.fromEntries(inputs.map((input) => [input.name, featureSchema(spec, input)])),
    required: inputs.filter(({ required }) => required || isStrict).map(({ name }) => name),
    additionalProperties: !isStrict,
  };
}

const TYPES = { numeric: "number", boolean: "boolean", categorical: "string", text: "string" } as const;

function featureSchema(spec: ServingSpec, input: InputJson): JsonObject {
  const { name, kind, required, range, example } = input;
  const complete = completeCategories(spec, name);
  const type = TYPES[kind];
  const schema: JsonObject = { type: required ? type : [type, "null"] };
  if (complete) schema["enum"] = required ? complete : [...complete, null];
  if (range) schema["description"] = `In the training data ${rangeText(range)}`;
  if (example !== null) schema["examples"] = [example];
  return schema;
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

/** An object of which all properties are there, but for the optional ones. */
function object(properties: JsonObject, optional: readonly string[] = []): JsonObject {
  return { type: "object", properties, required: Object.keys(properties).filter((name) => !optional.includes(name)) };
}

function ref(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function jsonOf(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
