import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Answer } from "../support/answer.ts";
import {
  addModel,
  addVersion,
  deployModel,
  eventually,
  predictRows,
  readAs,
  type TestDeployment,
} from "../support/deployment.ts";
import { callApi, createUser, fetchInstance, startInstance } from "../support/instance.ts";
import { tableModel, thresholdModel, timesModel } from "../support/models.ts";

/** Main doubles, and the truth is three times the amount. */
const AMOUNTS = ["amount,price", ...Array.from({ length: 200 }, (_, row) => `${row % 4},${3 * (row % 4)}`)].join("\n");

let pair: TestDeployment;

beforeAll(startInstance);

beforeEach(async () => {
  // The challenger says 0, 3, 6, 9: it is right throughout.
  pair = await deployModel({
    csv: AMOUNTS,
    target: "price",
    model: timesModel(2),
    challenger: { model: tableModel([0, 3, 6, 9]) },
  });
});

async function predictIds(amounts: number[]): Promise<string[]> {
  const answer = await predictRows(
    pair,
    amounts.map((amount) => ({ amount })),
  );
  return amounts.map((_, index) => answer.text(`predictions.${index}.prediction_id`));
}

function sendActuals(items: { prediction_id: string; actual: unknown }[], token = pair.key): Promise<Answer> {
  return callApi("POST", `${pair.path}/actuals`, { items }, token);
}

