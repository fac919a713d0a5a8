import { Hono } from "hono";
import { z } from "zod";
import { readForm, refusalOf } from "../page-form.ts";
import { parseInput } from "../../endpoint.ts";
import { AppError } from "../../errors.ts";
import { type AppContext, type AppEnv, isFragmentRequest } from "../../http.ts";
import { verbContext } from "../../verb-context.ts";
import { createRun } from "../../pipelines/runs/create-run.ts";
import { progressOfAll } from "../runs/runs-table.tsx";
import { deletePipeline } from "../../pipelines/definitions/delete-pipeline.ts";
import { PipelineDeletePage } from "./pipeline/delete-page.tsx";
import { PipelinePage, RunsCard } from "./pipeline/page.tsx";
import { pipelinePath, pipelinesPath, runPath } from "../../pipelines/definitions/pipeline-paths.ts";
import { pipelineFrame, pipelineView } from "./pipeline/view.ts";
import { PipelinesCard, PipelinesPage } from "./list/page.tsx";
import { pipelinesView, statesOf } from "./list/view.ts";
import { updatePipeline } from "../../pipelines/definitions/update-pipeline.ts";

/** /projects/{project}/pipelines and /pipelines/{pipeline}: seen by viewers, run, changed and deleted by contributors. */
export const pipelinePages = new Hono<AppEnv>();

pipelinePages.get("/projects/:project/pipelines", async (c) => {
  const view = await pipelinesView(c);
  const seen = c.req.query("seen");
  if (!isFragmentRequest(c) || seen === undefined) return c.html(<PipelinesPage view={view} />);
  return seen === statesOf(view) ? c.body(null, 204) : c.html(<PipelinesCard view={view} />);
});

pipelinePages.get("/pipelines/:pipeline", async (c) => {
  const view = await pipelineView(c);
  const seen = c.req.query("seen");
  if (!isFragmentRequest(c) || seen === undefined) return c.html(<PipelinePage view={view} />);
  return seen === progressOfAll(view.runs) ? c.body(null, 204) : c.html(<RunsCard view={view} />);
});

pipelinePages.post("/pipelines/:pipeline/runs", async (c) => {
  const { pipeline } = await pipelineFrame(c, "change");
  try {
    const run = await createRun(verbContext(c), { pipeline: pipeline.id });
    return c.redirect(runPath(run), 303);
  } catch (error) {
    return refused(c, error);
  }
});

const enabledForm = z.object({ enabled: z.enum(["true", "false"], "enabled is true or false.") });

pipelinePages.post("/pipelines/:pipeline/enabled", async (c) => {
  const { pipeline } = await pipelineFrame(c, "change");
  const fields = await readForm(c);
  try {
    const { enabled } = parseInput(enabledForm, fields);
    await updatePipeline(verbContext(c), { pipeline: pipeline.id, enabled: enabled === "true" });
  } catch (error) {
    return refused(c, error);
  }
  return c.redirect(pipelinePath(pipeline), 303);
});

pipelinePages.get("/pipelines/:pipeline/delete", async (c) => {
  const { db: _, ...view } = await pipelineFrame(c, "delete");
  return c.html(<PipelineDeletePage view={view} message={undefined} />);
});

pipelinePages.post("/pipelines/:pipeline/delete", async (c) => {
  const { db: _, ...view } = await pipelineFrame(c, "delete");
  const { pipeline, project } = view;
  const { confirm = "" } = await readForm(c);
  try {
    if (confirm.trim() !== pipeline.name.trim()) throw new AppError("invalid_input", "The name does not match.");
    await deletePipeline(verbContext(c), { pipeline: pipeline.id });
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<PipelineDeletePage view={view} message={errors[0]?.message} />, status);
  }
  return c.redirect(pipelinesPath(project), 303);
});

/** The page of the pipeline, with why something was not done. */
async function refused(c: AppContext, error: unknown): Promise<Response> {
  const { status, errors } = refusalOf(c, error);
  return c.html(<PipelinePage view={await pipelineView(c)} refusal={errors[0]?.message} />, status);
}
