import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { unloadSession } from "../../src/engine/sessions.ts";
import {
  deployModel,
  eventually,
  predictOne,
  predictRows,
  readAs,
  type TestDeployment,
} from "../support/deployment.ts";
import { hostOf } from "../support/host.ts";
import { startInstance } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";
import { AMOUNTS, deployPair, recordOf, recordsOf, settledRecords } from "./recorded-pair.ts";

let pair: TestDeployment;

beforeAll(async () => {
  await startInstance();
  pair = await deployPair();
});

describe("a record", () => {
  it("says what was sent, what both models answered, when and how fast", async () => {
    const before = Date.now();
    const answer = await predictOne(pair, { amount: 3 });
    const id = answer.text("prediction_id");
    const record = await eventually(
      () => recordOf(pair, id),
      (found) => found.at("challenger.state") !== "pending",
    );
    expect(record.body).toEqual({
      prediction_id: id,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      version: 1,
      features: { amount: 3 },
      main: { prediction: 6, probabilities: null },
      challenger: { state: "ok", reason: null, prediction: 100, probabilities: null },
      actual: null,
      latency_ms: expect.any(Number),
      source: "online",
    });
    expect(Date.parse(record.text("at"))).toBeGreaterThanOrEqual(before - 1_000);
    expect(Date.parse(record.text("at"))).toBeLessThanOrEqual(Date.now() + 1_000);
  });

  it("has no challenger where the version has none", async () => {
    const alone = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(2) });
    const answer = await predictOne(alone, { amount: 1 });
    expect((await recordOf(alone, answer.text("prediction_id"))).at("challenger")).toBeNull();
    expect((await recordsOf(alone, "?disagree=true")).each("prediction_id")).toEqual([]);
  });

  it("is not found under an id that is unknown or none at all", async () => {
    const id = (await predictOne(pair, { amount: 1 })).text("prediction_id");
    const [stem = ""] = id.split("-");
    const strangers = [
      `${stem}-1-local0-zzzz-0`,
      `${stem}-1-local0-1-zz`,
      `${stem}-2-local0-1-0`,
      `${stem}-1-local7-1-0`,
      `${stem}-1-weur0-1-0`,
      `${stem}-1-xx0-1-0`,
      `x${id}`,
      id.slice(1),
      id.slice(id.indexOf("-") + 1),
      `p${"0".repeat(20)}${id.slice(id.indexOf("-"))}`,
      "nonsense",
      "%00",
      "..%2f..",
      "p".repeat(5_000),
    ];
    for (const stranger of strangers) {
      const answer = await recordOf(pair, stranger);
      expect([stranger.slice(0, 40), answer.status, answer.at("code")]).toEqual([
        stranger.slice(0, 40),
        404,
        "not_found",
      ]);
    }
  });
});

describe("the list of records", () => {
  it("comes newest first, page by page, exact while new records come in", async () => {
    const paged = await deployPair();
    const ids: string[] = [];
    for (const amounts of [[0, 1, 2, 3, 0, 1, 2], [1], [2, 3, 0], Array.from({ length: 14 }, (_, row) => row % 4)]) {
      const answer = await predictRows(
        paged,
        amounts.map((amount) => ({ amount })),
      );
      ids.unshift(...amounts.map((_, row) => answer.text(`predictions.${row}.prediction_id`)).toReversed());
    }
    const seen: unknown[] = [];
    let query = "?limit=7";
    for (let page = 0; page < 6; page += 1) {
      const answer = await recordsOf(paged, query);
      seen.push(...answer.each("prediction_id"));
      await predictOne(paged, { amount: 1 });
      if (answer.at("next_cursor") === null) break;
      query = `?limit=7&cursor=${encodeURIComponent(answer.text("next_cursor"))}`;
    }
    expect(seen).toEqual(ids);
    expect((await recordsOf(paged, "?limit=500")).each("prediction_id")).toHaveLength(25 + 4);
  });

  it("is narrowed by version, by time and to disagreements, and the filters go together with pages", async () => {
    const narrowed = await deployPair();
    await predictRows(
      narrowed,
      [0, 3, 1, 3].map((amount) => ({ amount })),
    );
    await scheduler.wait(20);
    const middle = new Date().toISOString();
    await scheduler.wait(20);
    await predictRows(
      narrowed,
      [2, 3].map((amount) => ({ amount })),
    );
    await settledRecords(narrowed);
    const amounts = async (query: string): Promise<unknown[]> =>
      (await recordsOf(narrowed, query)).each("features.amount");
    expect(await amounts("?version=1")).toEqual([3, 2, 3, 1, 3, 0]);
    expect(await amounts("?version=2")).toEqual([]);
    expect(await amounts(`?from=${middle}`)).toEqual([3, 2]);
    expect(await amounts(`?to=${middle}`)).toEqual([3, 1, 3, 0]);
    expect(await amounts("?from=2020-01-01&to=2020-02-01")).toEqual([]);
    expect(await amounts("?disagree=true")).toEqual([3, 3, 3]);
    expect(await amounts(`?disagree=true&to=${middle}`)).toEqual([3, 3]);
    const first = await recordsOf(narrowed, "?disagree=true&limit=2");
    const rest = await recordsOf(
      narrowed,
      `?disagree=true&limit=2&cursor=${encodeURIComponent(first.text("next_cursor"))}`,
    );
    expect([first.each("features.amount"), rest.each("features.amount"), rest.at("next_cursor")]).toEqual([
      [3, 3],
      [3],
      null,
    ]);
  });

  it("refuses a query that makes no sense with the name of the parameter", async () => {
    for (const [query, path] of [
      ["limit=0", "limit"],
      ["limit=501", "limit"],
      ["limit=ten", "limit"],
      ["cursor=nonsense", "cursor"],
      [`cursor=${btoa("[1]")}`, "cursor"],
      ["version=0", "version"],
      ["version=one", "version"],
      ["from=yesterday", "from"],
      ["disagree=maybe", "disagree"],
    ] as const) {
      const answer = await recordsOf(pair, `?${query}`);
      expect([query, answer.status, answer.at("code"), answer.at("errors.0.path")]).toEqual([
        query,
        422,
        "invalid_input",
        path,
      ]);
    }
    const forged = await recordsOf(pair, `?cursor=${btoa(JSON.stringify([[`${pair.id}/1/local/0`, "x", null]]))}`);
    expect(forged.status).toBeLessThan(500);
  });
});

