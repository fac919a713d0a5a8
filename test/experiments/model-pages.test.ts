import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { parseMapping } from "../../src/experiments/import/parse-mapping.ts";
import { models } from "../../src/experiments/schema.ts";
import { eq } from "drizzle-orm";
import * as onnx from "../onnx/build-model.ts";
import { callApi, type Instance, startInstance } from "../support/instance.ts";
import {
  addExperiment,
  addModel,
  addVersion,
  MAPPING,
  memberBrowser,
  onnxFile,
  pageText,
  redirectOf,
  type Site,
  startSite,
  thresholdModel,
  trialOf,
  upload,
} from "./pages-fixtures.ts";

let instance: Instance;
let site: Site;
let experiment: string;
let version: string;

beforeAll(async () => {
  instance = await startInstance();
  site = await startSite();
  experiment = await addExperiment(site);
  version = await addVersion(site, experiment);
});

describe("uploading a model", () => {
  it("leads to the page of the model, which ends with its metrics, inputs, outputs and file", async () => {
    const file = thresholdModel(10);
    const parts = { file: onnxFile(file, "forest.onnx"), mapping: MAPPING };
    const path = await redirectOf(await upload(site.browser, `${version}/models/new`, parts));
    const page = await trialOf(site.browser, path);
    expect(page).toContain("Succeeded");
    // Without a name, that of the file.
    expect(page).toContain(">forest</h1>");
    // A threshold of 10 instead of 20 is wrong in 10 of 40 rows: 10 of the 20 unsold are called sold.
    expect(page).toContain("Measured on 40 training rows");
    expect(page).toMatch(/Accuracy<\/dt><dd class="stat-value">0.7500</);
    expect(shades(page)).toEqual([
      ["main", "4", "10"],
      ["warning", "4", "10"],
      ["warning", "0", "0"],
      ["main", "8", "20"],
    ]);
    expect(page).toContain("<code>area</code>, <code>rooms</code>");
    expect(page).toContain("[rows, 2]");
    expect(page).toContain("The probability of each class");
    expect(page).toContain("no (0 in the model), yes (1 in the model)");
    expect(page).toContain("WASM memory that the model used in its trial");
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(file)));
    expect(page).toContain([...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    const download = await site.browser.get(page.match(/href="(\/api\/v1\/models\/[^"]*\/file)"/)?.[1] ?? "");
    expect(new Uint8Array(await download.arrayBuffer())).toEqual(Uint8Array.from(file));
  });

  it("shows the report of a file that is refused, with the form kept", async () => {
    const kept = (await env.STORE.list({ prefix: "models/" })).objects.length;
    const unknown = onnx.model({ nodes: [onnx.node("Frobnicate", ["x"], ["y"])] });
    const parts = { file: onnxFile(unknown), name: "My <forest>", mapping: "input: [area, rooms, town]" };
    const response = await upload(site.browser, `${version}/models/new`, parts);
    const page = await response.text();
    expect(response.status).toBe(422);
    expect(page).toContain("Report on the file");
    expect(page).toMatch(/class="report-message">.*?Frobnicate/s);
    expect(page).toContain('value="My &lt;forest&gt;"');
    expect(page).toContain("input: [area, rooms, town]");
    expect((await env.STORE.list({ prefix: "models/" })).objects.length).toBe(kept);
  });

  it("says at the field what is wrong with the mapping, the name or a file that is missing", async () => {
    const path = `${version}/models/new`;
    const missing = await upload(site.browser, path, { name: "x" });
    expect([missing.status, fieldError(await missing.text(), "file")]).toEqual([
      422,
      "Choose the ONNX file of the model.",
    ]);
    const file = onnxFile(thresholdModel(20));
    const mapping = await upload(site.browser, path, { file, mapping: "- a\n- b" });
    expect([mapping.status, fieldError(await mapping.text(), "mapping")]).toEqual([
      422,
      expect.stringContaining("must be an object"),
    ]);
    const name = await upload(site.browser, path, { file, name: "n".repeat(121) });
    expect([name.status, fieldError(await name.text(), "name")]).toEqual([422, expect.stringContaining("120")]);
  });

  it("shows a mapping of this version's own columns, which can be used as it is", async () => {
    const page = await pageText(site.browser, `${version}/models/new`);
    const example = page.match(/id="mapping-example">([^<]*)</)?.[1]?.replaceAll("&quot;", '"') ?? "";
    const { inputs, classNames } = parseMapping(example);
    expect([inputs.get(""), classNames]).toEqual([
      ["area", "rooms", "town"],
      ["no", "yes"],
    ]);
  });

  it("is for contributors", async () => {
    const viewer = await memberBrowser(site, "viewer");
    expect((await viewer.get(`${version}/models/new`)).status).toBe(403);
    const parts = { file: onnxFile(thresholdModel(20)), mapping: MAPPING };
    expect((await upload(viewer, `${version}/models/new`, parts)).status).toBe(403);
  });
});

