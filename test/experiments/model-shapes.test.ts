import { beforeAll, describe, expect, it } from "vitest";
import { attribute, integers, model, node, tensor, tensorValue } from "../onnx/build-model.ts";
import type { Answer } from "../support/answer.ts";
import {
  addExperiment,
  addProject,
  addVersion,
  deployModel,
  eventually,
  expectStatus,
  predictOne,
  predictRows,
  upload,
} from "../support/deployment.ts";
import { callApi, createUser, startInstance, type TestUser } from "../support/instance.ts";

// Twenty rows: amount 1 to 20, and half of them sold.
const AMOUNTS = [
  "amount,price,sold",
  ...Array.from({ length: 20 }, (_, row) => `${row + 1},${row * 2},${row % 2 ? "yes" : "no"}`),
].join("\n");

let owner: TestUser;
let project: string;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
  project = await addProject(owner, "Shapes");
});

function floats(name: string, dims: number[], values: number[]) {
  return tensor(name, { dims, elem: "float32", raw: [...new Uint8Array(Float32Array.from(values).buffer)] });
}

const AMOUNT = tensorValue("amount", "float32", [null, 1]);

/** Two numbers for each row above 0, and none for the others. */
const droppingModel = model({
  inputs: [AMOUNT],
  outputs: [tensorValue("vector", "float32", [null, 2])],
  initializers: [floats("pair", [1, 2], [1, 10]), floats("zero", [1, 1], [0]), integers("flat", [-1])],
  nodes: [
    node("Greater", ["amount", "zero"], ["is_above"]),
    node("Reshape", ["is_above", "flat"], ["kept"]),
    node("Compress", ["amount", "kept"], ["left"], { attributes: [attribute.int("axis", 0)] }),
    node("MatMul", ["left", "pair"], ["vector"]),
  ],
});

/** Probabilities of three classes, once more for a second head: [2, N, 3]. */
const twoHeadsModel = model({
  inputs: [AMOUNT],
  outputs: [tensorValue("probabilities", "float32", [2, null, 3])],
  initializers: [floats("weights", [1, 3], [0.1, 0.2, 0.3]), integers("front", [0])],
  nodes: [
    node("MatMul", ["amount", "weights"], ["scores"]),
    node("Softmax", ["scores"], ["shares"], { attributes: [attribute.int("axis", 1)] }),
    node("Unsqueeze", ["shares", "front"], ["one"]),
    node("Concat", ["one", "one"], ["probabilities"], { attributes: [attribute.int("axis", 0)] }),
  ],
});

/** `amount` twice, and a state of two layers as recurrent networks give it: [2, N, 1]. */
const recurrentModel = model({
  inputs: [AMOUNT],
  outputs: [tensorValue("prediction", "float32", [null, 1]), tensorValue("state", "float32", [2, null, 1])],
  initializers: [integers("front", [0])],
  nodes: [
    node("Add", ["amount", "amount"], ["prediction"]),
    node("Unsqueeze", ["amount", "front"], ["one"]),
    node("Concat", ["one", "one"], ["state"], { attributes: [attribute.int("axis", 0)] }),
  ],
});

/** `amount` plus 3 in a shape that is written for one row: several do not fit into it. */
const oneRowModel = model({
  inputs: [AMOUNT],
  outputs: [tensorValue("prediction", "float32", [1, 1])],
  initializers: [floats("three", [1, 1], [3]), integers("shape", [1, 1])],
  nodes: [node("Reshape", ["amount", "shape"], ["row"]), node("Add", ["row", "three"], ["prediction"])],
});

/** How far a row is above the mean of the four of its run. */
const aboveMeanModel = model({
  inputs: [tensorValue("amount", "float32", [4, 1])],
  outputs: [tensorValue("prediction", "float32", [4, 1])],
  nodes: [
    node("ReduceMean", ["amount"], ["mean"], { attributes: [attribute.ints("axes", [0])] }),
    node("Sub", ["amount", "mean"], ["prediction"]),
  ],
});

/** Three probabilities a row, without the axis of the rows where there is only one of them. */
const squeezedModel = model({
  inputs: [AMOUNT],
  outputs: [tensorValue("probabilities", "float32", null)],
  initializers: [floats("weights", [1, 3], [0, 1, 2])],
  nodes: [
    node("MatMul", ["amount", "weights"], ["scores"]),
    node("Softmax", ["scores"], ["shares"], { attributes: [attribute.int("axis", 1)] }),
    node("Squeeze", ["shares"], ["probabilities"]),
  ],
});

