import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkModel } from "../../src/onnx/check-model.ts";
import { OnnxError } from "../../src/onnx/onnx-error.ts";
import { readModel } from "../../src/onnx/read-model.ts";
import { typeText } from "../../src/onnx/read-type.ts";
import { repairModel } from "../../src/onnx/repair.ts";
import {
  attribute,
  graph,
  int,
  integers,
  mapType,
  message,
  model,
  node,
  sequenceType,
  tensor,
  tensorValue,
  text,
  value,
  zipMapModel,
  zipMapType,
} from "./build-model.ts";
import { rounds } from "../support/thorough.ts";

function refusal(bytes: Uint8Array): OnnxError {
  try {
    readModel(bytes);
  } catch (error) {
    if (error instanceof OnnxError) return error;
    throw error;
  }
  throw new Error("The model was read.");
}

const ascii = (content: string): Uint8Array => Uint8Array.from(content, (char) => char.charCodeAt(0));

describe("reading a model", () => {
  it("tells producer, versions, nodes and the signature with fixed, named and unnamed dimensions", () => {
    const facts = readModel(
      model({
        ir: 9,
        opsets: [
          ["", 17],
          ["ai.onnx.ml", 3],
        ],
        nodes: [node("Gemm", ["x", "w", ""], ["y"], { name: "dense", attributes: [attribute.int("transB", 1)] })],
        inputs: [
          tensorValue("x", "float32", ["batch", 4]),
          tensorValue("w", "float64", [null, 0]),
          tensorValue("s", "string", []),
          tensorValue("t", "bool", null),
        ],
        outputs: [tensorValue("y", "float32", [null, 2]), value("z", null)],
        initializers: [tensor("w", { dims: [1, 1], elem: "float64", raw: [0, 0, 0, 0, 0, 0, 0, 0] })],
        tail: message(14, [...text(1, "author"), ...text(2, "me")]),
      }),
    );
    expect(facts).toMatchObject({
      irVersion: 9,
      producer: { name: "test", version: "1.0" },
      metadata: [{ key: "author", value: "me" }],
    });
    expect(facts.opsets).toEqual([
      { domain: "ai.onnx", version: 17 },
      { domain: "ai.onnx.ml", version: 3 },
    ]);
    expect(facts.inputs.map((input) => [input.name, typeText(input.type), input.hasDefault])).toEqual([
      ["x", "float32[batch,4]", false],
      ["w", "float64[?,0]", true],
      ["s", "string[]", false],
      ["t", "bool", false],
    ]);
    expect(facts.outputs.map((output) => typeText(output.type))).toEqual(["float32[?,2]", "no declared type"]);
    expect(facts.nodes[0]).toMatchObject({
      opType: "Gemm",
      domain: "ai.onnx",
      name: "dense",
      inputs: ["x", "w", ""],
      outputs: ["y"],
    });
  });

  it("names what is no tensor by its kind", () => {
    const types = [
      zipMapType(),
      sequenceType("int64"),
      mapType(),
      message(9, message(1, message(1, int(1, 1)))),
      message(8, int(1, 1)),
    ];
    const facts = readModel(model({ inputs: types.map((type, index) => value(`v${index}`, type)) }));
    expect(facts.inputs.map((input) => [input.type.kind, typeText(input.type)])).toEqual([
      ["sequence_of_map", "seq(map(int64->float32[]))"],
      ["sequence", "seq(int64)"],
      ["map", "map(string->float32[])"],
      ["optional", "optional(float32)"],
      ["sparse", "sparse(float32)"],
    ]);
  });

  it("finds subgraphs and external data at any depth", () => {
    const away = tensor("w", {
      dims: [2],
      elem: "float32",
      external: { location: "w.bin", offset: "16", length: "8" },
    });
    const inner = graph({
      nodes: [node("Constant", [], ["c"], { attributes: [attribute.tensor("value", away)] })],
      outputs: [value("c", null)],
    });
    const facts = readModel(
      model({ nodes: [node("If", ["x"], ["y"], { attributes: [attribute.graph("then_branch", inner)] })] }),
    );
    expect(facts.externalData).toEqual([{ tensor: "w", location: "w.bin", offset: 16, length: 8 }]);
    expect(facts.nodes[0]?.attributes[0]?.graphs[0]?.nodes[0]?.opType).toBe("Constant");
  });

  it("does not copy weights: tensors are views on the file", () => {
    const bytes = model({ initializers: [integers("w", [1, 2, 3])] });
    expect(readModel(bytes).initializers[0]?.bytes.buffer).toBe(bytes.buffer);
  });
});

