import { describe, expect, it } from "vitest";
import { Session } from "../../src/engine/runtime.ts";
import type { Tensor } from "../../src/engine/tensor.ts";
import { checkModel } from "../../src/onnx/check-model.ts";
import { readModel } from "../../src/onnx/read-model.ts";
import { attribute, integers, model, node, tensorValue, type TestDim } from "../onnx/build-model.ts";

const ROOMY = 100 * 1024 * 1024;

interface Case {
  opType: string;
  opset: number;
  shape: TestDim[];
  dims: number[];
  attributes: ReturnType<typeof attribute.int>[];
  starts?: [starts: number[], ends: number[]];
  said: number[];
}

const softplus = (x: number): number => Math.log1p(Math.exp(x));
const VALUES = [-1, 0.5, 2, 3];
const each = (of: (x: number) => number): number[] => VALUES.map(of);

// What the operators mean by the ONNX standard (Mish) and by ONNX 1.0 and CoreML (the others), worked out here.
const CASES: Case[] = [
  {
    opType: "Mish",
    opset: 18,
    shape: [null, 1],
    dims: [4, 1],
    attributes: [],
    said: each((x) => x * Math.tanh(softplus(x))),
  },
  {
    opType: "Affine",
    opset: 9,
    shape: [null, 1],
    dims: [4, 1],
    attributes: [attribute.float("alpha", 2), attribute.float("beta", 0.5)],
    said: each((x) => 2 * x + 0.5),
  },
  {
    opType: "Scale",
    opset: 9,
    shape: [null, 1],
    dims: [4, 1],
    attributes: [attribute.float("scale", 3)],
    said: each((x) => 3 * x),
  },
  {
    opType: "ScaledTanh",
    opset: 9,
    shape: [null, 1],
    dims: [4, 1],
    attributes: [attribute.float("alpha", 2), attribute.float("beta", 0.5)],
    said: each((x) => 2 * Math.tanh(0.5 * x)),
  },
  {
    opType: "ParametricSoftplus",
    opset: 9,
    shape: [null, 1],
    dims: [4, 1],
    attributes: [attribute.float("alpha", 2), attribute.float("beta", 0.5)],
    said: each((x) => 2 * softplus(0.5 * x)),
  },
  {
    opType: "ImageScaler",
    opset: 9,
    shape: [null, 1, 2, 2],
    dims: [1, 1, 2, 2],
    attributes: [attribute.float("scale", 2), attribute.floats("bias", [1])],
    said: each((x) => 2 * x + 1),
  },
  {
    opType: "Crop",
    opset: 9,
    shape: [null, 1, 2, 2],
    dims: [1, 1, 2, 2],
    attributes: [attribute.ints("border", [1, 0, 0, 0])],
    // Without the left column.
    said: [0.5, 3],
  },
  { opType: "DynamicSlice", opset: 9, shape: [4], dims: [4], attributes: [], starts: [[1], [3]], said: [0.5, 2] },
];

describe("an operator of the table", () => {
  it.each(CASES.map((one) => [one.opType, one] as const))("%s is accepted, and runs", async (_, one) => {
    const { opType, opset, shape, dims, attributes, starts, said } = one;
    const file = model({
      ir: 4,
      opsets: { "": opset },
      inputs: [tensorValue("x", "float32", shape)],
      outputs: [tensorValue("y", "float32", null)],
      initializers: starts ? [integers("starts", starts[0]), integers("ends", starts[1])] : [],
      nodes: [node(opType, starts ? ["x", "starts", "ends"] : ["x"], ["y"], { attributes })],
    });
    expect(checkModel(readModel(file)).filter(({ level }) => level === "error")).toEqual([]);
    const session = await Session.load(file, ROOMY);
    const fed: Tensor = { type: "float32", dims, data: Float32Array.from(VALUES) };
    const [answer] = session.run(new Map([["x", fed]]), ["y"]);
    expect(answer?.data).toHaveLength(said.length);
    said.forEach((value, index) => expect(Number(answer?.data[index])).toBeCloseTo(value, 5));
  });
});
