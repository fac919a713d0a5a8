import { beforeAll, describe, expect, it } from "vitest";
import { callApi, fetchInstance, startInstance } from "../../support/instance.ts";
import { type PagePart, readPage } from "../../support/page-dom.ts";
import { redirectOf } from "../../experiments/pages-fixtures.ts";
import { predictOne } from "../../support/deployment.ts";
import { addConnection, addPipeline, storeRun } from "../pipeline-fixtures.ts";
import { ended, runBatch } from "../runs/batch.ts";
import { asHtmx, memberOf, type PipelineSite, pollOf, runActionsOf, startPipelineSite } from "./pages-fixtures.ts";

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
  return { path, page: await site.browser.page(path) };
}

describe("the page of a run that has ended well", () => {
  it("says what it did, and leads to its files as CSV and as Parquet", async () => {
    const { id } = await runBatch(site.deployment, ROWS);
    const page = await site.browser.page(`/runs/${id}`);
    expect(page.text).toContain("Run of Batch Succeeded");
    for (const fact of ["Version 1", "Trigger API", "Rows 3", "Failed rows 0", "Attempt 1"])
      expect(page.text).toContain(fact);
    expect(pollOf(page, "run")).toBeNull();
    expect(runActionsOf(page)).toEqual([]);
    const { links } = page.byRole("table", "Files of the run");
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
    const { path, page } = await stored({
      state: "running",
      step: "predicting",
      startedAt: Date.now() - 40_000,
      stepStartedAt: Date.now() - 20_000,
      rowsTotal: 5_000,
      rowsDone: 1_000,
      rowsFailed: 3,
      version: 1,
    });
    expect(page.text).toContain("Step 2 of 4: predicting the rows");
    expect(page.text).toContain("1,000 of 5,000 rows");
    expect(page.byRole("progressbar", "Rows done").is('[max="1"][value="0.2"]')).toBe(true);
    // 1,000 rows in 20 s, so that 4,000 take 80 s; the clock goes on while the page is made.
    expect(page.fact("Rows a second")).toMatch(/^(50|4\d(\.\d)?)$/);
    expect(page.fact("Remaining")).toMatch(/^1 min [23]\d s$/);
    expect(page.text).toContain("Failed rows 3");
    const poll = pollOf(page, "run") ?? "";
    expect(page.css("#run").attribute("hx-trigger")).toBe("every 2s");
    expect((await asHtmx(site.browser, poll)).status).toBe(204);
    const answer = await site.browser.post(`${path}/cancel`, {});
    expect(await redirectOf(answer)).toBe(path);
    const changed = await asHtmx(site.browser, poll);
    const part = await readPage(changed);
    expect([changed.status, part.isWhole, pollOf(part, "run")]).toEqual([200, false, null]);
    expect(part.text).toContain("The run was cancelled.");
    expect(part.actions).toEqual([`${path}/retry`]);
  });

  it("does not know how fast it is before rows are done, nor how many there are before they are counted", async () => {
    const { page } = await stored({ state: "running", step: "staging", startedAt: Date.now() });
    expect(page.text).toContain("Step 1 of 4: reading the rows of the source");
    expect(page.text).toContain("Rows not counted yet");
    expect([page.fact("Rows a second"), page.fact("Remaining")]).toEqual(["–", "–"]);
    // A bar without a value: nobody knows how far it is.
    expect(page.byRole("progressbar", "Rows done").attribute("value")).toBeNull();
    expect((await stored({})).page.text).toContain("Waiting for its turn");
  });

  it("says why a delivery has not arrived yet", async () => {
    const postgres = await addConnection(site.deployment.owner, site.deployment.project, "postgres");
    const to = {
      connectionId: postgres,
      destination: { connection_id: postgres, table: "scores", mode: "append" },
    } as const;
    const { page, path } = await stored(
      { state: "running", step: "delivering", files: FILES, rowsTotal: 1, rowsDone: 1 },
      [
        { ...to, state: "succeeded", rows: 4_990, at: Date.now() },
        { ...to, state: "running", errorCode: "unreachable", errorMessage: "Nobody answers.", at: Date.now() },
        { ...to, state: "pending" },
      ],
    );
    const words = page.text;
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
    const words = (await site.browser.page(path)).text;
    expect(words).toMatch(/Failed Retry .*Error: The file could not be read\. “Retry” continues where the run stopped/);
    expect(words).toContain("The run ended before its files were written.");
    expect(await redirectOf(await site.browser.post(`${path}/retry`, {}))).toBe(path);
    expect((await ended(site.deployment, run)).body).toMatchObject({ state: "succeeded", attempt: 2, rows_done: 3 });
    const refused = await site.browser.post(`/runs/${id}/retry`, {});
    expect([refused.status, (await readPage(refused)).text]).toEqual([
      409,
      expect.stringContaining("Only a failed or cancelled run can be retried."),
    ]);
  });

  it("delivers again what only was not delivered", async () => {
    const failure = { errorCode: "delivery_failed", errorMessage: "The files were not delivered: Nobody answers." };
    const { page } = await stored({ state: "failed", files: FILES, rowsDone: 5_000, ...failure }, [
      { state: "failed", errorCode: "unreachable", errorMessage: "Nobody answers.", at: Date.now() },
    ]);
    const words = page.text;
    expect(words).toContain("Deliver again");
    expect(words).not.toContain("“Retry”");
    expect(words).toContain("A connection that is gone");
    expect(words).toMatch(/Errors [^0-9]* 10 900 B CSV/);
  });

  it("says of a slot that was missed that nothing ran", async () => {
    const { page } = await stored({ state: "skipped", trigger: "schedule", slot: Date.parse("2026-05-04T04:00:00Z") });
    expect(page.text).toContain("This slot was skipped");
    expect(page.text).toContain("Trigger Schedule For the slot 2026-05-04 04:00 UTC");
    expect(runActionsOf(page)).toEqual([]);
  });

  it("cannot go on once its pipeline is deleted", async () => {
    const pipeline = await addPipeline(site.deployment, { name: "Gone" });
    const run = await storeRun(site.deployment, pipeline, { state: "failed", errorMessage: "It broke." });
    await site.browser.post(`/pipelines/${pipeline}/delete`, { confirm: "Gone" });
    const page = await site.browser.page(`/runs/${run}`);
    expect(runActionsOf(page)).toEqual([]);
    expect(page.links).not.toContain(`/pipelines/${pipeline}`);
    expect(page.text).toContain("Deleted");
  });
});

