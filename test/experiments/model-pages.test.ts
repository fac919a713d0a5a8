import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { parseMapping } from "../../src/experiments/import/parse-mapping.ts";
import { models } from "../../src/experiments/schema.ts";
import { eq } from "drizzle-orm";
import * as onnx from "../onnx/build-model.ts";
import { callApi, type Instance, startInstance } from "../support/instance.ts";
import { type PagePart, parsePage, readPage } from "../support/page-dom.ts";
import {
  addExperiment,
  addModel,
  addVersion,
  MAPPING,
  memberBrowser,
  onnxFile,
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
    const page = parsePage(await trialOf(site.browser, path));
    expect(page.text).toContain("Succeeded");
    // Without a name, that of the file.
    expect(page.byRole("heading", "forest").is("h1")).toBe(true);
    // A threshold of 10 instead of 20 is wrong in 10 of 40 rows: 10 of the 20 unsold are called sold.
    expect(page.text).toContain("Measured on 40 training rows");
    expect(page.fact("Accuracy")).toBe("0.7500");
    expect(shades(page)).toEqual([
      ["main", "4", "10"],
      ["warning", "4", "10"],
      ["warning", "0", "0"],
      ["main", "8", "20"],
    ]);
    const input = page.byRole("table", "Inputs").row("x");
    expect([input.cell("Columns").text, input.cell("Shape").text]).toEqual(["area, rooms", "[rows, 2]"]);
    expect(page.byRole("table", "Outputs").text).toContain("The probability of each class");
    expect(page.text).toContain("no (0 in the model), yes (1 in the model)");
    expect(page.text).toContain("WASM memory that the model used in its trial");
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(file)));
    expect(page.text).toContain([...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    const download = await site.browser.get(page.css('a[href^="/api/v1/models/"][href$="/file"]').href ?? "");
    expect(new Uint8Array(await download.arrayBuffer())).toEqual(Uint8Array.from(file));
  });

  it("shows the report of a file that is refused, with the form kept", async () => {
    const kept = (await env.STORE.list({ prefix: "models/" })).objects.length;
    const unknown = onnx.model({ nodes: [onnx.node("Frobnicate", ["x"], ["y"])] });
    const parts = { file: onnxFile(unknown), name: "My <forest>", mapping: "input: [area, rooms, town]" };
    const response = await upload(site.browser, `${version}/models/new`, parts);
    const page = await readPage(response);
    expect(response.status).toBe(422);
    expect(page.has("heading", "Report on the file")).toBe(true);
    expect(page.all(".report-message").map(({ text }) => text)).toContainEqual(expect.stringContaining("Frobnicate"));
    expect(page.byLabel("Name").value).toBe("My <forest>");
    expect(page.byLabel("Mapping").value).toBe("input: [area, rooms, town]");
    expect((await env.STORE.list({ prefix: "models/" })).objects.length).toBe(kept);
  });

  it("says at the field what is wrong with the mapping, the name or a file that is missing", async () => {
    const path = `${version}/models/new`;
    const missing = await upload(site.browser, path, { name: "x" });
    expect([missing.status, (await readPage(missing)).byLabel("ONNX file").problem]).toEqual([
      422,
      "Choose the ONNX file of the model.",
    ]);
    const file = onnxFile(thresholdModel(20));
    const mapping = await upload(site.browser, path, { file, mapping: "- a\n- b" });
    expect([mapping.status, (await readPage(mapping)).byLabel("Mapping").problem]).toEqual([
      422,
      expect.stringContaining("must be an object"),
    ]);
    const name = await upload(site.browser, path, { file, name: "n".repeat(121) });
    expect([name.status, (await readPage(name)).byLabel("Name").problem]).toEqual([
      422,
      expect.stringContaining("120"),
    ]);
  });

  it("shows a mapping of this version's own columns, which can be used as it is", async () => {
    const page = await site.browser.page(`${version}/models/new`);
    const { inputs, classNames } = parseMapping(page.css("#mapping-example").source);
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
    const running = await site.browser.page(path);
    expect(running.css("[hx-trigger]").attribute("hx-get")).toBe(`${path}?seen=running`);
    expect(running.text).toContain("in its trial");
    expect(await poll(path, "running")).toMatchObject({ status: 204, text: "" });
    await instance.db.update(models).set({ state: "succeeded" }).where(eq(models.id, id));
    const ended = await poll(path, "running");
    const part = parsePage(ended.text);
    expect([ended.status, part.ids]).toEqual([200, ["model"]]);
    expect(part.text).toContain("Succeeded");
    expect(part.all("[hx-trigger]")).toEqual([]);
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
    const page = await site.browser.page(path);
    expect(page.text).toContain("It broke <there>.");
    expect(page.links).not.toContainEqual(expect.stringContaining("deployments/new"));
    expect(page.all("[hx-trigger]")).toEqual([]);
  });
});

describe("deleting a model", () => {
  it("asks for the name, then takes the row and the files, and leads back to the version", async () => {
    const path = await addModel(site, version, "Doomed", 20);
    const id = path.split("/").at(-1) ?? "";
    expect((await site.browser.page(`${path}/delete`)).has("textbox", "Type Doomed to confirm")).toBe(true);
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
    const page = await readPage(refused);
    expect(refused.status).toBe(409);
    expect(page.text).toContain('the deployment "Sales" (version 2)');
    expect(page.text).not.toContain('"Purged"');
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
    expect((await contributor.page(path)).links).not.toContain(`${path}/delete`);
    expect((await site.browser.page(path)).links).toContain(`${path}/delete`);
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
function shades(page: PagePart): (string | null)[][] {
  const cells = page.byRole("table", /^Confusion matrix/).all(".shade");
  return cells.map((cell) => [cell.attribute("data-series"), cell.attribute("data-shade"), cell.text]);
}
