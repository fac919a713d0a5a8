import { describe, expect, it } from "vitest";
import { attribute, functionBody, graph, node } from "./build-model.ts";
import { check, codes, relu } from "./check-parts.ts";

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
