import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/onnx/check-limits.ts";
import {
  type ModelParts,
  int,
  message,
  text,
  attribute,
  functionBody,
  graph,
  integers,
  node,
  scalar,
  tensor,
  tensorValue,
} from "./build-model.ts";
import { check, codes, relu } from "./check-parts.ts";

describe("loops", () => {
  const body = (nodes: number[][] = [], outputs: string[] = []) =>
    graph({
      nodes: [node("Identity", ["go"], ["go_on"]), ...nodes],
      inputs: [
        tensorValue("i", "int64", []),
        tensorValue("go", "bool", []),
        ...outputs.map((name) => tensorValue(`${name}_in`, "float32", null)),
      ],
      outputs: [tensorValue("go_on", "bool", []), ...outputs.map((name) => tensorValue(name, "float32", null))],
    });
  const loop = (count: string, inner: number[], carried: string[] = []) =>
    node(
      "Loop",
      [count, "", ...carried],
      carried.map((name) => `${name}_after`),
      { name: "rounds", attributes: [attribute.graph("body", inner)] },
    );

  it("with a small constant count are fine, from an initializer or a Constant node", () => {
    expect(check({ nodes: [relu, loop("n", body())], initializers: [scalar("n", 10_000)] })).toEqual([]);
    const constant = node("Constant", [], ["c"], { attributes: [attribute.tensor("value", integers("v", [7]))] });
    const squeezed = node("Squeeze", ["c"], ["n"]);
    expect(check({ nodes: [relu, loop("n", body()), squeezed, constant] })).toEqual([]);
  });

  it.each([
    ["only a condition", "loop_unbounded", [loop("", body())], []],
    ["PyTorch's largest integer", "loop_unbounded", [loop("n", body())], [scalar("n", 2n ** 63n - 1n)]],
    ["a count that is fed", "loop_unbounded", [loop("x", body())], []],
    ["more rounds than allowed", "loop_too_long", [loop("n", body())], [scalar("n", 10_001)]],
    ["nested rounds that multiply", "loop_too_long", [loop("n", body([loop("n", body())]))], [scalar("n", 101)]],
  ])("with %s are refused: %s", (_, code, nodes, initializers) => {
    const findings = check({ nodes: [relu, ...nodes], initializers });
    expect(findings).toMatchObject([{ level: "error", code, message: expect.stringContaining("rounds") }]);
  });

  it("are found in branches, in Scan bodies and in functions", () => {
    const endless = loop("", body());
    const branch = node("If", ["x"], [], { attributes: [attribute.graph("else_branch", graph({ nodes: [endless] }))] });
    const scan = node("Scan", ["x"], [], {
      attributes: [
        attribute.graph("body", graph({ nodes: [endless], inputs: [tensorValue("r", "float32", [3])] })),
        attribute.int("num_scan_inputs", 1),
      ],
    });
    const call = node("f", ["x"], ["z"], { domain: "own" });
    const functions = [functionBody("own", "f", ["a"], ["b"], [endless])];
    for (const parts of [{ nodes: [branch] }, { nodes: [scan] }, { nodes: [call], functions }]) {
      expect(codes(check({ ...parts, nodes: [relu, ...parts.nodes] }))).toEqual(["error loop_unbounded"]);
    }
  });

  it("that double what they carry are refused, those that keep its size are not", () => {
    const doubling = body([node("Concat", ["s_in", "s_in"], ["s"], { attributes: [attribute.int("axis", 0)] })], ["s"]);
    const start = tensor("s", { dims: [1], elem: "float32", raw: [0, 0, 0, 0] });
    const findings = check({ nodes: [relu, loop("n", doubling, ["s"])], initializers: [scalar("n", 40), start] });
    expect(findings[0]).toMatchObject({ level: "error", code: "tensor_too_large" });
    const keeping = body([node("Add", ["s_in", "s_in"], ["s"])], ["s"]);
    expect(check({ nodes: [relu, loop("n", keeping, ["s"])], initializers: [scalar("n", 9000), start] })).toEqual([]);
  });

  it("so many and so deep that they cannot be followed are refused, not waved through", () => {
    const names = Array.from({ length: 40 }, (_, index) => (index === 39 ? "s" : `g${index}`));
    const growing = names.map((name, index) => {
      const from = index === 0 ? "s_in" : `g${index - 1}`;
      return node("Concat", [from, "one"], [name], { attributes: [attribute.int("axis", 0)] });
    });
    const outer = body([loop("n", body(growing, ["s"]), ["s_in"]), node("Identity", ["s_in_after"], ["s"])], ["s"]);
    const one = tensor("one", { dims: [1], elem: "float32", raw: [0, 0, 0, 0] });
    // 100 * 100 * 40 concatenations, which add up to no more than 1.6 MB.
    const findings = check({ nodes: [relu, loop("n", outer, ["one"])], initializers: [scalar("n", 100), one] });
    expect(codes(findings)).toEqual(["error too_complex_to_check"]);
  });
});

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
