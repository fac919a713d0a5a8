import { describe, expect, it } from "vitest";
import { attribute, functionBody, graph, integers, node, scalar, tensor, tensorValue } from "./build-model.ts";
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
