import { describe, expect, it } from "vitest";
import type { Dim, ValueInfo } from "../../src/onnx/model-facts.ts";
import { rowLayout } from "../../src/onnx/row-layout.ts";

const tensorInput = (shape: Dim[] | null): ValueInfo => ({
  name: "x",
  type: { kind: "tensor", elem: "float32", shape },
});

describe("how rows are laid into an input", () => {
  it.each<[Dim[], { rank: number; batch: number | null; columns: number | null }]>([
    [[], { rank: 0, batch: 1, columns: 1 }],
    [["n"], { rank: 1, batch: null, columns: 1 }],
    [[768], { rank: 1, batch: 768, columns: 1 }],
    [[null, 1], { rank: 2, batch: null, columns: 1 }],
    [[null, 13], { rank: 2, batch: null, columns: 13 }],
    [[1, 4], { rank: 2, batch: 1, columns: 4 }],
    [["batch", "features"], { rank: 2, batch: null, columns: null }],
    [[256, null], { rank: 2, batch: 256, columns: null }],
    [["N", 1, 28, 28], { rank: 4, batch: null, columns: 784 }],
    [[1, 3, 2, 5], { rank: 4, batch: 1, columns: 30 }],
  ])("%j", (shape, expected) => expect(rowLayout(tensorInput(shape))).toEqual({ ...expected, dims: shape }));

  it.each<[ValueInfo, string, RegExp]>([
    [
      tensorInput(["batch", "length", 5]),
      "input_columns_unknown",
      /float32\[batch,length,5\].*nobody knows how many columns/,
    ],
    [tensorInput(null), "input_without_shape", /without a shape/],
    [{ name: "m", type: { kind: "map", text: "map(string->float32)" } }, "input_not_tensor", /map\(string->float32\)/],
  ])("refuses %j", (input, code, message) => {
    expect(rowLayout(input)).toMatchObject({ level: "error", code, message: expect.stringMatching(message) });
  });
});
