import { beforeAll, describe, expect, it } from "vitest";
import { callApi, startInstance } from "../../support/instance.ts";
import { type PagePart, readPage } from "../../support/page-dom.ts";
import { redirectOf } from "../../experiments/pages-fixtures.ts";
import { addConnection, addPipeline } from "../pipeline-fixtures.ts";
import { addDataset } from "../runs/batch.ts";
import { memberOf, type PipelineSite, startPipelineSite } from "./pages-fixtures.ts";

let site: PipelineSite;
let form: string;
let dataset: string;

beforeAll(async () => {
  await startInstance();
  site = await startPipelineSite();
  form = `${site.path}/new`;
  dataset = await addDataset(site.deployment, "amount\n1\n");
});

/** The least that makes a pipeline. */
function typed(more: Record<string, string> = {}): Record<string, string> {
  return {
    name: "From the form",
    deployment_id: site.deployment.id,
    enabled: "true",
    "source.kind": "dataset",
    "source.dataset_id": dataset,
    ...more,
  };
}

/** Sends the form and reads what it made through the API. */
async function made(more: Record<string, string>): Promise<Record<string, unknown>> {
  return stored(await redirectOf(await site.browser.post(form, typed(more))));
}

async function stored(path: string): Promise<Record<string, unknown>> {
  const answer = await callApi("GET", `/api/v1${path}`, undefined, site.deployment.owner.token);
  return answer.body as Record<string, unknown>;
}

async function refused(more: Record<string, string>, path = form): Promise<PagePart> {
  const response = await site.browser.post(path, typed(more));
  expect(response.status).toBe(422);
  return readPage(response);
}

describe("the form for a new pipeline", () => {
  it("makes one that runs when it is asked to", async () => {
    // The only deployment is chosen.
    expect((await site.browser.page(form)).byName("deployment_id").value).toBe(site.deployment.id);
    expect(await made({})).toMatchObject({
      name: "From the form",
      deployment_id: site.deployment.id,
      source: { kind: "dataset", dataset_id: dataset },
      destinations: [],
      schedule: null,
      enabled: true,
      notify: null,
    });
  });

  it("takes what each kind of source needs, and leaves out what was typed for another", async () => {
    const { owner, project } = site.deployment;
    const postgres = await addConnection(owner, project, "postgres");
    const s3 = await addConnection(owner, project, "s3");
    const sql = "select amount\nfrom sales";
    expect(await made({ "source.kind": "query", "source.connection_id": postgres, "source.sql": sql })).toMatchObject({
      source: { kind: "query", connection_id: postgres, sql },
    });
    const object = { "source.kind": "object", "source.connection_id": s3, "source.key": "in/*.csv", "source.sql": sql };
    expect((await made(object))["source"]).toEqual({ kind: "object", connection_id: s3, key: "in/*.csv" });
    const url = { "source.kind": "url", "source.url": "https://data.example.org/rows.csv" };
    expect((await made(url))["source"]).toEqual({ kind: "url", url: url["source.url"] });
  });

  it("takes up to three destinations, each with the fields of its kind, and passes over those that are empty", async () => {
    const { owner, project } = site.deployment;
    const postgres = await addConnection(owner, project, "postgres");
    const s3 = await addConnection(owner, project, "s3");
    const http = await addConnection(owner, project, "http");
    const pipeline = await made({
      "destinations[0].connection_id": "",
      "destinations[1].connection_id": postgres,
      "destinations[1].table": "sales.scores",
      "destinations[1].mode": "upsert",
      "destinations[1].key_columns": "id, region ,",
      "destinations[1].challenger": "true",
      "destinations[2].connection_id": s3,
      "destinations[2].key_pattern": "{date}.parquet",
      "destinations[2].format": "parquet",
      // Left from another connection that had been chosen before.
      "destinations[2].table": "old",
    });
    expect(pipeline["destinations"]).toEqual([
      {
        connection_id: postgres,
        table: "sales.scores",
        mode: "upsert",
        key_columns: ["id", "region"],
        challenger: true,
      },
      { connection_id: s3, key_pattern: "{date}.parquet", format: "parquet" },
    ]);
    const bare = await made({ "destinations[0].connection_id": http, "destinations[0].table": "old" });
    expect(bare["destinations"]).toEqual([{ connection_id: http }]);
  });

  it("reads times by the clock of the schedule's zone", async () => {
    const pipeline = await made({
      "schedule.preset": "own",
      "schedule.filled": "own",
      "schedule.cron": "15 7 * * 2",
      "schedule.timezone": "Europe/Paris",
      "schedule.starts_at": "2026-07-01T06:00",
      "schedule.ends_at": "2090-01-01T06:00",
    });
    expect(pipeline["schedule"]).toEqual({
      cron: "15 7 * * 2",
      timezone: "Europe/Paris",
      starts_at: "2026-07-01T04:00:00.000Z",
      ends_at: "2090-01-01T05:00:00.000Z",
    });
  });

  it("fills a preset in until its expression is changed by hand", async () => {
    const cronOf = async (more: Record<string, string>) =>
      Reflect.get(Object((await made({ "schedule.timezone": "UTC", ...more }))["schedule"]), "cron");
    expect(await cronOf({ "schedule.preset": "weekly" })).toBe("0 6 * * 1");
    const filled = { "schedule.preset": "weekly", "schedule.filled": "weekly" };
    expect(await cronOf({ ...filled, "schedule.cron": "0 8 * * 2" })).toBe("0 8 * * 2");
    // Without JavaScript another one was chosen, and not looked at before it was sent.
    const another = { "schedule.preset": "hourly", "schedule.filled": "weekly", "schedule.cron": "0 6 * * 1" };
    expect(await cronOf(another)).toBe("0 * * * *");
  });

  it("shows the signing secret of a webhook once, and the messages' receiver by its host", async () => {
    const notify = { "notify.by": "webhook", "notify.webhook_url": "https://hooks.example.org/secret-path" };
    const response = await site.browser.post(form, typed({ name: "Tells", ...notify }));
    const page = await readPage(response);
    expect(response.status).toBe(201);
    expect(page.byLabel("Signing secret").value).toMatch(/^tys_\w+$/);
    const path = page.css('form[action$="/runs"]').attribute("action")?.replace("/runs", "") ?? "";
    expect(await stored(path)).toMatchObject({ notify: { webhook_url: notify["notify.webhook_url"] } });
    expect(await (await site.browser.get(path)).text()).not.toContain("tys_");
    // The same address keeps its secret, another one gets one.
    const same = await site.browser.post(`${path}/edit`, typed({ name: "Tells more", ...notify }));
    expect(await redirectOf(same)).toBe(path);
    const other = { ...notify, "notify.webhook_url": "https://hooks.example.org/other" };
    const changed = await site.browser.post(`${path}/edit`, typed(other));
    expect(changed.status).toBe(200);
    expect((await readPage(changed)).byLabel("Signing secret").value).toMatch(/^tys_\w+$/);
  });
});

