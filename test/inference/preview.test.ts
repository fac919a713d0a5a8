import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "../support/answer.ts";
import { addModel, deployModel, predictOne, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { callApi, createUser, startInstance, type TestUser } from "../support/instance.ts";
import { sumModel, tableModel, thresholdModel, timesModel } from "../support/models.ts";

// The target `price` is 0 to 39: numpy.std(range(40)), which is the root of (40² - 1) / 12.
const CSV = ["amount,size,price", ...Array.from({ length: 40 }, (_, row) => `${row},${row},${row}`)].join("\n");
const SPREAD = 11.543396380615196;
const LABELS = ["amount,sold", ...Array.from({ length: 40 }, (_, row) => `${row},${row < 20 ? "no" : "yes"}`)].join(
  "\n",
);

let owner: TestUser;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
});

function preview(deployment: TestDeployment, body: Record<string, unknown>, token = owner.token): Promise<Answer> {
  return callApi("POST", `${deployment.path}/preview`, body, token);
}

describe("a preview of other models", () => {
  let doubled: TestDeployment;

  beforeAll(async () => {
    doubled = await deployModel({ csv: CSV, target: "price", model: timesModel(2), owner });
    await predictRows(
      doubled,
      Array.from({ length: 20 }, (_, amount) => ({ amount })),
    );
  });

  it("counts numbers that move by more than 0.05 of the target's standard deviation, and shows the ten that move most", async () => {
    const main = { version: 1, model_id: await addModel(owner, doubled.experiment, 1, { file: timesModel(2.1) }) };
    const answer = await preview(doubled, { main });
    expect(answer.status).toBe(200);
    expect(answer.at("tolerance")).toBeCloseTo(0.05 * SPREAD, 10);
    // Amount times 0.1 is above 0.5772 from amount 6 on: 14 of 20.
    expect([answer.at("n"), answer.at("changed")]).toEqual([20, 14]);
    expect(
      (answer.at("examples") as { features: { amount: number } }[]).map(({ features }) => features.amount),
    ).toEqual([19, 18, 17, 16, 15, 14, 13, 12, 11, 10]);
    expect([answer.at("examples.0.current.prediction"), answer.at("examples.0.version")]).toEqual([38, 1]);
    expect(Number(answer.at("examples.0.candidate.prediction"))).toBeCloseTo(39.9, 5);
    expect(Number(answer.at("examples.0.difference"))).toBeCloseTo(1.9, 5);
    expect(answer.at("distribution.kind")).toBe("numeric");
    const counts = (side: string) => (answer.at(`distribution.${side}`) as number[]).reduce((sum, one) => sum + one, 0);
    expect([counts("current"), counts("candidate")]).toEqual([20, 20]);
  });

  it("of the same model changes nothing, takes the newest rows, and records nothing", async () => {
    const answer = await preview(doubled, { version: 1, rows: 5 });
    expect([answer.at("n"), answer.at("changed"), answer.at("examples")]).toEqual([5, 0, []]);
    expect((await readAs(owner, `${doubled.path}/predictions?limit=100`)).each("at")).toHaveLength(20);
    expect((await readAs(owner, doubled.path)).at("current_version")).toBe(1);
  });

  it("says which rows the candidate cannot answer, and why", async () => {
    const main = {
      version: 1,
      model_id: await addModel(owner, doubled.experiment, 1, {
        file: tableModel(Array.from({ length: 40 }, (_, at) => at)),
      }),
    };
    await predictOne(doubled, { amount: 99 });
    const answer = await preview(doubled, { main });
    expect([answer.at("n"), answer.at("failed.count")]).toEqual([20, 1]);
    expect(answer.text("failed.messages.0")).not.toBe("");
  });

  it("names features that callers do not send yet", async () => {
    const mapping = { inputs: { x: ["amount", "size"] } };
    const main = { version: 1, model_id: await addModel(owner, doubled.experiment, 1, { file: sumModel(2), mapping }) };
    expect((await preview(doubled, { main })).at("added_features")).toEqual(["size"]);
  });

  it("is a 422 for a model of another experiment and for too many rows, a 404 for a version that there is not", async () => {
    const main = { version: 1, model_id: "mdl_none" };
    expect((await preview(doubled, { main })).status).toBe(422);
    expect((await preview(doubled, { version: 1, rows: 2_001 })).status).toBe(422);
    expect((await preview(doubled, {})).status).toBe(422);
    expect((await preview(doubled, { version: 9 })).status).toBe(404);
  });

  it("is for contributors", async () => {
    expect((await preview(doubled, { version: 1 }, (await createUser()).token)).status).toBe(404);
    expect((await preview(doubled, { version: 1 }, doubled.key)).status).toBe(403);
  });
});