describe("files that are no models", () => {
  it.each([
    ["empty_file", "", /0 bytes/],
    ["ort_format", "\x1c\0\0\0ORTM\0\0\0\0", /Upload the \.onnx file it was made from/],
    ["git_lfs_pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:1f\nsize 26454\n", /git lfs pull/],
    ["not_onnx", "a,b,c\n1,2,3\n", /CSV/],
    ["not_onnx", "<!DOCTYPE html><html>", /web page/],
    ["not_onnx", "PK\x03\x04\x14\0\0\0", /zip archive/],
    ["not_onnx", "\x89HDF\r\n\x1a\n", /HDF5/],
    ["not_onnx", "\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x07sklearn", /pickle.*skl2onnx/],
    ["not_onnx", "\x78\x9c\xed\xc1", /joblib/],
    ["not_onnx", "\x1f\x8b\x08\0\0\0\0\0", /gunzip/],
    ["not_onnx", '{"learner": {}}', /JSON/],
    ["not_onnx", "tree\nversion=v4\n", /LightGBM/],
    ["not_onnx", "hello there", /text file/],
    ["not_onnx", "\xff\xfe\xfd\xfc\0\x01", /not laid out as one/],
  ])("answers %s for %j", (code, content, sentence) => {
    const error = refusal(ascii(content));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
  });

  it("says damaged, not foreign, of a model that was cut off", () => {
    const bytes = zipMapModel();
    expect(refusal(bytes.subarray(0, bytes.length / 2)).code).toBe("truncated_or_damaged");
  });

  it("refuses what the engine would merge into something unchecked: two graphs, two values of an attribute", () => {
    const twice = Uint8Array.from([...model({}), ...message(7, graph({}))]);
    expect(refusal(twice).message).toMatch(/two graphs/);
    const both = [...attribute.tensor("value", integers("a", [1])), ...message(5, integers("b", [2]))];
    expect(refusal(model({ nodes: [node("Constant", [], ["c"], { attributes: [both] })] })).message).toMatch(
      /two values/,
    );
  });

  it("refuses nesting and counts that only an attacker needs", () => {
    let inner = graph({});
    for (let depth = 0; depth < 40; depth++)
      inner = graph({ nodes: [node("If", ["c"], ["o"], { attributes: [attribute.graph("then_branch", inner)] })] });
    expect(refusal(Uint8Array.from([...int(1, 8), ...message(7, inner)])).code).toBe("too_complex");
    const nodes = new Uint8Array(400_000);
    for (let at = 0; at < nodes.length; at += 2) nodes[at] = 0x0a;
    const head = [0x08, 8, 0x3a, 0x80, 0xb5, 0x18];
    const many = new Uint8Array(head.length + nodes.length);
    many.set(head);
    many.set(nodes, head.length);
    expect(refusal(many).code).toBe("too_complex");
  });
});

describe("whatever bytes come", () => {
  const sample = zipMapModel({
    initializers: [
      integers("w", [1, 2, 3]),
      tensor("e", { dims: [1], elem: "int64", external: { location: "e.bin" } }),
    ],
    nodes: [
      node("Loop", ["n"], [], {
        attributes: [attribute.graph("body", graph({ nodes: [node("Tile", ["a", "w"], ["b"])] }))],
      }),
    ],
  });

  function neverBreaks(bytes: Uint8Array): void {
    try {
      const facts = readModel(bytes);
      checkModel(facts);
      repairModel(bytes, facts, new Map([["e.bin", new Uint8Array(8)]]));
    } catch (error) {
      if (!(error instanceof OnnxError)) throw error;
      expect(error.message).toMatch(/^[A-Z].*\.$/s);
    }
  }

  /** Clocks of a Worker stand still while it computes: the time shows behind a wait. */
  async function secondsOf(work: () => void): Promise<number> {
    const start = Date.now();
    work();
    await scheduler.wait(1);
    return (Date.now() - start) / 1000;
  }

  it("reads, checks and repairs the untouched sample", () => expect(() => readModel(sample)).not.toThrow());

  it("random bytes end in an OnnxError or in facts, quickly", async () => {
    const inGraph = (body: Uint8Array): void => neverBreaks(Uint8Array.from([0x08, 8, ...message(7, [...body])]));
    const seconds = await secondsOf(() => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), neverBreaks), { numRuns: rounds(500, 100) });
      fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), inGraph), { numRuns: rounds(500, 100) });
    });
    expect(seconds).toBeLessThan(10);
  });

  it("truncated and mutated models end in an OnnxError or in facts, quickly", async () => {
    const change = fc.tuple(fc.nat(sample.length - 1), fc.integer({ min: 0, max: 255 }));
    const mutated = fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const bytes = sample.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      neverBreaks(bytes);
    });
    const seconds = await secondsOf(() => {
      for (let length = 0; length < sample.length; length++) neverBreaks(sample.slice(0, length));
      fc.assert(mutated, { numRuns: rounds(2000, 100) });
    });
    expect(seconds).toBeLessThan(10);
  });
});
