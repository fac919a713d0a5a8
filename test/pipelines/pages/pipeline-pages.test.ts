import { beforeAll, describe, expect, it } from "vitest";
import { callApi, startInstance } from "../../support/instance.ts";
import { redirectOf } from "../../experiments/pages-fixtures.ts";
import { expectStatus } from "../../support/deployment.ts";
import { addConnection, addPipeline, storeRun } from "../pipeline-fixtures.ts";
import { addDataset } from "../runs/batch.ts";
import {
  actionsOf,
  asHtmx,
  memberOf,
  pageOf,
  type PipelineSite,
  pollOf,
  startPipelineSite,
  wordsOf,
} from "./pages-fixtures.ts";

let site: PipelineSite;

beforeAll(async () => {
  await startInstance();
  site = await startPipelineSite();
});

const runAt = Date.parse("2026-05-04T04:00:00Z");

describe("the list of pipelines", () => {
  it("explains itself while there is none, and is in the project's navigation", async () => {
    const empty = await startPipelineSite();
    const html = await pageOf(empty.browser, empty.path);
    expect(html).toContain("No pipelines yet");
    expect(html).toContain(`href="${empty.path}/new"`);
    expect(await pageOf(empty.browser, empty.path.replace("pipelines", "datasets"))).toContain(`href="${empty.path}"`);
    const seen = await pageOf(await memberOf(empty, "viewer"), empty.path);
    expect([seen.includes("No pipelines yet"), seen.includes(`${empty.path}/new`)]).toEqual([true, false]);
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
    const html = wordsOf(await pageOf(browser, path));
    expect(html).toContain(
      "Into the warehouse with Doubling a query of The postgres The postgres adds to sales.scores",
    );
    expect(html).toContain("At 06:00, only on Monday 0 6 * * 1 Europe/Paris");
    expect(html).toMatch(/in \d+ (d|h) Mon, \d+ \w+ \d{4}, 06:00, Europe\/Paris None yet Yes/);
    expect(html).not.toContain("select amount");
  });

  it("says how the last run went, and asks again while it goes on", async () => {
    const { deployment, browser, path } = await startPipelineSite();
    const pipeline = await addPipeline(deployment);
    const run = await storeRun(deployment, pipeline, { state: "running", startedAt: runAt });
    const html = await pageOf(browser, path);
    expect(html).toContain(`href="/runs/${run}"`);
    expect(wordsOf(html)).toContain("Running");
    const poll = pollOf(html, "pipelines") ?? "";
    expect((await asHtmx(browser, poll)).status).toBe(204);
    expectStatus(await callApi("POST", `/api/v1/runs/${run}/cancel`, {}, deployment.owner.token), 200);
    const changed = await (await asHtmx(browser, poll)).text();
    expect([changed.includes("<html"), changed.includes("Cancelled"), pollOf(changed, "pipelines")]).toEqual([
      false,
      true,
      undefined,
    ]);
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
    const html = await pageOf(site.browser, `/pipelines/${pipeline}`);
    expect(wordsOf(html)).toContain(
      "It reads a file of data.example.org, predicts the rows with Doubling and keeps the answers as files. " +
        "Then it writes out/{date}/{model}.csv as CSV to The s3, with the challenger&#39;s answers. " +
        "It also sends the rows to The http. " +
        "It runs at 06:30 ( 30 6 * * *), by the clock of Europe/Paris from Mon, 4 May 2026, 06:00 until Sun, 1 Jan 2090, 00:00. " +
        "It notifies the webhook at hooks.example.org when a run ends.",
    );
    expect(html).not.toContain("secret-path");
    const { next_runs: next } = (await callApi("GET", `/api/v1/pipelines/${pipeline}`, undefined, owner.token))
      .body as {
      next_runs: string[];
    };
    const shown = [...(html.match(/<ol class="next-runs">[^]*?<\/ol>/)?.[0] ?? "").matchAll(/datetime="([^"]*)"/g)];
    expect(shown.map(([, time]) => time)).toEqual(next);
    expect(next).toHaveLength(5);
  });

  it("starts a run, and leads to it", async () => {
    const dataset = await addDataset(site.deployment, "amount\n1\n");
    const pipeline = await addPipeline(site.deployment, { source: { kind: "dataset", dataset_id: dataset } });
    expect(wordsOf(await pageOf(site.browser, `/pipelines/${pipeline}`))).toContain("No runs yet");
    const run = await redirectOf(await site.browser.post(`/pipelines/${pipeline}/runs`, {}));
    expect(run).toMatch(/^\/runs\/run_/);
    expect(await pageOf(site.browser, `/pipelines/${pipeline}`)).toContain(`href="${run}"`);
    expect(wordsOf(await pageOf(site.browser, run))).toContain("Trigger By hand");
  });

  it("is disabled and enabled again", async () => {
    const schedule = { cron: "0 6 * * *", timezone: "UTC" };
    const pipeline = await addPipeline(site.deployment, { schedule });
    const path = `/pipelines/${pipeline}`;
    const shown = async () => wordsOf(await pageOf(site.browser, path));
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
    expect(await pageOf(site.browser, path)).toContain("Type");
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
    const html = await pageOf(site.browser, `/pipelines/${pipeline}`);
    expect(wordsOf(html)).toMatch(/Schedule slot [^A]* UTC 1 Succeeded 5,000 7 failed 1 min 30 s – Main Errors/);
    expect(html).toContain(`href="/runs/${active}"`);
    const poll = pollOf(html, "runs") ?? "";
    expect((await asHtmx(site.browser, poll)).status).toBe(204);
    await callApi("POST", `/api/v1/runs/${active}/cancel`, {}, site.deployment.owner.token);
    expect(pollOf(await (await asHtmx(site.browser, poll)).text(), "runs")).toBeUndefined();
    const first = await pageOf(site.browser, `/pipelines/${pipeline}?limit=3`);
    const next = /href="([^"]*cursor=[^"]*)" rel="next"/.exec(first)?.[1] ?? "";
    const second = await pageOf(site.browser, `${next.replaceAll("&amp;", "&")}&limit=3`);
    expect([first, second].map((page) => (page.match(/href="\/runs\//g) ?? []).length)).toEqual([3, 1]);
  });
});

describe("who may do what on the pages of pipelines", () => {
  it("lets viewers see everything and change nothing, and end users and strangers see nothing", async () => {
    const pipeline = await addPipeline(site.deployment, { schedule: { cron: "0 6 * * *", timezone: "UTC" } });
    const path = `/pipelines/${pipeline}`;
    const owners = await pageOf(site.browser, path);
    expect(actionsOf(owners)).toEqual(expect.arrayContaining([`${path}/enabled`, `${path}/runs`]));
    const viewer = await memberOf(site, "viewer");
    const seen = await pageOf(viewer, path);
    expect(seen).toContain("Next runs");
    for (const forbidden of [`${path}/edit`, `${path}/delete`, `${path}/runs"`, `${path}/enabled`])
      expect(seen).not.toContain(forbidden);
    const contributor = await pageOf(await memberOf(site, "contributor"), path);
    // Somebody else made it.
    expect([contributor.includes(`${path}/edit`), contributor.includes(`${path}/delete`)]).toEqual([true, false]);
    const stranger = (await startPipelineSite()).browser;
    for (const [browser, status] of [
      [await memberOf(site, "end_user"), 403],
      [stranger, 404],
    ] as const)
      expect([(await browser.get(path)).status, (await browser.get(site.path)).status]).toEqual([status, status]);
  });
});