/** Log-odds: amount minus 10.5. */
const logitModel = model({
  inputs: [AMOUNT],
  outputs: [tensorValue("score", "float32", [null, 1])],
  initializers: [floats("middle", [1, 1], [10.5])],
  nodes: [node("Sub", ["amount", "middle"], ["score"])],
});

type Task = "regression" | "multiclass_classification" | "binary_classification";

/** The model once its trial has ended. */
async function tried(file: Uint8Array, task: Task = "regression", mapping?: unknown): Promise<Answer> {
  const target = task === "regression" ? "price" : "sold";
  const experiment = await addExperiment(owner, project, { name: "Shapes", task, target });
  const version = await addVersion(owner, experiment, AMOUNTS);
  const parts = {
    file: { name: "model.onnx", content: file },
    ...(mapping !== undefined && { mapping: JSON.stringify(mapping) }),
  };
  const path = `/api/v1/experiments/${experiment}/versions/${version}/models`;
  const id = expectStatus(await upload(path, owner.token, parts), 201).text("id");
  return eventually(
    () => callApi("GET", `/api/v1/models/${id}`, undefined, owner.token),
    (answer) => ["succeeded", "failed"].includes(answer.text("state")),
  );
}

function finding(answer: Answer, code: string): unknown {
  return (answer.at("report") as { code: string }[]).find((one) => one.code === code);
}

function predicted(answer: Answer): unknown[] {
  return (answer.at("predictions") as { prediction: unknown }[]).map(({ prediction }) => prediction);
}

describe("an output that has not one entry a row", () => {
  it("never becomes answers: a model that drops a row refuses it, and answers the others of the same moment", async () => {
    const deployment = await deployModel({ csv: AMOUNTS, target: "price", model: droppingModel });
    // Two of four rows are dropped, so that four values are left: as many as there are rows.
    const answer = await predictRows(
      deployment,
      [1, -1, 2, -2].map((amount) => ({ amount })),
    );
    expect([answer.status, answer.at("errors.0.path")]).toEqual([422, "rows[1]"]);
    expect(answer.text("detail")).toContain("not one answer a row");
    const together = await Promise.all([3, -3, 4].map((amount) => predictOne(deployment, { amount })));
    expect(together.map((one) => [one.status, one.at("prediction")])).toEqual([
      [200, [3, 30]],
      [422, undefined],
      [200, [4, 40]],
    ]);
  });

  it("fails the trial with its shape where it is the answer", async () => {
    const answer = await tried(twoHeadsModel, "multiclass_classification");
    expect([answer.at("state"), answer.at("error.code")]).toEqual(["failed", "model_run"]);
    expect(answer.text("error.message")).toContain('"probabilities" has the shape [2, 16, 3] for 16 rows');
  });

  it("is left out, and said, where it is a further output", async () => {
    const answer = await tried(recurrentModel);
    expect([answer.at("state"), answer.at("outputs")]).toMatchObject([
      "succeeded",
      [{ name: "prediction", role: "value" }],
    ]);
    expect(finding(answer, "output_left_out")).toMatchObject({ level: "warning" });
    const deployment = await deployModel({ csv: AMOUNTS, target: "price", model: recurrentModel });
    const said = await predictRows(deployment, [{ amount: 1 }, { amount: 2 }]);
    expect([predicted(said), said.at("predictions.0.extra")]).toEqual([[2, 4], undefined]);
  });

  it("is answered row by row where the graph is made for one row", async () => {
    const answer = await tried(oneRowModel);
    expect([answer.at("state"), finding(answer, "rows_separated")]).toMatchObject(["succeeded", { level: "repaired" }]);
    const deployment = await deployModel({ csv: AMOUNTS, target: "price", model: oneRowModel });
    const said = await predictRows(
      deployment,
      [1, 2, 40].map((amount) => ({ amount })),
    );
    expect(predicted(said)).toEqual([4, 5, 43]);
  });

  it("is that row's where the run has one row, and several rows showed what an entry is", async () => {
    const deployment = await deployModel({
      csv: AMOUNTS,
      task: "multiclass_classification",
      target: "sold",
      model: squeezedModel,
      mapping: { class_names: ["a", "b", "c"] },
    });
    const one = await predictOne(deployment, { amount: 1 });
    // softmax(0, 1, 2) by hand: 1, e, e² over their sum 11.1073.
    expect(one.at("prediction")).toBe("c");
    expect(one.at("probabilities.a")).toBeCloseTo(0.09003, 4);
    const two = await predictRows(deployment, [{ amount: 1 }, { amount: -1 }]);
    expect(predicted(two)).toEqual(["c", "a"]);
  });
});

