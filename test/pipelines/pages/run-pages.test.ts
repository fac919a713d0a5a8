import { beforeAll, describe, expect, it } from "vitest";
import { callApi, fetchInstance, startInstance } from "../../support/instance.ts";
import { redirectOf } from "../../experiments/pages-fixtures.ts";
import { predictOne } from "../../support/deployment.ts";
import { addConnection, addPipeline, storeRun } from "../pipeline-fixtures.ts";
import { ended, runBatch } from "../runs/batch.ts";
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

const ROWS = "id,amount\n1,10\n2,20\n3,30\n";
const FILES = {
  main: { rows: 4_990, bytes: 1_200_000 },
  challenger: { rows: 4_990, bytes: 1_300_000 },
  errors: { rows: 10, bytes: 900 },
};

/** The page of a run that is written straight into the store. */
async function stored(...[run, delivered]: [Parameters<typeof storeRun>[2], Parameters<typeof storeRun>[3]?]) {
  const pipeline = await addPipeline(site.deployment);
  const path = `/runs/${await storeRun(site.deployment, pipeline, run, delivered)}`;
  return { path, html: await pageOf(site.browser, path) };
}

describe("the page of a run that has ended well", () => {
  it("says what it did, and leads to its files as CSV and as Parquet", async () => {
    const { id } = await runBatch(site.deployment, ROWS);
    const html = await pageOf(site.browser, `/runs/${id}`);
    const words = wordsOf(html);
    expect(words).toContain("Run of Batch Succeeded");
    for (const fact of ["Version 1", "Trigger API", "Rows 3", "Failed rows 0", "Attempt 1"])
      expect(words).toContain(fact);
    expect(pollOf(html, "run")).toBeUndefined();
    expect(actionsOf(html).filter((action) => action?.startsWith("/runs"))).toEqual([]);
    const links = [...html.matchAll(/href="(\/api\/v1\/runs\/[^"]*)"/g)].map(([, link]) => link ?? "");
    const file = (name: string) => `/api/v1/runs/${id}/files/${name}`;
    expect(links).toEqual([
      file("main?format=csv"),
      file("main?format=parquet"),
      file("challenger?format=csv"),
      file("challenger?format=parquet"),
      file("errors?format=csv"),
      file("errors?format=parquet"),
    ]);
    const texts = await Promise.all(
      links.map(async (link) => {
        const response = await fetchInstance(link, { headers: { cookie: site.browser.cookie } });
        expect(`${link} ${response.status}`).toBe(`${link} 200`);
        return response.text();
      }),
    );
    expect(texts[0]).toMatch(/^1,10,[^,]*,20$/m);
    expect(texts[2]).toMatch(/^1,10,[^,]*,30$/m);
    expect([1, 3, 5].map((at) => texts[at]?.slice(0, 4))).toEqual(["PAR1", "PAR1", "PAR1"]);
  });
});