describe("a form that is refused", () => {
  it("comes back with each error at its field, and with what was typed", async () => {
    const s3 = await addConnection(site.deployment.owner, site.deployment.project, "s3");
    const page = await refused({
      "destinations[1].connection_id": s3,
      "destinations[1].key_pattern": "scores.csv",
      "destinations[1].format": "csv",
      "destinations[1].challenger": "true",
      "source.kind": "url",
      "source.url": "ftp://data.example.org/rows.csv",
    });
    // Of the second destination, though it is the first that was sent.
    const key = page.byRole("group", "Destination 2").byLabel("Key");
    expect([key.value, key.problem]).toEqual(["scores.csv", expect.stringContaining("{model}")]);
    const url = page.byLabel("URL");
    expect([url.value, url.problem]).toEqual(["ftp://data.example.org/rows.csv", expect.stringContaining("http")]);
    expect(page.byLabel("Name").value).toBe("From the form");
    expect(page.text).toContain("There are 2 problems");
  });

  it("says what is wrong with a schedule at the part of it that is wrong", async () => {
    const own = { "schedule.preset": "own", "schedule.filled": "own" };
    const schedule = { ...own, "schedule.cron": "0 6 *", "schedule.timezone": "Mars/Olympus" };
    const page = await refused({ ...schedule, "schedule.starts_at": "2026-05-04T06:00" });
    const cron = page.byLabel("Cron expression");
    expect([cron.value, cron.problem]).toEqual(["0 6 *", expect.stringMatching(/^Must have five/)]);
    expect(page.byLabel("Time zone").problem).toMatch(/^Must be a time zone/);
    const from = page.byLabel("From");
    expect([from.value, from.problem]).toEqual(["2026-05-04T06:00", null]);
    const bounds = { "schedule.starts_at": "2026-05-04T06:00", "schedule.ends_at": "2026-05-04T05:00" };
    const turned = await refused({ ...own, "schedule.cron": "0 6 * * *", "schedule.timezone": "UTC", ...bounds });
    expect(turned.byLabel("Until").problem).toBe("Must be after its start.");
    expect((await refused(own)).byLabel("Cron expression").problem).toMatch(/^Give a cron expression/);
  });

  it("asks for what is missing, whatever was chosen last", async () => {
    const page = await refused({ name: "", "source.kind": "query", "notify.by": "webhook" });
    expect(page.byLabel("Name").problem).not.toBeNull();
    expect(page.byLabel("Query").attribute("name")).toBe("source.sql");
    // What was chosen for another kind of source is kept, should it be chosen again.
    expect(page.byName("source.dataset_id").value).toBe(dataset);
    expect(page.byLabel("Webhook URL").problem).not.toBeNull();
  });
});