describe("a preview of a classifier", () => {
  it("counts labels that change, ranks them by how far the probabilities move, and counts both by label", async () => {
    const deployed = await deployModel({
      csv: LABELS,
      target: "sold",
      task: "binary_classification",
      model: thresholdModel(20),
      owner,
    });
    await predictRows(
      deployed,
      Array.from({ length: 40 }, (_, amount) => ({ amount })),
    );
    const main = { version: 1, model_id: await addModel(owner, deployed.experiment, 1, { file: thresholdModel(30) }) };
    const answer = await preview(deployed, { main });
    // Above 20 and not above 30: amounts 21 to 30.
    expect([answer.at("n"), answer.at("changed"), answer.at("tolerance")]).toEqual([40, 10, null]);
    expect(answer.at("examples.0.difference")).toBeCloseTo(0.5, 6);
    expect(answer.at("distribution")).toEqual({
      kind: "categorical",
      labels: ["0", "1"],
      current: [21, 19],
      candidate: [31, 9],
    });
  });
});

describe("a preview where records are of several versions", () => {
  let deployed: TestDeployment;
  let tripled: { version: number; model_id: string };

  /** Amounts 1 to 10 by version 1, which doubles, then 11 to 20 by version 2, which triples; and back to version 1. */
  beforeAll(async () => {
    deployed = await deployModel({ csv: CSV, target: "price", model: timesModel(2), owner });
    tripled = { version: 1, model_id: await addModel(owner, deployed.experiment, 1, { file: timesModel(3) }) };
    await predictRows(deployed, amounts(1));
    expect((await callApi("POST", `${deployed.path}/versions`, { main: tripled }, owner.token)).status).toBe(201);
    await predictRows(deployed, amounts(11));
    await rollBack(1);
  });

  function amounts(from: number): { amount: number }[] {
    return Array.from({ length: 10 }, (_, row) => ({ amount: from + row }));
  }

  async function rollBack(version: number): Promise<void> {
    const path = `${deployed.path}/versions/${version}/rollback`;
    expect((await callApi("POST", path, {}, owner.token)).status).toBe(200);
  }

  it("compares with what answers now, not with what answered then", async () => {
    const answer = await preview(deployed, { version: 2 });
    // Amount itself is the difference, and above 0.5772 for all.
    expect([answer.at("n"), answer.at("changed"), answer.at("failed.count")]).toEqual([20, 20, 0]);
    expect(answer.at("examples.0")).toMatchObject({
      version: 2,
      features: { amount: 20 },
      current: { prediction: 40, probabilities: null },
      candidate: { prediction: 60 },
      difference: 20,
    });
    const edges = answer.at("distribution.edges") as number[];
    expect([edges[0], edges.at(-1)]).toEqual([2, 60]);
    // Nothing that answers now says more than 40.
    const current = answer.at("distribution.current") as number[];
    expect(current.slice(edges.findIndex((edge) => edge > 40)).every((count) => count === 0)).toBe(true);
    expect(current.reduce((sum, count) => sum + count, 0)).toBe(20);
  });

  it("of what answers now changes nothing, whatever answered then", async () => {
    for (const body of [{ version: 1 }, { main: { version: 1, model_id: deployed.mainId } }]) {
      const answer = await preview(deployed, body);
      expect([answer.at("n"), answer.at("changed"), answer.at("examples")]).toEqual([20, 0, []]);
    }
  });

  it("leaves rows out that the current version cannot answer, and says how many", async () => {
    const table = await addModel(owner, deployed.experiment, 1, {
      file: tableModel(Array.from({ length: 40 }, (_, at) => at)),
    });
    await predictOne(deployed, { amount: 99 });
    const body = { main: { version: 1, model_id: table } };
    expect((await callApi("POST", `${deployed.path}/versions`, body, owner.token)).status).toBe(201);
    const answer = await preview(deployed, { version: 1 });
    expect([answer.at("n"), answer.at("not_compared"), answer.at("failed.count")]).toEqual([20, 1, 0]);
    await rollBack(1);
  });

  it("is made also where the current model cannot be had", async () => {
    await rollBack(2);
    const key = `models/${tripled.model_id}/serving.onnx`;
    const bytes = (await (await env.STORE.get(key))?.arrayBuffer()) ?? new ArrayBuffer();
    await env.STORE.delete(key);
    const answer = await preview(deployed, { version: 1 });
    await env.STORE.put(key, bytes);
    // Those of version 2 have an answer of the model that is gone; the others would need it.
    expect([answer.status, answer.at("n"), answer.at("not_compared")]).toEqual([200, 10, 11]);
  });
});
