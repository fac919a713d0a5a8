import { describe, expect, it } from "vitest";
import { type ModelParts, attribute, integers, node, scalar, tensor, tensorValue } from "./build-model.ts";
import { check } from "./check-parts.ts";

describe("tensors", () => {
  const floats = (name: string, dims: number[]) =>
    tensor(name, { dims, elem: "float32", raw: Array<number>(4 * dims.reduce((a, b) => a * b, 1)).fill(0) });
  const scale = (name: string, values: number[]) =>
    tensor(name, {
      dims: [values.length],
      elem: "float32",
      raw: [...new Uint8Array(Float32Array.from(values).buffer)],
    });
  const image = [tensorValue("x", "float32", [1, 3, 64, 64])];
  const one = 4096;

  it.each<[string, ModelParts]>([
    [
      "ConstantOfShape",
      { nodes: [node("ConstantOfShape", ["s"], ["y"], { name: "big" })], initializers: [integers("s", [one, one, 2])] },
    ],
    [
      "Expand",
      {
        nodes: [node("Expand", ["x", "s"], ["y"], { name: "big" })],
        initializers: [integers("s", [100_000, 1000, 3])],
      },
    ],
    [
      "Tile",
      { nodes: [node("Tile", ["x", "s"], ["y"], { name: "big" })], initializers: [integers("s", [6_000_000, 1])] },
    ],
    [
      "Range",
      {
        nodes: [node("Range", ["a", "b", "c"], ["y"], { name: "big" })],
        initializers: [scalar("a", 0), scalar("b", 1e9), scalar("c", 2)],
      },
    ],
    [
      "Pad",
      {
        nodes: [node("Pad", ["x", "s"], ["y"], { name: "big" })],
        initializers: [integers("s", [0, 0, 0, 20_000_000])],
      },
    ],
    [
      "Pad of opset 2",
      {
        nodes: [
          node("Pad", ["x"], ["y"], { name: "big", attributes: [attribute.ints("pads", [0, 0, 0, 20_000_000])] }),
        ],
      },
    ],
    [
      "Resize by scales",
      {
        inputs: image,
        nodes: [node("Resize", ["x", "", "s"], ["y"], { name: "big" })],
        initializers: [scale("s", [1, 1, 64, 64])],
      },
    ],
    [
      "Resize to sizes",
      {
        inputs: image,
        nodes: [node("Resize", ["x", "", "", "s"], ["y"], { name: "big" })],
        initializers: [integers("s", [1, 3, one, one])],
      },
    ],
    [
      "Upsample",
      {
        inputs: image,
        nodes: [node("Upsample", ["x", "s"], ["y"], { name: "big" })],
        initializers: [scale("s", [1, 1, 64, 64])],
      },
    ],
    [
      "OneHot",
      {
        nodes: [node("OneHot", ["x", "d", "v"], ["y"], { name: "big" })],
        initializers: [integers("d", [20_000_000]), scale("v", [0, 1])],
      },
    ],
    [
      "RandomNormal",
      {
        nodes: [node("RandomNormal", [], ["y"], { name: "big", attributes: [attribute.ints("shape", [one, one, 2])] })],
      },
    ],
    [
      "RandomUniformLike",
      {
        inputs: [tensorValue("x", "float32", [one, one, 2])],
        nodes: [node("RandomUniformLike", ["x"], ["y"], { name: "big" })],
      },
    ],
    [
      "Multinomial",
      {
        nodes: [
          node("Multinomial", ["x"], ["y"], { name: "big", attributes: [attribute.int("sample_size", 50_000_000)] }),
        ],
      },
    ],
    ["HannWindow", { nodes: [node("HannWindow", ["n"], ["y"], { name: "big" })], initializers: [scalar("n", 1e9)] }],
    [
      "outer product by Mul",
      {
        nodes: [node("Mul", ["a", "b"], ["y"], { name: "big" })],
        initializers: [floats("a", [5000, 1]), floats("b", [1, 5000])],
      },
    ],
    [
      "outer product by MatMul",
      {
        nodes: [node("MatMul", ["a", "b"], ["y"], { name: "big" })],
        initializers: [floats("a", [5000, 1]), floats("b", [1, 5000])],
      },
    ],
    [
      "outer product by Einsum",
      {
        nodes: [
          node("Einsum", ["a", "b"], ["y"], { name: "big", attributes: [attribute.text("equation", "i, j -> ij")] }),
        ],
        initializers: [floats("a", [5000]), floats("b", [5000])],
      },
    ],
    [
      "Gemm",
      {
        nodes: [node("Gemm", ["a", "b"], ["y"], { name: "big" })],
        initializers: [floats("a", [5000, 1]), floats("b", [1, 5000])],
      },
    ],
    [
      "Conv with vast pads",
      {
        inputs: image,
        nodes: [
          node("Conv", ["x", "w"], ["y"], {
            name: "big",
            attributes: [attribute.ints("pads", [3000, 3000, 3000, 3000])],
          }),
        ],
        initializers: [floats("w", [1, 3, 1, 1])],
      },
    ],
    [
      "MaxPool with vast pads",
      {
        inputs: [tensorValue("x", "float32", [null, 1, null, null])],
        nodes: [
          node("MaxPool", ["x"], ["y"], {
            name: "big",
            attributes: [attribute.ints("kernel_shape", [1, 1]), attribute.ints("pads", [3000, 3000, 3000, 3000])],
          }),
        ],
      },
    ],
    [
      "ConvTranspose with vast strides",
      {
        inputs: image,
        nodes: [
          node("ConvTranspose", ["x", "w"], ["y"], { name: "big", attributes: [attribute.ints("strides", [90, 90])] }),
        ],
        initializers: [floats("w", [3, 1, 1, 1])],
      },
    ],
    [
      "TfIdfVectorizer",
      {
        nodes: [
          node("TfIdfVectorizer", ["x"], ["y"], {
            name: "big",
            attributes: [attribute.ints("ngram_indexes", [0, 99_999_999])],
          }),
        ],
      },
    ],
    [
      "TreeEnsembleRegressor",
      {
        nodes: [
          node("TreeEnsembleRegressor", ["x"], ["y"], {
            name: "big",
            domain: "ai.onnx.ml",
            attributes: [attribute.int("n_targets", 99_999_999)],
          }),
        ],
      },
    ],
    [
      "FeatureVectorizer",
      {
        nodes: [
          node("FeatureVectorizer", ["x"], ["y"], {
            name: "big",
            domain: "ai.onnx.ml",
            attributes: [attribute.ints("inputdimensions", [99_999_999])],
          }),
        ],
      },
    ],
  ])("beyond 64 MiB are refused: %s", (_, parts) => {
    const errors = check(parts).filter((finding) => finding.level === "error");
    expect(errors).toMatchObject([{ code: "tensor_too_large", message: expect.stringMatching(/"big".*MiB/) }]);
  });
});
