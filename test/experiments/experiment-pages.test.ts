import { beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../support/browser.ts";
import { createUser, startInstance } from "../support/instance.ts";
import { type PagePart, readPage } from "../support/page-dom.ts";
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
    expect((await fresh.browser.page(path)).text).toContain("No experiments yet");
    const experiment = await addExperiment(fresh, "Prices <of> houses");
    expect(experiment).toMatch(/^\/experiments\/exp_\w+$/);
    const page = await fresh.browser.page(path);
    expect(page.link("Prices <of> houses").href).toBe(experiment);
    expect(page.text).toContain("Binary classification");
    expect(page.text).toContain("by A user");
    expect(page.text).not.toContain("No experiments yet");
  });

  it("shows the form again with what was typed and what is wrong with it", async () => {
    const response = await site.browser.post(`${list}/new`, { name: " ", target: "price", description: "As it was" });
    const page = await readPage(response);
    expect(response.status).toBe(422);
    expect(page.byLabel("Name").problem).toBe("Give a name.");
    expect(page.byRole("group", "Task").problem).toBe("Choose a task.");
    expect(page.byLabel("Target column").value).toBe("price");
    expect(page.byLabel("Description").value).toBe("As it was");
  });

  it("counts versions and models", async () => {
    const experiment = await addExperiment(site, "Counted");
    await addVersion(site, experiment);
    const version = await addVersion(site, experiment);
    await addModel(site, version, "One", 20);
    const row = (await site.browser.page(list)).row(/^Counted/);
    expect([row.cell("Versions").text, row.cell("Models").text]).toEqual(["2", "1"]);
  });

  it("goes through a long list by pages", async () => {
    const many = await startSite();
    for (let index = 1; index <= 3; index++) await addExperiment(many, `Numbered ${index}`);
    const first = await many.browser.page(`/projects/${many.slug}/experiments?limit=2`);
    expect(first.text).toContain("Numbered 3");
    expect(first.text).not.toContain("Numbered 1");
    expect((await many.browser.page(first.link("Older").href ?? "")).text).toContain("Numbered 1");
  });
});

describe("the page of an experiment", () => {
  it("asks for training data first", async () => {
    const experiment = await addExperiment(site, "Empty");
    const page = await site.browser.page(experiment);
    expect(page.text).toContain("No training data yet");
    expect(page.links).toContain(`${experiment}/versions/new`);
    expect(page.links).not.toContainEqual(expect.stringContaining("/deployments/new"));
  });

  it("puts the metrics of models side by side and marks the best of one version", async () => {
    const experiment = await addExperiment(site, "Compared");
    const version = await addVersion(site, experiment);
    await addModel(site, version, "Exact", 20);
    await addModel(site, version, "Rough", 10);
    const page = await site.browser.page(experiment);
    // `sold` is area > 20 in 40 rows, so a threshold of 10 is wrong in the ten rows from 11 to 20.
    const [exact, rough] = [accuracyOf(page, "Exact"), accuracyOf(page, "Rough")];
    expect([exact.css("strong").text, exact.text, rough.text]).toEqual(["1.0000", "1.0000 best", "0.7500"]);
    expect(page.text).toContain("Version 1, measured on 40 training rows");
    expect(page.byRole("table", "Versions").row("Version 1").cell("Models").text).toBe("2");
    expect(page.links).toContain(`/projects/${site.slug}/deployments/new?experiment=${experiment.split("/").at(-1)}`);
  });

  it("marks none where only one model was measured on the rows", async () => {
    const experiment = await addExperiment(site, "Alone");
    await addModel(site, await addVersion(site, experiment), "First", 20);
    await addModel(site, await addVersion(site, experiment), "Second", 10);
    const page = await site.browser.page(experiment);
    expect([accuracyOf(page, "First").text, accuracyOf(page, "Second").text]).toEqual(["1.0000", "0.7500"]);
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
function accuracyOf(page: PagePart, model: string): PagePart {
  return page.row(new RegExp(`^${model} `)).cell("Accuracy");
}
