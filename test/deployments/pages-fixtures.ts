import { addExperiment, addModel, addVersion, type Site, startSite } from "../experiments/pages-fixtures.ts";
import type { Answer } from "../support/answer.ts";
import { callApi, fetchInstance } from "../support/instance.ts";

/** A project with two models of one experiment: `Sharp` says yes above 20, as the data do, `Early` above 10. */
export interface ModelledSite extends Site {
  experimentId: string;
  sharpId: string;
  earlyId: string;
}

export async function startModelledSite(): Promise<ModelledSite> {
  const site = await startSite();
  const experiment = await addExperiment(site);
  const version = await addVersion(site, experiment);
  const sharp = await addModel(site, version, "Sharp", 20);
  const early = await addModel(site, version, "Early", 10);
  return { ...site, experimentId: lastPart(experiment), sharpId: lastPart(sharp), earlyId: lastPart(early) };
}

export function lastPart(path: string): string {
  return path.split("/").at(-1) ?? "";
}

export interface Wanted {
  access?: "public" | "instance" | "project";
  challenger?: boolean;
  token?: string;
}

/** Deploys `Sharp`, with `Early` as challenger unless told otherwise, and waits until it is deployed. Returns the slug. */
export async function deployed(site: ModelledSite, name: string, wanted: Wanted = {}): Promise<string> {
  const token = wanted.token ?? site.owner.token;
  const body = {
    name,
    description: `About ${name}`,
    experiment_id: site.experimentId,
    main: { version: 1, model_id: site.sharpId },
    ...(wanted.challenger === false ? {} : { challenger: { version: 1, model_id: site.earlyId } }),
    access: wanted.access ?? "project",
  };
  const answer = await callApi("POST", `/api/v1/projects/${site.slug}/deployments`, body, token);
  if (answer.at("deployed") !== "deployed") throw new Error(JSON.stringify(answer.body));
  return answer.text("slug");
}

/** Predicts one row for each area, in one call. */
export async function predict(site: Site, slug: string, areas: number[]): Promise<Answer> {
  const rows = areas.map((area) => ({ area, rooms: 2 }));
  return callApi("POST", `/api/v1/deployments/${slug}/predict`, { rows }, site.owner.token);
}

/** Waits until the challenger has answered every recorded row. */
export async function challengerDone(site: Site, slug: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await callApi("GET", `/api/v1/deployments/${slug}/predictions`, undefined, site.owner.token);
    if (answer.each("challenger.state").every((state) => state !== "pending")) return;
    await scheduler.wait(100);
  }
  throw new Error("the challenger did not catch up");
}

/** Asks for a page as htmx does. */
export async function fragment(site: Site, path: string): Promise<Response> {
  return fetchInstance(path, { headers: { accept: "text/html", cookie: site.browser.cookie, "hx-request": "true" } });
}
