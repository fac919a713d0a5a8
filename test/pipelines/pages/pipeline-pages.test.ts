import { beforeAll, describe, expect, it } from "vitest";
import { callApi, startInstance } from "../../support/instance.ts";
import { parsePage, readPage } from "../../support/page-dom.ts";
import { redirectOf } from "../../experiments/pages-fixtures.ts";
import { expectStatus } from "../../support/deployment.ts";
import { addConnection, addPipeline, storeRun } from "../pipeline-fixtures.ts";
import { addDataset } from "../runs/batch.ts";
import { asHtmx, memberOf, type PipelineSite, pollOf, startPipelineSite } from "./pages-fixtures.ts";

let site: PipelineSite;

beforeAll(async () => {
  await startInstance();
  site = await startPipelineSite();
});

const runAt = Date.parse("2026-05-04T04:00:00Z");

describe("the list of pipelines", () => {
  it("explains itself while there is none, and is in the project's navigation", async () => {
    const empty = await startPipelineSite();
    const page = await empty.browser.page(empty.path);
    expect(page.text).toContain("No pipelines yet");
    expect(page.links).toContain(`${empty.path}/new`);
    const beside = await empty.browser.page(empty.path.replace("pipelines", "datasets"));
    expect(beside.byRole("navigation", "Main").links).toContain(empty.path);
    const seen = await (await memberOf(empty, "viewer")).page(empty.path);
    expect(seen.text).toContain("No pipelines yet");
    expect(seen.links).not.toContain(`${empty.path}/new`);
  });

  it("says of each what it reads, delivers and when it runs", async () => {
    const { deployment, browser, path } = await startPipelineSite();
    const { owner, project } = deployment;
    const postgres = await addConnection(owner, project, "postgres");
    await addPipeline(deployment, {
      name: "Into the warehouse",
      source: { kind: "query", connection_id: postgres, sql: "select amount from sales" },
      destinations: [{ connection_id: postgres, table: "sales.scores", mode: "append" }],
      schedule: { cron: "0 6 * * 1", timezone: "Europe/Paris" },
    });
    const { text } = await browser.page(path);
    expect(text).toContain(
      "Into the warehouse with Doubling a query of The postgres The postgres adds to sales.scores",
    );
    expect(text).toContain("At 06:00, only on Monday 0 6 * * 1 Europe/Paris");
    expect(text).toMatch(/in \d+ (d|h) Mon, \d+ \w+ \d{4}, 06:00, Europe\/Paris None yet Yes/);
    expect(text).not.toContain("select amount");
  });

  it("says how the last run went, and asks again while it goes on", async () => {
    const { deployment, browser, path } = await startPipelineSite();
    const pipeline = await addPipeline(deployment);
    const run = await storeRun(deployment, pipeline, { state: "running", startedAt: runAt });
    const page = await browser.page(path);
    expect(page.links).toContain(`/runs/${run}`);
    expect(page.text).toContain("Running");
    const poll = pollOf(page, "pipelines") ?? "";
    expect((await asHtmx(browser, poll)).status).toBe(204);
    expectStatus(await callApi("POST", `/api/v1/runs/${run}/cancel`, {}, deployment.owner.token), 200);
    const changed = await readPage(await asHtmx(browser, poll));
    expect([changed.isWhole, pollOf(changed, "pipelines")]).toEqual([false, null]);
    expect(changed.text).toContain("Cancelled");
  });
});

