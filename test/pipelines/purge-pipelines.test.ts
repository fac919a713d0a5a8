import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { database } from "../../src/db.ts";
import { MINUTE_MS } from "../../src/lib/time.ts";
import { purgePipelines } from "../../src/pipelines/purge-pipelines.ts";
import { startDueRuns } from "../../src/pipelines/schedules/start-due-runs.ts";
import { deployModel, expectStatus, type TestDeployment } from "../support/deployment.ts";
import { callApi, createUser, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";
import { addPipeline, rowsOf, storeRun } from "./pipeline-fixtures.ts";
import { Workflows } from "./workflows.ts";

let owner: TestUser;
let kept: TestDeployment;
let workflows: Workflows;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
  kept = await deploy("Kept");
});

beforeEach(async () => {
  await env.DB.batch(["deliveries", "runs", "pipelines"].map((table) => env.DB.prepare(`delete from ${table}`)));
  workflows = new Workflows();
});

function deploy(name: string): Promise<TestDeployment> {
  return deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), name, owner });
}

async function remove(deployment: TestDeployment): Promise<void> {
  expectStatus(await callApi("DELETE", deployment.path, undefined, owner.token), 204);
}

function purge(nowMs: number): Promise<void> {
  return purgePipelines(workflows.env, database(env), nowMs);
}

const ids = async (table: "pipelines" | "runs") => (await rowsOf(table)).map((row) => row["id"]);
const files = async () => (await env.STORE.list({ prefix: "runs/" })).objects.map(({ key }) => key);

it("what a removed deployment ran is stopped, then removed with its files, and nothing else", async () => {
  const gone = await deploy("Gone");
  const [pipeline, other] = [await addPipeline(gone), await addPipeline(kept)];
  const stays = await storeRun(kept, other, { state: "succeeded", finishedAt: 1 }, [{ state: "succeeded" }]);
  const ended = await storeRun(gone, pipeline, { state: "succeeded", finishedAt: 1 }, [{ state: "succeeded" }]);
  const started = await workflows.call("POST", `/api/v1/pipelines/${pipeline}/runs`, owner);
  const running = started.text("id");
  for (const id of [stays, ended, running]) await env.STORE.put(`runs/${id}/main.csv`, "amount\n");
  await remove(gone);
  const now = Date.now();
  await purge(now);
  expect(workflows.stopped).toEqual([`${running}-1`]);
  expect(await ids("runs")).toEqual([stays, running]);
  expect(await files()).toEqual([`runs/${stays}/main.csv`, `runs/${running}/main.csv`].toSorted());
  // What it had under way may still write: its files go when that is over.
  await env.STORE.put(`runs/${running}/ranges/1`, "late");
  await purge(now + 9 * MINUTE_MS);
  expect(await ids("runs")).toEqual([stays, running]);
  await purge(now + 11 * MINUTE_MS);
  await purge(now + 12 * MINUTE_MS);
  expect([await ids("runs"), await ids("pipelines")]).toEqual([[stays], [pipeline, other]]);
  expect(await files()).toEqual([`runs/${stays}/main.csv`]);
  expect(await rowsOf("deliveries")).toHaveLength(1);
});

it("a pipeline that had another deployment before keeps the runs of that one", async () => {
  const gone = await deployModel({ csv: "amount\n1\n", model: timesModel(2), owner, name: "Later" });
  const pipeline = await addPipeline(gone);
  const run = await storeRun(kept, pipeline, { state: "succeeded", finishedAt: 1 });
  await remove(gone);
  await purge(Date.now());
  expect([await ids("runs"), await ids("pipelines")]).toEqual([[run], [pipeline]]);
});

it("a deleted pipeline goes when it has no runs, and stays with those that it has", async () => {
  const [empty, used] = [await addPipeline(kept), await addPipeline(kept)];
  await storeRun(kept, used, { state: "succeeded", finishedAt: 1 });
  for (const id of [empty, used])
    expectStatus(await callApi("DELETE", `/api/v1/pipelines/${id}`, undefined, owner.token), 204);
  await purge(Date.now());
  expect(await ids("pipelines")).toEqual([used]);
});

describe("a pipeline whose deployment has been removed", () => {
  const NIGHTLY = { cron: "0 6 * * *", timezone: "UTC" };
  const HOURS_LATER_MS = 30 * 60 * MINUTE_MS;
  const read = (id: string) => callApi("GET", `/api/v1/pipelines/${id}`, undefined, owner.token);
  const patch = (id: string, change: unknown) => callApi("PATCH", `/api/v1/pipelines/${id}`, change, owner.token);

  it("stays as it was written, disabled and with the reason, and names no run that is not there", async () => {
    const gone = await deploy("Gone");
    const id = await addPipeline(gone, { schedule: NIGHTLY });
    await storeRun(gone, id, { state: "succeeded", finishedAt: 1 });
    const before = await read(id);
    await remove(gone);
    expect((await read(id)).at("last_run")).toBeNull();
    await purge(Date.now() + HOURS_LATER_MS);
    const after = expectStatus(await read(id), 200);
    expect(after.body).toEqual({
      ...(before.body as object),
      deployment: { ...(before.at("deployment") as object), name: expect.any(String) },
      enabled: false,
      next_runs: [],
      stopped_reason: expect.stringContaining("Give it another deployment"),
      last_run: null,
    });
    expect(
      (await callApi("GET", `/api/v1/projects/${gone.project}/pipelines`, undefined, owner.token)).each("id"),
    ).toEqual([id]);
  });

  it("runs again with another deployment once it is enabled, from the next slot on", async () => {
    const gone = await deploy("Gone");
    const made = await callApi("POST", `/api/v1/projects/${gone.project}/deployments`, likeIt(gone), owner.token);
    const other = expectStatus(made, 201).text("id");
    const id = await addPipeline(gone, { schedule: NIGHTLY });
    await env.DB.prepare(`update pipelines set "nextSlot" = 1`).run();
    await remove(gone);
    await purge(Date.now());
    expectStatus(await patch(id, { enabled: true }), 200);
    await purge(Date.now());
    const moved = expectStatus(await patch(id, { deployment_id: other }), 200);
    expect(moved.body).toMatchObject({ deployment_id: other, stopped_reason: null, enabled: false, next_runs: [] });
    expect(expectStatus(await patch(id, { enabled: true }), 200).at("next_runs.length")).toBe(5);
    // No slot of the time without a deployment is made up for.
    await startDueRuns(workflows.env, database(env), Date.now());
    expect(await rowsOf("runs")).toEqual([]);
    const run = await workflows.call("POST", `/api/v1/pipelines/${id}/runs`, owner);
    expect(run.body).toMatchObject({ deployment_id: other, state: "queued" });
  });

  it("goes when somebody deletes it", async () => {
    const gone = await deploy("Gone");
    const id = await addPipeline(gone);
    await remove(gone);
    await purge(Date.now());
    expectStatus(await callApi("DELETE", `/api/v1/pipelines/${id}`, undefined, owner.token), 204);
    await purge(Date.now());
    expect(await ids("pipelines")).toEqual([]);
  });

  it("goes with its project", async () => {
    const gone = await deploy("Gone");
    await addPipeline(gone);
    expectStatus(await callApi("DELETE", `/api/v1/projects/${gone.project}`, undefined, owner.token), 204);
    await purge(Date.now());
    expect(await ids("pipelines")).toEqual([]);
  });
});

/** Another deployment of the same model. */
function likeIt({ experiment, mainId }: TestDeployment): object {
  return { name: "Next", experiment_id: experiment, main: { version: 1, model_id: mainId } };
}
