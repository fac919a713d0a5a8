import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { pipelines } from "../../../src/pipelines/schema.ts";
import { browserOf, memberBrowser, redirectOf, type Site, startSite } from "../../experiments/pages-fixtures.ts";
import type { Browser } from "../../support/browser.ts";
import { deployModel } from "../../support/deployment.ts";
import { callApi, createUser, type Instance, startInstance } from "../../support/instance.ts";
import { timesModel } from "../../support/models.ts";
import { type PagePart, parsePage, readPage } from "../../support/page-dom.ts";

const PASSWORD = "p4ssw0rd-that-nobody-reads";
const WAREHOUSE = {
  name: "Warehouse",
  "settings.host": "db.example.org",
  "settings.port": "5433",
  "settings.database": "sales",
  "settings.user": "reader",
  "settings.tls": "true",
  "secret.password": PASSWORD,
};
const HOOK = {
  name: "Hook",
  "settings.url": "https://hooks.example.org/rows?token=t0p",
  "secret.signing_key": "a key of 16 signs",
};

let instance: Instance;
let site: Site;
let path: string;

beforeAll(async () => {
  instance = await startInstance();
  // The PostgreSQL of the tests is on this machine.
  env.ALLOW_PRIVATE_NETWORK = "1";
});

beforeEach(async () => {
  site = await startSite();
  path = `/projects/${site.slug}/connections`;
});

afterEach(() => {
  vi.restoreAllMocks();
});

const page = (address = path, browser = site.browser) => browser.page(address);

/** Adds a connection by the form of its kind; returns its id. */
async function add(kind: string, fields: Record<string, string>, browser = site.browser): Promise<string> {
  expect(await redirectOf(await browser.post(`${path}/new?kind=${kind}`, fields))).toBe(path);
  const listed = await callApi("GET", `/api/v1${path}`, undefined, site.owner.token);
  return listed.text("items.0.id");
}

/** What the fields of a form hold, by their names. */
function valuesIn(part: PagePart): Record<string, string | null> {
  return Object.fromEntries(part.all("input").map((input) => [input.attribute("name"), input.attribute("value")]));
}

describe("the list of connections", () => {
  it("says what would be there, and is in the project's navigation", async () => {
    const empty = await page();
    expect(empty.text).toContain("No connections yet");
    expect(empty.links).toContain(`${path}/new`);
    const beside = await page(`/projects/${site.slug}/experiments`);
    expect(beside.byRole("navigation", "Main").links).toContain(path);
  });

  it("shows of each what it is, where it leads, and which pipelines use it, but no secret of any kind", async () => {
    const store = {
      name: "Store",
      "settings.endpoint": "https://s3.example.org",
      "settings.region": "auto",
      "settings.bucket": "forecasts",
      "settings.access_key_id": "AKIA0",
      "secret.secret_access_key": PASSWORD,
    };
    const id = await add("postgres", WAREHOUSE);
    await add("s3", store);
    await add("http", HOOK);
    const deployment = await deployModel({ csv: "amount\n1\n2\n3", model: timesModel(2), owner: site.owner });
    const made = await callApi("GET", `/api/v1/connections/${id}`, undefined, site.owner.token);
    await instance.db.insert(pipelines).values({
      id: `pip_${id}`,
      projectId: made.text("project_id"),
      deploymentId: deployment.id,
      name: "Each Monday",
      source: { kind: "query", connection_id: id, sql: "select 1" },
      destinations: [{ connection_id: id, table: "t", mode: "append" }],
      enabled: true,
      createdBy: site.owner.id,
      createdAt: 1,
    });
    const markup = await (await site.browser.get(path)).text();
    const { text } = parsePage(markup);
    for (const words of [
      "db.example.org:5433/sales",
      "as reader, encrypted",
      "forecasts",
      "at s3.example.org, auto",
      "https://hooks.example.org/rows",
    ])
      expect(text).toContain(words);
    expect(text.split("Each Monday")).toHaveLength(2);
    expect(markup).not.toContain(PASSWORD);
    expect(markup).not.toContain("t0p");

    const refused = await site.browser.post(`${path}/${id}/delete`, { confirm: "Warehouse" });
    expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining("Each Monday")]);
  });
});

