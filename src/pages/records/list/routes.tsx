import { Hono } from "hono";
import { z } from "zod";
import { database } from "../../../db.ts";
import { deploymentView } from "../../deployments/deployment-shell.tsx";
import { listDeploymentVersions } from "../../../deployments/queries.ts";
import { RecordsPage } from "./page.tsx";
import { type AppContext, type AppEnv, isFragmentRequest, pageRequest } from "../../../http.ts";
import { listRecords } from "../../../inference/read/list-records.ts";
import { DeploymentRunsCard, DeploymentRunsPage, type DeploymentRunsView } from "../../runs/deployment-runs.tsx";
import { listDeploymentRuns } from "../../../pipelines/runs/queries.ts";
import { progressOfAll } from "../../runs/runs-table.tsx";

/** /deployments/{deployment}/predictions and /runs: what a deployment has answered, call by call and run by run. */
export const predictionsPages = new Hono<AppEnv>();

/** On the page of predictions; all of them are on a page of their own. */
const NEWEST_RUNS = 3;

// Anything may stand in an address that people edit: what makes no sense is left out.
const filterQuery = z.object({
  version: z.coerce.number().int().min(1).nullable().catch(null).default(null),
  disagree: z.literal("true").optional().catch(undefined),
  source: z.enum(["online", "batch", "all"]).catch("all").default("all"),
});

predictionsPages.get("/deployments/:deployment/predictions", async (c) => {
  const db = database(c.env);
  const view = await deploymentView(c);
  const { version, disagree, source } = filterQuery.parse(c.req.query());
  const filter = { version, disagree: disagree === "true", source };
  const page = pageRequest(c);
  const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  const [{ items, nextCursor }, versions, runs] = await Promise.all([
    listRecords(c.env, db, view.deployment.id, { ...everything, ...filter }, page),
    listDeploymentVersions(db, view.deployment.id),
    runsOf(c, view, true),
  ]);
  return c.html(
    <RecordsPage
      view={view}
      records={items}
      filter={filter}
      versions={versions}
      nextCursor={nextCursor}
      isFirst={page.cursor === null}
      runs={<DeploymentRunsCard view={runs} />}
      hasRuns={runs.runs.length > 0}
    />,
  );
});

predictionsPages.get("/deployments/:deployment/runs", async (c) => {
  const deployment = await deploymentView(c);
  const seen = c.req.query("seen");
  const view = await runsOf(c, deployment, c.req.query("newest") === "true");
  if (!isFragmentRequest(c) || seen === undefined) return c.html(<DeploymentRunsPage view={view} />);
  return seen === progressOfAll(view.runs) ? c.body(null, 204) : c.html(<DeploymentRunsCard view={view} />);
});

async function runsOf(
  c: AppContext,
  deployment: Awaited<ReturnType<typeof deploymentView>>,
  newestOnly: boolean,
): Promise<DeploymentRunsView> {
  const page = newestOnly ? { limit: NEWEST_RUNS, cursor: null } : pageRequest(c);
  const { items, nextCursor } = await listDeploymentRuns(database(c.env), c.var.caller, deployment.deployment.id, page);
  return { ...deployment, runs: items, newestOnly, cursor: page.cursor, nextCursor };
}