describe("the Predictions section of a deployment", () => {
  it("has its batch runs beside the recorded predictions, which say which run they are of", async () => {
    const { deployment, browser } = await startPipelineSite();
    const path = `/deployments/${deployment.slug}`;
    const none = await browser.page(`${path}/predictions`);
    expect(none.text).toContain("No batch runs.");
    expect(none.all(`a[href$="/pipelines/new?deployment=${deployment.id}"]`)).toHaveLength(1);
    await predictOne(deployment, { amount: 7 });
    const { id } = await runBatch(deployment, ROWS);
    const page = await browser.page(`${path}/predictions`);
    expect(page.text).toMatch(/of Batch API 1 Succeeded 3 [^–]* – Main Challenger Errors/);
    expect(page.links).toContain(`/api/v1/runs/${id}/files/main?format=csv`);
    const records = (part: PagePart) => part.all("a.mono").map(({ href }) => href ?? "");
    expect(records(page)).toHaveLength(4);
    expect(page.allByRole("link", "Batch run").map(({ href }) => href)).toEqual(Array(3).fill(`/runs/${id}`));
    const filtered = (query: string) => browser.page(`${path}/predictions?${query}`);
    const [batch] = records(await filtered("source=batch"));
    const [online, ...more] = records(await filtered("source=online"));
    expect(more).toEqual([]);
    const record = await browser.page(batch ?? "");
    expect(record.link(/^Batch run/).href).toBe(`/runs/${id}`);
    expect(record.text).not.toContain("Latency");
    expect((await browser.page(online ?? "")).fact("Source")).toBe("Online call");
    // Filters go together.
    expect(records(await filtered("source=batch&disagree=true&version=1"))).toHaveLength(3);
    expect((await filtered("source=batch&version=2")).text).toContain("No matching predictions");
  });

  it("leads to all its runs, those of deleted pipelines too, and asks again while one goes on", async () => {
    const { deployment, browser } = await startPipelineSite();
    const path = `/deployments/${deployment.slug}`;
    const pipeline = await addPipeline(deployment, { name: "First" });
    const other = await addPipeline(deployment, { name: "Second" });
    for (let at = 1; at <= 4; at += 1)
      await storeRun(deployment, at > 2 ? other : pipeline, { state: "failed", createdAt: at });
    await browser.post(`/pipelines/${pipeline}/delete`, { confirm: "First" });
    const runs = (page: PagePart) => page.links.filter((link) => link.startsWith("/runs/"));
    const newest = await browser.page(`${path}/predictions`);
    expect(runs(newest)).toHaveLength(3);
    expect(newest.links).toContain(`${path}/runs`);
    const all = await browser.page(`${path}/runs`);
    expect(runs(all)).toHaveLength(4);
    expect(all.text).toContain("of First, which was deleted");
    expect(pollOf(all, "runs")).toBeNull();
    await storeRun(deployment, other, { state: "queued" });
    const poll = pollOf(await browser.page(`${path}/predictions`), "runs") ?? "";
    expect((await asHtmx(browser, poll)).status).toBe(204);
    await browser.post(`/pipelines/${other}/delete`, { confirm: "Second" });
    const changed = await readPage(await asHtmx(browser, poll));
    expect(runs(changed)).toHaveLength(3);
    expect(changed.text).toContain("Cancelled");
  });
});

describe("who may do what on the pages of runs", () => {
  it("lets viewers see and download, contributors cancel and retry, and nobody else know", async () => {
    const { path } = await stored({ state: "running", startedAt: Date.now() });
    const failed = await stored({ state: "failed", errorMessage: "It broke." });
    const viewer = await memberOf(site, "viewer");
    const runForms = async (run: string) => runActionsOf(await viewer.page(run));
    expect([await runForms(path), await runForms(failed.path)]).toEqual([[], []]);
    expect((await viewer.post(`${path}/cancel`, {})).status).toBe(403);
    expect((await viewer.post(`${failed.path}/retry`, {})).status).toBe(403);
    expect((await (await memberOf(site, "end_user")).get(path)).status).toBe(403);
    expect((await (await startPipelineSite()).browser.get(path)).status).toBe(404);
    expect((await (await memberOf(site, "contributor")).page(path)).actions).toContain(`${path}/cancel`);
  });
});
