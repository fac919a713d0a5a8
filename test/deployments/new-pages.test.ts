import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { models } from "../../src/experiments/schema.ts";
import {
  addExperiment,
  addModel,
  addVersion,
  memberBrowser,
  pageText,
  redirectOf,
  startSite,
} from "../experiments/pages-fixtures.ts";
import { type Instance, startInstance } from "../support/instance.ts";
import { attribute, tags } from "../ui/html.ts";
import { fragment, type ModelledSite, startModelledSite } from "./pages-fixtures.ts";

let instance: Instance;
let site: ModelledSite;
let form: string;

beforeAll(async () => {
  instance = await startInstance();
  site = await startModelledSite();
  form = `/projects/${site.slug}/deployments/new`;
});

/** The markup of the select with this name. */
function selectOf(page: string, name: string): string {
  return page.match(new RegExp(`<select[^>]* name="${name}"[^]*?</select>`))?.[0] ?? "";
}

function errorOf(page: string, field: string): string | undefined {
  return page.match(new RegExp(`id="field-${field}-error">([^<]*)<`))?.[1];
}

describe("choosing what to deploy", () => {
  it("leads a project without experiments to them", async () => {
    const empty = await startSite();
    const page = await pageText(empty.browser, `/projects/${empty.slug}/deployments/new`);
    expect(page).toContain("Create an experiment first");
    expect(page).not.toContain("<select");
  });

  it("offers the models of the only experiment by version, with key metric and memory", async () => {
    const page = await pageText(site.browser, form);
    const main = selectOf(page, "main.model_id");
    expect(main).toContain('<optgroup label="Version 1">');
    // `Early` is wrong in 10 of the 20 unsold: its probabilities 0.9 and 0.1 rank 0.75 of the pairs rightly, counting ties half.
    expect(main).toMatch(/>Early · ROC AUC 0\.750* · [\d.]+ MB of memory</);
    expect(main).toMatch(/>Sharp · ROC AUC 1(\.0+)? · /);
    expect(selectOf(page, "challenger.model_id")).toMatch(/<option value="" selected="">No challenger</);
  });

  it("asks for the experiment first where there are several, and shows its models without JavaScript", async () => {
    const two = await startModelledSite();
    await addExperiment(two, "Another one");
    const path = `/projects/${two.slug}/deployments/new`;
    const before = await pageText(two.browser, path);
    expect(selectOf(before, "experiment")).toContain("Choose an experiment");
    expect(before).toContain("Choose an experiment above");
    expect(selectOf(before, "main.model_id")).toBe("");
    const after = await pageText(two.browser, `${path}?experiment=${two.experimentId}`);
    expect(selectOf(after, "main.model_id")).toContain(two.sharpId);
    expect(after).toContain(`type="hidden" name="experiment_id" value="${two.experimentId}"`);
    const part = await (await fragment(two, `${path}/models?experiment=${two.experimentId}`)).text();
    expect(part).toMatch(/^<div class="stack" id="model-choice">/);
    expect(selectOf(part, "main.model_id")).toContain(two.sharpId);
    const asked = await pageText(two.browser, `${path}?experiment=${two.experimentId}&model=${two.earlyId}`);
    expect(selectOf(asked, "main.model_id")).toContain(`value="${two.earlyId}" selected`);
  });

  it("says of a model that cannot be deployed why, and does not let it be chosen", async () => {
    const other = await startModelledSite();
    const path = `/projects/${other.slug}/deployments/new`;
    const failure = { state: "failed" as const, errorCode: "model_run", errorMessage: "It answers NaN." };
    await instance.db.update(models).set(failure).where(eq(models.id, other.earlyId));
    const page = await pageText(other.browser, path);
    expect(page).toContain("Early · failed its trial: It answers NaN.");
    const options = tags(selectOf(page, "main.model_id"), "option");
    const early = options.find((option) => attribute(option, "value") === other.earlyId);
    expect(early).toContain("disabled");
    // The only model that is left is chosen already.
    expect(options.find((option) => attribute(option, "value") === other.sharpId)).toContain("selected");
    await instance.db.update(models).set({ state: "running" }).where(eq(models.id, other.sharpId));
    expect(await pageText(other.browser, path)).toContain("is ready");
  });

  it("is for contributors", async () => {
    const viewer = await memberBrowser(site, "viewer");
    expect((await viewer.get(form)).status).toBe(403);
    expect((await viewer.post(form, { name: "No" })).status).toBe(403);
    expect((await (await startSite()).browser.get(form)).status).toBe(404);
  });
});

