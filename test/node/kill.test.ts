import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { tableModel, timesModel } from "../support/models.ts";
import { rounds } from "../support/thorough.ts";
import { BuiltInstance } from "./built-instance.ts";
import { Client, signIn } from "./client.ts";
import { ADMIN, addModel, createVersion, deploy, setUp } from "./owner.ts";
import { temporaryDir } from "./tiltyard-process.ts";

const CONNECTIONS = 16;
const LOAD_MS = rounds(3_000, 1_000);
/** Places of the challenger's table: amounts of the load lie below. */
const AMOUNTS = 1_000;

interface Answered {
  id: string;
  amount: number;
  prediction: unknown;
}

let dir: Awaited<ReturnType<typeof temporaryDir>>;
let running: BuiltInstance;
let owner: Client;
let byKey: Client;
let cookie: string;
let path: string;
let answered: Answered[];

beforeAll(async () => {
  dir = await temporaryDir();
  const port = await freePort();
  running = await BuiltInstance.start(dir.path, port);
  owner = await setUp(running);
  cookie = await signIn(running.url, ADMIN.email, ADMIN.password);
  const version = await createVersion(owner);
  // The challenger triples, by a table.
  const tripled = tableModel(Array.from({ length: AMOUNTS }, (_, amount) => amount * 3));
  const main = await addModel(owner, version, timesModel(2));
  path = await deploy(owner, version, main, await addModel(owner, version, tripled));
  byKey = new Client(running.url, await owner.textOf("key", owner.call("POST", `${path}/keys`, { name: "key" })));
  answered = await loadUntilKilled();
  running = await BuiltInstance.start(dir.path, port);
});

afterAll(async () => {
  await running?.kill();
  await dir?.remove();
});

/** Sends single rows over all connections, kills everything in the middle, and returns what had been answered. */
async function loadUntilKilled(): Promise<Answered[]> {
  const collected: Answered[] = [];
  let isDying = false;
  const connection = async (first: number): Promise<void> => {
    for (let sent = first; ; sent += CONNECTIONS) {
      const amount = sent % AMOUNTS;
      try {
        const { prediction_id: id, prediction } = await byKey.call(
          "POST",
          `${path}/predict`,
          { features: { amount } },
          200,
        );
        collected.push({ id: String(id), amount, prediction });
      } catch (error) {
        // Calls under way when the process goes are not answered. Before that, each one must be.
        if (!isDying) throw error;
        return;
      }
    }
  };
  const load = Promise.all(Array.from({ length: CONNECTIONS }, (_, first) => connection(first)));
  await Promise.race([load, new Promise((next) => setTimeout(next, LOAD_MS))]);
  isDying = true;
  await running.kill();
  await load;
  return collected;
}

/** Applies `work` to all items, some at a time. */
async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}

describe("after SIGKILL in the middle of the load", () => {
  it("every prediction that was answered is found under its id, with the same answer", async () => {
    expect(answered.length).toBeGreaterThan(100);
    expect(new Set(answered.map(({ id }) => id)).size).toBe(answered.length);
    const lost: string[] = [];
    await eachOf(answered, async ({ id, amount, prediction }) => {
      expect(prediction).toBe(amount * 2);
      const response = await fetch(`${running.url}${path}/predictions/${id}`, { headers: { cookie } });
      if (response.status !== 200) lost.push(`${id}: ${response.status}`);
      else expect(await response.json()).toMatchObject({ features: { amount }, main: { prediction: amount * 2 } });
    });
    expect(lost).toEqual([]);
  });

  it("the challenger answers what it had not come to", async () => {
    const states = await challengerStates();
    expect(Object.keys(states)).toEqual(["ok"]);
    expect(states["ok"]).toBeGreaterThanOrEqual(answered.length);
    const { challenger } = await owner.call("GET", path);
    expect(challenger).toMatchObject({ suspended: null });
  });

  it("key, token and session work, and new predictions get ids of their own", async () => {
    const { prediction_id: id, prediction } = await byKey.call(
      "POST",
      `${path}/predict`,
      { features: { amount: 21 } },
      200,
    );
    expect(prediction).toBe(42);
    expect(answered.map((one) => one.id)).not.toContain(id);
    expect(await owner.call("GET", path)).toMatchObject({ deployed: "deployed", running: true });
    expect((await fetch(`${running.url}/api/v1/me`, { headers: { cookie } })).status).toBe(200);
  });
});

/** How many records are in which state, once none is pending or half a minute has gone. */
async function challengerStates(): Promise<Record<string, number>> {
  const end = Date.now() + 30_000;
  for (;;) {
    const states: Record<string, number> = {};
    let cursor = "";
    do {
      const page = await owner.call("GET", `${path}/predictions?limit=500${cursor}`);
      for (const { challenger, main, features } of page["items"] as {
        challenger: Record<string, unknown>;
        main: unknown;
        features: { amount: number };
      }[]) {
        const state = String(challenger["state"]);
        states[state] = (states[state] ?? 0) + 1;
        if (state === "ok")
          expect([challenger["prediction"], main]).toEqual([
            features.amount * 3,
            { prediction: features.amount * 2, probabilities: null },
          ]);
      }
      const { next_cursor: next } = page;
      cursor = typeof next === "string" ? `&cursor=${encodeURIComponent(next)}` : "";
    } while (cursor !== "");
    if (!("pending" in states) || Date.now() > end) return states;
    await new Promise((next) => setTimeout(next, 500));
  }
}
