import { LIMITS } from "../config.ts";
import type { DeploymentRow } from "../deployments/find-deployment.ts";
import type { ErrorCode } from "../errors.ts";
import { fullExampleRow } from "../inference/spec/describe-deployment.ts";
import type { ServingSpec } from "../inference/spec/serving-spec.ts";
import { schemasOf } from "./deployment-schemas.ts";
import { exampleActuals, exampleAnswer } from "./example-answer.ts";
import { inferPaths } from "./infer-operations.ts";
import { type Json, jsonContent, type JsonObject, jsonOf, problems, ref } from "./openapi-json.ts";

type Access = DeploymentRow["access"];

/** The OpenAPI 3.1 document of exactly this deployment: its own features, classes and examples. `origin` is where it answers. */
export function deploymentOpenapi(deployment: DeploymentRow, spec: ServingSpec, origin: string): JsonObject {
  const { access, slug } = deployment;
  const bearer: JsonObject = { bearer: [] };
  return {
    openapi: "3.1.0",
    info: {
      title: deployment.name,
      ...(deployment.description === "" ? {} : { description: deployment.description }),
      version: String(spec.version),
    },
    servers: [{ url: origin }],
    security: access === "public" ? [{}, bearer] : [bearer],
    paths: {
      ...pathsOf(`/api/v1/deployments/${slug}`, spec, access),
      ...inferPaths(slug, spec, [IDEMPOTENCY_KEY]),
    },
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API key of this deployment, or a personal token" },
      },
      schemas: schemasOf(spec),
    },
  };
}

function pathsOf(base: string, spec: ServingSpec, access: Access): JsonObject {
  const read = (name: string, summary: string, schema: string): Json => ({
    get: readOperation(name, summary, schema, access),
  });
  return {
    [`${base}/predict`]: { post: predictOperation(spec, access) },
    [`${base}/about`]: read("about", "The task, the target and the current version", "About"),
    [`${base}/inputs`]: read("inputs", "The features that a call sends", "Inputs"),
    [`${base}/outputs`]: read("outputs", "What an answer carries", "Outputs"),
    [`${base}/actuals`]: { post: actualsOperation(spec) },
  };
}

const IDEMPOTENCY_KEY: Json = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "The same key and body get the same answer for 24 hours",
  schema: { type: "string", minLength: 1, maxLength: LIMITS.idempotencyKeyLengthMax },
};

/** The key of another deployment is told that a public one is not its own; of others it may not know. */
function rightsCodes(access: Access): ErrorCode[] {
  return access === "public" ? ["unauthorized", "forbidden", "not_found"] : ["unauthorized", "not_found"];
}

const BODY_CODES = ["malformed", "too_large", "unsupported_media_type", "invalid_input"] as const;

function predictOperation(spec: ServingSpec, access: Access): JsonObject {
  const features = fullExampleRow(spec);
  const answer = exampleAnswer(spec);
  const several = { predictions: [answer], version: answer.version, model: answer.model };
  const asked = { one: { value: { features } }, rows: { value: { rows: [features] } } };
  const answered = { one: { value: jsonOf(answer) }, rows: { value: jsonOf(several) } };
  return {
    operationId: "predict",
    summary: "Predict one row or several",
    parameters: [IDEMPOTENCY_KEY],
    requestBody: {
      required: true,
      content: jsonContent({ oneOf: [ref("PredictOne"), ref("PredictRows")] }, asked),
    },
    responses: {
      "200": {
        description: "The answer, or the answers in the order of the rows",
        content: jsonContent({ oneOf: [ref("Prediction"), ref("Predictions")] }, answered),
      },
      ...problems([...rightsCodes(access), ...BODY_CODES, "conflict", "internal", "not_running"]),
    },
  };
}

function readOperation(operationId: string, summary: string, schema: string, access: Access): JsonObject {
  return {
    operationId,
    summary,
    responses: {
      "200": { description: summary, content: jsonContent(ref(schema)) },
      ...problems([...rightsCodes(access), "not_running"]),
    },
  };
}

function actualsOperation(spec: ServingSpec): JsonObject {
  const { items } = exampleActuals(spec);
  const lines = items.map(({ prediction_id, actual }) => `${prediction_id},${JSON.stringify(actual)}\n`);
  return {
    operationId: "actuals",
    summary: "Send actuals for predicted rows",
    description:
      "Up to 10,000 per call, late and in any order. The last one sent for a row wins. Requires a key of this deployment or a contributor of the project, also on a public deployment.",
    security: [{ bearer: [] }],
    requestBody: {
      required: true,
      content: {
        ...jsonContent(ref("Actuals"), { one: { value: jsonOf({ items }) } }),
        "text/csv": {
          schema: { type: "string" },
          examples: { one: { value: `prediction_id,actual\n${lines.join("")}` } },
        },
      },
    },
    responses: {
      "200": {
        description: "How many were accepted, and the ids that are not predictions of this deployment",
        content: jsonContent(ref("ActualsKept")),
      },
      ...problems(["unauthorized", "forbidden", "not_found", ...BODY_CODES, "internal"]),
    },
  };
}