describe("the page of a model that is being tried", () => {
  it("polls with the state it saw, gets 204 while that holds and the part once it does not, which polls no more", async () => {
    const path = await addModel(site, version, "Polled", 20);
    const id = path.split("/").at(-1) ?? "";
    await instance.db.update(models).set({ state: "running" }).where(eq(models.id, id));
    const running = await pageText(site.browser, path);
    expect(running).toContain(`hx-get="${path}?seen=running"`);
    expect(running).toContain("in its trial");
    expect(await poll(path, "running")).toMatchObject({ status: 204, text: "" });
    await instance.db.update(models).set({ state: "succeeded" }).where(eq(models.id, id));
    const ended = await poll(path, "running");
    expect(ended.status).toBe(200);
    expect(ended.text).toMatch(/^<div class="page-part" id="model">/);
    expect(ended.text).toContain("Succeeded");
    expect(ended.text).not.toContain("hx-trigger");
  });

  it("says why a model failed, without metrics or a way to deploy it", async () => {
    const path = await addModel(site, version, "Failing", 20);
    const id = path.split("/").at(-1) ?? "";
    const failed = {
      state: "failed",
      errorCode: "model_run",
      errorMessage: "It broke <there>.",
      metrics: null,
    } as const;
    await instance.db.update(models).set(failed).where(eq(models.id, id));
    const page = await pageText(site.browser, path);
    expect(page).toContain("It broke &lt;there&gt;.");
    expect(page).not.toContain("deployments/new");
    expect(page).not.toContain("hx-trigger");
  });
});

