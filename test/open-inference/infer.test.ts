import { beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "../support/answer.ts";
import { deployModel, eventually, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { echoModel, logModel, sumModel, timesModel, wideModel } from "../support/models.ts";
import { column, infer, inferRaw, type Tensor } from "./calls.ts";
import { AMOUNTS, deployLabels, deployPrices } from "./deployments.ts";

let prices: TestDeployment;
let labels: TestDeployment;
let doubled: TestDeployment;

beforeAll(async () => {
  await startInstance();
  prices = await deployPrices();
  labels = await deployLabels();
  doubled = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(2) });
});

const HOUSES: Tensor[] = [
  { name: "amount", shape: [3, 1], datatype: "FP32", data: [[1.5], [2], [null]] },
  column("rooms", "INT64", [3, 4, 5]),
  column("furnished", "BOOL", [true, false, false]),
  column("city", "BYTES", ["Oslo", "Bern", "Rome"]),
  column("note", "BYTES", ["quiet", "", "größe 🙂"]),
];

/** What stands in `predictions` of predict, by path. */
function each(answer: Answer, count: number, path: string): unknown[] {
  return Array.from({ length: count }, (_, row) => answer.at(`predictions.${row}.${path}`));
}

describe("inference", () => {
  it("gives a regression's numbers, as predict does for the same rows", async () => {
    const answer = await infer(prices, HOUSES, { id: "call-7" });
    // 2 * 1.5 + 10 * 3 + 100 + 2, and 2 * 2 + 10 * 4 + 1; the third amount is missing.
    expect(answer.body).toEqual({
      model_name: prices.slug,
      model_version: "1",
      id: "call-7",
      parameters: {
        prediction_ids: [expect.any(String), expect.any(String), expect.any(String)],
        warnings: [
          expect.objectContaining({ row: 2, feature: "city", code: "unseen_category" }),
          expect.objectContaining({ row: 2, code: "not_finite" }),
        ],
      },
      outputs: [{ name: "prediction", datatype: "FP64", shape: [3], data: [135, 45, null] }],
    });
    const predicted = await predictRows(prices, [
      { amount: 1.5, rooms: 3, furnished: true, city: "Oslo", note: "quiet" },
      { amount: 2, rooms: 4, furnished: false, city: "Bern", note: "" },
      { amount: null, rooms: 5, furnished: false, city: "Rome", note: "größe 🙂" },
    ]);
    expect(each(predicted, 3, "prediction")).toEqual(answer.at("outputs.0.data"));
  });

  it("gives a classifier's labels and its probabilities in the order of the classes", async () => {
    const answer = await infer(labels, [column("amount", "INT32", [11, 10])]);
    const parameters = { class_names: ["10", "9"] };
    expect(answer.at("outputs")).toEqual([
      { name: "prediction", datatype: "BYTES", shape: [2], parameters, data: ["9", "10"] },
      { name: "probabilities", datatype: "FP64", shape: [2, 2], parameters, data: [0.25, 0.75, 0.75, 0.25] },
    ]);
    const predicted = await predictRows(labels, [{ amount: 11 }, { amount: 10 }]);
    expect(each(predicted, 2, "prediction")).toEqual(["9", "10"]);
    expect(each(predicted, 2, "probabilities.9")).toEqual([0.75, 0.25]);
  });

  it("gives several numbers a row as [n, k], not finite ones as null with a warning", async () => {
    const wide = await deployModel({ csv: AMOUNTS, target: "price", model: wideModel(3) });
    const answer = await infer(wide, [column("amount", "FP64", [3, 6])]);
    expect(answer.at("outputs.0.shape")).toEqual([2, 3]);
    // Thirds of the amount: one, two and three.
    [1, 2, 3, 2, 4, 6].forEach((value, index) => expect(answer.at(`outputs.0.data.${index}`)).toBeCloseTo(value, 5));
    const logged = await deployModel({ csv: AMOUNTS.replaceAll("\n0,", "\n5,"), target: "price", model: logModel() });
    const endless = await infer(logged, [column("amount", "FP64", [0, 1])]);
    expect(endless.at("outputs.0.data")).toEqual([null, 0]);
    expect(endless.at("parameters.warnings")).toMatchObject([
      { row: 0, code: "out_of_range" },
      { row: 0, code: "not_finite" },
    ]);
  });

  it("gives further outputs by their type", async () => {
    const echo = await deployModel({
      csv: "lead,word,count\n1,a,5\n2,b,6\n3,c,7\n",
      model: echoModel({ word: "string", count: "int64" }),
    });
    const inputs = [
      column("lead", "FP32", [1, 2]),
      column("word", "BYTES", ["a", "b"]),
      column("count", "UINT8", [5, 6]),
    ];
    expect((await infer(echo, inputs)).at("outputs")).toEqual([
      { name: "prediction", datatype: "FP64", shape: [2], data: [1, 2] },
      { name: "extra.echo_word", datatype: "BYTES", shape: [2, 1], data: ["a", "b"] },
      { name: "extra.echo_count", datatype: "FP64", shape: [2, 1], data: [5, 6] },
    ]);
  });

  it("gives only the outputs that are asked for, and refuses one that there is not before it predicts", async () => {
    const inputs = [column("amount", "FP64", [11])];
    const chosen = await infer(labels, inputs, {
      outputs: [{ name: "probabilities", parameters: { binary_data: true } }],
      parameters: { binary_data_output: true },
    });
    expect(chosen.at("outputs.0.name")).toBe("probabilities");
    expect(chosen.at("outputs.1")).toBeUndefined();
    const before = await readAs(labels.owner, `${labels.path}/predictions`);
    const refused = await infer(labels, inputs, { outputs: [{ name: "score" }] });
    expect(refused.status).toBe(422);
    expect(refused.text("error")).toBe(
      'outputs[0].name: "score" is not an output of this model. Its outputs: prediction, probabilities',
    );
    expect((await readAs(labels.owner, `${labels.path}/predictions`)).body).toEqual(before.body);
  });

  it("makes an id where none is sent, and takes null for what is left out", async () => {
    const answer = await inferRaw(
      doubled,
      JSON.stringify({
        id: null,
        parameters: null,
        outputs: null,
        inputs: [{ ...column("amount", "FP64", [4]), parameters: null }],
      }),
    );
    expect(answer.at("outputs.0.data")).toEqual([8]);
    expect(answer.text("id")).toBe(answer.headers.get("x-request-id"));
  });
});

