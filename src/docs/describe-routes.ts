import { z } from "zod";
import { type Api, OPTIONAL_CREDENTIAL } from "../endpoint.ts";
import { describeOpenInference } from "../open-inference/describe-routes.ts";

const TAG = "This instance";
const anyDocument = z.record(z.string(), z.unknown());

/**
 * Puts into the document what is no `endpoint` and yet part of the API: health, the documents themselves, and the Open Inference
 * Protocol.
 */
export function describeOtherRoutes(api: Api): void {
  describeOpenInference(api);
  const { registry } = api;
  registry.registerPath({
    method: "get",
    path: "/health",
    operationId: "health",
    tags: [TAG],
    security: [],
    summary: "Health of the instance",
    responses: { 200: json("It does", z.object({ status: z.literal("ok"), version: z.string() })) },
  });
  registry.registerPath({
    method: "get",
    path: "/openapi.json",
    operationId: "openapi",
    tags: [TAG],
    security: [],
    summary: "The whole API as an OpenAPI document; at /openapi.yaml as YAML",
    responses: { 200: json("OpenAPI 3.1", anyDocument) },
  });
  registry.registerPath({
    method: "get",
    path: "/docs/{slug}/openapi.json",
    operationId: "openapi_of_deployment",
    tags: [TAG],
    security: OPTIONAL_CREDENTIAL,
    summary: "The API of one deployment as an OpenAPI document, with its own features and examples",
    request: { params: z.object({ slug: z.string().describe("Slug of the deployment") }) },
    responses: {
      200: json("OpenAPI 3.1", anyDocument),
      default: { description: "A refusal, as from predict: only callers who may predict can read it" },
    },
  });
}

function json(description: string, schema: z.ZodType) {
  return { description, content: { "application/json": { schema } } };
}