describe("rows of a fixed batch that influence one another", () => {
  it("run each by itself", async () => {
    const answer = await tried(aboveMeanModel);
    expect(finding(answer, "rows_separated")).toMatchObject({ level: "repaired" });
    const deployment = await deployModel({ csv: AMOUNTS, target: "price", model: aboveMeanModel });
    const said = await predictRows(
      deployment,
      [1, 2, 9].map((amount) => ({ amount })),
    );
    // A row among copies of itself is the mean.
    expect(predicted(said)).toEqual([0, 0, 0]);
  });
});

describe("as many columns as classes", () => {
  it("are wanted of the probabilities: other numbers fail the trial", async () => {
    const answer = await tried(squeezedModel, "multiclass_classification", { class_names: ["no", "yes"] });
    expect([answer.at("state"), answer.text("error.message")]).toEqual([
      "failed",
      expect.stringContaining("3 values a row, but there are 2 classes: no, yes"),
    ]);
  });
});

describe("one column of log-odds", () => {
  it("is labelled at 0, gives its sigmoid as the probability, and is told in the report", async () => {
    const mapping = { class_names: ["no", "yes"] };
    const answer = await tried(logitModel, "binary_classification", mapping);
    expect(finding(answer, "log_odds")).toMatchObject({ level: "warning" });
    const deployment = await deployModel({
      csv: AMOUNTS,
      task: "binary_classification",
      target: "sold",
      model: logitModel,
      mapping,
    });
    const said = await predictRows(
      deployment,
      [10, 11, 14.5].map((amount) => ({ amount })),
    );
    expect(predicted(said)).toEqual(["no", "yes", "yes"]);
    // 1 / (1 + exp(-x)) of -0.5, 0.5 and 4, from numpy.
    for (const [row, sigmoid] of [0.3775406688, 0.6224593312, 0.98201379].entries())
      expect(said.at(`predictions.${row}.probabilities.yes`)).toBeCloseTo(sigmoid, 6);
  });
});

/** `amount` twice, by way of two tensors of `millions` million copies of it: 8 MB a row for one million. */
function roomyModel(millions: number): Uint8Array {
  return model({
    inputs: [AMOUNT],
    outputs: [tensorValue("prediction", "float32", [null, 1])],
    initializers: [integers("copies", [1, millions * 1_000_000])],
    nodes: [
      node("Expand", ["amount", "copies"], ["one"]),
      node("Expand", ["amount", "copies"], ["other"]),
      node("Add", ["one", "other"], ["both"]),
      node("ReduceMax", ["both"], ["prediction"], { attributes: [attribute.ints("axes", [1])] }),
    ],
  });
}

describe("rows that do not fit into memory together", () => {
  it("are answered in pieces, whole calls and calls of the same moment alike", async () => {
    const deployment = await deployModel({ csv: AMOUNTS, target: "price", model: roomyModel(1) });
    const amounts = Array.from({ length: 40 }, (_, row) => row);
    const said = await predictRows(
      deployment,
      amounts.map((amount) => ({ amount })),
    );
    expect(predicted(said)).toEqual(amounts.map((amount) => amount * 2));
    const together = await Promise.all(amounts.map((amount) => predictOne(deployment, { amount })));
    expect(together.map((one) => one.at("prediction"))).toEqual(amounts.map((amount) => amount * 2));
  });

  it("fail the trial where already one row is too large", async () => {
    const answer = await tried(roomyModel(15));
    expect([answer.at("state"), answer.at("error.code")]).toEqual(["failed", "model_memory"]);
    expect(answer.text("error.message")).toContain("One row alone needs more memory");
  });

  it("fail the trial where already one answer is larger than a record", async () => {
    const wide = model({
      inputs: [AMOUNT],
      outputs: [tensorValue("prediction", "float32", [null, 400_000])],
      initializers: [integers("copies", [1, 400_000]), floats("third", [1, 1], [1 / 3])],
      nodes: [node("Mul", ["amount", "third"], ["one"]), node("Expand", ["one", "copies"], ["prediction"])],
    });
    const answer = await tried(wide);
    expect([answer.at("state"), answer.text("error.message")]).toEqual([
      "failed",
      expect.stringContaining("a record holds 1 MB"),
    ]);
  });
});