describe("the form for a connection", () => {
  it.each(["postgres", "mysql", "s3", "http"])(
    "of the kind %s asks for its settings and has no script of its own",
    async (kind) => {
      const form = await page(`${path}/new?kind=${kind}`);
      const kinds = form.byRole("navigation", "Kind of connection");
      expect(kinds.css('[aria-current="page"]').href).toBe(`${path}/new?kind=${kind}`);
      const secret = form.form(`${path}/new?kind=${kind}`).css('[name^="secret."]');
      expect(secret.is('[type="password"][autocomplete="new-password"]')).toBe(true);
    },
  );

  it("comes back with what was typed but the secret, and says at the field what is wrong", async () => {
    const response = await site.browser.post(`${path}/new?kind=postgres`, {
      ...WAREHOUSE,
      "settings.host": "169.254.169.254",
      "settings.port": "no port",
    });
    expect(response.status).toBe(422);
    const markup = await response.text();
    const form = parsePage(markup);
    expect(form.byLabel("Port").problem).toContain("port must be a number");
    expect(valuesIn(form)).toMatchObject({
      name: "Warehouse",
      "settings.host": "169.254.169.254",
      "settings.port": "no port",
      "secret.password": null,
    });
    expect(markup).not.toContain(PASSWORD);
    expect(form.text).toContain("Type it again");
    const reserved = await site.browser.post(`${path}/new?kind=postgres`, {
      ...WAREHOUSE,
      "settings.host": "169.254.169.254",
    });
    expect([reserved.status, await reserved.text()]).toEqual([422, expect.stringContaining("never called")]);
  });

  it("keeps a box that was unticked, and takes the usual port where none is given", async () => {
    const { "settings.tls": _, ...plain } = { ...WAREHOUSE, "settings.port": "", name: "" };
    const form = await readPage(await site.browser.post(`${path}/new?kind=mysql`, plain));
    expect(form.byLabel("Encrypt the connection").isChecked).toBe(false);
    const id = await add("mysql", { ...plain, name: "Shop" });
    const made = await callApi("GET", `/api/v1/connections/${id}`, undefined, site.owner.token);
    expect(made.at("settings")).toMatchObject({ port: 3306, tls: false });
  });
});

describe("the test of a connection", () => {
  const { password, ...server } = inject("postgres");
  const fields = {
    name: "Local",
    "settings.host": server.host,
    "settings.port": String(server.port),
    "settings.database": server.database,
    "settings.user": server.user,
    ...(server.tls && { "settings.tls": "true" }),
  };

  it("says in place that the database works", async () => {
    const id = await add("postgres", { ...fields, "secret.password": password });
    expect((await page()).all(`#verdict-${id}`)).toHaveLength(1);
    const answer = await site.browser.post(`${path}/${id}/test`, {}, { "hx-request": "true" });
    const part = await readPage(answer);
    expect([answer.status, part.isWhole]).toEqual([200, false]);
    expect(part.text).toContain(`Signed in to ${server.database} as ${server.user}`);
    const api = await callApi("POST", `/api/v1/connections/${id}/test`, {}, site.owner.token);
    expect(api.body).toEqual({ ok: true, detail: expect.stringContaining("Signed in") });
  });

  it("says on the page, without JavaScript, what is wrong, and nothing of the password anywhere", async () => {
    const logged: unknown[] = [];
    for (const level of ["debug", "log", "info", "warn", "error"] as const)
      vi.spyOn(console, level).mockImplementation((...words: unknown[]) => void logged.push(...words));
    const id = await add("postgres", { ...fields, "secret.password": PASSWORD });
    const answer = await site.browser.post(`${path}/${id}/test`, {});
    const markup = await answer.text();
    const main = parsePage(markup).byRole("main");
    expect(answer.status).toBe(200);
    expect(main.text).toContain("Local does not work");
    expect(main.text).toContain(`The password of ${server.user} is wrong.`);
    const api = await callApi("POST", `/api/v1/connections/${id}/test`, {}, site.owner.token);
    expect(api.at("ok")).toBe(false);
    expect(
      JSON.stringify([markup, api.body, logged.map((one) => (one instanceof Error ? one.stack : one))]),
    ).not.toContain(PASSWORD);
  });

  it("is refused like any other page when the connection is gone", async () => {
    const id = await add("http", HOOK);
    await callApi("DELETE", `/api/v1/connections/${id}`, undefined, site.owner.token);
    expect((await site.browser.post(`${path}/${id}/test`, {}, { "hx-request": "true" })).status).toBe(404);
  });
});

