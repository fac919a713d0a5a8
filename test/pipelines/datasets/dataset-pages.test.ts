import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { datasets } from "../../../src/pipelines/schema.ts";
import {
  browserOf,
  csvFile,
  memberBrowser,
  redirectOf,
  type Site,
  startSite,
  upload,
} from "../../experiments/pages-fixtures.ts";
import { Answer } from "../../support/answer.ts";
import type { Browser } from "../../support/browser.ts";
import { expectStatus, upload as sendFile } from "../../support/deployment.ts";
import { callApi, createUser, fetchInstance, type Instance, startInstance } from "../../support/instance.ts";
import { readPage } from "../../support/page-dom.ts";

const CSV = "age,town\n30,Ulm\n40,Bonn\n";

let instance: Instance;
let site: Site;
let path: string;
let api: string;

beforeAll(async () => {
  instance = await startInstance();
});

beforeEach(async () => {
  site = await startSite();
  path = `/projects/${site.slug}/datasets`;
  api = `/api/v1${path}`;
});

const page = (address = path, browser = site.browser) => browser.page(address);

async function add(name: string, csv = CSV, browser = site.browser): Promise<string> {
  expect(await redirectOf(await upload(browser, `${path}/new`, { name, file: csvFile(csv) }))).toBe(path);
  return (await callApi("GET", api, undefined, site.owner.token)).text("items.0.id");
}

