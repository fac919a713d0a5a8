import { memberBrowser, browserOf, type Site } from "../../experiments/pages-fixtures.ts";
import type { Browser } from "../../support/browser.ts";
import { deployModel, expectStatus, type TestDeployment } from "../../support/deployment.ts";
import { callApi, fetchInstance } from "../../support/instance.ts";
import { timesModel } from "../../support/models.ts";
import { attribute, tags } from "../../ui/html.ts";

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

/** The page, which must be there. */
export async function pageOf(browser: Browser, path: string): Promise<string> {
  const response = await browser.get(path);
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.text();
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

/** Where the element with the id asks for itself again; undefined when it does not. */
export function pollOf(html: string, id: string): string | undefined {
  return attribute(
    tags(html, "div").find((tag) => attribute(tag, "id") === id),
    "hx-get",
  );
}

/** Where the forms of a page are sent. */
export function actionsOf(html: string): (string | undefined)[] {
  return tags(html, "form").map((tag) => attribute(tag, "action"));
}

/** The words of a page, without its markup. */
export function wordsOf(html: string): string {
  return html
    .replaceAll(/<(script|noscript)[^]*?<\/\1>/g, " ")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&quot;", '"')
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ([.,:)])/g, "$1");
}

/** What stands in a field of a form, and whether it is marked as wrong. */
export function fieldOf(html: string, name: string): { value: string | undefined; error: string | null } {
  const [tag] = ["input", "select", "textarea"]
    .flatMap((kind) => tags(html, kind))
    .filter((one) => attribute(one, "name") === name);
  const id = attribute(tag, "id") ?? "";
  const error = new RegExp(`id="${id}-error">([^<]*)<`).exec(html)?.[1] ?? null;
  const select = html.slice(html.indexOf(tag ?? "\0")).split("</select>")[0] ?? "";
  const chosen = tags(select, "option").find((option) => / selected/.test(option));
  const value = tag?.startsWith("<select") ? attribute(chosen, "value") : attribute(tag, "value");
  return { value, error };
}