describe("deleting a model", () => {
  it("asks for the name, then takes the row and the files, and leads back to the version", async () => {
    const path = await addModel(site, version, "Doomed", 20);
    const id = path.split("/").at(-1) ?? "";
    expect(await pageText(site.browser, `${path}/delete`)).toContain("Type ");
    const wrong = await site.browser.post(`${path}/delete`, { confirm: "Dooomed" });
    expect([wrong.status, await wrong.text()]).toEqual([422, expect.stringContaining("The name does not match")]);
    expect(await objectsOf(id)).not.toEqual([]);
    const done = await site.browser.post(`${path}/delete`, { confirm: "Doomed" });
    expect([done.status, done.headers.get("location")]).toEqual([303, version]);
    expect(await objectsOf(id)).toEqual([]);
    expect((await site.browser.get(path)).status).toBe(404);
    expect((await site.browser.post(`${path}/delete`, { confirm: "Doomed" })).status).toBe(404);
  });

  it("refuses while a deployment uses it in any version, names it, and keeps everything", async () => {
    const path = await addModel(site, version, "Used", 20);
    const id = path.split("/").at(-1) ?? "";
    const other = await addModel(site, version, "Other", 20);
    await deployment(site, "Sales", [other.split("/").at(-1) ?? "", id]);
    await deployment(site, "Purged", [id], { deletedAt: 1, purgedAt: 2 });
    const refused = await site.browser.post(`${path}/delete`, { confirm: "Used" });
    const page = await refused.text();
    expect(refused.status).toBe(409);
    expect(page).toContain("the deployment &quot;Sales&quot; (version 2)");
    expect(page).not.toContain("&quot;Purged&quot;");
    expect(await objectsOf(id)).not.toEqual([]);
    const api = await callApi("DELETE", `/api/v1/models/${id}`, undefined, site.owner.token);
    expect([api.status, api.at("code")]).toEqual([409, "conflict"]);
  });

  it("refuses a challenger too, and says so where the deployment is only being removed", async () => {
    const path = await addModel(site, version, "Challenging", 20);
    const id = path.split("/").at(-1) ?? "";
    const main = (await addModel(site, version, "Main", 20)).split("/").at(-1) ?? "";
    await deployment(site, "Going", [main], { deletedAt: 1, challenger: id });
    const refused = await site.browser.post(`${path}/delete`, { confirm: "Challenging" });
    expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining("just being removed")]);
  });

  it("lets contributors delete what they made, and nothing else", async () => {
    const path = await addModel(site, version, "Of the owner", 20);
    const contributor = await memberBrowser(site, "contributor");
    expect(await pageText(contributor, path)).not.toContain(`${path}/delete`);
    expect(await pageText(site.browser, path)).toContain(`${path}/delete`);
    expect((await contributor.post(`${path}/delete`, { confirm: "Of the owner" })).status).toBe(403);
    const own = await addModel({ ...site, browser: contributor }, version, "Own", 20);
    expect((await contributor.post(`${own}/delete`, { confirm: "Own" })).status).toBe(303);
    const viewer = await memberBrowser(site, "viewer");
    expect((await viewer.post(`${path}/delete`, { confirm: "Of the owner" })).status).toBe(403);
  });
});

async function poll(path: string, seen: string): Promise<{ status: number; text: string }> {
  const headers = { accept: "text/html", cookie: site.browser.cookie, "hx-request": "true" };
  const response = await instance.fetch(`${path}?seen=${seen}`, { headers });
  return { status: response.status, text: await response.text() };
}

async function objectsOf(modelId: string): Promise<string[]> {
  return (await env.STORE.list({ prefix: `models/${modelId}/` })).objects.map((object) => object.key);
}

interface DeploymentParts {
  deletedAt?: number;
  purgedAt?: number;
  challenger?: string;
}

/** Writes a deployment straight into the store, with a version for each main model. */
async function deployment({ slug }: Site, name: string, mains: string[], parts: DeploymentParts = {}): Promise<void> {
  const { DB } = env;
  const id = `dep_${name}`;
  const project = await DB.prepare("select id from projects where slug = ?").bind(slug).first<string>("id");
  await DB.prepare(
    `insert into deployments (id, slug, "projectId", "experimentId", name, access, "typePolicy", deployed, "currentVersion",
      "createdBy", "createdAt", "deletedAt", "purgedAt") values (?, ?, ?, ?, ?, 'project', 'strict', 'deployed', 1, 'usr', 1, ?, ?)`,
  )
    .bind(id, name, project, experiment.split("/").at(-1), name, parts.deletedAt ?? null, parts.purgedAt ?? null)
    .run();
  // What is purged has no versions any more.
  for (const [index, main] of (parts.purgedAt === undefined ? mains : []).entries()) {
    await DB.prepare(
      `insert into deployment_versions (id, "deploymentId", number, "mainModelId", "challengerModelId", "createdBy", "createdAt")
        values (?, ?, ?, ?, ?, 'usr', 1)`,
    )
      .bind(`dpv_${name}_${index}`, id, index + 1, main, parts.challenger ?? null)
      .run();
  }
}

/** The confusion matrix as [series, shade, count] of its cells. */
function shades(page: string): (string | undefined)[][] {
  const cells = page.matchAll(/class="shade" data-series="(\w+)" data-shade="(\d)"[^>]*>([^<]*)</g);
  return [...cells].map(([, series, shade, count]) => [series, shade, count]);
}

function fieldError(page: string, field: string): string | undefined {
  return page.match(new RegExp(`id="field-${field}-error">([^<]*)<`))?.[1];
}