describe("the page of a run that goes on", () => {
  it("says how far it is and how fast, and is answered anew once that has changed", async () => {
    const { path, html } = await stored({
      state: "running",
      step: "predicting",
      startedAt: Date.now() - 40_000,
      stepStartedAt: Date.now() - 20_000,
      rowsTotal: 5_000,
      rowsDone: 1_000,
      rowsFailed: 3,
      version: 1,
    });
    const words = wordsOf(html);
    expect(words).toContain("Step 2 of 4: predicting the rows");
    expect(words).toContain("1,000 of 5,000 rows");
    expect(html).toMatch(/<progress[^>]* max="1" value="0.2"/);
    // 1,000 rows in 20 s, so that 4,000 take 80 s; the clock goes on while the page is made.
    expect(words).toMatch(/Rows a second (50|4\d(\.\d)?) Remaining 1 min [23]\d s/);
    expect(words).toContain("Failed rows 3");
    const poll = pollOf(html, "run") ?? "";
    expect(html).toContain('hx-trigger="every 2s"');
    expect((await asHtmx(site.browser, poll)).status).toBe(204);
    const answer = await site.browser.post(`${path}/cancel`, {});
    expect(await redirectOf(answer)).toBe(path);
    const changed = await asHtmx(site.browser, poll);
    const fragment = await changed.text();
    expect([changed.status, fragment.includes("<html"), pollOf(fragment, "run")]).toEqual([200, false, undefined]);
    expect(wordsOf(fragment)).toContain("The run was cancelled.");
    expect(actionsOf(fragment)).toEqual([`${path}/retry`]);
  });

  it("does not know how fast it is before rows are done, nor how many there are before they are counted", async () => {
    const { html } = await stored({ state: "running", step: "staging", startedAt: Date.now() });
    expect(wordsOf(html)).toContain("Step 1 of 4: reading the rows of the source");
    expect(wordsOf(html)).toContain("Rows not counted yet");
    expect(wordsOf(html)).toContain("Rows a second – Remaining –");
    // A bar without a value: nobody knows how far it is.
    expect(html).toMatch(/<progress(?![^>]* value=)/);
    expect(wordsOf((await stored({})).html)).toContain("Waiting for its turn");
  });

  it("says why a delivery has not arrived yet", async () => {
    const postgres = await addConnection(site.deployment.owner, site.deployment.project, "postgres");
    const to = {
      connectionId: postgres,
      destination: { connection_id: postgres, table: "scores", mode: "append" },
    } as const;
    const { html, path } = await stored(
      { state: "running", step: "delivering", files: FILES, rowsTotal: 1, rowsDone: 1 },
      [
        { ...to, state: "succeeded", rows: 4_990, at: Date.now() },
        { ...to, state: "running", errorCode: "unreachable", errorMessage: "Nobody answers.", at: Date.now() },
        { ...to, state: "pending" },
      ],
    );
    const words = wordsOf(html);
    expect(words).toContain("The postgres appends to scores Succeeded 4,990 just now –");
    expect(words).toContain("Delivering – just now Nobody answers. It is tried again.");
    const { deployment } = site;
    const answer = await callApi("GET", `/api/v1${path}`, undefined, deployment.owner.token);
    expect(answer.at("deliveries.1.error")).toEqual({
      code: "unreachable",
      message: "Nobody answers. It is tried again.",
    });
    expect(words).toContain("Waiting – – –");
  });
});

describe("the page of a run that has failed", () => {
  it("says why on top, and goes on from where it stopped", async () => {
    const { id, pipeline } = await runBatch(site.deployment, ROWS);
    const failed = {
      state: "failed",
      errorCode: "unreachable",
      errorMessage: "The file could not be read.",
      rowsDone: 2,
    } as const;
    const run = await storeRun(site.deployment, pipeline, failed);
    const path = `/runs/${run}`;
    const words = wordsOf(await pageOf(site.browser, path));
    expect(words).toMatch(/Failed Retry .*Error: The file could not be read\. “Retry” continues where the run stopped/);
    expect(words).toContain("The run ended before its files were written.");
    expect(await redirectOf(await site.browser.post(`${path}/retry`, {}))).toBe(path);
    expect((await ended(site.deployment, run)).body).toMatchObject({ state: "succeeded", attempt: 2, rows_done: 3 });
    const refused = await site.browser.post(`/runs/${id}/retry`, {});
    expect([refused.status, wordsOf(await refused.text())]).toEqual([
      409,
      expect.stringContaining("Only a failed or cancelled run can be retried."),
    ]);
  });

  it("delivers again what only was not delivered", async () => {
    const failure = { errorCode: "delivery_failed", errorMessage: "The files were not delivered: Nobody answers." };
    const { html } = await stored({ state: "failed", files: FILES, rowsDone: 5_000, ...failure }, [
      { state: "failed", errorCode: "unreachable", errorMessage: "Nobody answers.", at: Date.now() },
    ]);
    const words = wordsOf(html);
    expect(words).toContain("Deliver again");
    expect(words).not.toContain("“Retry”");
    expect(words).toContain("A connection that is gone");
    expect(words).toMatch(/Errors [^0-9]* 10 900 B CSV/);
  });

  it("says of a slot that was missed that nothing ran", async () => {
    const { html } = await stored({ state: "skipped", trigger: "schedule", slot: Date.parse("2026-05-04T04:00:00Z") });
    expect(wordsOf(html)).toContain("This slot was skipped");
    expect(wordsOf(html)).toContain("Trigger Schedule For the slot 2026-05-04 04:00 UTC");
    expect(actionsOf(html).filter((action) => action?.startsWith("/runs"))).toEqual([]);
  });

  it("cannot go on once its pipeline is deleted", async () => {
    const pipeline = await addPipeline(site.deployment, { name: "Gone" });
    const run = await storeRun(site.deployment, pipeline, { state: "failed", errorMessage: "It broke." });
    await site.browser.post(`/pipelines/${pipeline}/delete`, { confirm: "Gone" });
    const html = await pageOf(site.browser, `/runs/${run}`);
    expect(actionsOf(html).filter((action) => action?.startsWith("/runs"))).toEqual([]);
    expect(html).not.toContain(`href="/pipelines/${pipeline}"`);
    expect(wordsOf(html)).toContain("Deleted");
  });
});