describe("a host that is evicted", { timeout: 20_000 }, () => {
  it("answers again, finds its old records, and goes on with new ids", async () => {
    const deployment = await deployPair();
    const old = (await predictOne(deployment, { amount: 3 })).text("prediction_id");
    await settledRecords(deployment);
    await evictDurableObject(hostOf(deployment));
    const fresh = (await predictOne(deployment, { amount: 1 })).text("prediction_id");
    expect(fresh).not.toBe(old);
    expect((await recordsOf(deployment)).each("prediction_id")).toEqual([fresh, old]);
    expect((await recordOf(deployment, old)).body).toMatchObject({
      main: { prediction: 6 },
      challenger: { state: "ok", prediction: 100 },
    });
  });

  it("leaves the challenger's part pending, and its alarm catches up", async () => {
    const deployment = await deployPair();
    const id = (await predictOne(deployment, { amount: 3 })).text("prediction_id");
    expect((await recordOf(deployment, id)).at("challenger")).toEqual({
      state: "pending",
      reason: null,
      prediction: null,
      probabilities: null,
    });
    await evictDurableObject(hostOf(deployment));
    expect(await runDurableObjectAlarm(hostOf(deployment))).toBe(true);
    expect((await recordOf(deployment, id)).at("challenger")).toMatchObject({ state: "ok", prediction: 100 });
  });
});

describe("a host that cannot answer", { timeout: 20_000 }, () => {
  it("says 503 and is not running while the stored model is not the one that was uploaded", async () => {
    const deployment = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(17) });
    expect((await predictOne(deployment, { amount: 1 })).at("prediction")).toBe(17);
    const key = `models/${deployment.mainId}/serving.onnx`;
    const bytes = new Uint8Array((await (await env.STORE.get(key))?.arrayBuffer()) ?? new ArrayBuffer());
    await env.STORE.put(key, bytes.with(bytes.length - 10, 255));
    await unloadEverything(deployment);
    const refused = await predictOne(deployment, { amount: 1 });
    expect([refused.status, refused.at("code"), Number(refused.headers.get("retry-after")) > 0]).toEqual([
      503,
      "not_running",
      true,
    ]);
    expect(refused.text("detail")).toContain("SHA-256");
    expect((await readAs(deployment.owner, deployment.path)).at("running")).toBe(false);
    await env.STORE.put(key, bytes);
    expect((await predictOne(deployment, { amount: 1 })).at("prediction")).toBe(17);
    expect((await readAs(deployment.owner, deployment.path)).at("running")).toBe(true);
  });

  it("refuses a call that it cannot record, and leaves none without an answer", async () => {
    const deployment = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(2) });
    await predictOne(deployment, { amount: 1 });
    await runInDurableObject(hostOf(deployment), (_, state) =>
      state.storage.sql.exec("alter table segments rename to elsewhere").toArray(),
    );
    const answers = await Promise.all([1, 2, 3].map((amount) => predictOne(deployment, { amount })));
    expect(answers.map((answer) => [answer.status, answer.at("code")])).toEqual(Array(3).fill([503, "not_running"]));
    await runInDurableObject(hostOf(deployment), (_, state) =>
      state.storage.sql.exec("alter table elsewhere rename to segments").toArray(),
    );
    expect((await predictOne(deployment, { amount: 2 })).at("prediction")).toBe(4);
  });
});

/** Makes the deployment's host begin anew, with nothing in memory. */
async function unloadEverything(deployment: TestDeployment): Promise<void> {
  const row = await env.DB.prepare('select "servingSha256" as sha from models where id = ?')
    .bind(deployment.mainId)
    .first<{ sha: string }>();
  unloadSession(row?.sha ?? "");
  await evictDurableObject(hostOf(deployment));
}