describe("deploying", () => {
  it("leads to the page of the deployment, which runs", async () => {
    const contributor = await memberBrowser(site, "contributor");
    const path = await redirectOf(
      await contributor.post(form, {
        experiment_id: site.experimentId,
        name: "Houses, live",
        description: "For the shop",
        "main.model_id": site.sharpId,
        "challenger.model_id": site.earlyId,
        access: "public",
        type_policy: "strict",
      }),
    );
    expect(path).toBe("/deployments/houses-live");
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const page = await pageText(contributor, path);
      if (page.includes("hx-trigger")) continue;
      expect(page).toContain("For the shop");
      expect(page).toContain(`<a href="/models/${site.sharpId}">Sharp</a>`);
      expect(page).toContain(`<a href="/models/${site.earlyId}">Early</a>`);
      expect(page).toMatch(/Access<\/dt><dd>Public/);
      expect(page).toMatch(/Invalid values<\/dt><dd>Strict/);
      return;
    }
    throw new Error("It was not built in time.");
  });

  it("takes no challenger, and falls back to the project and to best effort", async () => {
    const fields = {
      experiment_id: site.experimentId,
      name: "Alone",
      "main.model_id": site.earlyId,
      "challenger.model_id": "",
    };
    const page = await pageText(site.browser, await redirectOf(await site.browser.post(form, fields)));
    expect(page).toMatch(/Challenger<\/dt><dd><span class="muted">None/);
    expect(page).toMatch(/Access<\/dt><dd>Project/);
    expect(page).toMatch(/Invalid values<\/dt><dd>Best effort/);
  });

  it("says at the fields what is wrong and keeps what was typed", async () => {
    const response = await site.browser.post(form, {
      experiment_id: site.experimentId,
      name: " ",
      description: "Kept as it was",
      "challenger.model_id": site.earlyId,
      access: "public",
    });
    const page = await response.text();
    expect(response.status).toBe(422);
    expect(errorOf(page, "name")).toBe("Give a name.");
    expect(errorOf(page, "main_2e_model_5f_id")).toBe("Choose the main model.");
    expect(page).toContain("Kept as it was");
    expect(selectOf(page, "challenger.model_id")).toContain(`value="${site.earlyId}" selected`);
    expect(tags(page, "input").find((tag) => attribute(tag, "value") === "public")).toContain("checked");
  });

  it("refuses a model of another project, and two that do not fit the memory, at their fields", async () => {
    const other = await startModelledSite();
    const fields = { experiment_id: site.experimentId, name: "Mixed", "main.model_id": other.sharpId };
    const mixed = await site.browser.post(form, fields);
    expect([mixed.status, errorOf(await mixed.text(), "main_2e_model_5f_id")]).toEqual([
      422,
      expect.stringContaining("There is no such model"),
    ]);
    const path = `/projects/${other.slug}/deployments/new`;
    await instance.db.update(models).set({ heapBytes: 60_000_000 }).where(eq(models.id, other.sharpId));
    await instance.db.update(models).set({ heapBytes: 70_000_000 }).where(eq(models.id, other.earlyId));
    const heavy = await other.browser.post(path, {
      experiment_id: other.experimentId,
      name: "Heavy",
      "main.model_id": other.sharpId,
      "challenger.model_id": other.earlyId,
    });
    expect([heavy.status, errorOf(await heavy.text(), "challenger_2e_model_5f_id")]).toEqual([
      422,
      expect.stringContaining("130 MB"),
    ]);
  });

  it("refuses an experiment of another project at the choice of the experiment", async () => {
    const two = await startSite();
    const experiment = await addExperiment(two);
    await addExperiment(two, "A second one");
    await addModel(two, await addVersion(two, experiment), "Only", 20);
    const path = `/projects/${two.slug}/deployments/new`;
    const fields = { experiment_id: site.experimentId, name: "Foreign", "main.model_id": site.sharpId };
    const response = await two.browser.post(path, fields);
    expect([response.status, errorOf(await response.text(), "experiment")]).toEqual([
      422,
      "There is no such experiment in this project.",
    ]);
    const none = await two.browser.post(path, { name: "Nothing chosen" });
    expect([none.status, errorOf(await none.text(), "experiment")]).toEqual([422, "Choose an experiment first."]);
  });
});
