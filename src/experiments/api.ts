import { z } from "zod";
import { listJson, listQuery, listSchema } from "../list-cursor.ts";
import { database } from "../db.ts";
import { type Api, endpoint, verbInput } from "../endpoint.ts";
import { AppError } from "../errors.ts";
import { pageRequest } from "../http.ts";
import { verbContext } from "../verb-context.ts";
import { createExperiment, experimentInput } from "./create-experiment.ts";
import { createVersion } from "./create-version.ts";
import { deleteExperiment } from "./delete-experiment.ts";
import { deleteModel } from "./delete-model.ts";
import { importModel } from "./import/import-model.ts";
import { originalKey } from "./model-files.ts";
import {
  experimentJson,
  experimentSchema,
  modelJson,
  modelSchema,
  versionJson,
  versionSchema,
} from "./experiment-json.ts";
import {
  listExperiments,
  listModels,
  listVersions,
  requireExperiment,
  requireModel,
  requireVersion,
} from "./queries.ts";
import type { ProjectDatasets } from "./project-datasets.ts";
import { purgeExperiments } from "./purge-experiments.ts";
import { describedVersionOfDatasets, namingDatasets, readVersionInput } from "./read-version-input.ts";
import { readUpload } from "./upload.ts";
import { waitForTrial } from "./trial/wait-for-trial.ts";

const TAG = "Experiments";
const fileField = z.string().meta({ format: "binary" });
const projectParams = z.object({ p: z.string().describe("Id or slug of the project") });
const experimentParams = z.object({ id: z.string() });
const versionParams = experimentParams.extend({ n: z.coerce.number().int().min(1) });
const modelParams = z.object({ id: z.string() });

const create = endpoint(
  {
    tag: TAG,
    summary: "Create an experiment",
    params: projectParams,
    body: experimentInput,
    responses: { 201: { description: "The experiment", schema: experimentSchema } },
  },
  async (c, { params, body }) => {
    const experiment = await createExperiment(verbContext(c), verbInput({ project: params.p }, body));
    return c.json(experimentJson(experiment), 201);
  },
);

const list = endpoint(
  {
    tag: TAG,
    summary: "The experiments of a project",
    params: projectParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Experiments, newest first", schema: listSchema(experimentSchema) } },
  },
  async (c, { params }) => {
    const page = await listExperiments(database(c.env), c.var.caller, params.p, pageRequest(c));
    return c.json(listJson(page, experimentJson));
  },
);

const get = endpoint(
  {
    tag: TAG,
    summary: "One experiment",
    params: experimentParams,
    responses: { 200: { description: "The experiment", schema: experimentSchema } },
  },
  async (c, { params }) =>
    c.json(experimentJson(await requireExperiment(database(c.env), c.var.caller, params.id, "read"))),
);

const remove = endpoint(
  {
    tag: TAG,
    summary: "Delete an experiment of which no deployment uses a model",
    description:
      "Its versions and models go with it, and their files. A contributor may delete what they made, as long as nobody else added to it.",
    params: experimentParams,
    responses: { 204: { description: "Gone" } },
  },
  async (c, { params }) => {
    await deleteExperiment(verbContext(c), { experiment: params.id });
    c.executionCtx.waitUntil(purgeExperiments(c.env, database(c.env)));
    return c.body(null, 204);
  },
);

/** `datasets` are those of the experiment's project, which a JSON body names instead of sending files. */
const addVersion = (datasets: ProjectDatasets) =>
  endpoint(
    {
      tag: TAG,
      summary: "Add a version: the training reference, and optionally a holdout",
      description:
        "The reference is a CSV in UTF-8 with a header row; `,` `;` or tab; an empty field is missing. Kinds are inferred unless `schema` says them: " +
        '{"kinds": {column: kind}, "categories": {column: [value]}, "not_features": [column]}. ' +
        "As application/json, datasets of the project (CSV or Parquet) take the place of the files: {reference_dataset_id, holdout_dataset_id?, schema?}; as CSV they may have 25 MB together. The version keeps a copy.",
      params: experimentParams,
      upload: { reference: fileField, holdout: fileField.optional(), schema: z.string().optional() },
      raw: { "application/json": describedVersionOfDatasets },
      responses: { 201: { description: "The version", schema: versionSchema } },
    },
    async (c, { params }) => {
      const db = database(c.env);
      // The right comes before the upload: who may not add a version need not send 25 MB to learn it.
      const { projectId } = await requireExperiment(db, c.var.caller, params.id, "change");
      const { input, ofDatasets } = await readVersionInput(c, { db, store: c.env.STORE, datasets }, projectId);
      const version = await namingDatasets(ofDatasets, () =>
        createVersion(verbContext(c), { experiment: params.id, ...input }),
      );
      return c.json(versionJson(version), 201);
    },
  );