describe("one tensor for several features", () => {
  it("is taken under the name of the ONNX input, and under input or features", async () => {
    const summed = await deployModel({ csv: "a,b,c\n1,2,3\n4,5,6\n", model: sumModel(3) });
    for (const name of ["x", "input", "features"]) {
      const flat = await infer(summed, [{ name, shape: [2, 3], datatype: "FP32", data: [1, 20, 300, 4, 50, 600] }]);
      expect([name, flat.at("outputs.0.data")]).toEqual([name, [321, 654]]);
    }
    const nested = await infer(summed, [
      {
        name: "x",
        shape: [2, 3],
        datatype: "INT16",
        data: [
          [1, 20, 300],
          [4, 50, 600],
        ],
      },
    ]);
    expect(nested.at("outputs.0.data")).toEqual([321, 654]);
    const records = await readAs(summed.owner, `${summed.path}/predictions?limit=1`);
    expect(records.at("items.0.features")).toEqual({ a: 4, b: 50, c: 600 });
  });

  it("has one column for each of them, and none that another tensor brings too", async () => {
    const summed = await deployModel({ csv: "a,b,c\n1,2,3\n4,5,6\n", model: sumModel(3) });
    const narrow = await infer(summed, [{ name: "x", shape: [1, 2], datatype: "FP32", data: [1, 2] }]);
    expect([narrow.status, narrow.at("error")]).toEqual([
      422,
      'inputs[0].shape: "x" needs [n, 3], where n is the number of rows, not [1, 2]',
    ]);
    const twice = await infer(summed, [
      { name: "x", shape: [1, 3], datatype: "FP32", data: [1, 2, 3] },
      column("b", "FP32", [2]),
    ]);
    expect([twice.status, twice.at("error")]).toEqual([422, 'inputs[1]: "b" is sent twice']);
  });
});

