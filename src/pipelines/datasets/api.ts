import { z } from "zod";
import { listJson, listQuery, listSchema } from "../../list-cursor.ts";
import { database } from "../../db.ts";
import { type Api, endpoint, verbInput } from "../../endpoint.ts";
import { type AppContext, pageRequest } from "../../http.ts";
import { verbContext } from "../../verb-context.ts";
import { requireProject } from "../../projects/queries.ts";
import { createDataset } from "./create-dataset.ts";
import { datasetJson, datasetSchema } from "./dataset-json.ts";
import { deleteDataset } from "./delete-dataset.ts";
import { datasetInput } from "./insert-dataset.ts";
import { inspectSoon } from "./inspect-soon.ts";
import { purgeDatasets } from "./purge-datasets.ts";
import { type DatasetRow, listDatasets, requireDataset } from "./queries.ts";
import { readDatasetBody, readPartBody } from "./read-body.ts";
import { completeUpload, putPart, startUpload } from "./upload-parts.ts";

const TAG = "Pipelines";
const projectParams = z.object({ p: z.string().describe("Id or slug of the project") });
const datasetParams = z.object({ id: z.string() });
const uploadParams = projectParams.extend({ id: z.string() });
const partParams = uploadParams.extend({
  k: z.coerce.number("The number of a part must be a whole number.").int().min(1),
});
const nameQuery = z.object({
  name: z.string().optional().describe("The name of the dataset if the body has none. Default: Dataset"),
});
const fileBytes = z.string().meta({ format: "binary" });

const create = endpoint(
  {
    tag: TAG,
    summary: "Upload a dataset",
    description:
      "Either multipart/form-data, or the bytes of the file themselves as text/csv or application/vnd.apache.parquet, up to 100 MB; larger files come in parts. " +
      "`state` is running while the file is read, then succeeded, or failed with the line of the error.",
    params: projectParams,
    query: nameQuery,
    upload: { file: fileBytes, name: z.string().optional() },
    raw: { "text/csv": fileBytes, "application/vnd.apache.parquet": fileBytes },
    responses: { 201: { description: "The dataset", schema: datasetSchema } },
  },
  async (c, { params, query }) => {
    // The right comes before the upload: who may not add a dataset need not send it to learn that.
    await requireProject(database(c.env), c.var.caller, params.p, "change");
    const body = await readDatasetBody(c, query.name);
    const dataset = await createDataset(verbContext(c), { project: params.p, ...body });
    return c.json(datasetJson(await inspected(c, dataset)), 201);
  },
);

const list = endpoint(
  {
    tag: TAG,
    summary: "The datasets of a project",
    params: projectParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Datasets, newest first", schema: listSchema(datasetSchema) } },
  },
  async (c, { params }) =>
    c.json(listJson(await listDatasets(database(c.env), c.var.caller, params.p, pageRequest(c)), datasetJson)),
);

const start = endpoint(
  {
    tag: TAG,
    summary: "Start a dataset upload in parts",
    description: "For files of more than 100 MB, up to 5 GB. An upload that is not completed within a week is removed.",
    params: projectParams,
    body: datasetInput,
    responses: { 201: { description: "The dataset, pending", schema: datasetSchema } },
  },
  async (c, { params, body }) =>
    c.json(datasetJson(await startUpload(verbContext(c), verbInput({ project: params.p }, body))), 201),
);

const part = endpoint(
  {
    tag: TAG,
    summary: "Send a part of a dataset, or send it again",
    description: "Parts are numbered from 1. All parts but the last one have the same size, from 5 MiB to 100 MB.",
    params: partParams,
    raw: { "application/octet-stream": fileBytes },
    responses: {
      200: { description: "The parts received so far", schema: z.object({ part: z.number(), bytes: z.number() }) },
    },
  },
  async (c, { params }) => {
    const { p: project, id: dataset, k } = params;
    const readBody = () => readPartBody(c.req.raw);
    return c.json(await putPart(verbContext(c), { project, dataset, part: k, readBody }));
  },
);

const complete = endpoint(
  {
    tag: TAG,
    summary: "Complete an upload in parts",
    params: uploadParams,
    responses: { 201: { description: "The dataset", schema: datasetSchema } },
  },
  async (c, { params }) => {
    const upload = { project: params.p, dataset: params.id };
    const { dataset, isNew } = await completeUpload(verbContext(c), upload);
    return c.json(datasetJson(isNew ? await inspected(c, dataset) : dataset), 201);
  },
);

const get = endpoint(
  {
    tag: TAG,
    summary: "One dataset",
    params: datasetParams,
    responses: { 200: { description: "The dataset", schema: datasetSchema } },
  },
  async (c, { params }) => c.json(datasetJson(await requireDataset(database(c.env), c.var.caller, params.id, "read"))),
);

const remove = endpoint(
  {
    tag: TAG,
    summary: "Delete a dataset that no pipeline reads",
    params: datasetParams,
    responses: { 204: { description: "Gone" } },
  },
  async (c, { params }) => {
    const context = verbContext(c);
    await deleteDataset(context, { dataset: params.id });
    c.executionCtx.waitUntil(purgeDatasets(c.env, context.db, context.nowMs));
    return c.body(null, 204);
  },
);

function inspected(c: AppContext, dataset: DatasetRow): Promise<DatasetRow> {
  return inspectSoon({ store: c.env.STORE, db: database(c.env) }, (work) => c.executionCtx.waitUntil(work), dataset);
}

/** Datasets of projects. */
export function mountDatasetsApi(api: Api): void {
  api.post("/api/v1/projects/:p/datasets", create);
  api.get("/api/v1/projects/:p/datasets", list);
  api.post("/api/v1/projects/:p/datasets/uploads", start);
  api.put("/api/v1/projects/:p/datasets/uploads/:id/parts/:k", part);
  api.post("/api/v1/projects/:p/datasets/uploads/:id/complete", complete);
  api.get("/api/v1/datasets/:id", get);
  api.delete("/api/v1/datasets/:id", remove);
}
