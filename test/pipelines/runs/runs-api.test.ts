import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Browser } from "../../support/browser.ts";
import { deployModel, expectStatus, type TestDeployment } from "../../support/deployment.ts";
import { callApi, ORIGIN, startInstance } from "../../support/instance.ts";
import type { Answer } from "../../support/answer.ts";

import { timesModel } from "../../support/models.ts";
import { addConnection, addPipeline, rowsOf, storeRun } from "../pipeline-fixtures.ts";
import { Workflows } from "../workflows.ts";

let deployment: TestDeployment;
let pipeline: string;
let workflows: Workflows;
let store: string;
let hook: string;

beforeAll(async () => {
  await startInstance();
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), name: "Churn" });
  store = await addConnection(deployment.owner, deployment.project, "s3");
  hook = await addConnection(deployment.owner, deployment.project, "http");
});

beforeEach(async () => {
  await env.DB.batch(["deliveries", "runs", "pipelines"].map((table) => env.DB.prepare(`delete from ${table}`)));
  workflows = new Workflows();
  const object = { connection_id: store, key_pattern: "scores/{date}.csv", format: "csv" };
  pipeline = await addPipeline(deployment, { destinations: [object, { connection_id: hook }] });
});

function call(method: string, path: string, body?: unknown): Promise<Answer> {
  return workflows.call(method, path, deployment.owner, body);
}

const read = (id: string) => call("GET", `/api/v1/runs/${id}`);

