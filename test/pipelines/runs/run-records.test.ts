import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, eventually, predictOne, readAs, type TestDeployment } from "../../support/deployment.ts";
import { callApi, fetchInstance, startInstance } from "../../support/instance.ts";
import { thresholdModel } from "../../support/models.ts";
import { runBatch } from "./batch.ts";

const TRAINING = ["amount,label", ...Array.from({ length: 40 }, (_, index) => `${index},${index > 20 ? 1 : 0}`)];
/** More than two blocks of rows; from 21 to 30 both models disagree. */
const AMOUNTS = Array.from({ length: 2_500 }, (_, index) => index % 50);

let deployment: TestDeployment;
let run: string;
let name: string;

beforeAll(async () => {
  await startInstance();
  deployment = await deployModel({
    csv: TRAINING.join("\n"),
    task: "binary_classification",
    target: "label",
    model: thresholdModel(20),
    challenger: { model: thresholdModel(30) },
  });
  run = (await runBatch(deployment, `customer,amount\n${AMOUNTS.map((amount, row) => `c${row},${amount}`).join("\n")}`))
    .id;
  name = run.replace("run_", "b");
  await predictOne(deployment, { amount: 5 });
});

const records = (query: string) => readAs(deployment.owner, `${deployment.path}/predictions?${query}`);

describe("the records of a batch run", () => {
  it("are found one by one, with what both models said", async () => {
    const record = await readAs(deployment.owner, `${deployment.path}/predictions/${name}-${(1_725).toString(36)}`);
    expect(record.status).toBe(200);
    expect(record.body).toMatchObject({
      version: 1,
      source: "batch",
      features: { amount: 25 },
      main: { prediction: "1", probabilities: { "0": 0.25, "1": 0.75 } },
      challenger: { state: "ok", prediction: "0", probabilities: { "0": 0.75, "1": 0.25 } },
      actual: null,
    });
  });

  it("are not found under the id of another run, or behind the last row", async () => {
    for (const id of [`b${"0".repeat(20)}-0`, `${name}-${(2_500).toString(36)}`]) {
      expect((await readAs(deployment.owner, `${deployment.path}/predictions/${id}`)).status).toBe(404);
    }
  });

  it("stand in the list page by page, the last row first, each once", async () => {
    const ids: unknown[] = [];
    let cursor = "";
    do {
      const page = await records(`source=batch&limit=500${cursor}`);
      ids.push(...page.each("prediction_id"));
      const next = page.at("next_cursor");
      cursor = typeof next === "string" ? `&cursor=${encodeURIComponent(next)}` : "";
    } while (cursor !== "");
    expect(ids).toEqual(AMOUNTS.map((_, row) => `${name}-${row.toString(36)}`).reverse());
  });

  it("stand beside those of calls, and apart from them by the source", async () => {
    expect((await records("source=online")).each("source")).toEqual(["online"]);
    expect((await records("limit=3")).each("source")).toEqual(["online", "batch", "batch"]);
  });

  it("are found by disagreement", async () => {
    const page = await records("source=batch&disagree=true&limit=500");
    expect(page.each("features.amount").every((amount) => Number(amount) > 20 && Number(amount) <= 30)).toBe(true);
    expect(page.each("prediction_id")).toHaveLength(500);
  });
});

describe("actuals of a batch run", () => {
  it("are taken for its rows, and told apart from ids that are none", async () => {
    const items = AMOUNTS.slice(0, 1_200).map((amount, row) => ({
      prediction_id: `${name}-${row.toString(36)}`,
      actual: amount > 25 ? 1 : 0,
    }));
    items.push({ prediction_id: `${name}-zzzz`, actual: 1 });
    const answer = await callApi("POST", `${deployment.path}/actuals`, { items }, deployment.owner.token);
    expect(answer.body).toEqual({ accepted: 1_200, unknown: [`${name}-zzzz`], refused: [] });
    const record = await readAs(deployment.owner, `${deployment.path}/predictions/${name}-${(28).toString(36)}`);
    expect(record.at("actual")).toBe("1");
  });

  it("come as CSV too, with the ids of the files", async () => {
    const answer = await fetchInstance(`${deployment.path}/actuals`, {
      method: "POST",
      headers: { authorization: `Bearer ${deployment.key}`, "content-type": "text/csv" },
      body: `prediction_id,actual\n${name}-${(2_000).toString(36)},0\n`,
    });
    expect(await answer.json()).toEqual({ accepted: 1, unknown: [], refused: [] });
  });

  it("measure the performance of both models on batch rows, apart from calls", async () => {
    const performance = await readAs(deployment.owner, `${deployment.path}/monitoring/performance?source=batch`);
    // Of each 50 rows main is wrong on 21 to 25 and the challenger on 26 to 30: 1,200 rows, and one more that both get right.
    expect(performance.at("labelled")).toBe(1_201);
    expect(performance.at("main.accuracy.value")).toBeCloseTo(1 - 120 / 1_201, 12);
    expect(performance.at("challenger.accuracy.value")).toBeCloseTo(1 - 120 / 1_201, 12);
    const online = await readAs(deployment.owner, `${deployment.path}/monitoring/performance?source=online`);
    expect(online.at("labelled")).toBe(0);
  });
});

describe("monitoring of batch rows", () => {
  it("counts them apart from calls, once", async () => {
    const rows = async (source: string) => {
      const drift = await readAs(deployment.owner, `${deployment.path}/monitoring/drift?source=${source}`);
      return drift.at("window.rows");
    };
    expect(await rows("batch")).toBe(2_500);
    expect(
      await eventually(
        () => rows("online"),
        (count) => count === 1,
      ),
    ).toBe(1);
    expect(await rows("all")).toBe(2_501);
  });

  it("compares both models on them", async () => {
    const comparison = await readAs(deployment.owner, `${deployment.path}/monitoring/comparison?source=batch`);
    expect(comparison.body).toMatchObject({
      n: 2_500,
      agreement: 0.8,
      challenger: { ok: 2_500, errors: 0, pending: 0 },
    });
  });
});
