import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RUN_STORAGE_STEPS } from "../../src/inference/batch/run-records.ts";
import { HOST_STORAGE_STEPS } from "../../src/inference/host/host-storage-steps.ts";
import { LEDGER_STORAGE_STEPS } from "../../src/inference/host/idempotency-ledger.ts";
import { runStorageSteps, type StorageStep } from "../../src/lib/storage-steps.ts";
import { callApi } from "../support/instance.ts";
import { ASKED_AT, askStores, predictWithKey } from "./ask-stores.ts";
import written from "./first/answers.json";
import { loadStores, OBJECTS, type Stored } from "./load-stores.ts";

const { reached, answers } = written;

const STEPS: Record<Stored, readonly StorageStep[]> = {
  host: HOST_STORAGE_STEPS,
  records: RUN_STORAGE_STEPS,
  ledger: LEDGER_STORAGE_STEPS,
};
const TABLES: Record<Stored, readonly string[]> = {
  host: ["segments", "challenger_outputs", "windows", "actuals", "archives"],
  records: ["actuals"],
  ledger: ["calls", "answers"],
};
const KINDS = ["host", "records", "ledger"] as const;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: ASKED_AT });
  await loadStores();
});

const added: (() => void)[] = [];

afterEach(() => {
  for (const takeBack of added.splice(0)) takeBack();
});

/** Adds a step to the list of an object, which wakes with it at its next call. */
async function addStep(object: Stored, step: StorageStep): Promise<void> {
  // Only a test changes a list that runs.
  const list = STEPS[object] as StorageStep[];
  list.push(step);
  added.push(() => list.pop());
  await evictDurableObject(await OBJECTS[object]());
}

/** The tables of an object, as SQL without its blanks. */
function tables(storage: DurableObjectStorage): unknown[] {
  return storage.sql
    .exec<{ sql: string }>(
      "select sql from sqlite_master where sql is not null and name not like '\\_cf\\_%' escape '\\'",
    )
    .toArray()
    .map(({ sql }) => sql.replaceAll(/\s+/g, ""))
    .sort();
}

describe("stores of the first version", () => {
  it("answer as they did, and come to have the tables of new ones", async () => {
    expect(await askStores(reached)).toMatchObject(answers);
    for (const object of KINDS) {
      const grown = await runInDurableObject(await OBJECTS[object](), (_, { storage }) => tables(storage));
      const made = await runInDurableObject(env.MODEL_TRIAL.getByName("a new store"), async (_, { storage }) => {
        await storage.deleteAll();
        runStorageSteps(storage, STEPS[object]);
        return tables(storage);
      });
      expect(grown).toEqual(made);
    }
  });

  it.each(KINDS)("take a further step about each table (%s), and answer as they did after each", async (object) => {
    expect(await askStores(reached)).toMatchObject(answers);
    for (const table of TABLES[object]) {
      const sql = `alter table ${table} add column tested integer not null default 7`;
      await addStep(object, { id: `test-${table}`, sql });
      expect(await askStores(reached)).toMatchObject(answers);
      const rows = await runInDurableObject(await OBJECTS[object](), (_, { storage }) =>
        storage.sql.exec(`select distinct tested from ${table}`).toArray(),
      );
      expect(rows).toEqual([{ tested: 7 }]);
    }
  });

  it("take predictions and actuals as new ones do", async () => {
    const fresh = await predictWithKey(reached, "order-3");
    expect(fresh.body).toMatchObject({ prediction: 6, extra: { plan_seen: "basic" } });
    const ids = [fresh.text("prediction_id"), reached.predictions.online, reached.predictions.batch];
    const items = ids.map((id) => ({ prediction_id: id, actual: 8 }));
    const path = `/api/v1/deployments/${reached.deployment}`;
    const sent = await callApi("POST", `${path}/actuals`, { items }, reached.key);
    expect(sent.body).toEqual({ accepted: 3, unknown: [], refused: [] });
    for (const id of ids) {
      expect((await callApi("GET", `${path}/predictions/${id}`, undefined, reached.token)).at("actual")).toBe(8);
    }
  });
});
