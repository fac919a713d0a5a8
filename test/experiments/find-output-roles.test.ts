import { describe, expect, it } from "vitest";
import type { Task } from "../../src/engine/serving-plan.ts";
import { findOutputRoles } from "../../src/experiments/import/find-output-roles.ts";
import type { Dim, ModelFacts, ValueInfo, ValueType } from "../../src/onnx/model-facts.ts";

function output(name: string, elem: string, shape: Dim[] | null = [null]): ValueInfo {
  return { name, type: { kind: "tensor", elem, shape } };
}

function untyped(name: string, kind: Exclude<ValueType["kind"], "tensor"> = "unknown"): ValueInfo {
  return { name, type: { kind, text: kind } };
}

function roles(task: Task, outputs: ValueInfo[], raw: string[] | null = null, given: string[] | null = null) {
  const facts: ModelFacts = {
    outputs,
    inputs: [],
    irVersion: 8,
    nodes: [],
    initializers: [],
    producer: { name: "", version: "" },
    opsets: [],
    functions: [],
    externalData: [],
    metadata: [],
  };
  const { outputs: found, classes, findings } = findOutputRoles(facts, task, raw, given);
  const named = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null && value.length > 0));
  return { named, classes, codes: findings.map(({ level, code }) => `${level}: ${code}`) };
}

describe("the outputs of a classification", () => {
  it("are a label and the probabilities, as scikit-learn's and XGBoost's exporters name them", () => {
    const outputs = [output("label", "int64"), output("probabilities", "float32", [null, 3])];
    expect(roles("multiclass_classification", outputs).named).toEqual({
      label: "label",
      probabilities: "probabilities",
    });
    const others = [output("output_probability", "float32", [null, 2]), output("output_label", "string")];
    expect(roles("binary_classification", others).named).toEqual({
      label: "output_label",
      probabilities: "output_probability",
    });
  });

  it("may be probabilities alone, of one column or more, under any name", () => {
    expect(roles("binary_classification", [output("dense_3", "float32", [null, 1])]).named).toEqual({
      probabilities: "dense_3",
    });
    expect(roles("multiclass_classification", [output("21", "float32", [1, 10])]).named).toEqual({
      probabilities: "21",
    });
    expect(roles("multiclass_classification", [untyped("variable")]).named).toEqual({ probabilities: "variable" });
  });

  it("prefer a wide output to a narrow one, and a telling name to both", () => {
    const outputs = [output("a", "float32", [null, 1]), output("b", "float32", [null, 4])];
    expect(roles("multiclass_classification", outputs).named).toEqual({ probabilities: "b", extra: ["a"] });
    expect(
      roles("multiclass_classification", [...outputs, output("softmax", "float32", [null, 1])]).named,
    ).toMatchObject({ probabilities: "softmax" });
  });

  it("are refused where none can be a class", () => {
    const found = roles("multiclass_classification", [output("texts", "string", [2, 2]), untyped("list", "sequence")]);
    expect(found.codes).toContain("error: no_output_for_task");
  });
});

describe("the classes", () => {
  const outputs = [output("label", "int64")];

  it("are called as the mapping says, else as the graph says, else 0, 1, ... with a warning", () => {
    expect(roles("binary_classification", outputs, ["0", "1"], ["no", "yes"]).classes).toEqual({
      raw: ["0", "1"],
      shown: ["no", "yes"],
    });
    expect(roles("binary_classification", outputs, ["ham", "spam"])).toMatchObject({
      classes: { raw: ["ham", "spam"], shown: ["ham", "spam"] },
      codes: expect.arrayContaining(["info: classes_found"]),
    });
    expect(roles("binary_classification", outputs)).toMatchObject({
      classes: null,
      codes: expect.arrayContaining(["warning: classes_unknown"]),
    });
  });

  it("are refused where the mapping names another number of them than the graph has", () => {
    expect(roles("multiclass_classification", outputs, ["a", "b", "c"], ["x", "y"]).codes).toContain(
      "error: class_names_count",
    );
  });

  it("are none of a regression's business, nor of an anomaly detection's", () => {
    expect(roles("regression", [output("y", "float32")], ["a", "b"])).toMatchObject({
      classes: null,
      codes: ["info: outputs_found"],
    });
    expect(roles("anomaly_detection", [output("label", "int64")], null, ["a"]).classes).toBeNull();
  });
});

describe("the outputs of a regression", () => {
  it("are the number that a name tells, else the first one; others are extra", () => {
    expect(roles("regression", [output("std", "float32"), output("variable", "float32", [null, 1])]).named).toEqual({
      value: "variable",
      extra: ["std"],
    });
    expect(roles("regression", [output("b", "float32"), output("a", "float64")]).named).toEqual({
      value: "b",
      extra: ["a"],
    });
    expect(roles("regression", [output("texts", "string"), output("count", "int64")]).named).toEqual({
      value: "count",
      extra: ["texts"],
    });
  });

  it("are never a text", () => {
    expect(roles("regression", [output("text", "string")]).codes).toContain("error: no_output_for_task");
  });
});

describe("the outputs of an anomaly detection", () => {
  it("are a label and a score", () => {
    expect(
      roles("anomaly_detection", [output("label", "int64", [null, 1]), output("scores", "float32", [null, 1])]).named,
    ).toEqual({ label: "label", score: "scores" });
  });

  it("may be a score alone, which is then the answer too", () => {
    expect(roles("anomaly_detection", [output("distance", "float32")]).named).toEqual({
      score: "distance",
      value: "distance",
    });
  });

  it("leave out what cannot be read", () => {
    expect(
      roles("anomaly_detection", [output("label", "int64"), output("odd", "bfloat16"), untyped("map", "map")]).named,
    ).toEqual({ label: "label" });
  });
});