describe("a run", () => {
  it("is queued with its deliveries, and started", async () => {
    const made = expectStatus(await call("POST", `/api/v1/pipelines/${pipeline}/runs`), 202);
    const waiting = { state: "pending", rows: null, at: null, error: null };
    expect(made.body).toMatchObject({
      pipeline: { id: pipeline, name: "Nightly scores" },
      deployment_id: deployment.id,
      state: "queued",
      trigger: "api",
      slot: null,
      attempt: 1,
      version: null,
      step: null,
      rows_total: null,
      rows_done: 0,
      rows_failed: 0,
      rate: null,
      remaining_seconds: null,
      files: { main: null, challenger: null, errors: null },
      deliveries: [
        { connection_id: store, connection_name: "The s3", summary: "writes scores/{date}.csv as csv", ...waiting },
        { connection_id: hook, connection_name: "The http", summary: "sends rows", ...waiting },
      ],
      error: null,
      started_at: null,
      finished_at: null,
    });
    expect(made.at("deliveries.0.destination")).toEqual({
      connection_id: store,
      key_pattern: "scores/{date}.csv",
      format: "csv",
    });
    const id = made.text("id");
    expect(workflows.started).toEqual([`${id}-1`]);
    expect((await read(id)).body).toEqual(made.body);
    expect((await call("GET", `/api/v1/pipelines/${pipeline}`)).at("last_run")).toMatchObject({ id, state: "queued" });
  });

  it("waits for the one before it, and begins when that is cancelled", async () => {
    const first = (await call("POST", `/api/v1/pipelines/${pipeline}/runs`)).text("id");
    const second = (await call("POST", `/api/v1/pipelines/${pipeline}/runs`)).text("id");
    expect([(await read(second)).at("state"), workflows.started]).toEqual(["queued", [`${first}-1`]]);
    await call("POST", `/api/v1/runs/${first}/cancel`);
    expect(workflows.started).toEqual([`${first}-1`, `${second}-1`]);
  });

  it("is triggered by hand when a browser asks", async () => {
    const browser = new Browser();
    await browser.signIn(deployment.owner);
    const headers = { cookie: browser.cookie, origin: ORIGIN, "sec-fetch-site": "same-origin" };
    const made = await workflows.fetch("POST", `/api/v1/pipelines/${pipeline}/runs`, headers);
    expect([made.status, await made.json()]).toMatchObject([202, { trigger: "manual" }]);
  });

  it("stays queued for the clock when it cannot be started at once", async () => {
    workflows.isBroken = true;
    const made = expectStatus(await call("POST", `/api/v1/pipelines/${pipeline}/runs`), 202);
    expect((await read(made.text("id"))).at("state")).toBe("queued");
  });

  it("is of the destinations that the pipeline has at that moment", async () => {
    const first = (await call("POST", `/api/v1/pipelines/${pipeline}/runs`)).text("id");
    await call("PATCH", `/api/v1/pipelines/${pipeline}`, { destinations: [] });
    const second = (await call("POST", `/api/v1/pipelines/${pipeline}/runs`)).text("id");
    expect([(await read(first)).at("deliveries.length"), (await read(second)).at("deliveries.length")]).toEqual([2, 0]);
  });

  it("is not made of a pipeline that was deleted, nor found of one that is not there", async () => {
    expectStatus(await call("DELETE", `/api/v1/pipelines/${pipeline}`), 204);
    for (const id of [pipeline, "pip_none"]) {
      expect((await call("POST", `/api/v1/pipelines/${id}/runs`)).status).toBe(404);
      expect((await call("GET", `/api/v1/pipelines/${id}/runs`)).status).toBe(404);
    }
    expect((await read("run_none")).status).toBe(404);
    expect(await rowsOf("runs")).toEqual([]);
  });

  it("is in the log when somebody asked for it, cancelled or retried it", async () => {
    const id = (await call("POST", `/api/v1/pipelines/${pipeline}/runs`)).text("id");
    await call("POST", `/api/v1/runs/${id}/cancel`);
    await call("POST", `/api/v1/runs/${id}/retry`);
    const entries = (await rowsOf("audit_entries")).filter((row) => row["objectId"] === id);
    expect(entries.map((row) => [row["action"], row["objectName"]])).toEqual([
      ["run.create", "Nightly scores"],
      ["run.cancel", "Nightly scores"],
      ["run.retry", "Nightly scores"],
    ]);
  });

  it("comes in pages, newest first, of its pipeline and of its deployment", async () => {
    const other = await addPipeline(deployment);
    const ids: string[] = [];
    for (const [at, of] of [pipeline, other, pipeline].entries())
      ids.unshift(await storeRun(deployment, of, { createdAt: 1_000 + at }));
    const [third, second, first] = ids;
    expect((await call("GET", `/api/v1/pipelines/${pipeline}/runs`)).each("id")).toEqual([third, first]);
    const page = await call("GET", `${deployment.path}/runs?limit=2`);
    expect(page.each("id")).toEqual([third, second]);
    const rest = await call("GET", `${deployment.path}/runs?cursor=${page.text("next_cursor")}`);
    expect([...rest.each("id"), rest.at("next_cursor")]).toEqual([first, null]);
  });

  it("is gone with its deployment", async () => {
    const gone = await deployModel({ csv: "amount\n1\n", model: timesModel(2), owner: deployment.owner });
    const id = await storeRun(gone, await addPipeline(gone), { state: "succeeded" });
    expect((await read(id)).status).toBe(200);
    expectStatus(await callApi("DELETE", gone.path, undefined, gone.owner.token), 204);
    expect((await read(id)).status).toBe(404);
    expect((await call("GET", `/api/v1/runs/${id}/files/main`)).status).toBe(404);
  });
});

describe("the pace of a run", () => {
  const predicting = { state: "running", step: "predicting", rowsTotal: 1_000, rowsDone: 400 } as const;
  const paceOf = async (wanted: Parameters<typeof storeRun>[2]) => {
    const { body } = await read(await storeRun(deployment, pipeline, wanted));
    return body as { rate: number | null; remaining_seconds: number | null };
  };

  it("is rows a second since it began to predict, and the seconds that are left", async () => {
    // 400 rows in 20 s are 20 a second; 600 more take 30 s. The call itself takes a moment.
    const { rate, remaining_seconds: left } = await paceOf({ ...predicting, stepStartedAt: Date.now() - 20_000 });
    expect(rate).toBeGreaterThan(18);
    expect(rate).toBeLessThanOrEqual(20);
    expect(left).toBeGreaterThanOrEqual(30);
    expect(left).toBeLessThan(34);
  });

  it("is not known in other steps, before the first row, and where rows were skipped", async () => {
    const stepStartedAt = Date.now() - 20_000;
    for (const other of [{ step: "staging" }, { rowsDone: 0 }, { attempt: 2 }, { state: "failed" }] as const)
      expect(await paceOf({ ...predicting, stepStartedAt, ...other })).toMatchObject({
        rate: null,
        remaining_seconds: null,
      });
    expect(await paceOf({ ...predicting, stepStartedAt, rowsTotal: null })).toMatchObject({
      rate: expect.any(Number),
      remaining_seconds: null,
    });
  });
});

