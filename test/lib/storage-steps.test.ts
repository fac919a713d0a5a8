import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { runStorageSteps, type StorageStep } from "../../src/lib/storage-steps.ts";

const NOTES: StorageStep = { id: "create-notes", sql: "create table notes (id integer primary key)" };
const TEXTS: StorageStep = { id: "add-texts", sql: "alter table notes add column text text not null default ''" };
const TIMES: StorageStep = { id: "add-times", sql: "alter table notes add column at integer" };
const BROKEN: StorageStep = { id: "broken", sql: "alter table missing add column at integer" };

/** An object that stores nothing of its own in tables. */
function inStorage<Result>(act: (storage: DurableObjectStorage) => Result | Promise<Result>): Promise<Result> {
  return runInDurableObject(env.MODEL_TRIAL.getByName("storage steps"), (_, { storage }) => act(storage));
}

function columns(storage: DurableObjectStorage): unknown[] {
  return storage.sql
    .exec("select name from pragma_table_info('notes')")
    .toArray()
    .map(({ name }) => name);
}

beforeEach(() => inStorage((storage) => storage.deleteAll()));

it("runs each step once, in order, and new ones at the next start", async () => {
  await inStorage((storage) => {
    runStorageSteps(storage, [NOTES, TEXTS]);
    storage.sql.exec("insert into notes (text) values ('kept')");
    runStorageSteps(storage, [NOTES, TEXTS]);
    runStorageSteps(storage, [NOTES, TEXTS, TIMES]);
    expect(columns(storage)).toEqual(["id", "text", "at"]);
    expect(storage.sql.exec("select text from notes").one()).toEqual({ text: "kept" });
  });
});

it.each([
  ["changed", [NOTES, { ...TEXTS, id: "add-words" }, TIMES]],
  ["reordered", [TEXTS, NOTES, TIMES]],
  ["with a step put in between", [NOTES, TIMES, TEXTS]],
  ["shortened", [NOTES]],
])("refuses a list that was %s, and runs nothing of it", async (_, changed) => {
  await inStorage((storage) => {
    runStorageSteps(storage, [NOTES, TEXTS]);
    expect(() => runStorageSteps(storage, changed)).toThrow(/Step \d of this object's storage was .*append-only/);
    expect(columns(storage)).toEqual(["id", "text"]);
    runStorageSteps(storage, [NOTES, TEXTS, TIMES]);
  });
});

it("says which step was found and which was listed", async () => {
  await inStorage((storage) => {
    runStorageSteps(storage, [NOTES, TEXTS]);
    expect(() => runStorageSteps(storage, [NOTES, TIMES])).toThrow(
      'Step 1 of this object\'s storage was "add-texts", and the list has "add-times" there.',
    );
  });
});

it("leaves the storage as it was when a step fails, and runs all of them at the next start", async () => {
  await inStorage((storage) => {
    runStorageSteps(storage, [NOTES]);
    expect(() => runStorageSteps(storage, [NOTES, TEXTS, BROKEN])).toThrow("no such table: missing");
    expect(columns(storage)).toEqual(["id"]);
    runStorageSteps(storage, [NOTES, TEXTS, TIMES]);
    expect(columns(storage)).toEqual(["id", "text", "at"]);
  });
});

/** As the first version of hosts left it: steps without ids. */
function storeCounted(storage: DurableObjectStorage, steps: readonly StorageStep[]): void {
  storage.sql.exec("create table migrations (step integer primary key)");
  for (const { sql } of steps) {
    storage.sql.exec(sql);
    storage.sql.exec("insert into migrations default values");
  }
}

it.each([1, 2])("takes over a storage that has counted %d steps", async (count) => {
  await inStorage((storage) => {
    storeCounted(storage, [NOTES, TEXTS].slice(0, count));
    runStorageSteps(storage, [NOTES, TEXTS, TIMES]);
    expect(columns(storage)).toEqual(["id", "text", "at"]);
    expect(() => runStorageSteps(storage, [TEXTS, NOTES, TIMES])).toThrow("append-only");
  });
});

it("refuses a storage that has counted more steps than are listed", async () => {
  await inStorage((storage) => {
    storeCounted(storage, [NOTES, TEXTS]);
    expect(() => runStorageSteps(storage, [NOTES])).toThrow("has run 2 steps");
  });
});
