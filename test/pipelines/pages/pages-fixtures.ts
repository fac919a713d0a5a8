import { memberBrowser, browserOf, type Site } from "../../experiments/pages-fixtures.ts";
import type { Browser } from "../../support/browser.ts";
import { deployModel, expectStatus, type TestDeployment } from "../../support/deployment.ts";
import { callApi, fetchInstance } from "../../support/instance.ts";
import type { PagePart } from "../../support/page-dom.ts";
import { timesModel } from "../../support/models.ts";

/** A deployment with main (2 × amount) and challenger (3 × amount) in a project of its own, seen by its owner. */
export interface PipelineSite {
  deployment: TestDeployment;
  browser: Browser;
  /** Where the project's pipelines are. */
  path: string;
}

export async function startPipelineSite(): Promise<PipelineSite> {
  const deployment = await deployModel({
    csv: "amount\n1\n2\n3\n",
    model: timesModel(2),
    challenger: { model: timesModel(3) },
    name: "Doubling",
  });
  const project = await callApi("GET", `/api/v1/projects/${deployment.project}`, undefined, deployment.owner.token);
  const path = `/projects/${expectStatus(project, 200).text("slug")}/pipelines`;
  return { deployment, browser: await browserOf(deployment.owner), path };
}

/** A browser of a new member of the project. */
export function memberOf({ deployment, browser }: PipelineSite, role: Parameters<typeof memberBrowser>[1]) {
  const site: Site = { slug: deployment.project, owner: deployment.owner, browser };
  return memberBrowser(site, role);
}

/** Asks, or sends a form, as htmx does. */
export function asHtmx(browser: Browser, path: string, fields?: Record<string, string>): Promise<Response> {
  const headers = {
    accept: "text/html",
    cookie: browser.cookie,
    "hx-request": "true",
    "sec-fetch-site": "same-origin",
  };
  const body = fields && new URLSearchParams(fields);
  return fetchInstance(path, { method: fields ? "POST" : "GET", headers, ...(body && { body }) });
}

/** Where the element with the id asks for itself again; null when it does not. */
export function pollOf(page: PagePart, id: string): string | null {
  return page.css(`#${id}`).attribute("hx-get");
}

/** Where the forms about runs are sent. */
export function runActionsOf(page: PagePart): string[] {
  return page.actions.filter((action) => action.startsWith("/runs"));
}
