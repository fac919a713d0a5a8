import { z } from "zod";
import { database } from "../db.ts";
import { deploymentParams } from "../deployments/deployment-params.ts";
import { requireDeployment } from "../deployments/find-deployment.ts";
import { type Api, endpoint, verbInput } from "../endpoint.ts";
import { AppError } from "../errors.ts";
import { type AppContext, pageRequest } from "../http.ts";
import { verbContext } from "../verb-context.ts";
import { iso } from "../lib/time.ts";
import { answerPredict, callableDeployment } from "./call/answer-predict.ts";
import {
  aboutSchema,
  actualsAnswer,
  actualsBody,
  idempotencyHeaders,
  inputsSchema,
  outputsSchema,
  predictAnswer,
  predictBody,
  previewSchema,
  recordQuery,
} from "./api-schemas.ts";
import { describeInputs, describeOutputs } from "./spec/describe-deployment.ts";
import { findRecord, listRecords } from "./read/list-records.ts";
import { servingSpecOf } from "./spec/find-serving-spec.ts";
import { recordJson, recordSchema } from "./read/record-json.ts";
import { readActuals, sendActuals } from "./read/send-actuals.ts";
import { type Preview, previewInput, previewSwitch } from "./call/preview.ts";

const predictEndpoint = endpoint(
  {
    tag: "Predicting",
    summary: "Predict one row, or several",
    description:
      "Send `features` for one row or `rows` for up to 1,000. `dataframe_records` and `dataframe_split` (MLflow), `instances` (KServe v1) and a list of objects mean `rows`. A public deployment needs no token.",
    params: deploymentParams,
    headers: idempotencyHeaders,
    credential: "optional",
    describedBody: predictBody,
    responses: {
      200: {
        description: "The answer, or the answers in the order of the rows",
        schema: predictAnswer,
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
    summary: "The task, the target and the current version",
    params: deploymentParams,
    credential: "optional",
    responses: {
      200: {
        description: "The deployment",
        schema: aboutSchema,
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
    credential: "optional",
    responses: { 200: { description: "The features", schema: inputsSchema } },
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
    credential: "optional",
    responses: { 200: { description: "The outputs", schema: outputsSchema } },
  },
  async (c, { params }) => {
    const { spec } = await currentSpec(c, params.d);
    const items = describeOutputs(spec);
    return c.json({ items, outputs: items, next_cursor: null });
  },
);

const recordsEndpoint = endpoint(
  {
    tag: "Predicting",
    summary: "The recorded predictions, newest first",
    params: deploymentParams,
    query: recordQuery,
    isPaged: true,
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
    if (!record) throw new AppError("not_found", "Prediction not found.");
    return c.json(recordJson(record));
  },
);

const previewEndpoint = endpoint(
  {
    tag: "Deployments",
    summary: "What a switch would change",
    description:
      "Replays the newest recorded rows (`rows`, default 500, at most 2,000) through the main model of the candidate (new models or an existing version), and compares the answers with those of the current version. Changes and records nothing.",
    params: deploymentParams,
    body: previewInput,
    responses: { 200: { description: "The comparison", schema: previewSchema } },
  },
  async (c, { params, body }) =>
    c.json(previewJson(await previewSwitch(verbContext(c), verbInput({ deployment: params.d }, body)))),
);

function previewJson(preview: Preview): z.infer<typeof previewSchema> {
  const { n, changed, failed, notCompared, addedFeatures, tolerance, examples, distribution } = preview;
  return {
    n,
    changed,
    failed,
    not_compared: notCompared,
    added_features: addedFeatures,
    tolerance,
    examples: examples.map(({ record, current, candidate, distance }) => ({
      prediction_id: record.predictionId,
      at: iso(record.at),
      version: record.version,
      features: record.features,
      current,
      candidate,
      difference: distance,
    })),
    distribution,
  };
}

const actualsEndpoint = endpoint(
  {
    tag: "Predicting",
    summary: "Send actuals for predicted rows",
    description:
      "JSON, or text/csv with the columns prediction_id and actual. Up to 10,000 per call, late and in any order. The last one sent for a row wins. Ids that are not predictions of this deployment are listed in `unknown`, and labels that are not classes of it in `refused`. The others are accepted. " +
      "Requires a key of the deployment or a contributor of the project, also on a public deployment.",
    params: deploymentParams,
    describedBody: actualsBody,
    raw: { "text/csv": z.string().describe("A header row with prediction_id and actual, then a line for each") },
    responses: {
      200: {
        description: "How many were kept",
        schema: actualsAnswer,
      },
    },
  },
  async (c, { params }) => {
    const readItems = () => readActuals(c.req.raw);
    return c.json(await sendActuals(verbContext(c), { deployment: params.d, readItems }));
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
