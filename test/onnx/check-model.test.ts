import { describe, expect, it } from "vitest";
import { type ModelParts, attribute, integers, mapType, node, scalar, tensorValue, value } from "./build-model.ts";
import { check, codes, relu } from "./check-parts.ts";

describe("a sound model", () => {
  it("has no findings", () => expect(check({ nodes: [relu] })).toEqual([]));

  it("may import the same opset twice, and domains that it does not use", () => {
    const opsets: [string, number][] = [
      ["", 21],
      ["ai.onnx", 21],
      ["com.microsoft.nchwc", 1],
      ["nobody.knows", 7],
    ];
    expect(check({ nodes: [relu], opsets })).toEqual([]);
  });
});

describe("names", () => {
  it("of values made twice and attributes given twice are refused: the engine may take the other one", () => {
    const twice = check({ nodes: [node("Relu", ["x"], ["n"]), relu], initializers: [scalar("n", 3)] });
    expect(twice).toMatchObject([{ code: "value_made_twice", message: expect.stringContaining('"n"') }]);
    const both = node("RandomNormal", [], ["y"], {
      name: "r",
      attributes: [attribute.ints("shape", [1]), attribute.ints("shape", [1_000_000_000])],
    });
    expect(codes(check({ nodes: [both] }))).toContain("error attribute_given_twice");
  });
});

describe("versions", () => {
  it.each([
    ["opset_missing", { opsets: {} }],
    ["opset_too_new", { opsets: { "": 27 } }],
    ["opset_too_new", { opsets: { "": 13, "ai.onnx.ml": 6 } }],
    ["opset_too_new", { opsets: { "": 13, "com.microsoft": 2 } }],
    ["ir_too_new", { ir: 14 }],
  ])("beyond the engine are refused: %s", (code, parts: ModelParts) => {
    expect(codes(check({ nodes: [relu], ...parts }))).toEqual([`error ${code}`]);
  });

  // What onnxruntime-web 1.30.0 loaded and refused when tried with one Identity node.
  it("at the engine's newest are fine", () => {
    expect(check({ nodes: [relu], ir: 13, opsets: { "": 26, "ai.onnx.ml": 5, "com.microsoft": 1 } })).toEqual([]);
  });

  it("that contradict each other are refused, and a used domain without one gets a warning", () => {
    const opsets: [string, number][] = [
      ["", 13],
      ["ai.onnx", 14],
    ];
    expect(codes(check({ nodes: [relu], opsets }))).toEqual(["error opset_contradictory"]);
    expect(codes(check({ nodes: [relu], opsets: { "ai.onnx.ml": 3 } }))).toEqual(["warning opset_not_imported"]);
  });
});

describe("inputs", () => {
  it.each([
    ["float8", "float8"],
    ["int4", "int4"],
    ["bfloat16", "bfloat16"],
  ] as const)("of type %s are refused", (elem, name) => {
    const findings = check({ nodes: [relu], inputs: [tensorValue("x", elem, [null, 3])] });
    expect(findings).toMatchObject([
      { level: "error", code: "input_type_unsupported", message: expect.stringContaining(name) },
    ]);
  });

  it("that are maps are refused, with the cure for a DictVectorizer", () => {
    const vectorizer = node("DictVectorizer", ["x"], ["y"], { domain: "ai.onnx.ml" });
    expect(check({ nodes: [vectorizer], inputs: [value("x", mapType())] })).toMatchObject([
      { code: "input_not_tensor", message: expect.stringMatching(/map\(string->float32\[\]\).*OneHotEncoder/) },
    ]);
  });

  it("without a type, none at all, and more than 4,096 are refused; those with a default do not count", () => {
    expect(codes(check({ nodes: [relu], inputs: [value("x", null)] }))).toEqual(["error input_without_type"]);
    expect(codes(check({ nodes: [relu], inputs: [] }))).toEqual(["error no_inputs"]);
    const many = Array.from({ length: 4097 }, (_, index) => tensorValue(`c${index}`, "float32", [null, 1]));
    expect(codes(check({ nodes: [relu], inputs: many }))).toEqual(["error too_many_inputs"]);
    const withDefault = [tensorValue("x", "float32", [null, 3]), tensorValue("d", "int64", [1])];
    expect(check({ nodes: [relu], inputs: withDefault, initializers: [integers("d", [1])] })).toEqual([]);
  });
});
