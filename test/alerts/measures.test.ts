import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { evaluateAlerts } from "../../src/alerts/evaluate-alerts.ts";
import { database } from "../../src/db.ts";
import { deployModel, expectStatus, predictOne, predictRows, type TestDeployment } from "../support/deployment.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { tableModel } from "../support/models.ts";
import { Receiver } from "./receiver.ts";

/** 200 rows, amount 0 to 3 alike. */
const AMOUNTS = ["amount,price", ...Array.from({ length: 200 }, (_, row) => `${row % 4},${row % 4}`)].join("\n");

let deployment: TestDeployment;

beforeAll(async () => {
  await startInstance();
});

beforeEach(async () => {
  // Says 0, 1, 2, 3; a run over any other amount fails.
  deployment = await deployModel({ csv: AMOUNTS, target: "price", model: tableModel([0, 1, 2, 3]) });
  new Receiver();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.prepare("delete from alerts").run();
});

/** What an alert of this kind finds now. */
async function look(kind: string, rule: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const path = `${deployment.path}/alerts`;
  const body = { kind, notify: { webhook_url: "https://hooks.example.org/x" }, ...rule };
  const id = expectStatus(await callApi("POST", path, body, deployment.owner.token), 201).text("id");
  await evaluateAlerts(env, database(env), Date.now());
  const listed = await callApi("GET", path, undefined, deployment.owner.token);
  const found = (listed.at("items") as Record<string, unknown>[]).find((alert) => alert["id"] === id);
  return found ?? {};
}

async function call(times: number, amount: number): Promise<void> {
  for (let left = times; left > 0; left -= 1) await predictOne(deployment, { amount });
}

describe("errors", () => {
  it("are the share of calls that the model did not answer", async () => {
    await call(19, 1);
    expect(await look("errors")).toMatchObject({ state: "unknown", last_value: null });
    expect((await look("errors"))["last_detail"]).toBe("Not enough data: 19/20 calls of late.");
    await call(2, 9);
    // 2 of 21.
    expect(await look("errors")).toMatchObject({ state: "firing", last_value: expect.closeTo(2 / 21, 9) });
    expect(await look("errors", { threshold: 0.1 })).toMatchObject({ state: "ok" });
  });
});

describe("latency", () => {
  it("is the one within which 95 of 100 calls were answered", async () => {
    await call(22, 1);
    expect(await look("latency", { threshold: 600_000 })).toMatchObject({ state: "ok" });
    const slow = await look("latency", { threshold: 0.000_001 });
    expect(slow).toMatchObject({ state: "firing", last_value: expect.any(Number) });
    expect(String(slow["last_detail"])).toMatch(/^95 of 100 calls took .* or less; 2\d calls\.$/);
  });

  it("is not known of few calls", async () => {
    await call(5, 1);
    expect(await look("latency", { threshold: 0.000_001 })).toMatchObject({ state: "unknown", last_value: null });
  });
});

describe("drift", () => {
  const send = (count: number, amount: (row: number) => number) =>
    predictRows(
      deployment,
      Array.from({ length: count }, (_, row) => ({ amount: amount(row) })),
    );

  it("is not known of few rows", async () => {
    await send(20, () => 3);
    expect(await look("drift")).toMatchObject({ state: "unknown", last_value: null });
  });

  it("is none where calls are like the training data", async () => {
    await send(400, (row) => row % 4);
    expect(await look("drift")).toMatchObject({ state: "ok", last_value: 0 });
  });

  it("counts the columns that drift, the predictions among them", async () => {
    await send(400, () => 3);
    const drifting = await look("drift");
    expect(drifting).toMatchObject({ state: "firing", last_value: 2 });
    expect(drifting["last_detail"]).toBe("2 columns drift: amount, the predictions; 400 rows in the last 24 h.");
    expect(await look("drift", { threshold: 3 })).toMatchObject({ state: "ok", last_value: 2 });
  });
});

describe("performance", () => {
  async function label(count: number, actual: number): Promise<void> {
    const answered = await predictRows(
      deployment,
      Array.from({ length: count }, () => ({ amount: 1 })),
    );
    const items = Array.from({ length: count }, (_, row) => ({
      prediction_id: answered.text(`predictions.${row}.prediction_id`),
      actual,
    }));
    expectStatus(await callApi("POST", `${deployment.path}/actuals`, { items }, deployment.key), 200);
  }

  it("is a metric of labelled rows, of 30 or more", async () => {
    await label(29, 3);
    const few = await look("performance", { threshold: 1.5 });
    expect(few).toMatchObject({
      state: "unknown",
      last_detail: "Not enough data: 29/30 labelled rows in the last 7 days.",
    });
    await label(1, 3);
    // Each of the 30 predictions is off by 2.
    expect(await look("performance", { threshold: 1.5 })).toMatchObject({
      state: "firing",
      last_value: 2,
      metric: "rmse",
    });
    expect(await look("performance", { threshold: 2.5 })).toMatchObject({ state: "ok", last_value: 2 });
    expect(await look("performance", { threshold: 1.5, metric: "mae" })).toMatchObject({
      state: "firing",
      last_value: 2,
    });
  });

  it("is not known where the metric is not defined", async () => {
    await label(30, 3);
    // All actuals are equal: there is no variance to explain.
    expect(await look("performance", { threshold: 0.5, metric: "r2" })).toMatchObject({
      state: "unknown",
      last_value: null,
    });
  });
});
