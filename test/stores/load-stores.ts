import { applyD1Migrations, evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { runName } from "../../src/deployments/host-name.ts";
import { ledgerStub } from "../../src/deployments/reach-host.ts";
import { sha256Hex } from "../../src/lib/hash.ts";
import { hostOf } from "../support/host.ts";
import { KEPT_KEY } from "./ask-stores.ts";
import written from "./first/answers.json";
import bucket from "./first/bucket.json";
import database from "./first/d1.sql?raw";
import host from "./first/deployment-host.sql?raw";
import ledger from "./first/idempotency-ledger.sql?raw";
import records from "./first/run-records.sql?raw";

const { reached } = written;

/** The objects whose stores are loaded, by class. */
export const OBJECTS = {
  host: () => hostOf({ id: reached.deployment }),
  records: () =>
    env.RUN_RECORDS.getByName(runName({ deploymentId: reached.deployment, version: 1, runId: reached.run })),
  ledger: async () => ledgerStub(env, reached.deployment, Number.parseInt((await sha256Hex(KEPT_KEY)).slice(0, 4), 16)),
};

export type Stored = keyof typeof OBJECTS;

/**
 * Puts the stores of the folder `first` in the place of all storage and applies the newest migrations; the objects wake with them at
 * their next call.
 */
export async function loadStores(): Promise<void> {
  await reset();
  await loadDatabase();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  for (const [key, content] of Object.entries(bucket)) await env.STORE.put(key, Buffer.from(content, "base64"));
  await loadObject(OBJECTS.host(), host);
  await loadObject(OBJECTS.records(), records);
  await loadObject(await OBJECTS.ledger(), ledger);
}

/** Writes the database as it was dumped, with the migrations of its day. */
export async function loadDatabase(): Promise<void> {
  const statements = database.split(/;\n(?=CREATE|INSERT|$)/).filter((statement) => statement !== "");
  // Rows come in the order of the tables, some before those they refer to.
  const deferred = ["PRAGMA defer_foreign_keys = on", ...statements];
  await env.DB.batch(deferred.map((statement) => env.DB.prepare(statement)));
}

async function loadObject<Stored extends Rpc.DurableObjectBranded>(
  stub: DurableObjectStub<Stored>,
  statements: string,
): Promise<void> {
  await runInDurableObject(stub, async (_, { storage }) => {
    await storage.deleteAll();
    storage.sql.exec(statements);
  });
  await evictDurableObject(stub);
}
