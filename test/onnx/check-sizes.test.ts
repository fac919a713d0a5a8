import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/onnx/check-limits.ts";
import { type ModelParts, attribute, integers, node, scalar, tensor, tensorValue } from "./build-model.ts";
import { check, codes, relu } from "./check-parts.ts";

describe("sizes", () => {
  const floats = (name: string, dims: number[]) =>
    tensor(name, { dims, elem: "float32", raw: Array<number>(4 * dims.reduce((a, b) => a * b, 1)).fill(0) });
  const scale = (name: string, values: number[]) =>
    tensor(name, {
      dims: [values.length],
      elem: "float32",
      raw: [...new Uint8Array(Float32Array.from(values).buffer)],
    });

  // 64 MiB are 16,777,216 floats.
  it("of exactly 64 MiB are allowed, one row more is not", () => {
    const ofShape = (rows: number) => ({
      nodes: [relu, node("ConstantOfShape", ["s"], ["z"])],
      initializers: [integers("s", [rows, 4096])],
    });
    expect(codes(check(ofShape(4096)))).toEqual([]);
    expect(codes(check(ofShape(4097)))).toEqual(["error tensor_too_large"]);
  });

  it("that come from computed shapes are followed", () => {
    const nodes = [
      node("Shape", ["w"], ["s"]),
      node("Gather", ["s", "zero"], ["n"], { attributes: [attribute.int("axis", 0)] }),
      node("Mul", ["n", "factor"], ["m"]),
      node("Unsqueeze", ["m", "axes"], ["m1"]),
      node("Concat", ["m1", "rest"], ["target"], { attributes: [attribute.int("axis", 0)] }),
      node("Cast", ["target"], ["target64"], { attributes: [attribute.int("to", 7)] }),
      node("ConstantOfShape", ["target64"], ["y"], { name: "big" }),
    ];
    const initializers = [
      floats("w", [10, 2]),
      scalar("zero", 0),
      scalar("factor", 10_000),
      integers("axes", [0]),
      integers("rest", [1000]),
    ];
    expect(check({ nodes, initializers })).toMatchObject([
      { code: "tensor_too_large", message: expect.stringContaining("382 MiB") },
    ]);
  });

  it("that double thirty times are refused, with a fixed and with a free batch, in whatever order the nodes stand", () => {
    const chain = (make: (from: string, to: string) => number[]) =>
      Array.from({ length: 30 }, (_, index) => make(index === 0 ? "x" : `v${index - 1}`, `v${index}`));
    const concat = chain((from, to) => node("Concat", [from, from], [to], { attributes: [attribute.int("axis", 0)] }));
    const tile = chain((from, to) => node("Tile", [from, "two"], [to]));
    for (const shape of [
      [1, 3],
      [null, 3],
    ]) {
      for (const nodes of [concat, concat.toReversed(), tile]) {
        const findings = check({
          inputs: [tensorValue("x", "float32", shape)],
          nodes,
          initializers: [integers("two", [2, 1])],
        });
        expect(findings[0]).toMatchObject({ level: "error", code: "tensor_too_large" });
        expect(findings.length).toBeLessThanOrEqual(5);
      }
    }
  });

  it("add up over constants that the engine computes at load", () => {
    const parts = (count: number): ModelParts => ({
      nodes: [relu, ...Array.from({ length: count }, (_, index) => node("ConstantOfShape", ["s"], [`z${index}`]))],
      initializers: [integers("s", [2500, 4096])],
    });
    // 39.06 MiB each: three are 117 MiB, four are 156 MiB.
    expect(check(parts(3))).toEqual([]);
    expect(codes(check(parts(4)))).toEqual(["error tensor_too_large"]);
  });

  it("of real layers are left alone: batches are free, weights are quantized, images are small", () => {
    const conv = node("Conv", ["x", "w"], ["c"], {
      attributes: [attribute.ints("pads", [1, 1, 1, 1]), attribute.ints("kernel_shape", [3, 3])],
    });
    const up = node("Resize", ["c", "", "s"], ["u"]);
    const inputs = [tensorValue("x", "float32", ["batch", 3, 224, 224])];
    expect(
      check({
        inputs,
        nodes: [conv, up, node("Relu", ["u"], ["y"])],
        initializers: [floats("w", [8, 3, 3, 3]), scale("s", [1, 1, 2, 2])],
      }),
    ).toEqual([]);
  });

  it("that a caller's values decide get a warning, those of its shape do not", () => {
    const byValue = check({
      inputs: [tensorValue("n", "int64", [1])],
      nodes: [node("ConstantOfShape", ["n"], ["y"], { name: "fill" })],
    });
    expect(byValue).toMatchObject([
      { level: "warning", code: "size_from_input", message: expect.stringMatching(/"n".*"fill"/) },
    ]);
    expect(check({ nodes: [node("Shape", ["x"], ["s"]), node("ConstantOfShape", ["s"], ["y"])] })).toEqual([]);
  });

  it("that cannot be told are named", () => {
    const nodes = [
      node("LSTM", ["x", "w"], ["h"]),
      node("Shape", ["h"], ["s"]),
      node("TopK", ["s", "k"], ["v", "i"]),
      node("ConstantOfShape", ["v"], ["y"], { name: "fill" }),
    ];
    expect(check({ nodes })).toMatchObject([
      { level: "info", code: "sizes_not_known", message: expect.stringContaining("fill") },
    ]);
  });

  it("claimed by constants that do not hold them are refused, in attributes too", () => {
    const hollow = tensor("w", { dims: [1_000_000], elem: "float32", raw: [0, 0, 0, 0] });
    expect(check({ nodes: [relu], initializers: [hollow] })).toMatchObject([
      { level: "error", code: "tensor_data_wrong", message: expect.stringContaining("float32[1000000]") },
    ]);
    expect(
      codes(check({ nodes: [relu, node("Constant", [], ["c"], { attributes: [attribute.tensor("value", hollow)] })] })),
    ).toEqual(["error tensor_data_wrong"]);
    const packed = tensor("i", { dims: [3], elem: "int64", integers: [300, -1] });
    expect(codes(check({ nodes: [relu], initializers: [packed] }))).toEqual(["error tensor_data_wrong"]);
    expect(
      codes(check({ nodes: [relu], initializers: [tensor("s", { dims: [2], elem: "string", strings: ["a", "b"] })] })),
    ).toEqual([]);
  });

  it("of sparse constants count as spread out", () => {
    const values = tensor("w", { dims: [1], elem: "float32", raw: [0, 0, 0, 0] });
    const sparse = [...message(1, values), ...message(2, integers("", [0])), ...int(3, 100_000), ...int(3, 100_000)];
    const holder = [...text(1, "sparse_value"), ...message(22, sparse)];
    expect(codes(check({ nodes: [relu, node("Constant", [], ["c"], { attributes: [holder] })] }))).toEqual([
      "error tensor_too_large",
    ]);
  });

  it("follow the limits that are given", () => {
    const parts = { nodes: [relu, node("ConstantOfShape", ["s"], ["z"])], initializers: [integers("s", [1000])] };
    expect(codes(check(parts, { ...DEFAULT_LIMITS, tensorBytesMax: 3999 }))).toEqual(["error tensor_too_large"]);
    expect(check(parts, { ...DEFAULT_LIMITS, tensorBytesMax: 4000 })).toEqual([]);
  });
});