describe("the page of a pipeline", () => {
  it("says in a paragraph what it does, and of addresses no more than their host", async () => {
    const { owner, project } = site.deployment;
    const s3 = await addConnection(owner, project, "s3");
    const http = await addConnection(owner, project, "http");
    const pipeline = await addPipeline(site.deployment, {
      source: { kind: "url", url: "https://data.example.org/secret-path.csv" },
      destinations: [
        { connection_id: s3, key_pattern: "out/{date}/{model}.csv", format: "csv", challenger: true },
        { connection_id: http },
      ],
      schedule: {
        cron: "30 6 * * *",
        timezone: "Europe/Paris",
        starts_at: "2026-05-04T04:00:00Z",
        ends_at: "2090-01-01T00:00:00+01:00",
      },
      notify: { webhook_url: "https://hooks.example.org/secret-path" },
    });
    const markup = await (await site.browser.get(`/pipelines/${pipeline}`)).text();
    const page = parsePage(markup);
    expect(page.text).toContain(
      "It reads a file of data.example.org, predicts the rows with Doubling and keeps the answers as files. " +
        "Then it writes out/{date}/{model}.csv as CSV to The s3, with the challenger's answers. " +
        "It also sends the rows to The http. " +
        "It runs at 06:30 (30 6 * * *), by the clock of Europe/Paris from Mon, 4 May 2026, 06:00 until Sun, 1 Jan 2090, 00:00. " +
        "It notifies the webhook at hooks.example.org when a run ends.",
    );
    expect(markup).not.toContain("secret-path");
    const { next_runs: next } = (await callApi("GET", `/api/v1/pipelines/${pipeline}`, undefined, owner.token))
      .body as {
      next_runs: string[];
    };
    expect(page.all(".next-runs time").map((time) => time.attribute("datetime"))).toEqual(next);
    expect(next).toHaveLength(5);
  });

  it("starts a run, and leads to it", async () => {
    const dataset = await addDataset(site.deployment, "amount\n1\n");
    const pipeline = await addPipeline(site.deployment, { source: { kind: "dataset", dataset_id: dataset } });
    expect((await site.browser.page(`/pipelines/${pipeline}`)).text).toContain("No runs yet");
    const run = await redirectOf(await site.browser.post(`/pipelines/${pipeline}/runs`, {}));
    expect(run).toMatch(/^\/runs\/run_/);
    expect((await site.browser.page(`/pipelines/${pipeline}`)).links).toContain(run);
    expect((await site.browser.page(run)).fact("Trigger")).toBe("By hand");
  });

  it("is disabled and enabled again", async () => {
    const schedule = { cron: "0 6 * * *", timezone: "UTC" };
    const pipeline = await addPipeline(site.deployment, { schedule });
    const path = `/pipelines/${pipeline}`;
    const shown = async () => (await site.browser.page(path)).text;
    expect(await shown()).toContain("Nightly scores Enabled");
    expect(await redirectOf(await site.browser.post(`${path}/enabled`, { enabled: "false" }))).toBe(path);
    expect(await shown()).toContain("None while it is disabled.");
    await site.browser.post(`${path}/enabled`, { enabled: "true" });
    expect(await shown()).toContain("By the clock of UTC.");
    expect((await site.browser.post(`${path}/enabled`, {})).status).toBe(422);
  });

  it("is deleted once its name is typed", async () => {
    const pipeline = await addPipeline(site.deployment, { name: "Short-lived" });
    const path = `/pipelines/${pipeline}/delete`;
    expect((await site.browser.page(path)).has("textbox", "Type Short-lived to confirm")).toBe(true);
    const refused = await site.browser.post(path, { confirm: "Other" });
    expect([refused.status, (await refused.text()).includes("was not deleted")]).toEqual([422, true]);
    expect(await redirectOf(await site.browser.post(path, { confirm: "Short-lived" }))).toBe(site.path);
    expect((await site.browser.get(`/pipelines/${pipeline}`)).status).toBe(404);
  });

  it("shows its runs page by page, and asks again while one of them goes on", async () => {
    const pipeline = await addPipeline(site.deployment, { name: "Much used" });
    for (let slot = 0; slot < 3; slot += 1)
      await storeRun(site.deployment, pipeline, {
        state: "succeeded",
        trigger: "schedule",
        slot: runAt + slot,
        createdAt: runAt + slot,
        startedAt: runAt + slot,
        finishedAt: runAt + slot + 90_000,
        rowsTotal: 5_000,
        rowsDone: 5_000,
        rowsFailed: 7,
        version: 1,
        files: { main: { rows: 4_993, bytes: 123_000 }, challenger: null, errors: { rows: 7, bytes: 800 } },
      });
    const active = await storeRun(site.deployment, pipeline, { state: "running", rowsTotal: 5_000, rowsDone: 100 });
    const page = await site.browser.page(`/pipelines/${pipeline}`);
    expect(page.text).toMatch(/Schedule slot [^A]* UTC 1 Succeeded 5,000 7 failed 1 min 30 s – Main Errors/);
    expect(page.links).toContain(`/runs/${active}`);
    const poll = pollOf(page, "runs") ?? "";
    expect((await asHtmx(site.browser, poll)).status).toBe(204);
    await callApi("POST", `/api/v1/runs/${active}/cancel`, {}, site.deployment.owner.token);
    expect(pollOf(await readPage(await asHtmx(site.browser, poll)), "runs")).toBeNull();
    const first = await site.browser.page(`/pipelines/${pipeline}?limit=3`);
    const second = await site.browser.page(`${first.link("Older").href}&limit=3`);
    expect([first, second].map((part) => part.all('a[href^="/runs/"]').length)).toEqual([3, 1]);
  });
});

describe("who may do what on the pages of pipelines", () => {
  it("lets viewers see everything and change nothing, and end users and strangers see nothing", async () => {
    const pipeline = await addPipeline(site.deployment, { schedule: { cron: "0 6 * * *", timezone: "UTC" } });
    const path = `/pipelines/${pipeline}`;
    const owners = await site.browser.page(path);
    expect(owners.actions).toEqual(expect.arrayContaining([`${path}/enabled`, `${path}/runs`]));
    const viewer = await memberOf(site, "viewer");
    const seen = await viewer.page(path);
    expect(seen.text).toContain("Next runs");
    for (const forbidden of ["edit", "delete", "runs", "enabled"])
      expect([...seen.links, ...seen.actions]).not.toContain(`${path}/${forbidden}`);
    const contributor = await (await memberOf(site, "contributor")).page(path);
    // Somebody else made it.
    expect(contributor.links).toContain(`${path}/edit`);
    expect([...contributor.links, ...contributor.actions]).not.toContain(`${path}/delete`);
    const stranger = (await startPipelineSite()).browser;
    for (const [browser, status] of [
      [await memberOf(site, "end_user"), 403],
      [stranger, 404],
    ] as const)
      expect([(await browser.get(path)).status, (await browser.get(site.path)).status]).toEqual([status, status]);
  });
});
