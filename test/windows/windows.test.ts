import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCron } from "../../src/cron.ts";
import type { Answer } from "../support/answer.ts";
import { deployModel, eventually, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { hostOf } from "../support/host.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { tableModel, timesModel } from "../support/models.ts";

/** 200 rows, amount 0 to 3 alike. */
const AMOUNTS = ["amount,price", ...Array.from({ length: 200 }, (_, row) => `${row % 4},${row % 4}`)].join("\n");

let pair: TestDeployment;

beforeAll(async () => {
  await startInstance();
});

beforeEach(async () => {
  // Main doubles; the challenger says 0, 2, 4 and then 100, so that the two differ on 3.
  pair = await deployModel({
    csv: AMOUNTS,
    target: "price",
    model: timesModel(2),
    challenger: { model: tableModel([0, 2, 4, 100]) },
  });
});

function drift(query = ""): Promise<Answer> {
  return readAs(pair.owner, `${pair.path}/monitoring/drift${query}`);
}

function distribution(feature: string): Promise<Answer> {
  return readAs(pair.owner, `${pair.path}/monitoring/distributions?feature=${encodeURIComponent(feature)}`);
}

function send(...amounts: number[]): Promise<Answer> {
  return predictRows(
    pair,
    amounts.map((amount) => ({ amount })),
  );
}

async function storedRows(span = "hour"): Promise<number> {
  const row = await env.DB.prepare(
    "select sum(rows) as rows from monitoring_windows where deploymentId = ? and span = ?",
  )
    .bind(pair.id, span)
    .first<{ rows: number | null }>();
  return row?.rows ?? 0;
}

describe("a window", () => {
  it("holds a prediction at once, in the hour that is still open", async () => {
    await send(1, 2);
    expect((await drift()).at("window.rows")).toBe(2);
    await send(3);
    expect((await drift()).at("window.rows")).toBe(3);
  });

  it("counts values by the bins of the reference, and what lies outside", async () => {
    await send(0, 1, 1, 3, 7, -2);
    const counted = await distribution("amount");
    expect(counted.at("edges")).toEqual([0, 1, 2, 3, 4]);
    expect(counted.at("reference")).toEqual([50, 50, 50, 50]);
    expect(counted.at("current")).toEqual([1, 2, 0, 1]);
    expect([counted.at("below"), counted.at("above"), counted.at("rows")]).toEqual([1, 1, 6]);
  });

  it("has missing values in a place of their own", async () => {
    await predictRows(pair, [{ amount: null }, { amount: 1 }]);
    const feature = (await drift()).at("features.0");
    expect(feature).toMatchObject({ name: "amount", missing: 1, n: 2, state: "not_enough_data" });
  });

  it("holds the answers of both models, the challenger's in the bins of main's too", async () => {
    await send(0, 1, 3);
    const counted = await eventually(
      () => distribution("@prediction"),
      (answer) => (answer.at("current.challenger.0") ?? 0) !== 0,
    );
    const { main, challenger } = counted.at("current") as { main: number[]; challenger: number[] };
    expect([sum(main), sum(challenger)]).toEqual([3, 2]);
  });

  it("is asked for by version and by hour or day", async () => {
    await send(1);
    expect((await drift("?version=1&bucket=hour")).at("series.length")).toBe(1);
    expect((await drift("?bucket=day")).at("window.rows")).toBe(1);
    expect((await drift("?version=2")).at("window.rows")).toBe(0);
    expect((await drift("?source=batch")).at("window.rows")).toBe(0);
  });

  it.each([
    ["?from=2026-02-02&to=2026-02-01", "from"],
    ["?bucket=week", "bucket"],
    ["?from=2026-01-01&to=2026-06-01&bucket=hour", "bucket"],
    ["?version=none", "version"],
    ["?methods={", "methods"],
    ['?methods={"amount":"best"}', "methods"],
    ['?methods={"colour":"psi"}', "methods"],
  ])("refuses %s, naming %s", async (query, path) => {
    const refused = await drift(query);
    expect([refused.status, refused.at("errors.0.path")]).toEqual([422, path]);
  });

  it("of a feature that is not monitored is a 404 that names those that are", async () => {
    const refused = await distribution("colour");
    expect(refused.status).toBe(404);
    expect(refused.text("detail")).toContain("amount");
  });
});

describe("what a host has counted", () => {
  it("reaches the store by its alarm once no calls come, and is the same from there", async () => {
    await send(1, 2, 3);
    const before = await drift();
    expect(await eventually(settledAt, (since) => since === null)).toBeNull();
    expect([await storedRows("hour"), await storedRows("day")]).toEqual([3, 3]);
    expect((await drift()).at("features")).toEqual(before.at("features"));
  });

  it("is counted once, however often it is pushed, and whatever dies in between", async () => {
    await send(1, 2);
    await hostOf(pair).settle();
    await send(3);
    await evictDurableObject(hostOf(pair));
    expect((await drift()).at("window.rows")).toBe(3);
    await runDurableObjectAlarm(hostOf(pair));
    await hostOf(pair).settle();
    await hostOf(pair).settle();
    expect(await storedRows()).toBe(3);
    await evictDurableObject(hostOf(pair));
    expect((await drift()).at("window.rows")).toBe(3);
  });

  it("that dies before it has counted is counted by the one that comes after", async () => {
    await send(1, 1, 1);
    await evictDurableObject(hostOf(pair));
    expect((await drift()).at("window.rows")).toBe(3);
  });

  it("is noted in the store as not pushed, so that readers know whom to ask", async () => {
    expect(await settledAt()).toBeNull();
    await send(1);
    await eventually(noted, (since) => since !== null);
  });

  it("is gone with the deployment", async () => {
    await send(1);
    await hostOf(pair).settle();
    expect(await storedRows()).toBe(1);
    await callApi("DELETE", pair.path, undefined, pair.owner.token);
    await runCron(env, Date.now());
    expect(await storedRows()).toBe(0);
  });
});

/** Since when something is left to push once the host has pushed what it can: the challenger may still be at it. */
async function settledAt(): Promise<number | null> {
  await hostOf(pair).settle();
  return noted();
}

async function noted(): Promise<number | null> {
  const row = await env.DB.prepare('select "unpushedSince" as since from deployment_hosts where "deploymentId" = ?')
    .bind(pair.id)
    .first<{ since: number | null }>();
  return row?.since ?? null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
