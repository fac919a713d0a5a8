import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { tableModel, timesModel } from "../support/models.ts";
import { BuiltInstance } from "./built-instance.ts";
import { Client } from "./client.ts";
import { addModel, createVersion, deploy, setUp } from "./owner.ts";
import { temporaryDir } from "./tiltyard-process.ts";
import { isThorough, rounds } from "../support/thorough.ts";

const PREDICTIONS = rounds(100_000, 6_000);
const ROWS_PER_CALL = 250;
const CONNECTIONS = 8;
/** Kills in the middle of the load, at these shares of it. */
const KILLS_AT = isThorough ? [0.15, 0.4, 0.6, 0.9] : [0.4];
const AMOUNTS = 40;
/** Every so many rows hold no amount, and one beyond the reference. */
const MISSING_EVERY = 50;
const BEYOND_EVERY = 125;

let dir: Awaited<ReturnType<typeof temporaryDir>>;
let port: number;
let running: BuiltInstance;
let owner: Client;
let byKey: Client;
let path: string;
let answered = 0;

beforeAll(async () => {
  dir = await temporaryDir();
  port = await freePort();
  running = await start();
  owner = await setUp(running);
  const version = await createVersion(owner);
  const main = await addModel(owner, version, timesModel(2));
  const challenger = await addModel(
    owner,
    version,
    tableModel(Array.from({ length: AMOUNTS + 100 }, (_, amount) => amount * 3)),
  );
  path = await deploy(owner, version, main, challenger);
  byKey = new Client(running.url, await owner.textOf("key", owner.call("POST", `${path}/keys`, { name: "key" })));
  for (const share of [...KILLS_AT, 1]) {
    await sendUntil(Math.round(PREDICTIONS * share), share < 1);
    if (share === 1) break;
    running = await start();
  }
});

afterAll(async () => {
  await running?.kill();
  await dir?.remove();
});

function start(): Promise<BuiltInstance> {
  return BuiltInstance.start(dir.path, port);
}

/**
 * Sends calls over all connections until so many predictions have been answered; then, if asked for, kills everything while calls are
 * under way.
 */
async function sendUntil(wanted: number, isKilled: boolean): Promise<void> {
  let isDying = false;
  const connection = async (): Promise<void> => {
    while (isKilled ? !isDying : answered < wanted) {
      try {
        await byKey.call("POST", `${path}/predict`, { rows: rowsFrom(answered) }, 200);
        answered += ROWS_PER_CALL;
      } catch (error) {
        if (!isDying) throw error;
        return;
      }
      if (isKilled && answered >= wanted && !isDying) {
        isDying = true;
        await running.kill();
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}

function rowsFrom(first: number): { amount: number | null }[] {
  return Array.from({ length: ROWS_PER_CALL }, (_, index) => {
    const row = first + index;
    if (row % MISSING_EVERY === 0) return { amount: null };
    return { amount: row % BEYOND_EVERY === 1 ? 100 : row % AMOUNTS };
  });
}

interface Counted {
  records: number;
  missing: number;
  beyond: number;
  states: Record<string, number>;
}

/** What the records themselves say, page by page. */
async function countRecords(): Promise<Counted> {
  const counted: Counted = { records: 0, missing: 0, beyond: 0, states: {} };
  let cursor = "";
  do {
    const page = await owner.call("GET", `${path}/predictions?limit=500${cursor}`);
    for (const { challenger, features } of page["items"] as {
      challenger: { state: string };
      features: { amount: number | null };
    }[]) {
      counted.records += 1;
      counted.states[challenger.state] = (counted.states[challenger.state] ?? 0) + 1;
      if (features.amount === null) counted.missing += 1;
      else if (features.amount > AMOUNTS - 1) counted.beyond += 1;
    }
    const { next_cursor: next } = page;
    cursor = typeof next === "string" ? `&cursor=${encodeURIComponent(next)}` : "";
  } while (cursor !== "");
  return counted;
}

/** The comparison once nothing is pending, or half a minute has gone. */
async function settledComparison(): Promise<Record<string, unknown>> {
  const end = Date.now() + 60_000;
  for (;;) {
    const comparison = await owner.call("GET", `${path}/monitoring/comparison?bucket=hour&limit=1`);
    const { pending } = comparison["challenger"] as { pending: number };
    if ((comparison["complete"] === true && pending === 0) || Date.now() > end) return comparison;
    await new Promise((next) => setTimeout(next, 300));
  }
}

describe(`${PREDICTIONS} predictions with ${KILLS_AT.length} kills in the middle of the load`, () => {
  it("are in the windows, each once: rows, missing, out of range, and the challenger's answers", async () => {
    const comparison = await settledComparison();
    const drift = await owner.call("GET", `${path}/monitoring/drift?bucket=hour`);
    const byDay = await owner.call("GET", `${path}/monitoring/drift?bucket=day`);
    const counted = await countRecords();
    expect(counted.records).toBeGreaterThanOrEqual(answered);
    expect(answered).toBeGreaterThanOrEqual(PREDICTIONS);
    expect(drift["window"]).toMatchObject({ rows: counted.records });
    expect(byDay["window"]).toMatchObject({ rows: counted.records });
    expect((drift["features"] as unknown[])[0]).toMatchObject({
      n: counted.records,
      missing: counted.missing,
      out_of_range: counted.beyond,
    });
    const { ok = 0, error = 0, skipped = 0 } = counted.states;
    expect(comparison["challenger"]).toEqual({ ok, errors: error, skipped, pending: 0 });
    console.log(
      `${counted.records} records of ${answered} answered predictions; windows ${JSON.stringify(drift["window"])}; challenger ${JSON.stringify(counted.states)}`,
    );
  });

  it("and stay so when everything is killed once more, and asked for again", async () => {
    const before = await owner.call("GET", `${path}/monitoring/drift?bucket=hour`);
    await running.kill();
    running = await start();
    const after = await owner.call("GET", `${path}/monitoring/drift?bucket=hour`);
    expect(after["features"]).toEqual(before["features"]);
    expect(after["prediction"]).toEqual(before["prediction"]);
  });
});