describe("the Predictions section of a deployment", () => {
  it("has its batch runs beside the recorded predictions, which say which run they are of", async () => {
    const { deployment, browser } = await startPipelineSite();
    const path = `/deployments/${deployment.slug}`;
    const none = await pageOf(browser, `${path}/predictions`);
    expect(wordsOf(none)).toContain("No batch runs.");
    expect(none).toContain(`/pipelines/new?deployment=${deployment.id}"`);
    await predictOne(deployment, { amount: 7 });
    const { id } = await runBatch(deployment, ROWS);
    const html = await pageOf(browser, `${path}/predictions`);
    expect(wordsOf(html)).toMatch(/of Batch API 1 Succeeded 3 [^–]* – Main Challenger Errors/);
    expect(html).toContain(`/api/v1/runs/${id}/files/main?format=csv`);
    const records = (page: string) => [...page.matchAll(/class="mono" href="([^"]*)"/g)].map(([, link]) => link ?? "");
    expect(records(html)).toHaveLength(4);
    expect((html.match(new RegExp(`href="/runs/${id}">Batch run`, "g")) ?? []).length).toBe(3);
    const [batch] = records(await pageOf(browser, `${path}/predictions?source=batch`));
    const [online, ...more] = records(await pageOf(browser, `${path}/predictions?source=online`));
    expect(more).toEqual([]);
    const record = await pageOf(browser, batch ?? "");
    expect(record).toContain(`href="/runs/${id}">Batch run`);
    expect(wordsOf(record)).not.toContain("Latency");
    expect(wordsOf(await pageOf(browser, online ?? ""))).toContain("Source Online call");
    // Filters go together.
    expect(records(await pageOf(browser, `${path}/predictions?source=batch&disagree=true&version=1`))).toHaveLength(3);
    expect(await pageOf(browser, `${path}/predictions?source=batch&version=2`)).toContain("No matching predictions");
  });

  it("leads to all its runs, those of deleted pipelines too, and asks again while one goes on", async () => {
    const { deployment, browser } = await startPipelineSite();
    const path = `/deployments/${deployment.slug}`;
    const pipeline = await addPipeline(deployment, { name: "First" });
    const other = await addPipeline(deployment, { name: "Second" });
    for (let at = 1; at <= 4; at += 1)
      await storeRun(deployment, at > 2 ? other : pipeline, { state: "failed", createdAt: at });
    await browser.post(`/pipelines/${pipeline}/delete`, { confirm: "First" });
    const count = (html: string) => (html.match(/href="\/runs\//g) ?? []).length;
    const newest = await pageOf(browser, `${path}/predictions`);
    expect([count(newest), newest.includes(`href="${path}/runs"`)]).toEqual([3, true]);
    const all = await pageOf(browser, `${path}/runs`);
    expect(count(all)).toBe(4);
    expect(wordsOf(all)).toContain("of First, which was deleted");
    expect(pollOf(all, "runs")).toBeUndefined();
    await storeRun(deployment, other, { state: "queued" });
    const poll = pollOf(await pageOf(browser, `${path}/predictions`), "runs") ?? "";
    expect((await asHtmx(browser, poll)).status).toBe(204);
    await browser.post(`/pipelines/${other}/delete`, { confirm: "Second" });
    const changed = await (await asHtmx(browser, poll)).text();
    expect([count(changed), wordsOf(changed).includes("Cancelled")]).toEqual([3, true]);
  });
});

describe("who may do what on the pages of runs", () => {
  it("lets viewers see and download, contributors cancel and retry, and nobody else know", async () => {
    const { path } = await stored({ state: "running", startedAt: Date.now() });
    const failed = await stored({ state: "failed", errorMessage: "It broke." });
    const viewer = await memberOf(site, "viewer");
    const runForms = async (run: string) =>
      actionsOf(await pageOf(viewer, run)).filter((action) => action?.startsWith("/runs"));
    expect([await runForms(path), await runForms(failed.path)]).toEqual([[], []]);
    expect((await viewer.post(`${path}/cancel`, {})).status).toBe(403);
    expect((await viewer.post(`${failed.path}/retry`, {})).status).toBe(403);
    expect((await (await memberOf(site, "end_user")).get(path)).status).toBe(403);
    expect((await (await startPipelineSite()).browser.get(path)).status).toBe(404);
    expect(actionsOf(await pageOf(await memberOf(site, "contributor"), path))).toContain(`${path}/cancel`);
  });
});
