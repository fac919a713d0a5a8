import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { Answer } from "../support/answer.ts";
import { deployModel, readAs, type TestDeployment } from "../support/deployment.ts";
import { fetchInstance, startInstance } from "../support/instance.ts";
import { sumModel, timesModel } from "../support/models.ts";

const DAY_MS = 86_400_000;

let deployment: TestDeployment;

beforeAll(async () => {
  await startInstance();
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2) });
});

async function send(key: string, body: unknown, to: TestDeployment = deployment): Promise<Answer> {
  const headers = { authorization: `Bearer ${to.key}`, "content-type": "application/json", "idempotency-key": key };
  return Answer.of(await fetchInstance(`${to.path}/predict`, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function recordCount(of: TestDeployment = deployment): Promise<number> {
  return (await readAs(of.owner, `${of.path}/predictions?limit=500`)).each("prediction_id").length;
}

describe("an Idempotency-Key", () => {
  it("gives the same answer for the same body, and records it once", async () => {
    const before = await recordCount();
    const first = await send("order-1", { features: { amount: 4 } });
    const second = await send("order-1", { features: { amount: 4 } });
    expect([first.status, first.at("prediction")]).toEqual([200, 8]);
    expect(second.body).toEqual(first.body);
    expect(await recordCount()).toBe(before + 1);
  });

  it("is refused with another body, and the first answer stays", async () => {
    const first = await send("order-2", { features: { amount: 1 } });
    const other = await send("order-2", { features: { amount: 2 } });
    expect([other.status, other.at("code")]).toEqual([409, "conflict"]);
    expect(other.text("detail")).toContain("new key");
    expect((await send("order-2", { features: { amount: 1 } })).body).toEqual(first.body);
  });

  it("is free again after a refusal", async () => {
    expect((await send("order-3", { rows: [] })).status).toBe(422);
    expect((await send("order-3", { features: { amount: 3 } })).at("prediction")).toBe(6);
  });

  it("predicts once when calls come at the same moment", async () => {
    const before = await recordCount();
    const answers = await Promise.all(Array.from({ length: 6 }, () => send("order-4", { features: { amount: 5 } })));
    expect(answers.map((answer) => answer.status)).toEqual(Array(6).fill(200));
    expect(new Set(answers.map((answer) => answer.text("prediction_id"))).size).toBe(1);
    expect(await recordCount()).toBe(before + 1);
  });

  it("may have 255 characters of any kind, and is refused past that or empty", async () => {
    expect((await send("k".repeat(255), { features: { amount: 1 } })).status).toBe(200);
    expect((await send("' or 1=1 --", { features: { amount: 1 } })).status).toBe(200);
    for (const key of ["k".repeat(256), ""]) {
      const answer = await send(key, { features: { amount: 1 } });
      expect([answer.status, answer.at("code")]).toEqual([422, "invalid_input"]);
      expect(answer.text("detail")).toContain("255");
    }
  });

  it("belongs to one deployment", async () => {
    const other = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(3) });
    await send("order-5", { features: { amount: 1 } });
    expect((await send("order-5", { features: { amount: 2 } }, other)).at("prediction")).toBe(6);
  });

  it("gives back a large answer whole", async () => {
    const wide = await deployModel({ csv: "a,b\n1,2\n3,4\n", model: sumModel(2) });
    const rows = Array.from({ length: 1_000 }, (_, a) => ({ a, b: 0.25, ["x".repeat(400)]: 1 }));
    const first = await send("large", { rows }, wide);
    const second = await send("large", { rows }, wide);
    expect(first.at("predictions.999.prediction")).toBe(999.25);
    expect(second.body).toEqual(first.body);
  });

  it("ends after a day, and a call that died with its key gives it back after a minute", async () => {
    const ledger = env.IDEMPOTENCY_LEDGER.getByName("test/ledger");
    const now = Date.now();
    expect(await ledger.claim("k", "body", now)).toEqual({ state: "begin" });
    expect(await ledger.claim("k", "body", now + 59_000)).toEqual({ state: "open" });
    expect(await ledger.claim("k", "body", now + 61_000)).toEqual({ state: "begin" });
    await ledger.settle("k", "answer", now + 62_000);
    expect(await ledger.claim("k", "body", now + DAY_MS)).toEqual({ state: "settled", body: "answer" });
    expect(await ledger.claim("k", "other", now + DAY_MS)).toEqual({ state: "other_body" });
    expect(await ledger.claim("k", "other", now + DAY_MS + 63_000)).toEqual({ state: "begin" });
    expect(await runInDurableObject(ledger, (_, state) => state.storage.getAlarm())).toBeGreaterThan(now);
  });
});
