import { z } from "zod";
import { listJson, listQuery, listSchema } from "../../list-cursor.ts";
import { database } from "../../db.ts";
import { deploymentParams } from "../../deployments/deployment-params.ts";
import { type Api, endpoint, parseInput } from "../../endpoint.ts";
import { type AppContext, originOf, pageRequest, readJson } from "../../http.ts";
import { verbContext } from "../../verb-context.ts";
import { requirePipeline } from "../definitions/queries.ts";
import { defuseFormulas } from "../results/defuse-formulas.ts";
import { cancelRun } from "./cancel-run.ts";
import { createRun } from "./create-run.ts";
import { listDeploymentRuns, listPipelineRuns, requireRun, type Run } from "./queries.ts";
import { retryRun } from "./retry-run.ts";
import { FILE_FORMATS, openRunFile, RUN_FILES, type RunFile } from "./run-files.ts";
import { runJson, runSchema } from "./run-json.ts";

const TAG = "Pipelines";
const pipelineParams = z.object({ id: z.string().describe("Id of the pipeline") });
const runParams = z.object({ id: z.string().describe("Id of the run") });

const create = endpoint(
  {
    tag: TAG,
    summary: "Run a pipeline now",
    description:
      "The answer is the queued run; GET /api/v1/runs/{id} tells how it goes. Its schedule goes on as before.",
    params: pipelineParams,
    responses: { 202: { description: "The run", schema: runSchema } },
  },
  async (c, { params }) => {
    const db = database(c.env);
    await requireNoBody(c, () => requirePipeline(db, c.var.caller, params.id, "change"));
    return c.json(jsonOf(c, await createRun(verbContext(c), { pipeline: params.id })), 202);
  },
);

const list = endpoint(
  {
    tag: TAG,
    summary: "The runs of a pipeline",
    params: pipelineParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Runs, newest first", schema: listSchema(runSchema) } },
  },
  async (c, { params }) => {
    const page = await listPipelineRuns(database(c.env), c.var.caller, params.id, pageRequest(c));
    return c.json(listJson(page, (run) => jsonOf(c, run)));
  },
);

const listOfDeployment = endpoint(
  {
    tag: TAG,
    summary: "The runs of a deployment",
    params: deploymentParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Runs of all its pipelines, newest first", schema: listSchema(runSchema) } },
  },
  async (c, { params }) => {
    const page = await listDeploymentRuns(database(c.env), c.var.caller, params.d, pageRequest(c));
    return c.json(listJson(page, (run) => jsonOf(c, run)));
  },
);

const get = endpoint(
  {
    tag: TAG,
    summary: "One run",
    params: runParams,
    responses: { 200: { description: "The run", schema: runSchema } },
  },
  async (c, { params }) => c.json(jsonOf(c, await requireRun(database(c.env), c.var.caller, params.id, "read"))),
);

const cancel = endpoint(
  {
    tag: TAG,
    summary: "Cancel a run that has not ended",
    description: "What has been delivered stays delivered.",
    params: runParams,
    responses: { 200: { description: "The run", schema: runSchema } },
  },
  async (c, { params }) => {
    const db = database(c.env);
    await requireNoBody(c, () => requireRun(db, c.var.caller, params.id, "change"));
    return c.json(jsonOf(c, await cancelRun(verbContext(c), { run: params.id })));
  },
);

const retry = endpoint(
  {
    tag: TAG,
    summary: "Go on with a run that failed or was cancelled",
    description: "What is predicted is not predicted again, and what is delivered is not delivered again.",
    params: runParams,
    responses: { 202: { description: "The run, queued again", schema: runSchema } },
  },
  async (c, { params }) => {
    const db = database(c.env);
    await requireNoBody(c, () => requireRun(db, c.var.caller, params.id, "change"));
    return c.json(jsonOf(c, await retryRun(verbContext(c), { run: params.id })), 202);
  },
);

const FILE_SUMMARIES: Record<RunFile, string> = {
  main: "What the main model answered, with the columns of the source",
  challenger: "What the challenger answered, with the columns of the source",
  errors: "The rows that were not answered, and why",
};

const fileQuery = z.object({
  format: z.enum(FILE_FORMATS, "format must be csv or parquet.").default("csv").describe("csv unless told"),
});

function file(name: RunFile) {
  return endpoint(
    {
      tag: TAG,
      summary: FILE_SUMMARIES[name],
      params: runParams,
      query: fileQuery,
      responses: { 200: { description: "The bytes of the file" } },
    },
    async (c, { params, query }) => {
      const { caller } = c.var;
      const run = await requireRun(database(c.env), caller, params.id, "read");
      const opened = await openRunFile(c.env.STORE, run, name, query.format);
      const headers = {
        "content-type": opened.contentType,
        "content-disposition": `attachment; filename="${opened.name}"`,
      };
      // People open CSV files in spreadsheets, which run what looks like a formula; programs get the bytes as they are.
      if (query.format === "csv" && caller.kind === "user" && caller.via === "session")
        return c.body(defuseFormulas(opened.body), 200, headers);
      if (opened.bytes === null) return c.body(opened.body, 200, headers);
      // Its length is known, and said: whoever downloads sees how far they are, and that nothing is missing.
      const { readable, writable } = new FixedLengthStream(opened.bytes);
      c.executionCtx.waitUntil(
        opened.body
          .pipeTo(writable)
          .catch((error: unknown) => console.warn(`a download of ${run.id} was cut off`, error)),
      );
      return c.body(readable, 200, { ...headers, "content-length": String(opened.bytes) });
    },
  );
}

/** Refuses a body that is no JSON object, once `authorized` has not thrown: who may not make the call is told nothing of its body. */
async function requireNoBody(c: AppContext, authorized: () => Promise<unknown>): Promise<void> {
  // Clients name a content type even where they send nothing.
  if (c.req.raw.body === null || c.req.header("content-length") === "0") return;
  try {
    parseInput(z.object({}, "Send no body, or an empty object."), await readJson(c.req.raw));
  } catch (error) {
    await authorized();
    throw error;
  }
}

function jsonOf(c: AppContext, run: Run): z.infer<typeof runSchema> {
  return runJson(run, originOf(c), Date.now());
}

/** Runs of pipelines and their files. */
export function mountRunsApi(api: Api): void {
  api.post("/api/v1/pipelines/:id/runs", create);
  api.get("/api/v1/pipelines/:id/runs", list);
  api.get("/api/v1/deployments/:d/runs", listOfDeployment);
  api.get("/api/v1/runs/:id", get);
  api.post("/api/v1/runs/:id/cancel", cancel);
  api.post("/api/v1/runs/:id/retry", retry);
  for (const name of RUN_FILES) api.get(`/api/v1/runs/:id/files/${name}`, file(name));
}
