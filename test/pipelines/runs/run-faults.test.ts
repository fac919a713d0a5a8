import { env } from "cloudflare:workers";
import type { WorkflowStep } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { database } from "../../../src/db.ts";
import { type BatchHostName, loadRangePorts } from "../../../src/pipelines/runs/batch-host.ts";
import { predictRange, type RangeJob } from "../../../src/pipelines/runs/predict-range.ts";
import { knownFailure } from "../../../src/pipelines/runs/run-failure.ts";
import { resumeRuns } from "../../../src/pipelines/runs/resume-runs.ts";
import { RunExecution } from "../../../src/pipelines/runs/run-execution.ts";
import { deployModel, eventually, expectStatus, readAs, type TestDeployment } from "../../support/deployment.ts";
import { callApi, startInstance } from "../../support/instance.ts";
import { thresholdModel } from "../../support/models.ts";
import { addDataset, addPipeline, ended, fileOf, runBatch, startRun } from "./batch.ts";

const TRAINING = ["amount,label", ...Array.from({ length: 40 }, (_, index) => `${index},${index > 20 ? 1 : 0}`)];
const ROWS = 25_000;
const CSV = `customer,amount\n${Array.from({ length: ROWS }, (_, row) => `c${row},${row % 50}`).join("\n")}\n`;
const FILES = ["main", "challenger", "errors", "main?format=parquet"];

let deployment: TestDeployment;
let calm: string[];
let pipeline: string;

beforeAll(async () => {
  await startInstance();
  deployment = await deployModel({
    csv: TRAINING.join("\n"),
    task: "binary_classification",
    target: "label",
    model: thresholdModel(20),
    challenger: { model: thresholdModel(30) },
  });
  const run = await runBatch(deployment, CSV);
  pipeline = run.pipeline;
  calm = await filesOf(run.id);
});

/** The files of a run, without what is of this run alone. */
async function filesOf(run: string): Promise<string[]> {
  const texts = await Promise.all(FILES.map((file) => fileOf(deployment, run, file)));
  return texts.map((text) => text.replaceAll(run.replace("run_", "b"), "b".padEnd(21, "0")));
}

