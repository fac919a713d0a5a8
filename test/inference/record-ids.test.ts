import { beforeAll, describe, expect, it } from "vitest";
import { Answer } from "../support/answer.ts";
import { predictOne, readAs, type TestDeployment } from "../support/deployment.ts";
import { callApi, fetchInstance, startInstance } from "../support/instance.ts";
import { deployPair, recordOf, settledRecords } from "./recorded-pair.ts";

beforeAll(async () => {
  await startInstance();
});

describe("two deployments that have answered alike", () => {
  let one: TestDeployment;
  let other: TestDeployment;
  let oneId: string;
  let otherId: string;

  beforeAll(async () => {
    one = await deployPair();
    other = await deployPair();
    oneId = (await predictOne(one, { amount: 3 })).text("prediction_id");
    otherId = (await predictOne(other, { amount: 3 })).text("prediction_id");
  });

  it("give ids of their own, under which the other one finds nothing", async () => {
    expect(oneId).not.toBe(otherId);
    const found = [recordOf(one, oneId), recordOf(other, otherId), recordOf(one, otherId), recordOf(other, oneId)];
    expect((await Promise.all(found)).map(({ status }) => status)).toEqual([200, 200, 404, 404]);
  });

  it("call the other's ids unknown when actuals come for them, and keep none", async () => {
    const items = [{ prediction_id: oneId, actual: 4 }];
    const sent = await callApi("POST", `${other.path}/actuals`, { items }, other.key);
    expect([sent.status, sent.body]).toEqual([200, { accepted: 0, unknown: [oneId], refused: [] }]);
    expect((await recordOf(other, otherId)).at("actual")).toBeNull();
    expect((await recordOf(one, oneId)).at("actual")).toBeNull();
  });

  it("list their own records and disagreements under their own ids", async () => {
    for (const [deployment, id] of [
      [one, oneId],
      [other, otherId],
    ] as const) {
      expect((await settledRecords(deployment)).each("prediction_id")).toEqual([id]);
      const comparison = await readAs(deployment.owner, `${deployment.path}/monitoring/comparison`);
      expect(comparison.at("disagreements.0.prediction_id")).toBe(id);
    }
  });

  it("give the same id again to the same Idempotency-Key, each its own", async () => {
    const ids: string[] = [];
    for (const deployment of [one, one, other]) {
      const headers = { authorization: `Bearer ${deployment.key}`, "idempotency-key": "same" };
      const body = JSON.stringify({ features: { amount: 1 } });
      const response = await fetchInstance(`${deployment.path}/predict`, { method: "POST", headers, body });
      ids.push((await Answer.of(response)).text("prediction_id"));
    }
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect((await recordOf(one, ids[1] ?? "")).status).toBe(200);
    expect((await recordOf(other, ids[1] ?? "")).status).toBe(404);
  });
});
