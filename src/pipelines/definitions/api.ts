import { z } from "zod";
import { listJson, listQuery, listSchema } from "../../list-cursor.ts";
import { database } from "../../db.ts";
import { type Api, endpoint, verbInput } from "../../endpoint.ts";
import { type AppContext, pageRequest } from "../../http.ts";
import { verbContext } from "../../verb-context.ts";
import { createPipeline, type SavedPipeline } from "./create-pipeline.ts";
import { deletePipeline } from "./delete-pipeline.ts";
import { pipelineChange, pipelineInput } from "./pipeline-input.ts";
import { pipelineJson, pipelineSchema, savedPipelineSchema } from "./pipeline-json.ts";
import { listPipelines, requirePipeline } from "./queries.ts";
import { previewDestinations, previewInput, previewSchema } from "./preview-destinations.ts";
import { updatePipeline } from "./update-pipeline.ts";

const TAG = "Pipelines";
const projectParams = z.object({ project: z.string() });
const pipelineParams = z.object({ id: z.string() });

const create = endpoint(
  {
    tag: TAG,
    summary: "Create a pipeline that predicts the rows of a source, on a schedule or on demand",
    description:
      "Rows come from a dataset, a query, an object or a URL; the deployment predicts them; the answers are files of the run and are delivered to the destinations. A schedule follows local time in its time zone. Of several missed slots, only the newest runs.",
    params: projectParams,
    body: pipelineInput,
    responses: { 201: { description: "The pipeline", schema: savedPipelineSchema } },
  },
  async (c, { params, body }) => {
    const saved = await createPipeline(verbContext(c), verbInput({ project: params.project }, body));
    return c.json(await savedJson(c, saved), 201);
  },
);

const preview = endpoint(
  {
    tag: TAG,
    summary: "What the destinations of a pipeline would get",
    description:
      "Names and types of the columns as each destination takes them, and what a delivery would change there. Nothing is called or stored.",
    params: projectParams,
    body: previewInput,
    responses: { 200: { description: "The preview", schema: previewSchema } },
  },
  async (c, { params, body }) =>
    c.json(await previewDestinations(verbContext(c), verbInput({ project: params.project }, body))),
);

const list = endpoint(
  {
    tag: TAG,
    summary: "The pipelines of a project",
    params: projectParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Pipelines, newest first", schema: listSchema(pipelineSchema) } },
  },
  async (c, { params }) => {
    const page = await listPipelines(database(c.env), c.var.caller, params.project, pageRequest(c));
    return c.json(listJson(page, (pipeline) => pipelineJson(pipeline, Date.now())));
  },
);

const read = endpoint(
  {
    tag: TAG,
    summary: "One pipeline",
    params: pipelineParams,
    responses: { 200: { description: "The pipeline", schema: pipelineSchema } },
  },
  async (c, { params }) =>
    c.json(pipelineJson(await requirePipeline(database(c.env), c.var.caller, params.id, "read"), Date.now())),
);

const update = endpoint(
  {
    tag: TAG,
    summary: "Change a pipeline",
    description: "Fields left out stay unchanged. Runs that have started are not affected.",
    params: pipelineParams,
    body: pipelineChange,
    responses: { 200: { description: "The pipeline", schema: savedPipelineSchema } },
  },
  async (c, { params, body }) =>
    c.json(await savedJson(c, await updatePipeline(verbContext(c), verbInput({ pipeline: params.id }, body)))),
);

const remove = endpoint(
  {
    tag: TAG,
    summary: "Delete a pipeline. Its runs are cancelled and stay readable",
    params: pipelineParams,
    responses: { 204: { description: "Gone" } },
  },
  async (c, { params }) => {
    await deletePipeline(verbContext(c), { pipeline: params.id });
    return c.body(null, 204);
  },
);

async function savedJson(
  c: AppContext,
  { pipeline, signingSecret }: SavedPipeline,
): Promise<z.infer<typeof savedPipelineSchema>> {
  const saved = await requirePipeline(database(c.env), c.var.caller, pipeline.id, "read");
  return { ...pipelineJson(saved, Date.now()), signing_secret: signingSecret };
}

/** Pipelines of projects. */
export function mountPipelinesApi(api: Api): void {
  api.post("/api/v1/projects/:project/pipelines", create);
  api.post("/api/v1/projects/:project/pipelines/preview", preview);
  api.get("/api/v1/projects/:project/pipelines", list);
  api.get("/api/v1/pipelines/:id", read);
  api.patch("/api/v1/pipelines/:id", update);
  api.delete("/api/v1/pipelines/:id", remove);
}