/** A store of which every `n`-th write fails before anything is written, and every `n`-th time after. */
function failing(store: R2Bucket, n: number): { store: R2Bucket; failures: () => number } {
  let writes = 0;
  let failures = 0;
  const mayFail = async <T>(write: () => Promise<T>): Promise<T> => {
    writes += 1;
    const fails = writes % n === 0;
    if (fails) failures += 1;
    if (fails && writes % (2 * n) !== 0) throw new Error("the store is out of order");
    const written = await write();
    if (fails) throw new Error("the store did not answer");
    return written;
  };
  const uploadOf = (upload: R2MultipartUpload): R2MultipartUpload => ({
    key: upload.key,
    uploadId: upload.uploadId,
    uploadPart: (...part) => mayFail(() => upload.uploadPart(...part)),
    complete: (parts) => mayFail(() => upload.complete(parts)),
    abort: () => upload.abort(),
  });
  const wrapped = new Proxy(store, {
    get(target, name) {
      if (name === "put") return (...put: Parameters<R2Bucket["put"]>) => mayFail(() => target.put(...put));
      if (name === "createMultipartUpload")
        return async (key: string) => uploadOf(await mayFail(() => target.createMultipartUpload(key)));
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { store: wrapped, failures: () => failures };
}

/** Steps as the platform makes them: tried again when they throw, ten times at most, without the pauses. */
function steps(before: (name: string) => unknown = () => undefined): WorkflowStep {
  const run = async (name: string, _config: unknown, work: () => Promise<unknown>): Promise<unknown> => {
    await before(name);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (attempt === 10) throw error;
      }
    }
  };
  // Of the platform's class, this is what runs use.
  return { do: run } as unknown as WorkflowStep;
}

/** A run that is stored as queued and that nobody starts. */
async function queuedRun(): Promise<string> {
  const id = await startRun(deployment, pipeline);
  await ended(deployment, id);
  const fresh = `run_${id.slice(4).split("").toReversed().join("")}`;
  await env.DB.prepare(
    `insert into runs ("id", "pipelineId", "deploymentId", "trigger", "state", "attempt", "rowsDone", "rowsFailed", "createdAt")
       select ?, "pipelineId", "deploymentId", 'api', 'queued', 1, 0, 0, "createdAt" from runs where "id" = ?`,
  )
    .bind(fresh, id)
    .run();
  return fresh;
}

describe("a run while the store fails", () => {
  it.each([3, 5])("every %i-th write ends with the files of a calm run, byte by byte", async (n) => {
    const run = await queuedRun();
    const { store, failures } = failing(env.STORE, n);
    const flaky = { ...env, STORE: store };
    const predict = async (name: BatchHostName, job: RangeJob) => {
      const { rows, main } = await predictRange(await loadRangePorts(flaky, name), job);
      return { rows, failed: rows - main.rows };
    };
    const hosts = { getByName: () => ({ predictRange: predict }) } as unknown as Env["BATCH_HOST"];
    await new RunExecution({ ...flaky, BATCH_HOST: hosts }, steps()).run(run);
    expect((await readAs(deployment.owner, `/api/v1/runs/${run}`)).body).toMatchObject({
      state: "succeeded",
      rows_done: ROWS,
      rows_failed: 0,
    });
    expect(failures()).toBeGreaterThan(2);
    expect(await filesOf(run)).toEqual(calm);
  });
});

describe("a run that nobody has started", () => {
  it("is started by the clock", async () => {
    const run = await queuedRun();
    await resumeRuns(env, database(env), Date.now() + 60_000);
    expect((await ended(deployment, run)).at("state")).toBe("succeeded");
    expect(await filesOf(run)).toEqual(calm);
  });
});

describe("a run that is cancelled", () => {
  it("stops where it is, keeps no file, and goes on from there when it is retried", async () => {
    const id = await startRun(deployment, pipeline);
    await eventually(
      () => readAs(deployment.owner, `/api/v1/runs/${id}`),
      (answer) => answer.at("step") !== null,
    );
    expectStatus(await callApi("POST", `/api/v1/runs/${id}/cancel`, {}, deployment.owner.token), 200);
    const cancelled = await readAs(deployment.owner, `/api/v1/runs/${id}`);
    expect(cancelled.at("state")).toBe("cancelled");
    expectStatus(await callApi("POST", `/api/v1/runs/${id}/retry`, {}, deployment.owner.token), 202);
    const retried = await ended(deployment, id);
    expect(retried.body).toMatchObject({ state: "succeeded", attempt: 2, rows_done: ROWS });
    expect(await filesOf(id)).toEqual(calm);
  });
});

describe("a run that is cancelled while its files are put together", () => {
  it("has its files, and is counted once, when it is retried", async () => {
    const run = await queuedRun();
    const set = (state: string) => env.DB.prepare("update runs set state = ? where id = ?").bind(state, run).run();
    await new RunExecution(
      env,
      steps((name) => (name === "assemble" ? set("cancelled") : undefined)),
    ).run(run);
    expect((await readAs(deployment.owner, `/api/v1/runs/${run}`)).at("state")).toBe("cancelled");
    await set("queued");
    await new RunExecution(env, steps()).run(run);
    expect((await readAs(deployment.owner, `/api/v1/runs/${run}`)).at("state")).toBe("succeeded");
    expect(await filesOf(run)).toEqual(calm);
    const counted = `select sum("rows") as counted from monitoring_windows where host = ? and span = 'day'`;
    expect(await env.DB.prepare(counted).bind(run).first("counted")).toBe(ROWS);
  });
});

describe("a source that is gone while it is predicted", () => {
  it("ends the run with its own sentence, also when it was found out in another object", () => {
    const lost = { name: "SourceError", code: "source_gone", isRetryable: false };
    const error = Object.assign(new Error("The rows are gone."), lost);
    expect(knownFailure(error)).toEqual({ code: "source_gone", message: "The rows are gone.", isPassing: false });
  });
});

describe("a source that cannot be predicted", () => {
  const runOn = async (csv: string) => {
    const dataset = await addDataset(deployment, csv);
    const wanted = { source: { kind: "dataset", dataset_id: dataset } };
    return ended(deployment, await startRun(deployment, await addPipeline(deployment, wanted)));
  };

  it("fails the run with the sentence that says what to rename", async () => {
    const run = await runOn("amount,prediction\n1,2\n");
    expect(run.body).toMatchObject({ state: "failed", error: { code: "columns_taken" } });
    expect(run.text("error.message")).toContain('"prediction"');
  });
});
