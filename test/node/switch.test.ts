import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { timesModel } from "../support/models.ts";
import { rounds } from "../support/thorough.ts";
import { BuiltInstance } from "./built-instance.ts";
import { Client } from "./client.ts";
import { addModel, createVersion, deploy, setUp } from "./owner.ts";
import { temporaryDir } from "./tiltyard-process.ts";

const CONNECTIONS = 16;
const SWITCHES = rounds(20, 6);
/** Answers to wait for after each switch. */
const CALLS_BETWEEN = 50;

interface Answered {
  id: string;
  amount: number;
  version: number;
  prediction: number;
}

let dir: Awaited<ReturnType<typeof temporaryDir>>;
let running: BuiltInstance;
let owner: Client;
let byKey: Client;
let path: string;
/** By version: what it multiplies with. */
const factors = new Map<number, number>([[1, 2]]);

/** The version that answers by what the API has said, and how often that has begun or ended to change. */
let settled: number | null = 1;
let turns = 0;

const answered: Answered[] = [];
const failures: string[] = [];
const stale: string[] = [];

beforeAll(async () => {
  dir = await temporaryDir();
  running = await BuiltInstance.start(dir.path);
  owner = await setUp(running);
  const version = await createVersion(owner);
  const models = [2, 3, 5].map((factor) => addModel(owner, version, timesModel(factor)));
  const [doubled = "", tripled = "", fivefold = ""] = await Promise.all(models);
  path = await deploy(owner, version, doubled, null);
  byKey = new Client(running.url, await owner.textOf("key", owner.call("POST", `${path}/keys`, { name: "key" })));
  await switchUnderLoad([
    { id: tripled, factor: 3 },
    { id: fivefold, factor: 5 },
  ]);
});

afterAll(async () => {
  await running?.kill();
  await dir?.remove();
});

/** Half of the switches make new versions, the others roll back to the one before. */
async function switchUnderLoad(models: { id: string; factor: number }[]): Promise<void> {
  let isOver = false;
  const load = Array.from({ length: CONNECTIONS }, async (_, first) => {
    for (let sent = first; !isOver; sent += CONNECTIONS) await callOnce(sent % 1_000);
  });
  for (let turn = 0; turn < SWITCHES; turn += 1) {
    const before = settled ?? 1;
    const { id, factor } = models[(turn / 2) % models.length] ?? { id: "", factor: 0 };
    turns += 1;
    settled = null;
    if (turn % 2 === 0) {
      const made = await owner.call("POST", `${path}/versions`, { main: { version: 1, model_id: id } });
      settled = Number(made["number"]);
      factors.set(settled, factor);
    } else {
      const target = Math.max(1, before - 1);
      const { current_version: current } = await owner.call("POST", `${path}/versions/${target}/rollback`, {}, 200);
      settled = Number(current);
    }
    turns += 1;
    const enough = answered.length + CALLS_BETWEEN;
    while (answered.length < enough && failures.length === 0) await new Promise((next) => setTimeout(next, 10));
  }
  isOver = true;
  await Promise.all(load);
}

async function callOnce(amount: number): Promise<void> {
  const [turnsBefore, expected] = [turns, settled];
  try {
    const answer = await byKey.call("POST", `${path}/predict`, { features: { amount } }, 200);
    const { prediction_id: id, version, prediction } = answer;
    answered.push({ id: String(id), amount, version: Number(version), prediction: Number(prediction) });
    // No switch began or ended while this call was under way, so one version can have answered.
    if (turns === turnsBefore && expected !== null && version !== expected) {
      stale.push(`${String(id)}: version ${String(version)} while ${expected} was current`);
    }
  } catch (error) {
    failures.push(String(error));
  }
}

describe(`${SWITCHES} switches and rollbacks under load`, () => {
  it("fail no call", () => {
    expect(failures).toEqual([]);
    expect(answered.length).toBeGreaterThan(SWITCHES * CALLS_BETWEEN);
  });

  it("send each call that begins after a switch was answered to the new version", () => {
    expect(stale).toEqual([]);
    expect(new Set(answered.map(({ version }) => version)).size).toBe(1 + SWITCHES / 2);
  });

  it("mix no versions: each answer is what its version says", () => {
    const mixed = answered.filter(
      ({ amount, version, prediction }) => prediction !== amount * (factors.get(version) ?? 0),
    );
    expect(mixed).toEqual([]);
  });

  it("are seen in the records, each of which has the version that answered it", async () => {
    const recorded = new Map<string, { version: unknown; prediction: unknown }>();
    let cursor = "";
    do {
      const page = await owner.call("GET", `${path}/predictions?limit=500${cursor}`);
      for (const item of page["items"] as { prediction_id: string; version: number; main: { prediction: number } }[])
        recorded.set(item.prediction_id, { version: item.version, prediction: item.main.prediction });
      const { next_cursor: next } = page;
      cursor = typeof next === "string" ? `&cursor=${encodeURIComponent(next)}` : "";
    } while (cursor !== "");
    expect(recorded.size).toBe(answered.length);
    const wrong = answered.filter(({ id, version, prediction }) => {
      const record = recorded.get(id);
      return record?.version !== version || record.prediction !== prediction;
    });
    expect(wrong).toEqual([]);
  });
});