describe("cancelling", () => {
  it("ends the workflow of a run that has not ended", async () => {
    const id = (await call("POST", `/api/v1/pipelines/${pipeline}/runs`)).text("id");
    const answer = await call("POST", `/api/v1/runs/${id}/cancel`);
    expect([answer.status, answer.body]).toMatchObject([200, { state: "cancelled", finished_at: expect.any(String) }]);
    expect(workflows.stopped).toEqual([`${id}-1`]);
  });

  it.each(["succeeded", "failed", "cancelled", "skipped"] as const)("is refused when it is %s", async (state) => {
    const id = await storeRun(deployment, pipeline, { state, finishedAt: 5_000 });
    const before = await rowsOf("runs");
    expect((await call("POST", `/api/v1/runs/${id}/cancel`)).status).toBe(409);
    expect(await rowsOf("runs")).toEqual(before);
  });
});

describe("a retry", () => {
  const FAILED = {
    state: "failed",
    attempt: 2,
    version: 1,
    startedAt: 1_000,
    finishedAt: 2_000,
    errorCode: "delivery_failed",
    errorMessage: "Nobody answers.",
    rowsTotal: 2,
    rowsDone: 2,
    notifiedAt: 2_000,
  } as const;

  it("goes on as another attempt: what is done stays, what is not waits again", async () => {
    const id = await storeRun(deployment, pipeline, FAILED, [
      { state: "succeeded", rows: 2, at: 1_500 },
      { state: "failed", errorCode: "timeout", errorMessage: "No answer." },
      { state: "pending" },
    ]);
    const answer = expectStatus(await call("POST", `/api/v1/runs/${id}/retry`), 202);
    expect(answer.body).toMatchObject({
      state: "queued",
      attempt: 3,
      version: 1,
      rows_done: 2,
      error: null,
      finished_at: null,
      started_at: "1970-01-01T00:00:01.000Z",
    });
    expect(answer.at("deliveries.0")).toMatchObject({ state: "succeeded", rows: 2, at: "1970-01-01T00:00:01.500Z" });
    expect(answer.at("deliveries.1")).toMatchObject({ state: "pending", error: null });
    expect(workflows.started).toEqual([`${id}-3`]);
    expect((await rowsOf("runs"))[0]).toMatchObject({ notifiedAt: null });
  });

  it("of a cancelled run is allowed, of others refused", async () => {
    const cancelled = await storeRun(deployment, pipeline, { state: "cancelled" });
    expect((await call("POST", `/api/v1/runs/${cancelled}/retry`)).status).toBe(202);
    for (const state of ["queued", "running", "succeeded", "skipped"] as const) {
      const id = await storeRun(deployment, pipeline, { state }, [{ state: "running" }]);
      expect((await call("POST", `/api/v1/runs/${id}/retry`)).status).toBe(409);
      expect((await read(id)).at("deliveries.0.state")).toBe("running");
    }
    expect(workflows.started).toEqual([`${cancelled}-2`]);
  });

  it("asked for twice at once is one attempt", async () => {
    const id = await storeRun(deployment, pipeline, FAILED);
    const answers = await Promise.all([1, 2, 3].map(() => call("POST", `/api/v1/runs/${id}/retry`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409]);
    expect(workflows.started).toEqual([`${id}-3`]);
  });

  it("is refused when the pipeline has been deleted", async () => {
    const id = await storeRun(deployment, pipeline, FAILED);
    await call("DELETE", `/api/v1/pipelines/${pipeline}`);
    expect((await call("POST", `/api/v1/runs/${id}/retry`)).status).toBe(409);
  });
});
