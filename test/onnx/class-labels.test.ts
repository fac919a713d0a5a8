import { describe, expect, it } from "vitest";
import { classLabels } from "../../src/onnx/class-labels.ts";
import { readModel } from "../../src/onnx/read-model.ts";
import { attribute, integers, model, type ModelParts, node, tensor, tensorValue, zipMapModel } from "./build-model.ts";

const labelsOf = (parts: ModelParts): string[] | null => classLabels(readModel(model(parts)));
const ml = (opType: string, inputs: string[], outputs: string[], ...attributes: number[][]) =>
  node(opType, inputs, outputs, { domain: "ai.onnx.ml", attributes });
const outputs = [tensorValue("label", "string", [null]), tensorValue("p", "float32", [null, 3])];

describe("class labels", () => {
  it("are those of the ZipMap, not of the classifier that counts inside", () => {
    expect(classLabels(readModel(zipMapModel()))).toEqual(["no", "yes"]);
  });

  it.each([
    ["TreeEnsembleClassifier", attribute.ints("classlabels_int64s", [3, -1, 7]), ["3", "-1", "7"]],
    ["TreeEnsembleClassifier", attribute.strings("classlabels_strings", ["b", "a", "Ü"]), ["b", "a", "Ü"]],
    ["LinearClassifier", attribute.ints("classlabels_ints", [0, 1, 2]), ["0", "1", "2"]],
    ["SVMClassifier", attribute.ints("classlabels_ints", [5, 6, 7]), ["5", "6", "7"]],
  ])("come from %s", (opType, list, expected) => {
    expect(labelsOf({ nodes: [ml(opType, ["x"], ["label", "p"], list)], outputs })).toEqual(expected);
  });

  it("are followed through casts and shapes, and found where only probabilities are put out", () => {
    const classifier = ml(
      "TreeEnsembleClassifier",
      ["x"],
      ["raw", "p"],
      attribute.ints("classlabels_int64s", [4, 5, 6]),
    );
    const nodes = [classifier, node("Cast", ["raw"], ["c"]), node("Reshape", ["c", "s"], ["label"])];
    expect(labelsOf({ nodes, outputs })).toEqual(["4", "5", "6"]);
    expect(labelsOf({ nodes, outputs: [tensorValue("p", "float32", [null, 3])] })).toEqual(["4", "5", "6"]);
  });

  it("are translated by a LabelEncoder in the order of the columns, not of its keys", () => {
    const classifier = ml(
      "TreeEnsembleClassifier",
      ["x"],
      ["raw", "p"],
      attribute.ints("classlabels_int64s", [2, 0, 1]),
    );
    const encoder = ml(
      "LabelEncoder",
      ["raw"],
      ["label"],
      attribute.ints("keys_int64s", [0, 1, 2]),
      attribute.strings("values_strings", ["zero", "one", "two"]),
    );
    expect(labelsOf({ nodes: [classifier, encoder], outputs })).toEqual(["two", "zero", "one"]);
  });

  it("of a LabelEncoder behind an ArgMax stand in the order of 0, 1, ...", () => {
    const encoder = ml(
      "LabelEncoder",
      ["best"],
      ["label"],
      attribute.ints("keys_int64s", [1, 0]),
      attribute.strings("values_strings", ["one", "zero"]),
    );
    expect(labelsOf({ nodes: [node("ArgMax", ["x"], ["best"]), encoder], outputs })).toEqual(["zero", "one"]);
  });

  it("are looked up as skl2onnx does: classes[ArgMax(probabilities)]", () => {
    const extractor = ml("ArrayFeatureExtractor", ["classes", "best"], ["picked"]);
    const nodes = [node("ArgMax", ["p"], ["best"]), extractor, node("Reshape", ["picked", "s"], ["label"])];
    const strings = tensor("classes", { dims: [3], elem: "string", strings: ["setosa", "versicolor", "virginica"] });
    expect(labelsOf({ nodes, outputs, initializers: [strings] })).toEqual(["setosa", "versicolor", "virginica"]);
    const big = 2n ** 60n + 1n;
    expect(labelsOf({ nodes, outputs, initializers: [integers("classes", [1, 2, big])] })).toEqual([
      "1",
      "2",
      "1152921504606846977",
    ]);
  });

  it("are unknown for a regressor, for an encoder of texts, and for two classifiers behind one probability", () => {
    expect(labelsOf({ nodes: [node("Gemm", ["x", "w"], ["y"])] })).toBeNull();
    const encoder = ml("LabelEncoder", ["x"], ["label"], attribute.strings("classes_strings", ["a", "b"]));
    expect(labelsOf({ nodes: [encoder], outputs: [tensorValue("label", "int64", [null])] })).toBeNull();
    const two = ["a", "b"].map((name) =>
      ml("LinearClassifier", ["x"], [`${name}l`, `${name}p`], attribute.ints("classlabels_ints", [0, 1])),
    );
    expect(labelsOf({ nodes: [...two, node("Mean", ["ap", "bp"], ["y"])] })).toBeNull();
  });
});
