import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { alertDeliveries, alertIncidents } from "../../src/alerts/schema.ts";
import { runCron } from "../../src/cron.ts";
import { database } from "../../src/db.ts";
import { runName } from "../../src/deployments/host-name.ts";
import { allLedgers } from "../../src/deployments/reach-host.ts";
import { billedCpu, processSamples } from "../../src/usage/schema.ts";
import { addConnection, addPipeline, storeRun } from "../pipelines/pipeline-fixtures.ts";
import { runBatch } from "../pipelines/runs/batch.ts";
import { Browser } from "../support/browser.ts";
import { Receiver } from "../alerts/receiver.ts";
import {
  deployModel,
  eventually,
  expectStatus,
  predictRows,
  readAs,
  type TestDeployment,
} from "../support/deployment.ts";
import { hostOf } from "../support/host.ts";
import { callApi, createUser, fetchInstance, startInstance, type TestUser } from "../support/instance.ts";
import { model, node, tensor, tensorValue } from "../onnx/build-model.ts";
import { tableModel } from "../support/models.ts";
import { askStores, ASKED_AT, KEPT_KEY, predictWithKey, type Reached } from "./ask-stores.ts";
import { dumpBucket, dumpDatabase, dumpObject } from "./dump.ts";

// Not run with the tests: README.md says when and how to write stores of another day.

const REFERENCE = [
  "amount,plan,price",
  ...Array.from({ length: 12 }, (_, row) => `${row % 4},${row % 2 ? "pro" : "basic"},${row}`),
].join("\n");
const BATCH = "customer,amount,plan\na,0,basic\nb,3,pro\nc,2,basic\n";
const LONG_AGO = Date.UTC(2026, 7, 3, 9);
const NOW = Date.UTC(2026, 10, 20, 12);

it("writes small stores of everything", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: LONG_AGO });
  const { adminToken } = await startInstance();
  const owner = await createUser();
  const pair = await deployModel({
    csv: REFERENCE,
    target: "price",
    model: doublingModel(),
    challenger: { model: tableModel([0, 2, 4, 100]) },
    owner,
  });
  const archived = await predict(pair, [1, 2]);
  await putActual(pair, archived, 7);
  await settled(pair);

  vi.setSystemTime(NOW);
  // The last row has no place in the challenger's table: its run fails.
  const [online, last] = [await predict(pair, [3]), await predict(pair, [2, 9])];
  await putActual(pair, online, 5);
  await settled(pair);
  await runDurableObjectAlarm(hostOf(pair));

  const { id: run } = await runBatch(pair, BATCH);
  const batch = `${run.replace("run_", "b")}-1`;
  await putActual(pair, batch, 6);
  const reached: Reached = {
    deployment: pair.id,
    token: owner.token,
    key: pair.key,
    run,
    predictions: { archived, online, batch },
  };
  expectStatus(await predictWithKey(reached, KEPT_KEY), 200);
  const ledger = await keptLedger(pair);
  // A call that has begun and is never settled.
  await ledger.claim("order-2", "hash of a body", NOW);
  await settled(pair);
  await fillDatabase(pair, adminToken, owner);
  new Receiver();
  await runCron(env, NOW);
  await hostOf(pair).settle();
  // The newest records have been counted, and their windows are not in the database yet.
  await predict(pair, [1]);
  await answered(pair);
  expect(await hostOf(pair).openWindows()).not.toEqual([]);

  vi.setSystemTime(ASKED_AT);
  const answers = await askStores(reached);
  expect(last).not.toBe(online);
  const file = (name: string) => `./first/${name}`;
  const records = env.RUN_RECORDS.getByName(runName({ deploymentId: pair.id, version: 1, runId: run }));
  await expect(await runInDurableObject(hostOf(pair), (_, state) => dumpObject(state))).toMatchFileSnapshot(
    file("deployment-host.sql"),
  );
  await expect(await runInDurableObject(records, (_, state) => dumpObject(state))).toMatchFileSnapshot(
    file("run-records.sql"),
  );
  await expect(await runInDurableObject(ledger, (_, state) => dumpObject(state))).toMatchFileSnapshot(
    file("idempotency-ledger.sql"),
  );
  await expect(await dumpDatabase()).toMatchFileSnapshot(file("d1.sql"));
  await expect(json(await dumpBucket())).toMatchFileSnapshot(file("bucket.json"));
  await expect(json({ reached, answers })).toMatchFileSnapshot(file("answers.json"));
}, 120_000);

