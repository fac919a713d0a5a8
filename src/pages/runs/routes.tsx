import { Hono } from "hono";
import { refusalOf } from "../page-form.ts";
import { type AppContext, type AppEnv, isFragmentRequest } from "../../http.ts";
import { verbContext } from "../../verb-context.ts";
import { runPath } from "../../pipelines/definitions/pipeline-paths.ts";
import { cancelRun } from "../../pipelines/runs/cancel-run.ts";
import { retryRun } from "../../pipelines/runs/retry-run.ts";
import { RunPage, RunPart } from "./page.tsx";
import { runView } from "./view.ts";
import { progressOf } from "../../pipelines/runs/run-words.ts";

/** /runs/{run}: seen by viewers of its project, cancelled and retried by contributors. */
export const runPages = new Hono<AppEnv>();

runPages.get("/runs/:run", async (c) => {
  const view = await runView(c, "read");
  const seen = c.req.query("seen");
  if (!isFragmentRequest(c) || seen === undefined) return c.html(<RunPage view={view} />);
  return seen === progressOf(view.run) ? c.body(null, 204) : c.html(<RunPart view={view} />);
});

runPages.post("/runs/:run/cancel", (c) => change(c, cancelRun));
runPages.post("/runs/:run/retry", (c) => change(c, retryRun));

/** Goes back to the run, or says on its page why it does not. */
async function change(c: AppContext, verb: typeof cancelRun): Promise<Response> {
  const { run } = await runView(c, "change");
  try {
    await verb(verbContext(c), { run: run.id });
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<RunPage view={await runView(c, "change")} refusal={errors[0]?.message} />, status);
  }
  return c.redirect(runPath(run), 303);
}