async function sendCsv(text: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${pair.key}`, "content-type": "text/csv" };
  return Answer.of(await fetchInstance(`${pair.path}/actuals`, { method: "POST", headers, body: text }));
}

function performance(): Promise<Answer> {
  return readAs(pair.owner, `${pair.path}/monitoring/performance`);
}

function eachVersion(report: Answer, member: string): unknown[] {
  return (report.at("versions") as Record<string, unknown>[]).map((version) => version[member]);
}

/** The report once the challenger has answered all labelled rows. */
function settledPerformance(): Promise<Answer> {
  return eventually(performance, (answer) => answer.at("answered.challenger") === answer.at("labelled"));
}

describe("actuals", () => {
  it("stand in the record of their row", async () => {
    const [id = ""] = await predictIds([2]);
    const answer = await sendActuals([{ prediction_id: id, actual: 6.5 }]);
    expect([answer.status, answer.body]).toEqual([200, { accepted: 1, unknown: [], refused: [] }]);
    expect((await readAs(pair.owner, `${pair.path}/predictions/${id}`)).at("actual")).toBe(6.5);
    expect((await readAs(pair.owner, `${pair.path}/predictions`)).each("actual")).toEqual([6.5]);
  });

  it("come late, out of order and repeated: the last one sent wins", async () => {
    const [one = "", two = ""] = await predictIds([1, 2]);
    await sendActuals([{ prediction_id: two, actual: 1 }]);
    await sendActuals([
      { prediction_id: one, actual: 3 },
      { prediction_id: two, actual: 5 },
      { prediction_id: two, actual: 6 },
    ]);
    expect((await readAs(pair.owner, `${pair.path}/predictions`)).each("actual")).toEqual([6, 3]);
    expect((await performance()).at("labelled")).toBe(2);
  });

  it("of ids that name no prediction are named, and the others kept", async () => {
    const [id = ""] = await predictIds([1]);
    const beyond = id.replace(/-[0-9a-z]+$/, "-zz");
    const elsewhere = id.replace("local0", "weur0");
    const answer = await sendActuals([
      { prediction_id: "nonsense", actual: 1 },
      { prediction_id: id, actual: 3 },
      { prediction_id: beyond, actual: 1 },
      { prediction_id: elsewhere, actual: 1 },
    ]);
    expect(answer.at("accepted")).toBe(1);
    expect(new Set(answer.at("unknown") as string[])).toEqual(new Set(["nonsense", beyond, elsewhere]));
  });

  it("may be CSV, in any order of columns", async () => {
    const [one = "", two = ""] = await predictIds([1, 2]);
    const answer = await sendCsv(`actual;prediction_id\n3,5;${one}\n6;${two}\n`);
    expect([answer.status, answer.at("accepted")]).toEqual([200, 2]);
    expect((await readAs(pair.owner, `${pair.path}/predictions`)).each("actual")).toEqual([6, 3.5]);
  });

  it.each([
    [
      "an actual that is no number",
      [{ prediction_id: "p00000000000000000000-1-local0-1-0", actual: "much" }],
      "items[0].actual",
    ],
    ["an actual that is missing", [{ prediction_id: "p00000000000000000000-1-local0-1-0" }], "items[0].actual"],
    ["an item without an id", [{ actual: 1 }], "items[0].prediction_id"],
  ])("refuse %s, and keep none", async (_, items, path) => {
    const [id = ""] = await predictIds([1]);
    const answer = await callApi(
      "POST",
      `${pair.path}/actuals`,
      { items: [...items, { prediction_id: id, actual: 1 }] },
      pair.key,
    );
    expect([answer.status, answer.at("errors.0.path")]).toEqual([422, path]);
    expect((await performance()).at("labelled")).toBe(0);
  });

  it("refuse a body that is none", async () => {
    expect((await callApi("POST", `${pair.path}/actuals`, { rows: [] }, pair.key)).status).toBe(422);
    expect((await sendCsv("id,value\n1,2\n")).status).toBe(422);
    expect((await sendCsv("prediction_id,actual\n")).status).toBe(422);
    const many = Array.from({ length: 10_001 }, () => ({ prediction_id: "x", actual: 1 }));
    expect((await sendActuals(many)).status).toBe(413);
  });

  it("are taken of the deployment's key and of contributors, of nobody else", async () => {
    const stranger = await createUser();
    const statuses = [];
    for (const token of [pair.key, pair.owner.token, stranger.token, undefined]) {
      statuses.push((await callApi("POST", `${pair.path}/actuals`, { items: [] }, token)).status);
    }
    expect(statuses).toEqual([200, 200, 404, 401]);
  });
});

describe("performance", () => {
  it("without labels says so, and decides nothing", async () => {
    await predictIds([1, 2, 3]);
    const report = await performance();
    expect(report.at("labelled")).toBe(0);
    expect(report.at("verdict")).toMatchObject({ state: "undecided", n: 0, interval: null });
  });

  it("has the metrics of both models on the labelled rows, with how sure they are", async () => {
    const amounts = Array.from({ length: 40 }, (_, index) => index % 4);
    const ids = await predictIds(amounts);
    await sendActuals(ids.map((id, index) => ({ prediction_id: id, actual: 3 * (amounts[index] ?? 0) })));
    const report = await settledPerformance();
    // Main is off by the amount: 0, 1, 2, 3 alike; mean absolute error 1.5, mean square 3.5.
    expect(report.at("main.mae.value")).toBeCloseTo(1.5, 12);
    expect(report.at("main.rmse.value")).toBeCloseTo(Math.sqrt(3.5), 12);
    expect(report.at("challenger.mae.value")).toBe(0);
    expect(report.at("verdict")).toMatchObject({ state: "challenger_better", metric: "mse", n: 40 });
    expect(report.at("series.0.n")).toBe(40);
  });

  /** Four rows of each amount, labelled with three times it, which both models have answered. */
  async function labelSome(): Promise<void> {
    const amounts = Array.from({ length: 16 }, (_, index) => index % 4);
    const ids = await predictIds(amounts);
    await sendActuals(ids.map((id, index) => ({ prediction_id: id, actual: 3 * (amounts[index] ?? 0) })));
    await settledPerformance();
  }

  it("keeps the rows of before a promotion, the models' answers in their new places", async () => {
    await labelSome();
    const promoted = await callApi("POST", `${pair.path}/promote`, {}, pair.owner.token);
    expect(promoted.status).toBe(201);
    const report = await performance();
    expect([report.at("labelled"), report.at("answered")]).toEqual([16, { main: 16, challenger: 16 }]);
    // The model that is right throughout is main now.
    expect(report.at("main.mae.value")).toBe(0);
    expect(report.at("challenger.mae.value")).toBeCloseTo(1.5, 12);
    expect(Number(report.at("verdict.difference"))).toBeCloseTo(-3.5, 12);
    expect([eachVersion(report, "number"), eachVersion(report, "pair")]).toEqual([
      [2, 1],
      ["same", "swapped"],
    ]);
    const first = await readAs(pair.owner, `${pair.path}/monitoring/performance?version=1`);
    expect(first.at("labelled")).toBe(16);
    expect(first.at("main.mae.value")).toBeCloseTo(1.5, 12);
    const comparison = await readAs(pair.owner, `${pair.path}/monitoring/comparison`);
    // The amount 0 is answered with 0 by both; else they differ by the amount: 1.5 on average, which the challenger is lower now.
    expect([comparison.at("n"), comparison.at("agreement")]).toEqual([16, 0.25]);
    expect(comparison.at("score_shift")).toBeCloseTo(-1.5, 12);
    const before = await readAs(pair.owner, `${pair.path}/monitoring/comparison?version=1`);
    expect(before.at("score_shift")).toBeCloseTo(1.5, 12);
    expect(before.at("disagreements.0.distance")).toBe(3);
  });

  it("shows a version whose reference is no longer the current one, and with `all` every version and its reference", async () => {
    await labelSome();
    const other = AMOUNTS.replace("0,0\n1,3", "3,9\n1,3");
    const version = await addVersion(pair.owner, pair.experiment, other);
    const model = await addModel(pair.owner, pair.experiment, version, { file: timesModel(5), name: "five" });
    const body = { main: { version, model_id: model } };
    expect((await callApi("POST", `${pair.path}/versions`, body, pair.owner.token)).status).toBe(201);
    expect((await performance()).at("labelled")).toBe(0);
    const first = await readAs(pair.owner, `${pair.path}/monitoring/performance?version=1`);
    expect([first.at("labelled"), first.at("verdict.n")]).toEqual([16, 16]);
    const [id = ""] = await predictIds([1]);
    await sendActuals([{ prediction_id: id, actual: 3 }]);
    const all = await readAs(pair.owner, `${pair.path}/monitoring/performance?version=all`);
    expect([all.at("labelled"), eachVersion(all, "reference"), eachVersion(all, "pair")]).toEqual([
      17,
      [2, 1],
      ["same", "other"],
    ]);
    // Of main: 16 rows off by 0, 1, 2, 3, and one off by 2.
    expect(all.at("main.mae.value")).toBeCloseTo(26 / 17, 12);
    const comparison = await readAs(pair.owner, `${pair.path}/monitoring/comparison?version=1`);
    expect(comparison.at("n")).toBe(16);
  });
});

describe("performance before labels", () => {
  /** Sure at 75 % from 20 on, and right about it in three of four rows, in the holdout and in the training rows alike. */
  const CLASSES = ["amount,paid", ...Array.from({ length: 400 }, (_, row) => classOf(row))].join("\n");

  function classOf(row: number): string {
    const amount = row % 40;
    const isLikely = amount >= 20;
    const isUsual = Math.floor(row / 40) % 4 !== 0;
    return `${amount},${isLikely === isUsual ? 1 : 0}`;
  }

  function deployClasses(holdout: boolean): Promise<TestDeployment> {
    return deployModel({
      csv: CLASSES,
      ...(holdout && { holdout: CLASSES }),
      task: "binary_classification",
      target: "paid",
      model: thresholdModel(19.5),
    });
  }

  const amounts = Array.from({ length: 80 }, (_, row) => row % 40);

  async function predicted(of: TestDeployment): Promise<string[]> {
    const rows = amounts.map((amount) => ({ amount }));
    const answer = await predictRows(of, rows);
    return amounts.map((_, index) => answer.text(`predictions.${index}.prediction_id`));
  }

  it("is estimated from the holdout, until labels contradict it", async () => {
    const deployment = await deployClasses(true);
    const ids = await predicted(deployment);
    const report = () => readAs(deployment.owner, `${deployment.path}/monitoring/performance`);
    const before = await report();
    // 70 of 100 rows of the holdout come as the model says: of ten rounds of 40 rows, rounds 0, 4 and 8 are the other way round.
    expect(before.at("estimated")).toMatchObject({ rows: 80, challenger: null, main: { state: "estimated" } });
    expect(before.at("estimated.main.accuracy.value")).toBeCloseTo(0.7, 2);
    const [low, high] = before.at("estimated.main.accuracy.interval") as number[];
    expect(low).toBeLessThan(0.65);
    expect(high).toBeGreaterThan(0.75);
    const items = ids.map((id, index) => ({ prediction_id: id, actual: (amounts[index] ?? 0) >= 20 ? 0 : 1 }));
    await callApi("POST", `${deployment.path}/actuals`, { items }, deployment.key);
    const after = await report();
    expect(after.at("estimated.main")).toMatchObject({
      state: "contradicted",
      accuracy: { value: null, interval: null },
      contradiction: { metric: "accuracy", rows: 80, actual: 0 },
    });
  });

  it("is not estimated from training rows", async () => {
    const deployment = await deployClasses(false);
    await predicted(deployment);
    const report = await readAs(deployment.owner, `${deployment.path}/monitoring/performance`);
    expect(report.at("estimated.main")).toMatchObject({ state: "no_holdout", accuracy: { value: null } });
  });
});