/** Doubles `amount` and gives the text back. */
function doublingModel(): Uint8Array {
  const raw = [...new Uint8Array(Float32Array.of(2).buffer)];
  return model({
    inputs: [tensorValue("amount", "float32", [null, 1]), tensorValue("plan", "string", [null, 1])],
    outputs: [tensorValue("prediction", "float32", [null, 1]), tensorValue("plan_seen", "string", [null, 1])],
    initializers: [tensor("factor", { dims: [1], elem: "float32", raw })],
    nodes: [node("Mul", ["amount", "factor"], ["prediction"]), node("Identity", ["plan"], ["plan_seen"])],
  });
}

/** Predicts rows in one batch; returns the id of the last one. */
async function predict(deployment: TestDeployment, amounts: number[]): Promise<string> {
  const answer = await predictRows(
    deployment,
    amounts.map((amount) => ({ amount, plan: "pro" })),
  );
  return answer.text(`predictions.${amounts.length - 1}.prediction_id`);
}

async function putActual({ path, key }: TestDeployment, predictionId: string, actual: number): Promise<void> {
  const body = { items: [{ prediction_id: predictionId, actual }] };
  expect((await callApi("POST", `${path}/actuals`, body, key)).at("accepted")).toBe(1);
}

async function answered(deployment: TestDeployment): Promise<void> {
  await eventually(
    () => readAs(deployment.owner, `${deployment.path}/predictions`),
    (answer) => answer.each("challenger.state").every((state) => state !== "pending"),
  );
}

/** Waits until the challenger has answered and all that is counted is in the database. */
async function settled(deployment: TestDeployment): Promise<void> {
  await answered(deployment);
  await hostOf(deployment).settle();
}

/** The one of the deployment's ledgers in which there is something. */
async function keptLedger({ id }: TestDeployment) {
  for (const ledger of allLedgers(env, id)) {
    const calls = await runInDurableObject(ledger, (_, { storage }) =>
      storage.sql.exec("select key from calls").toArray(),
    );
    if (calls.length > 0) return ledger;
  }
  throw new Error("No ledger keeps a call.");
}

/** A row or more in each table that has none by now. */
async function fillDatabase(pair: TestDeployment, adminToken: string, owner: TestUser): Promise<void> {
  const db = database(env);
  const asOwner = async (path: string, body: unknown) =>
    expectStatus(await callApi("POST", path, body, owner.token), 201);
  const invited = { email: "invited@tiltyard.test", name: "Invited" };
  expectStatus(await callApi("POST", "/api/v1/users", invited, adminToken), 201);
  const member = await createUser();
  const membership = `/api/v1/projects/${pair.project}/members/${member.id}`;
  expectStatus(await callApi("PUT", membership, { role: "viewer" }, owner.token), 200);
  await new Browser().signIn(owner);
  await asOwner(`${pair.path}/alerts`, {
    kind: "performance",
    threshold: 3,
    notify: { webhook_url: "https://hooks.example.org/x" },
  });
  const alert = await asOwner(`${pair.path}/alerts`, {
    kind: "drift",
    notify: { webhook_url: "https://hooks.example.org/x" },
  });
  await storeIncident(alert.text("id"));
  const connectionId = await addConnection(owner, pair.project, "http");
  const pipeline = await addPipeline(pair, { destinations: [{ connection_id: connectionId }] });
  await storeRun(pair, pipeline, { state: "succeeded" }, [{ connectionId, state: "succeeded", rows: 3, at: NOW }]);
  await uploadPart(owner, pair.project);
  await db.insert(processSamples).values({ at: NOW, cpuMs: 1_200, rssBytes: 400_000_000 });
  await db.insert(billedCpu).values({ objectId: "object", start: NOW, cpuMs: 12, invocations: 3 });
}

async function storeIncident(alertId: string): Promise<void> {
  const db = database(env);
  await db.insert(alertIncidents).values({ id: "inc_1", alertId, startedAt: LONG_AGO, resolvedAt: NOW, value: 2 });
  const delivery = {
    alertId,
    incidentId: "inc_1",
    event: "firing",
    message: "{}",
    state: "delivered",
    nextAttemptAt: NOW,
  } as const;
  await db.insert(alertDeliveries).values({ id: "adl_1", createdAt: NOW, ...delivery });
}

/** A dataset of which one part has arrived. */
async function uploadPart(owner: TestUser, project: string): Promise<void> {
  const uploads = `/api/v1/projects/${project}/datasets/uploads`;
  const begun = await callApi("POST", uploads, { name: "In parts", format: "csv" }, owner.token);
  const path = `${uploads}/${expectStatus(begun, 201).text("id")}/parts/1`;
  const headers = { authorization: `Bearer ${owner.token}` };
  expect((await fetchInstance(path, { method: "PUT", headers, body: BATCH })).status).toBe(200);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
