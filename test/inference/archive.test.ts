import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCron } from "../../src/cron.ts";
import type { Answer } from "../support/answer.ts";
import { deployModel, eventually, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { hostOf } from "../support/host.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { tableModel, timesModel } from "../support/models.ts";

const AMOUNTS = ["amount,price", ...Array.from({ length: 40 }, (_, row) => `${row % 4},${row}`)].join("\n");
const DAY_MS = 86_400_000;

let pair: TestDeployment;
let ids: string[];

beforeAll(startInstance);

/** Three old records, both models' answers in, and one of today. */
beforeEach(async () => {
  pair = await deployModel({
    csv: AMOUNTS,
    target: "price",
    model: timesModel(2),
    challenger: { model: tableModel([0, 2, 4, 100]) },
  });
  ids = [...(await predict([1, 2])), ...(await predict([3]))];
  await callApi("POST", `${pair.path}/actuals`, { items: [{ prediction_id: ids[0], actual: 7 }] }, pair.key);
  await eventually(
    () => readAs(pair.owner, `${pair.path}/predictions`),
    (answer) => answer.each("challenger.state").every((state) => state === "ok"),
  );
  await hostOf(pair).settle();
  await runInDurableObject(hostOf(pair), (_, state) => {
    state.storage.sql.exec("update segments set at = at - ?", 91 * DAY_MS);
  });
  ids.push(...(await predict([0])));
  await hostOf(pair).settle();
});

async function predict(amounts: number[]): Promise<string[]> {
  const answer = await predictRows(
    pair,
    amounts.map((amount) => ({ amount })),
  );
  return amounts.map((_, index) => answer.text(`predictions.${index}.prediction_id`));
}

function record(id: string | undefined): Promise<Answer> {
  return readAs(pair.owner, `${pair.path}/predictions/${id}`);
}

async function archived(): Promise<string[]> {
  const { objects } = await env.STORE.list({ prefix: `records/${pair.id}/` });
  return objects.map(({ key }) => key);
}

describe("records that are older than 90 days", () => {
  it("move to R2, and are found by their id as before", async () => {
    const before = await Promise.all(ids.map(record));
    await runDurableObjectAlarm(hostOf(pair));
    expect(await archived()).toHaveLength(1);
    const after = await Promise.all(ids.map(record));
    expect(after.map(({ body }) => body)).toEqual(before.map(({ body }) => body));
    expect(after.map((answer) => answer.at("actual"))).toEqual([7, null, null, null]);
  });

  it("are found by their ids in no other deployment, whose own old records lie at the same places", async () => {
    const other = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(2) });
    await predictRows(other, [{ amount: 1 }, { amount: 2 }]);
    await hostOf(other).settle();
    await runInDurableObject(hostOf(other), (_, state) => {
      state.storage.sql.exec("update segments set at = at - ?", 91 * DAY_MS);
    });
    await runDurableObjectAlarm(hostOf(pair));
    await runDurableObjectAlarm(hostOf(other));
    const stranger = await readAs(other.owner, `${other.path}/predictions/${ids[0]}`);
    expect([(await record(ids[0])).status, stranger.status]).toEqual([200, 404]);
  });

  it("are lines of JSON there, one a record", async () => {
    await runDurableObjectAlarm(hostOf(pair));
    const [key = ""] = await archived();
    const lines = (await (await env.STORE.get(key))?.text())?.trim().split("\n") ?? [];
    expect(lines.map((line) => JSON.parse(line).main.prediction)).toEqual([2, 4, 6]);
  });

  it("leave the lists, and their counts stay", async () => {
    await runDurableObjectAlarm(hostOf(pair));
    expect((await readAs(pair.owner, `${pair.path}/predictions`)).each("prediction_id")).toEqual(ids.slice(3));
    expect((await readAs(pair.owner, `${pair.path}/monitoring/drift`)).at("window.rows")).toBe(4);
  });

  it("never have their numbers used again, whatever dies", async () => {
    await runDurableObjectAlarm(hostOf(pair));
    await evictDurableObject(hostOf(pair));
    const [next] = await predict([1]);
    expect(ids).not.toContain(next);
    expect((await record(next)).at("main.prediction")).toBe(2);
    expect((await record(ids[0])).at("main.prediction")).toBe(2);
  });

  it("are gone with the deployment", async () => {
    await runDurableObjectAlarm(hostOf(pair));
    await callApi("DELETE", pair.path, undefined, pair.owner.token);
    await runCron(env, Date.now());
    expect(await archived()).toEqual([]);
  });
});
