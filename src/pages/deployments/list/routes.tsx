import { Hono } from "hono";
import { z } from "zod";
import { requireUser } from "../../../access/authorize.ts";
import { isAllowed } from "../../../access/rights.ts";
import { database } from "../../../db.ts";
import { listExperiments } from "../../../experiments/queries.ts";
import { type AppContext, type AppEnv, isFragmentRequest } from "../../../http.ts";
import { pageFrame } from "../../page-frame.ts";
import { requireProject } from "../../../projects/queries.ts";
import { ButtonLink } from "../../../ui/button.tsx";
import { AppShell, type Frame } from "../../../ui/layout.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { DeploymentList } from "./deployment-list.tsx";
import type { DeploymentListView } from "./view.ts";
import { crumbsToList, statusOf } from "../deployment-shell.tsx";
import { targetOf } from "../../../deployments/find-deployment.ts";
import { LISTED_AGE_MS_MAX } from "../../../deployments/running-status.ts";
import { searchDeployments } from "../../../deployments/search-deployments.ts";

/** /projects/{project}/deployments: the list. */
export const listPages = new Hono<AppEnv>();

// Anything may stand in an address that people edit: what makes no sense is left out.
const searchQuery = z.object({
  q: z.string().max(120).catch(""),
  sort: z.enum(["name", "created"]).catch("created"),
  direction: z.enum(["ascending", "descending"]).catch("descending"),
  page: z.coerce.number().int().min(1).max(10_000).catch(1),
});

listPages.get("/projects/:project/deployments", async (c) => {
  const db = database(c.env);
  const { caller } = c.var;
  const project = await requireProject(db, caller, c.req.param("project"), "read");
  const query = searchQuery.parse(c.req.query());
  const search = { term: query.q, sort: query.sort, direction: query.direction, page: query.page };
  const { items, total } = await searchDeployments(db, project.id, search);
  const building = items.filter(({ deployed }) => deployed === "building").map(({ id }) => id);
  const seen = c.req.query("seen");
  if (isFragmentRequest(c) && seen === building.join(".")) return c.body(null, 204);
  const [rows, experiments] = await Promise.all([
    Promise.all(items.map((deployment) => rowOf(c, deployment))),
    total === 0 ? listExperiments(db, caller, project.id, { limit: 1, cursor: null }) : null,
  ]);
  const list: DeploymentListView = {
    project,
    rows,
    total,
    search,
    building,
    mayCreate: isAllowed(caller, "change", { projectId: project.id }),
    hasExperiments: experiments === null || experiments.items.length > 0,
  };
  if (isFragmentRequest(c)) return c.html(<DeploymentList list={list} />);
  return c.html(<ListPage frame={await pageFrame(db, requireUser(caller), project)} list={list} />);
});

async function rowOf(c: AppContext, deployment: Parameters<typeof statusOf>[1]) {
  return {
    deployment,
    status: await statusOf(c, deployment, LISTED_AGE_MS_MAX),
    mayDelete: isAllowed(c.var.caller, "delete", targetOf(deployment)),
  };
}

function ListPage({ frame, list }: { frame: Frame; list: DeploymentListView }) {
  const { project, mayCreate } = list;
  return (
    <AppShell title="Deployments" frame={frame} section="deployments" breadcrumb={crumbsToList(project)}>
      <PageHeader
        title="Deployments"
        description="A deployment serves a model of an experiment at a REST address and a form, and records its answers."
        actions={
          mayCreate && (
            <ButtonLink href={`/projects/${project.slug}/deployments/new`} variant="primary" icon="plus">
              Deploy a new experiment
            </ButtonLink>
          )
        }
      />
      <DeploymentList list={list} />
    </AppShell>
  );
}
