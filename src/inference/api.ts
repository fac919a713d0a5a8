import { z } from "zod";
import { LIMITS } from "../config.ts";
import { database } from "../db.ts";
import { deploymentParams } from "../deployments/deployment-params.ts";
import { requireDeployment } from "../deployments/find-deployment.ts";
import { type Api, endpoint } from "../endpoint.ts";
import { AppError } from "../errors.ts";
import { type AppContext, pageRequest } from "../http.ts";
import { iso } from "../lib/time.ts";
import { TASKS } from "../experiments/schema.ts";
import { answerPredict, callableDeployment } from "./answer-predict.ts";
import { describeInputs, describeOutputs, inputSchema, outputSchema } from "./describe-deployment.ts";
import { findRecord, listRecords } from "./list-records.ts";
import { servingSpecOf } from "./predict.ts";
import { answerSchema, outputValue, recordJson, recordSchema } from "./record-json.ts";
import { readActuals, sendActuals } from "./send-actuals.ts";
import { type Preview, previewInput, previewSwitch } from "./preview.ts";

const row = z.record(z.string(), z.unknown());
const single = z.object({ features: row });
const several = z.object({ rows: z.array(row).min(1).max(LIMITS.rowsPerCallMax) });

const predictionSchema = z.object({
  prediction_id: z.string(),
  prediction: outputValue,
  probabilities: z.record(z.string(), z.number().nullable()).nullable(),
  version: z.number().int(),
  model: z.object({ id: z.string(), name: z.string() }),
  extra: z.record(z.string(), z.unknown()).optional(),
  warnings: z.array(z.object({ feature: z.string(), code: z.string(), message: z.string() })),
});

const predictEndpoint = endpoint(
  {
    tag: "Predicting",
    summary: "Predict one row, or several",
    description:
      "Send `features` for one row or `rows` for up to 1,000. An `Idempotency-Key` header (at most 255 characters) gives the same answer for the same body for 24 h.",
    params: deploymentParams,
    describedBody: z.union([single, several]),
    responses: {
      200: {
        description: "The answer, or the answers in the order of the rows",
        schema: z.union([
          predictionSchema,
          z.object({
            predictions: z.array(predictionSchema),
            version: z.number().int(),
            model: predictionSchema.shape.model,
          }),
        ]),
      },
    },
  },
  (c, { params }) =>
    answerPredict({ env: c.env, request: c.req.raw, background: c.executionCtx, caller: c.var.caller }, params.d),
);

async function currentSpec(c: AppContext, idOrSlug: string) {
  const call = { env: c.env, request: c.req.raw, background: c.executionCtx, caller: c.var.caller };
  const deployment = await callableDeployment(call, idOrSlug);
  return { deployment, spec: await servingSpecOf(database(c.env), deployment) };
}

const aboutEndpoint = endpoint(
  {
    tag: "Predicting",
    summary: "What the deployment predicts, and with which version",
    params: deploymentParams,
    responses: {
      200: {
        description: "The deployment",
        schema: z.object({
          slug: z.string(),
          name: z.string(),
          description: z.string(),
          task: z.enum(TASKS),
          version: z.number().int(),
          type_policy: z.string(),
          access: z.string(),
        }),
      },
    },
  },
  async (c, { params }) => {
    const { deployment, spec } = await currentSpec(c, params.d);
    const { slug, name, description, typePolicy, access } = deployment;
    return c.json({
      slug,
      name,
      description,
      task: spec.main.plan.task,
      version: spec.version,
      type_policy: typePolicy,
      access,
    });
  },
);

const inputsEndpoint = endpoint(
  {
    tag: "Predicting",
    summary: "The features that a call sends",
    params: deploymentParams,
    responses: { 200: { description: "The features", schema: z.object({ items: z.array(inputSchema) }) } },
  },
  async (c, { params }) => {
    const { spec } = await currentSpec(c, params.d);
    const items = describeInputs(spec);
    return c.json({ items, features: items, next_cursor: null });
  },
);

const outputsEndpoint = endpoint(
  {
    tag: "Predicting",
    summary: "What an answer carries",
    params: deploymentParams,
    responses: { 200: { description: "The outputs", schema: z.object({ items: z.array(outputSchema) }) } },
  },
  async (c, { params }) => {
    const { spec } = await currentSpec(c, params.d);
    const items = describeOutputs(spec);
    return c.json({ items, outputs: items, next_cursor: null });
  },
);

const recordQuery = z.object({
  from: z.iso.datetime({ offset: true, local: true }).or(z.iso.date()).optional(),
  to: z.iso.datetime({ offset: true, local: true }).or(z.iso.date()).optional(),
  version: z.coerce.number().int().min(1).optional(),
  source: z.enum(["online", "batch", "all"], "source is online, batch or all.").default("all"),
  disagree: z.enum(["true", "false"]).optional(),
  limit: z.string().optional(),
  cursor: z.string().optional(),
});