const versions = endpoint(
  {
    tag: TAG,
    summary: "The versions of an experiment",
    params: experimentParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Versions, newest first", schema: listSchema(versionSchema) } },
  },
  async (c, { params }) => {
    const db = database(c.env);
    const experiment = await requireExperiment(db, c.var.caller, params.id, "read");
    return c.json(listJson(await listVersions(db, experiment.id, pageRequest(c)), versionJson));
  },
);

const getVersion = endpoint(
  {
    tag: TAG,
    summary: "One version, with its features",
    params: versionParams,
    responses: { 200: { description: "The version", schema: versionSchema } },
  },
  async (c, { params }) => {
    const { version } = await requireVersion(database(c.env), c.var.caller, params.id, params.n, "read");
    return c.json(versionJson(version));
  },
);

const addModel = endpoint(
  {
    tag: TAG,
    summary: "Upload a model as its exporter wrote it",
    description:
      "What can be told by looking is refused at once (422 `model_refused`, with the report). What takes a trial shows in `state`, which goes from pending over running to succeeded or failed. " +
      'The mapping says which columns feed which input, as YAML or JSON: {"inputs": {"<onnx input>": ["col", …]}, "class_names": […]}.',
    params: versionParams,
    upload: {
      file: fileField,
      external: z.array(fileField).optional(),
      name: z.string().optional(),
      mapping: z.string().optional(),
      metrics: z.string().optional(),
    },
    responses: { 201: { description: "The model", schema: modelSchema } },
  },
  async (c, { params }) => {
    const db = database(c.env);
    await requireVersion(db, c.var.caller, params.id, params.n, "change");
    const upload = await readUpload(c);
    const model = await importModel(verbContext(c), {
      experiment: params.id,
      version: params.n,
      file: await upload.file("file", { required: true }),
      external: await upload.files("external"),
      name: await upload.text("name"),
      mapping: await upload.text("mapping"),
      metrics: await upload.json("metrics"),
    });
    return c.json(modelJson(await waitForTrial(db, model)), 201);
  },
);

const modelsOfVersion = endpoint(
  {
    tag: TAG,
    summary: "The models of a version",
    params: versionParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Models, newest first", schema: listSchema(modelSchema) } },
  },
  async (c, { params }) => {
    const db = database(c.env);
    const { version } = await requireVersion(db, c.var.caller, params.id, params.n, "read");
    return c.json(listJson(await listModels(db, version.id, pageRequest(c)), modelJson));
  },
);

const getModel = endpoint(
  {
    tag: TAG,
    summary: "One model, with its report",
    params: modelParams,
    responses: { 200: { description: "The model", schema: modelSchema } },
  },
  async (c, { params }) =>
    c.json(modelJson((await requireModel(database(c.env), c.var.caller, params.id, "read")).model)),
);

const removeModel = endpoint(
  {
    tag: TAG,
    summary: "Delete a model that no deployment uses",
    params: modelParams,
    responses: { 204: { description: "Gone" } },
  },
  async (c, { params }) => {
    await deleteModel(verbContext(c), { model: params.id });
    return c.body(null, 204);
  },
);

const modelFile = endpoint(
  {
    tag: TAG,
    summary: "The file as it was uploaded",
    params: modelParams,
    responses: { 200: { description: "The bytes of the ONNX file" } },
  },
  async (c, { params }) => {
    const { model } = await requireModel(database(c.env), c.var.caller, params.id, "read");
    const object = await c.env.STORE.get(originalKey(model.id));
    if (!object) throw new AppError("not_found", "The file of this model is missing from the store.");
    const fileName = `${model.name.replaceAll(/[^\w.-]+/g, "_").slice(0, 100)}.onnx`;
    return c.body(object.body, 200, {
      "content-type": "application/octet-stream",
      "content-length": String(object.size),
      "content-disposition": `attachment; filename="${fileName}"`,
    });
  },
);

/** Experiments, their versions, and the models of a version. `datasets` are what versions may be made of instead of files. */
export function mountExperimentsApi(api: Api, datasets: ProjectDatasets): void {
  api.post("/api/v1/projects/:p/experiments", create);
  api.get("/api/v1/projects/:p/experiments", list);
  api.get("/api/v1/experiments/:id", get);
  api.delete("/api/v1/experiments/:id", remove);
  api.post("/api/v1/experiments/:id/versions", addVersion(datasets));
  api.get("/api/v1/experiments/:id/versions", versions);
  api.get("/api/v1/experiments/:id/versions/:n", getVersion);
  api.post("/api/v1/experiments/:id/versions/:n/models", addModel);
  api.get("/api/v1/experiments/:id/versions/:n/models", modelsOfVersion);
  api.get("/api/v1/models/:id", getModel);
  api.delete("/api/v1/models/:id", removeModel);
  api.get("/api/v1/models/:id/file", modelFile);
}
