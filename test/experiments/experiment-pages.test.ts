import { beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../support/browser.ts";
import { createUser, startInstance } from "../support/instance.ts";
import {
  addExperiment,
  addModel,
  addVersion,
  browserOf,
  memberBrowser,
  pageText,
  type Site,
  startSite,
} from "./pages-fixtures.ts";

let site: Site;
let list: string;

beforeAll(async () => {
  await startInstance();
  site = await startSite();
  list = `/projects/${site.slug}/experiments`;
});

describe("the experiments page", () => {
  it("says how to begin where nothing is yet, and creates an experiment without JavaScript", async () => {
    const fresh = await startSite();
    const path = `/projects/${fresh.slug}/experiments`;
    expect(await pageText(fresh.browser, path)).toContain("No experiments yet");
    const experiment = await addExperiment(fresh, "Prices <of> houses");
    expect(experiment).toMatch(/^\/experiments\/exp_\w+$/);
    const page = await pageText(fresh.browser, path);
    expect(page).toContain(`<a href="${experiment}">Prices &lt;of&gt; houses</a>`);
    expect(page).toContain("Binary classification");
    expect(page).toContain("by A user");
    expect(page).not.toContain("No experiments yet");
  });

  it("shows the form again with what was typed and what is wrong with it", async () => {
    const response = await site.browser.post(`${list}/new`, { name: " ", target: "price", description: "As it was" });
    const page = await response.text();
    expect(response.status).toBe(422);
    expect(page).toContain("Give a name.");
    expect(page).toContain("Choose a task.");
    expect(page).toContain('value="price"');
    expect(page).toContain("As it was");
  });

  it("counts versions and models", async () => {
    const experiment = await addExperiment(site, "Counted");
    await addVersion(site, experiment);
    const version = await addVersion(site, experiment);
    await addModel(site, version, "One", 20);
    const row = (await pageText(site.browser, list)).match(/<tr[^>]*>(?:(?!<\/tr>).)*Counted.*?<\/tr>/s)?.[0] ?? "";
    const cells = [...row.matchAll(/data-label="(Versions|Models)">([^<]*)</g)].map(([, label, text]) => [label, text]);
    expect(cells).toEqual([
      ["Versions", "2"],
      ["Models", "1"],
    ]);
  });

  it("goes through a long list by pages", async () => {
    const many = await startSite();
    for (let index = 1; index <= 3; index++) await addExperiment(many, `Numbered ${index}`);
    const first = await pageText(many.browser, `/projects/${many.slug}/experiments?limit=2`);
    expect(first).toContain("Numbered 3");
    expect(first).not.toContain("Numbered 1");
    const next = first.match(/href="([^"]*\?cursor=[^"]*)"/)?.[1] ?? "";
    expect(await pageText(many.browser, next)).toContain("Numbered 1");
  });
});

describe("the page of an experiment", () => {
  it("asks for training data first", async () => {
    const experiment = await addExperiment(site, "Empty");
    const page = await pageText(site.browser, experiment);
    expect(page).toContain("No training data yet");
    expect(page).toContain(`${experiment}/versions/new`);
    expect(page).not.toContain("/deployments/new");
  });

  it("puts the metrics of models side by side and marks the best of one version", async () => {
    const experiment = await addExperiment(site, "Compared");
    const version = await addVersion(site, experiment);
    await addModel(site, version, "Exact", 20);
    await addModel(site, version, "Rough", 10);
    const page = await pageText(site.browser, experiment);
    // `sold` is area > 20 in 40 rows, so a threshold of 10 is wrong in the ten rows from 11 to 20.
    expect(accuracyOf(page, "Exact")).toMatch(/<strong>1.0000<\/strong>.*best/s);
    expect(accuracyOf(page, "Rough")).toBe("0.7500");
    expect(page).toContain("Version 1, measured on 40 training rows");
    expect(page).toMatch(/Version 1<\/a>.*data-label="Models">2</s);
    expect(page).toContain(`/projects/${site.slug}/deployments/new?experiment=${experiment.split("/").at(-1)}`);
  });

  it("marks none where only one model was measured on the rows", async () => {
    const experiment = await addExperiment(site, "Alone");
    await addModel(site, await addVersion(site, experiment), "First", 20);
    await addModel(site, await addVersion(site, experiment), "Second", 10);
    expect(await pageText(site.browser, experiment)).not.toContain(">best<");
  });
});

describe("who may", () => {
  it("lets viewers read and hides what they may not do", async () => {
    const experiment = await addExperiment(site, "Watched");
    await addModel(site, await addVersion(site, experiment), "Seen", 20);
    const viewer = await memberBrowser(site, "viewer");
    const page = await pageText(viewer, experiment);
    expect(page).toContain("Seen");
    expect(page).not.toMatch(/Add version|Upload model|deployments\/new/);
    expect(await pageText(viewer, list)).not.toContain("New experiment");
    expect((await viewer.get(`${list}/new`)).status).toBe(403);
    expect((await viewer.post(`${list}/new`, { name: "x", task: "regression" })).status).toBe(403);
  });

  it("refuses end users, strangers and who is not signed in", async () => {
    const experiment = await addExperiment(site, "Kept");
    const endUser = await memberBrowser(site, "end_user");
    expect([(await endUser.get(list)).status, (await endUser.get(experiment)).status]).toEqual([403, 403]);
    const stranger = await browserOf(await createUser());
    expect([(await stranger.get(list)).status, (await stranger.get(experiment)).status]).toEqual([404, 404]);
    const nobody = await new Browser().get(experiment);
    expect([nobody.status, nobody.headers.get("location")]).toEqual([
      303,
      `/sign-in?next=${encodeURIComponent(experiment)}`,
    ]);
  });
});

/** What stands in the accuracy column of a model's row. */
function accuracyOf(page: string, model: string): string | undefined {
  const row = page.match(new RegExp(`<tr[^>]*>(?:(?!</tr>).)*>${model}</a>.*?</tr>`, "s"))?.[0] ?? "";
  return row.match(/data-label="Accuracy">(.*?)<\/td>/s)?.[1];
}