describe("the form of a pipeline that is there", () => {
  it("shows it as it is, and sent as it is changes nothing", async () => {
    const { owner, project } = site.deployment;
    const mysql = await addConnection(owner, project, "mysql");
    const id = await addPipeline(site.deployment, {
      name: "As it is",
      source: { kind: "dataset", dataset_id: dataset },
      destinations: [{ connection_id: mysql, table: "scores", mode: "upsert", key_columns: ["id", "day"] }],
      schedule: { cron: "0 6 * * 1", timezone: "Europe/Paris", starts_at: "2026-05-04T06:00:00+02:00" },
      enabled: false,
    });
    const before = await stored(`/pipelines/${id}`);
    const edited = (await site.browser.page(`/pipelines/${id}/edit`)).form(`/pipelines/${id}/edit`);
    const named = edited.all("input[name], select[name], textarea[name]");
    const fields = Object.fromEntries(named.map((field) => [field.attribute("name"), field.value]));
    expect(fields).toMatchObject({
      "schedule.preset": "weekly",
      "schedule.starts_at": "2026-05-04T06:00",
      "destinations[0].key_columns": "id, day",
      "destinations[0].mode": "upsert",
    });
    const unticked = ["enabled", "destinations[0].challenger", "destinations[0].run_columns"];
    const sent = Object.entries(fields).filter(([name]) => !unticked.includes(name));
    const checked = { ...Object.fromEntries(sent), "source.kind": "dataset" };
    expect(await redirectOf(await site.browser.post(`/pipelines/${id}/edit`, checked))).toBe(`/pipelines/${id}`);
    expect(await stored(`/pipelines/${id}`)).toEqual(before);
    await redirectOf(
      await site.browser.post(`/pipelines/${id}/edit`, { ...checked, name: "Renamed", enabled: "true" }),
    );
    expect(await stored(`/pipelines/${id}`)).toMatchObject({
      name: "Renamed",
      enabled: true,
      schedule: before["schedule"],
    });
  });

  it("keeps a deployment that was removed until another one is chosen", async () => {
    const other = await startPipelineSite();
    const id = await addPipeline(other.deployment, { name: "Left behind" });
    await callApi("DELETE", other.deployment.path, undefined, other.deployment.owner.token);
    const edited = await other.browser.page(`/pipelines/${id}/edit`);
    expect(edited.text).toContain("The current one, which was deleted");
    const sent = { "source.kind": "url", "source.url": "https://data.example.org/customers.csv", name: "Renamed" };
    const answer = await other.browser.post(`/pipelines/${id}/edit`, { ...sent, deployment_id: other.deployment.id });
    expect(await redirectOf(answer)).toBe(`/pipelines/${id}`);
    const page = (await other.browser.page(`/pipelines/${id}`)).text;
    expect(page).toContain("Its deployment was deleted, so it no longer runs");
    expect(page).toContain("predicts the rows with a deployment that was removed and keeps");
    expect(page).not.toContain("Run now");
  });

  it("is for contributors", async () => {
    const id = await addPipeline(site.deployment);
    const viewer = await memberOf(site, "viewer");
    for (const path of [form, `/pipelines/${id}/edit`]) {
      expect((await viewer.get(path)).status).toBe(403);
      expect((await viewer.post(path, typed())).status).toBe(403);
      expect((await viewer.post(`${path}/draft`, typed())).status).toBe(403);
    }
  });
});