/** Sends bytes to the real Worker. */
async function send(method: string, address: string, body?: string, type?: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${site.owner.token}`, ...(type !== undefined && { "content-type": type }) };
  return Answer.of(await fetchInstance(address, { method, headers, ...(body !== undefined && { body }) }));
}

describe("a dataset of the real Worker", () => {
  it("is uploaded as multipart, as bytes, and in parts", async () => {
    const found = { state: "succeeded", rows: 2, columns: ["age", "town"], bytes: CSV.length };
    const form = { name: "Form", file: { name: "rows.csv", content: CSV } };
    expect(expectStatus(await sendFile(api, site.owner.token, form), 201).body).toMatchObject({
      ...found,
      name: "Form",
    });
    const raw = await send("POST", `${api}?name=Raw`, CSV, "text/csv");
    expect(expectStatus(raw, 201).body).toMatchObject({ ...found, name: "Raw" });

    const begun = await callApi("POST", `${api}/uploads`, { name: "Parts", format: "csv" }, site.owner.token);
    const parts = `${api}/uploads/${expectStatus(begun, 201).text("id")}`;
    expect(begun.at("state")).toBe("pending");
    // Rows go across the parts.
    const cut = 5_242_880;
    const large = "age,town\n" + "30,Ulm\n".repeat(1_000_000);
    expectStatus(await send("PUT", `${parts}/parts/2`, large.slice(cut)), 200);
    expectStatus(await send("PUT", `${parts}/parts/1`, large.slice(0, cut)), 200);
    const done = expectStatus(await send("POST", `${parts}/complete`), 201);
    expect(done.body).toMatchObject({ name: "Parts", state: "succeeded", rows: 1_000_000, bytes: large.length });

    const listed = await callApi("GET", api, undefined, site.owner.token);
    expect(listed.each("name")).toEqual(["Parts", "Raw", "Form"]);
    const document = await callApi("GET", "/openapi.json");
    expect(document.at("paths")).toHaveProperty("/api/v1/projects/{p}/datasets/uploads/{id}/parts/{k}");
  });
});

describe("the page of datasets", () => {
  it("says what would be there, and is in the project's navigation", async () => {
    expect((await page()).text).toContain("No datasets yet");
    const beside = await page(`/projects/${site.slug}/experiments`);
    expect(beside.byRole("navigation", "Main").links).toContain(path);
  });

  it("takes a file by a plain form, and shows what was found in it", async () => {
    const form = (await page(`${path}/new`)).form(`${path}/new`);
    expect(form.is('[method="post"][enctype="multipart/form-data"]')).toBe(true);
    await add("People");
    await add("", CSV);
    await add("Broken", "age,town\n30\n");
    const list = await page();
    for (const words of ["People", "training.csv", "Ready", "Failed", "Line 2 has 1 field"])
      expect(list.text).toContain(words);
    expect(list.all('[title="age, town"]')).not.toEqual([]);
    expect(list.all("[hx-get]")).toEqual([]);
  });

  it("asks again while a file is being read, and is answered once it has changed", async () => {
    const id = await add("Slow");
    await instance.db.update(datasets).set({ state: "running", rows: null, columns: null }).where(eq(datasets.id, id));
    const address = (await page()).css("[hx-get]").attribute("hx-get") ?? "";
    const poll = async () => {
      const headers = { cookie: site.browser.cookie, accept: "text/html", "hx-request": "true" };
      return fetchInstance(address, { headers });
    };
    expect((await poll()).status).toBe(204);
    await instance.db.update(datasets).set({ state: "succeeded", rows: 2 }).where(eq(datasets.id, id));
    const changed = await poll();
    const part = await readPage(changed);
    expect([changed.status, part.isWhole, part.all("[hx-get]")]).toEqual([200, false, []]);
    expect(part.text).toContain("Ready");
  });

  it("shows an upload in parts with what has arrived of it", async () => {
    const begun = await callApi("POST", `${api}/uploads`, { name: "Under way", format: "csv" }, site.owner.token);
    await send("PUT", `${api}/uploads/${begun.text("id")}/parts/1`, "x".repeat(12_300));
    const { text } = await page();
    expect(text).toContain("Uploading");
    expect(text).toContain("12.3 kB");
  });

  it("comes back with the name and the reason when a file is missing or a name too long", async () => {
    const missing = await upload(site.browser, `${path}/new`, { name: "Nameless" });
    const form = await readPage(missing);
    expect(missing.status).toBe(422);
    expect(form.byLabel("File").problem).toBe("Choose a CSV or Parquet file.");
    expect(form.byLabel("Name").value).toBe("Nameless");
    const long = await upload(site.browser, `${path}/new`, { name: "x".repeat(121), file: csvFile(CSV) });
    expect(long.status).toBe(422);
    const headers = { "content-length": "26000000", "content-type": "multipart/form-data; boundary=x" };
    const sentFrom = { accept: "text/html", cookie: site.browser.cookie, "sec-fetch-site": "same-origin" };
    const large = await fetchInstance(`${path}/new`, {
      method: "POST",
      headers: { ...headers, ...sentFrom },
      body: "x",
    });
    expect([large.status, await large.text()]).toEqual([413, expect.stringContaining("25 MB")]);
    expect((await callApi("GET", api, undefined, site.owner.token)).each("id")).toEqual([]);
  });

  it("goes on behind its first page", async () => {
    for (const name of ["First", "Second", "Third"]) await add(name);
    const first = await page(`${path}?limit=2`);
    expect([first.text.includes("Third"), first.text.includes("First")]).toEqual([true, false]);
    expect((await page(`${first.link("Older").href}&limit=2`)).text).toContain("First");
  });
});

describe("who may do what on the pages of datasets", () => {
  it("lets contributors upload and delete their own, viewers see, and nobody else know", async () => {
    const contributor = await memberBrowser(site, "contributor");
    const viewer = await memberBrowser(site, "viewer");
    const owners = await add("Owner's");
    const own = await add("Own", CSV, contributor);
    const seen = await page(path, viewer);
    expect(seen.text).toContain("Own");
    expect([...seen.links, ...seen.actions]).not.toContainEqual(expect.stringMatching(/\/datasets\/.*(new|delete)/));
    const statuses = async (browser: Browser, id: string) => [
      (await browser.get(`${path}/new`)).status,
      (await upload(browser, `${path}/new`, {})).status,
      (await browser.get(`${path}/${id}/delete`)).status,
      (await browser.post(`${path}/${id}/delete`, { confirm: "Owner's" })).status,
    ];
    expect(await statuses(viewer, owners)).toEqual([403, 403, 403, 403]);
    expect(await statuses(contributor, owners)).toEqual([200, 422, 403, 403]);
    expect(await statuses(await browserOf(await createUser()), owners)).toEqual([404, 404, 404, 404]);
    expect((await contributor.post(`${path}/${own}/delete`, { confirm: "Other" })).status).toBe(422);
    expect(await redirectOf(await contributor.post(`${path}/${own}/delete`, { confirm: "Own" }))).toBe(path);
    const left = await callApi("GET", api, undefined, site.owner.token);
    expect(left.each("id")).toEqual([owners]);
    expect((await page(`/projects/${site.slug}/audit`)).text).toContain("Deleted the dataset");
  });

  it("does not find the dataset of another project under one's own", async () => {
    const id = await add("Mine");
    const other = await startSite();
    const answer = await other.browser.post(`/projects/${other.slug}/datasets/${id}/delete`, { confirm: "Mine" });
    expect(answer.status).toBe(404);
    expect((await page()).text).toContain("Mine");
  });
});