describe("features with unusual names", () => {
  it("are inputs like others", async () => {
    const odd = await deployModel({ csv: "__proto__,constructor\n1,2\n3,4\n", model: sumModel(2) });
    const answer = await infer(odd, [column("__proto__", "FP64", [1, 2]), column("constructor", "FP64", [2, 4])]);
    expect(answer.at("outputs.0.data")).toEqual([3, 6]);
    expect(answer.at("parameters.warnings")).toEqual([]);
  });
});

describe("what was inferred", () => {
  it("is recorded under the ids of the answer, and the challenger follows without a word", async () => {
    const answer = await infer(labels, [column("amount", "FP64", [20, 40])]);
    const ids = [answer.text("parameters.prediction_ids.0"), answer.text("parameters.prediction_ids.1")];
    expect(JSON.stringify(answer.body)).not.toMatch(/challenger/i);
    expect(JSON.stringify(answer.body)).not.toContain(labels.challengerId);
    const found = [];
    for (const id of ids) {
      const record = await eventually(
        () => readAs(labels.owner, `${labels.path}/predictions/${id}`),
        (seen) => seen.at("challenger.state") !== "pending",
      );
      found.push([record.at("features.amount"), record.at("main.prediction"), record.at("challenger.prediction")]);
      expect([record.at("source"), record.at("version")]).toEqual(["online", 1]);
    }
    expect(found).toEqual([
      [20, "9", "10"],
      [40, "9", "9"],
    ]);
  });

  it("is recorded once for an Idempotency-Key, and answered alike", async () => {
    const body = JSON.stringify({ inputs: [column("amount", "FP64", [5])] });
    const first = await inferRaw(doubled, body, { "idempotency-key": "one" });
    const second = await inferRaw(doubled, body, { "idempotency-key": "one" });
    expect(second.body).toEqual(first.body);
    const other = await inferRaw(doubled, body.replace("5", "6"), { "idempotency-key": "one" });
    expect([other.status, Object.keys(other.body ?? {})]).toEqual([409, ["error"]]);
  });

  it("has at most 1,000 rows", async () => {
    const full = await infer(doubled, [
      column(
        "amount",
        "FP64",
        Array.from({ length: 1_000 }, (_, row) => row),
      ),
    ]);
    expect(full.at("outputs.0.shape")).toEqual([1_000]);
    expect(full.at("outputs.0.data.999")).toBe(1_998);
    const many = await infer(doubled, [
      column(
        "amount",
        "FP64",
        Array.from({ length: 1_001 }, () => 1),
      ),
    ]);
    expect(many.status).toBe(422);
    expect(many.text("error")).toMatch(/1000 rows\. This one has 1001/);
  });
});

describe("columns that only the challenger reads", () => {
  it("are accepted without a word, whatever they hold", async () => {
    const hidden = await deployModel({
      csv: AMOUNTS,
      target: "price",
      model: timesModel(2),
      challenger: {
        model: sumModel(2),
        csv: ["amount,hidden,price", ...Array.from({ length: 40 }, (_, row) => `${row % 4},${row},${row}`)].join("\n"),
        mapping: { inputs: { x: ["amount", "hidden"] } },
      },
    });
    const amount = column("amount", "FP64", [1]);
    for (const extra of [
      [],
      [column("hidden", "FP64", [41])],
      [column("hidden", "BYTES", ["much"])],
      [{ name: "hidden", shape: [1, 2], datatype: "FP64", data: [1, 2] }],
    ]) {
      const answer = await infer(hidden, [amount, ...extra]);
      expect([answer.status, answer.at("outputs.0.data"), answer.at("parameters.warnings")]).toEqual([200, [2], []]);
    }
    const texts = [
      await callApi("GET", `/v2/models/${hidden.slug}`, undefined, hidden.key),
      await infer(hidden, [column("hidden", "FP64", [1])]),
    ].map((answer) => JSON.stringify(answer.body));
    for (const text of texts) expect(text).not.toMatch(/hidden|challenger/);
  });
});
