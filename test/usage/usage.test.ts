import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Counts, encodeCounts } from "../../src/windows/counts.ts";
import { addUsage } from "../../src/windows/usage-counts.ts";
import tailWorker from "../../src/usage/tail-worker.ts";
import type { Answer } from "../support/answer.ts";
import {
  deployModel,
  eventually,
  predictOne,
  predictRows,
  readAs,
  type TestDeployment,
} from "../support/deployment.ts";
import { hostOf } from "../support/host.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { tableModel, timesModel } from "../support/models.ts";

const AMOUNTS = ["amount,price", ...Array.from({ length: 40 }, (_, row) => `${row % 4},${row}`)].join("\n");
const HOUR_MS = 3_600_000;

let pair: TestDeployment;

beforeAll(startInstance);

beforeEach(async () => {
  pair = await deployModel({
    csv: AMOUNTS,
    target: "price",
    model: timesModel(2),
    // Of an amount beyond the table the challenger has no answer.
    challenger: { model: tableModel([0, 2, 4, 100]) },
  });
});

function usage(query = ""): Promise<Answer> {
  return readAs(pair.owner, `${pair.path}/usage${query}`);
}

function settledUsage(rows: number): Promise<Answer> {
  return eventually(usage, (answer) => Number(answer.at("total.challenger.rows")) >= rows);
}

describe("usage", () => {
  it("counts calls and rows from the records, of both models", async () => {
    await predictOne(pair, { amount: 1 });
    await predictRows(pair, [{ amount: 1 }, { amount: 2 }, { amount: 3 }]);
    const report = await settledUsage(4);
    expect(report.at("total.main")).toMatchObject({ calls: 2, rows: 4, errors: 0 });
    expect(report.at("total.challenger")).toMatchObject({ calls: 2, rows: 4, errors: 0 });
    expect(report.at("series.0.main")).toMatchObject({ calls: 2, rows: 4 });
    await hostOf(pair).settle();
    expect((await usage("?bucket=hour")).at("total.main.calls")).toBe(2);
  });

  it("says how long calls took, and what memory the models hold", async () => {
    for (let call = 0; call < 5; call += 1) await predictOne(pair, { amount: 1 });
    const report = await settledUsage(5);
    const { p50, p95, p99 } = report.at("total.main.latency_ms") as Record<string, number>;
    expect(p50).toBeGreaterThan(0);
    expect([p95, p99].every((value) => Number(value) >= Number(p50))).toBe(true);
    expect(report.at("total.main.memory_bytes")).toBeGreaterThan(1_000_000);
    expect(report.at("total.challenger.memory_bytes")).toBeGreaterThan(1_000_000);
    expect(report.at("total.challenger.latency_ms.p50")).toBeNull();
    const records = await readAs(pair.owner, `${pair.path}/predictions`);
    const slowest = Math.max(...records.each("latency_ms").map(Number));
    // Bins grow by a fifth, from half a millisecond.
    expect(Number(p99)).toBeLessThanOrEqual(Math.max(0.5, slowest * 1.2));
    expect(Number(p99)).toBeGreaterThanOrEqual(slowest / 1.2);
  });

  it("says how each figure was measured, and what is not known", async () => {
    await predictOne(pair, { amount: 1 });
    const report = await usage();
    expect(report.at("total.main.cpu_ms")).toBeNull();
    expect(report.text("measured.cpu_ms")).toContain("Not known");
    for (const figure of ["calls", "rows", "errors", "latency_ms", "compute_ms", "memory_bytes"]) {
      expect(report.text(`measured.${figure}`).length).toBeGreaterThan(10);
    }
  });

  it("of a deployment that nobody has called is empty", async () => {
    const report = await usage();
    expect(report.at("series")).toEqual([]);
    expect(report.at("total.main")).toMatchObject({ calls: 0, compute_ms: null, memory_bytes: null });
  });

  it("is for those who may read the project", async () => {
    expect((await callApi("GET", `${pair.path}/usage`, undefined, pair.key)).status).toBe(403);
  });
});

/** Has the store say how long the models ran, which no test can decide: a run of one row may take no time by the clock. */
async function storeComputeMs(main: number, challenger: number): Promise<void> {
  await hostOf(pair).settle();
  const usage: Counts = new Map();
  addUsage(usage, "main", { calls: 1, rows: 1, measuredMs: main, measuredRows: 1 });
  addUsage(usage, "challenger", { calls: 1, rows: 1, measuredMs: challenger, measuredRows: 1 });
  await env.DB.prepare("update monitoring_windows set usage = ?, computeMs = ? where deploymentId = ?")
    .bind(encodeCounts(usage), main + challenger, pair.id)
    .run();
}

describe("CPU", () => {
  const start = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;

  it("is what Cloudflare billed for the deployment's objects, added up by the Tail Worker", async () => {
    await predictOne(pair, { amount: 1 });
    await settledUsage(1);
    await storeComputeMs(9, 3);
    const objectId = hostOf(pair).id.toString();
    const event = (cpuTime: number, durableObjectId?: string) => ({
      cpuTime,
      eventTimestamp: start + 1_000,
      ...(durableObjectId !== undefined && { durableObjectId }),
    });
    await tailWorker.tail([event(3, objectId), event(4, objectId), event(100), event(50, "another")], env);
    await tailWorker.tail([event(5, objectId)], env);
    const row = await env.DB.prepare('select "cpuMs", "invocations" from billed_cpu where "objectId" = ?')
      .bind(objectId)
      .first();
    expect(row).toEqual({ cpuMs: 12, invocations: 3 });
    const report = await usage();
    expect(report.text("measured.cpu_ms")).toContain("Cloudflare billed");
    // Shared out by compute time: 9 ms and 3 ms.
    expect([report.at("total.main.cpu_ms"), report.at("total.challenger.cpu_ms")]).toEqual([9, 3]);
  });

  it("is not known of a deployment where a runner samples the process of the whole instance, which is shown apart", async () => {
    await predictOne(pair, { amount: 1 });
    await settledUsage(1);
    await storeComputeMs(9, 3);
    await env.DB.prepare(
      "insert into process_samples (at, cpuMs, rssBytes) values (?, 500, 700000000) on conflict do nothing",
    )
      .bind(start + 60_000)
      .run();
    const report = await usage("?bucket=hour");
    expect(report.at("series.0.instance")).toEqual({ cpu_ms: 500, memory_bytes: 700_000_000 });
    expect([report.at("series.0.main.cpu_ms"), report.at("series.0.challenger.cpu_ms")]).toEqual([null, null]);
    expect(report.text("measured.cpu_ms")).toContain("Not known for one deployment");
  });
});