describe("who may do what on the pages of connections", () => {
  it("lets contributors add, test and delete their own, viewers see, and nobody else know", async () => {
    const contributor = await memberBrowser(site, "contributor");
    const viewer = await memberBrowser(site, "viewer");
    const owners = await add("http", HOOK);
    const own = await add("http", { ...HOOK, name: "Own hook" }, contributor);
    const seen = await page(path, viewer);
    expect(seen.text).toContain("Own hook");
    expect([...seen.links, ...seen.actions]).not.toContainEqual(
      expect.stringMatching(/\/connections\/.*(new|test|delete)/),
    );
    const theirs = await page(path, contributor);
    expect(theirs.links).toContain(`${path}/${own}/delete`);
    expect(theirs.links).not.toContain(`${path}/${owners}/delete`);

    const statuses = async (browser: Browser, id: string) => [
      (await browser.get(`${path}/new`)).status,
      (await browser.get(`${path}/${id}/delete`)).status,
      (await browser.post(`${path}/${id}/delete`, { confirm: "Hook" })).status,
    ];
    expect(await statuses(viewer, owners)).toEqual([403, 403, 403]);
    expect(await statuses(contributor, owners)).toEqual([200, 403, 403]);
    expect(await statuses(await browserOf(await createUser()), owners)).toEqual([404, 404, 404]);
    expect((await contributor.post(`${path}/${own}/delete`, { confirm: "Hook" })).status).toBe(422);
    expect(await redirectOf(await contributor.post(`${path}/${own}/delete`, { confirm: "Own hook" }))).toBe(path);
    expect((await page()).text).not.toContain("Own hook");
    const log = await page(`/projects/${site.slug}/audit`);
    expect(log.text).toContain("Deleted the connection");
    expect(log.text).toContain("Created the connection");
  });

  it("does not find the connection of another project under one's own", async () => {
    const id = await add("http", HOOK);
    const other = await startSite();
    for (const action of ["test", "delete"])
      expect(
        (await other.browser.post(`/projects/${other.slug}/connections/${id}/${action}`, { confirm: "Hook" })).status,
      ).toBe(404);
    expect((await page()).text).toContain("Hook");
  });
});

describe("the form that changes a connection", () => {
  it("shows the settings and no secret, keeps the secret when the field is empty, and replaces it when it is not", async () => {
    const id = await add("postgres", WAREHOUSE);
    const markup = await (await site.browser.get(`${path}/${id}/edit`)).text();
    expect(valuesIn(parsePage(markup))).toMatchObject({
      name: "Warehouse",
      "settings.host": "db.example.org",
      "settings.port": "5433",
    });
    expect(markup).not.toContain(PASSWORD);
    const { "secret.password": _, ...kept } = WAREHOUSE;
    const sealed = async () =>
      (
        await env.DB.prepare('select "sealedSecret" as secret from connections where id = ?')
          .bind(id)
          .first<{ secret: string }>()
      )?.secret;
    const before = await sealed();
    const changed = { ...kept, name: "Renamed", "secret.password": "" };
    expect(await redirectOf(await site.browser.post(`${path}/${id}/edit`, changed))).toBe(path);
    expect([await sealed(), (await page()).text.includes("Renamed")]).toEqual([before, true]);
    await site.browser.post(`${path}/${id}/edit`, { ...kept, "secret.password": "rotated" });
    expect(await sealed()).not.toBe(before);
    const refused = await site.browser.post(`${path}/${id}/edit`, {
      ...kept,
      "settings.host": "else.example.org",
      "secret.password": "",
    });
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining("Give it again")]);
  });
});