const recordsEndpoint = endpoint(
  {
    tag: "Predicting",
    summary: "The recorded predictions, newest first",
    params: deploymentParams,
    query: recordQuery,
    responses: {
      200: {
        description: "Records",
        schema: z.object({ items: z.array(recordSchema), next_cursor: z.string().nullable() }),
      },
    },
  },
  async (c, { params, query }) => {
    const db = database(c.env);
    const deployment = await requireDeployment(db, c.var.caller, params.d, "read");
    const filter = {
      fromMs: query.from === undefined ? 0 : Date.parse(query.from),
      toMs: query.to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(query.to),
      version: query.version ?? null,
      source: query.source,
      disagree: query.disagree === "true",
    };
    const { items, nextCursor } = await listRecords(c.env, db, deployment.id, filter, pageRequest(c));
    return c.json({ items: items.map(recordJson), next_cursor: nextCursor });
  },
);

const recordEndpoint = endpoint(
  {
    tag: "Predicting",
    summary: "One recorded prediction",
    params: deploymentParams.extend({ id: z.string() }),
    responses: { 200: { description: "The record", schema: recordSchema } },
  },
  async (c, { params }) => {
    const db = database(c.env);
    const deployment = await requireDeployment(db, c.var.caller, params.d, "read");
    const record = await findRecord(c.env, db, deployment.id, params.id);
    if (!record) throw new AppError("not_found", "There is no recorded prediction with this id.");
    return c.json(recordJson(record));
  },
);

const previewSchema = z.object({
  n: z.number().int().describe("Rows that both have answered"),
  changed: z.number().int(),
  failed: z.object({ count: z.number().int(), messages: z.array(z.string()) }),
  added_features: z.array(z.string()).describe("Features that the recorded rows do not have"),
  tolerance: z.number().nullable().describe("Difference up to which numbers count as the same; null for labels"),
  examples: z.array(
    z.object({
      prediction_id: z.string(),
      at: z.iso.datetime(),
      version: z.number().int(),
      features: z.record(z.string(), z.unknown()),
      current: answerSchema,
      candidate: answerSchema,
      difference: z.number(),
    }),
  ),
  distribution: z.union([
    z.object({
      kind: z.literal("numeric"),
      edges: z.array(z.number()),
      current: z.array(z.number()),
      candidate: z.array(z.number()),
    }),
    z.object({
      kind: z.literal("categorical"),
      labels: z.array(z.string()),
      current: z.array(z.number()),
      candidate: z.array(z.number()),
    }),
  ]),
});

const previewEndpoint = endpoint(
  {
    tag: "Deployments",
    summary: "What a switch would change",
    description:
      "Replays the newest recorded rows (500 unless `rows` says otherwise, at most 2,000) through the main model of the candidate: new models, or a version that exists. Changes and records nothing.",
    params: deploymentParams,
    body: previewInput,
    responses: { 200: { description: "The comparison", schema: previewSchema } },
  },
  async (c, { params, body }) => {
    const ports = { env: c.env, db: database(c.env) };
    return c.json(previewJson(await previewSwitch(ports, c.var.caller, params.d, body, Date.now())));
  },
);

function previewJson(preview: Preview): z.infer<typeof previewSchema> {
  const { n, changed, failed, addedFeatures, tolerance, examples, distribution } = preview;
  return {
    n,
    changed,
    failed,
    added_features: addedFeatures,
    tolerance,
    examples: examples.map(({ record, candidate, distance }) => ({
      prediction_id: record.predictionId,
      at: iso(record.at),
      version: record.version,
      features: record.features,
      current: record.main,
      candidate,
      difference: distance,
    })),
    distribution,
  };
}

const actualsEndpoint = endpoint(
  {
    tag: "Predicting",
    summary: "Say what became known of predicted rows",
    description:
      "JSON, or text/csv with the columns prediction_id and actual; up to 10,000 at once, late and in any order. The last one sent for a row wins. Ids that name no prediction of this deployment are named in `unknown`; the others are kept.",
    params: deploymentParams,
    describedBody: z.object({
      items: z.array(z.object({ prediction_id: z.string(), actual: z.union([z.number(), z.string(), z.boolean()]) })),
    }),
    responses: {
      200: {
        description: "How many were kept",
        schema: z.object({ accepted: z.number().int(), unknown: z.array(z.string()) }),
      },
    },
  },
  async (c, { params }) => {
    const db = database(c.env);
    const deployment = await requireDeployment(db, c.var.caller, params.d, "send_actuals");
    return c.json(await sendActuals(c.env, db, deployment, await readActuals(c.req.raw)));
  },
);

/** Predicting, and reading back what was predicted. */
export function mountInferenceApi(api: Api): void {
  api.post("/api/v1/deployments/:d/predict", predictEndpoint);
  api.post("/api/v1/deployments/:d/preview", previewEndpoint);
  api.get("/api/v1/deployments/:d/about", aboutEndpoint);
  api.get("/api/v1/deployments/:d/inputs", inputsEndpoint);
  api.get("/api/v1/deployments/:d/outputs", outputsEndpoint);
  api.post("/api/v1/deployments/:d/actuals", actualsEndpoint);
  api.get("/api/v1/deployments/:d/predictions", recordsEndpoint);
  api.get("/api/v1/deployments/:d/predictions/:id", recordEndpoint);
}
