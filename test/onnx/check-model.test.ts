import { describe, expect, it } from "vitest";
import {
  type ModelParts,
  attribute,
  functionBody,
  graph,
  integers,
  mapType,
  node,
  scalar,
  tensorValue,
  value,
} from "./build-model.ts";
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

describe("operators", () => {
  it.each([
    [
      "custom_operator",
      node("StringLower", ["x"], ["y"], { domain: "ai.onnx.contrib", name: "lower" }),
      /"lower" \(ai\.onnx\.contrib\.StringLower\).*without custom operators/,
    ],
    ["unknown_operator", node("Fake", ["x"], ["y"], { domain: "com.microsoft" }), /com\.microsoft\.Fake/],
    ["operator_not_implemented", node("ImageDecoder", ["x"], ["y"]), /ImageDecoder/],
    ["training_operator", node("Adam", ["x"], ["y"], { domain: "ai.onnx.preview.training" }), /model\.eval/],
    [
      "optimized_for_one_machine",
      node("Conv", ["x"], ["y"], { domain: "com.microsoft.nchwc" }),
      /before that optimization/,
    ],
    ["text_generation", node("BeamSearch", ["x"], ["y"], { domain: "com.microsoft" }), /BeamSearch/],
  ])("that cannot run are refused: %s", (code, culprit, sentence) => {
    const findings = check({ nodes: [culprit], opsets: { "": 20, "com.microsoft": 1 } });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ level: "error", code, message: expect.stringMatching(sentence) });
  });

  it("are named once each, five at most", () => {
    const nodes = ["A", "B", "C", "D", "E", "F", "G", "A"].map((name, index) =>
      node(`My${name}`, ["x"], [`y${index}`], { domain: "mine" }),
    );
    const [finding] = check({ nodes });
    expect(finding?.message).toMatch(/mine\.MyA, mine\.MyB, mine\.MyC, mine\.MyD, mine\.MyE and 2 more/);
  });

  it("are looked for in subgraphs and functions too", () => {
    const inner = graph({ nodes: [node("Nope", [], ["a"], { domain: "mine" })] });
    const branch = node("If", ["x"], ["y"], { attributes: [attribute.graph("then_branch", inner)] });
    expect(codes(check({ nodes: [branch] }))).toEqual(["error custom_operator"]);
    const body = functionBody("own", "f", ["a"], ["b"], [node("Nope", ["a"], ["b"], { domain: "mine" })]);
    expect(codes(check({ nodes: [node("f", ["x"], ["y"], { domain: "own" })], functions: [body] }))).toEqual([
      "error custom_operator",
    ]);
  });

  it("of the model's own functions count as known", () => {
    const body = functionBody("own", "f", ["a"], ["b"], [node("Relu", ["a"], ["b"])]);
    expect(check({ nodes: [node("f", ["x"], ["y"], { domain: "own" })], functions: [body] })).toEqual([]);
  });

  it("that draw random numbers get a warning", () => {
    const findings = check({ nodes: [node("RandomNormalLike", ["x"], ["y"], { name: "noise" })] });
    expect(findings).toMatchObject([
      { level: "warning", code: "answers_by_chance", message: expect.stringContaining("noise") },
    ]);
  });
});

describe("functions of the model", () => {
  const call = (name: string, from: string, to: string) => node(name, [from], [to], { domain: "own" });

  it("may not call themselves, each other in a ring, or multiply without measure", () => {
    const ring = [
      functionBody("own", "f", ["a"], ["b"], [call("g", "a", "b")]),
      functionBody("own", "g", ["a"], ["b"], [call("f", "a", "b")]),
    ];
    expect(codes(check({ nodes: [call("f", "x", "y")], functions: ring }))).toEqual(["error function_calls_itself"]);
    const tower = Array.from({ length: 30 }, (_, level) =>
      functionBody(
        "own",
        `f${level}`,
        ["a"],
        ["c"],
        level === 0 ? [node("Relu", ["a"], ["c"])] : [call(`f${level - 1}`, "a", "b"), call(`f${level - 1}`, "b", "c")],
      ),
    );
    expect(check({ nodes: [call("f29", "x", "y")], functions: tower })).toMatchObject([
      { code: "too_many_nodes", message: expect.stringContaining("536,870,912") },
    ]);
  });

  it("may not be deeper than anybody needs, defined twice, or named like an operator of the engine", () => {
    const chain = Array.from({ length: 5000 }, (_, level) =>
      functionBody(
        "own",
        `f${level}`,
        ["a"],
        ["b"],
        [level === 4999 ? node("Relu", ["a"], ["b"]) : call(`f${level + 1}`, "a", "b")],
      ),
    );
    expect(codes(check({ nodes: [call("f0", "x", "y")], functions: chain }))).toEqual(["error functions_too_deep"]);
    const body = functionBody("own", "f", ["a"], ["b"], [node("Relu", ["a"], ["b"])]);
    expect(codes(check({ nodes: [relu], functions: [body, body] }))).toEqual(["error function_defined_twice"]);
    expect(codes(check({ nodes: [relu], functions: [functionBody("", "Loop", [], [], [])] }))).toEqual([
      "error function_hides_operator",
    ]);
  });
});
