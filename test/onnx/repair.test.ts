import { describe, expect, it } from "vitest";
import { OnnxError } from "../../src/onnx/onnx-error.ts";
import { readModel } from "../../src/onnx/read-model.ts";
import { typeText } from "../../src/onnx/read-type.ts";
import { repairModel, type RepairedModel } from "../../src/onnx/repair.ts";
import { tensorNumbers } from "../../src/onnx/tensor-values.ts";
import {
  attribute,
  functionBody,
  graph,
  integers,
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

function repair(bytes: Uint8Array, external: Record<string, number[]> = {}): RepairedModel {
  const files = Object.entries(external).map(([name, content]): [string, Uint8Array] => [
    name,
    Uint8Array.from(content),
  ]);
  return repairModel(bytes, readModel(bytes), new Map(files));
}

function refusal(bytes: Uint8Array, external: Record<string, number[]> = {}): OnnxError {
  try {
    repair(bytes, external);
  } catch (error) {
    if (error instanceof OnnxError) return error;
    throw error;
  }
  throw new Error("The model was repaired.");
}

const signature = (bytes: Uint8Array): string[] =>
  readModel(bytes).outputs.map((output) => `${output.name}: ${typeText(output.type)}`);

describe("a model that needs nothing", () => {
  it("comes back as the very same bytes", () => {
    const bytes = model({ nodes: [node("Relu", ["x"], ["y"])] });
    expect(repair(bytes)).toEqual({ bytes, findings: [], classLabels: null });
    expect(repair(bytes).bytes).toBe(bytes);
  });

  it("keeps an output without a declared type", () => {
    const bytes = model({ nodes: [node("Relu", ["x"], ["y"])], outputs: [value("y", null)] });
    expect(repair(bytes).bytes).toBe(bytes);
  });
});

describe("ZipMap outputs", () => {
  it("become a table of probabilities with the labels kept", () => {
    const { bytes, findings, classLabels } = repair(zipMapModel());
    const facts = readModel(bytes);
    expect(signature(bytes)).toEqual(["label: int64[?]", "output_probability: float32[?,2]"]);
    expect(facts.nodes[1]).toMatchObject({
      opType: "Identity",
      domain: "ai.onnx",
      name: "zip",
      inputs: ["probabilities"],
      outputs: ["output_probability"],
    });
    expect(facts.nodes[1]?.attributes).toEqual([]);
    expect(classLabels).toEqual(["no", "yes"]);
    expect(findings.map((finding) => [finding.level, finding.code])).toEqual([["repaired", "zipmap_removed"]]);
    expect(findings[0]?.message).toMatch(/"output_probability" was a list of maps.*"no", "yes"/);
  });

  it("leave every other byte as it was", () => {
    const tail = message(99, [1, 2, 3]);
    const before = zipMapModel({ initializers: [integers("w", [5, 6])], tail });
    const { bytes } = repair(before);
    const has = (part: number[]): boolean => `,${bytes.join(",")},`.includes(`,${part.join(",")},`);
    expect(has(message(5, integers("w", [5, 6])))).toBe(true);
    expect(has(message(12, tensorValue("label", "int64", [null])))).toBe(true);
    expect(bytes.slice(-tail.length)).toEqual(Uint8Array.from(tail));
    expect(bytes.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(repair(bytes).bytes).toBe(bytes);
  });

  it("lose what an inner declaration said about their type", () => {
    const { bytes } = repair(
      zipMapModel({
        valueInfos: [value("output_probability", zipMapType()), tensorValue("probabilities", "float32", [null, 2])],
      }),
    );
    const inner = [...text(1, "output_probability")].join(",");
    expect(bytes.join(",").split(inner)).toHaveLength(2);
    expect(bytes.join(",")).toContain(tensorValue("probabilities", "float32", [null, 2]).join(","));
  });

  it("bring an ai.onnx import only where the file has neither import nor nodes of it", () => {
    const opsetsAfter = (bytes: Uint8Array) => readModel(repair(bytes).bytes).opsets;
    expect(opsetsAfter(zipMapModel({ opsets: { "ai.onnx.ml": 1 } }))).toEqual([
      { domain: "ai.onnx.ml", version: 1 },
      { domain: "ai.onnx", version: 13 },
    ]);
    expect(opsetsAfter(zipMapModel({ opsets: { "ai.onnx.ml": 1 }, nodes: [node("Relu", ["x"], ["r"])] }))).toEqual([
      { domain: "ai.onnx.ml", version: 1 },
    ]);
    expect(opsetsAfter(zipMapModel({ opsets: { "": 9, "ai.onnx.ml": 1 } }))).toHaveLength(2);
  });

  it("take the rank of a graph input that they read directly", () => {
    const zipOnly = (shape: number[] | null) =>
      model({
        inputs: [tensorValue("x", "float32", shape)],
        nodes: [
          node("ZipMap", ["x"], ["y"], {
            domain: "ai.onnx.ml",
            attributes: [attribute.ints("classlabels_int64s", [94, 17, 36])],
          }),
        ],
        outputs: [value("y", zipMapType())],
      });
    expect(signature(repair(zipOnly([3])).bytes)).toEqual(["y: float32[3]"]);
    expect(signature(repair(zipOnly([1, 3])).bytes)).toEqual(["y: float32[?,3]"]);
    expect(signature(repair(zipOnly(null)).bytes)).toEqual(["y: float32"]);
    expect(repair(zipOnly([3])).classLabels).toEqual(["94", "17", "36"]);
  });

  it("are refused when another node goes on with the list, in a subgraph too", () => {
    const direct = zipMapModel({
      nodes: [node("SequenceAt", ["output_probability", "i"], ["first"], { name: "pick" })],
    });
    expect(refusal(direct)).toMatchObject({
      code: "sequence_consumed",
      message: expect.stringMatching(/"pick" \(SequenceAt\).*zipmap/),
    });
    const inner = graph({ nodes: [node("SequenceAt", ["output_probability", "i"], ["f"])] });
    expect(
      refusal(
        zipMapModel({ nodes: [node("If", ["c"], ["o"], { attributes: [attribute.graph("then_branch", inner)] })] }),
      ).code,
    ).toBe("sequence_consumed");
    expect(
      refusal(
        zipMapModel({
          nodes: [
            node("If", ["c"], ["o"], {
              attributes: [attribute.graph("else_branch", graph({ outputs: [value("output_probability", null)] }))],
            }),
          ],
        }),
      ).code,
    ).toBe("sequence_consumed");
  });
});

describe("other outputs that are no tensors", () => {
  it("are left out with a warning where a tensor output stays", () => {
    const { bytes, findings } = repair(
      model({
        nodes: [node("SequenceConstruct", ["x"], ["s"]), node("Relu", ["x"], ["y"])],
        outputs: [
          value("s", sequenceType("float32")),
          tensorValue("b", "bfloat16", [1]),
          tensorValue("y", "float32", [null, 3]),
        ],
      }),
    );
    expect(signature(bytes)).toEqual(["y: float32[?,3]"]);
    expect(findings.map((finding) => [finding.level, finding.code])).toEqual([
      ["warning", "output_left_out"],
      ["warning", "output_left_out"],
    ]);
  });

  it("are refused where nothing else is left", () => {
    const error = refusal(model({ outputs: [value("s", sequenceType("int64"))] }));
    expect(error).toMatchObject({ code: "no_tensor_output", message: expect.stringContaining('"s" is seq(int64)') });
    expect(refusal(model({ outputs: [] })).code).toBe("no_tensor_output");
  });
});

describe("external data", () => {
  const away = (external: Record<string, string>, dims = [2]) => tensor("w", { dims, elem: "int64", external });
  const withInitializer = (external: Record<string, string>, dims = [2]) =>
    model({ initializers: [away(external, dims)] });
  const sixteen = [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0];

  it("is put inside, and the fields that pointed outside are gone", () => {
    const { bytes, findings } = repair(
      withInitializer({ location: "./data/w.bin", offset: "4", length: "16", checksum: "x" }),
      { "w.bin": [9, 9, 9, 9, ...sixteen, 9] },
    );
    const facts = readModel(bytes);
    const [weights] = facts.initializers;
    expect(facts.externalData).toEqual([]);
    expect(weights && tensorNumbers(weights, 4)).toEqual([1n, 2n]);
    expect(weights && [...weights.bytes]).toEqual(tensor("w", { dims: [2], elem: "int64", raw: sixteen }));
    expect(findings).toMatchObject([
      { level: "repaired", code: "external_data_inlined", message: expect.stringContaining("data/w.bin") },
    ]);
  });

  it("is found in subgraphs, constants and functions, with offset and length left out", () => {
    const constant = node("Constant", [], ["c"], {
      attributes: [attribute.tensor("value", away({ location: "w.bin" }))],
    });
    const inner = graph({ nodes: [constant], initializers: [away({ location: "w.bin" })] });
    const { bytes } = repair(
      model({
        nodes: [node("If", ["x"], ["y"], { attributes: [attribute.graph("then_branch", inner)] })],
        functions: [functionBody("own", "f", [], ["c"], [constant])],
      }),
      { "w.bin": sixteen },
    );
    const facts = readModel(bytes);
    expect(facts.externalData).toEqual([]);
    const branch = facts.nodes[0]?.attributes[0]?.graphs[0];
    const tensors = [
      branch?.initializers[0],
      branch?.nodes[0]?.attributes[0]?.tensors[0],
      facts.functions[0]?.nodes[0]?.attributes[0]?.tensors[0],
    ];
    expect(tensors.map((found) => found && tensorNumbers(found, 4))).toEqual([
      [1n, 2n],
      [1n, 2n],
      [1n, 2n],
    ]);
  });

  it("that is not in the upload is refused by the name of the missing file", () => {
    expect(refusal(withInitializer({ location: "w.bin" }), { "other.bin": [1] })).toMatchObject({
      code: "external_data_missing",
      message: expect.stringMatching(/"w\.bin".*same upload/),
    });
  });

  it.each([
    "/etc/passwd",
    "../w.bin",
    "a/../../w.bin",
    "..\\w.bin",
    "C:/w.bin",
    "https://host/w.bin",
    "file:///w.bin",
    "",
    "a//w.bin",
    "w.bin\0",
  ])("at the path %j is refused, whatever was uploaded", (location) => {
    expect(
      refusal(withInitializer({ location }), { [location]: sixteen, "w.bin": sixteen, passwd: sixteen }).code,
    ).toBe("external_data_path");
  });

  it.each([
    [{ offset: "8" }, [2]],
    [{ length: "8" }, [2]],
    [{ length: "24" }, [2]],
    [{ offset: "9007199254740" }, [2]],
    [{}, [3]],
  ])("with the range %j for dims %j of a 16-byte file is refused", (range, dims) => {
    expect(refusal(withInitializer({ location: "w.bin", ...range }, dims), { "w.bin": sixteen }).code).toBe(
      "external_data_range",
    );
  });

  it("says which uploaded file nobody asked for", () => {
    const { findings, bytes } = repair(model({ nodes: [node("Relu", ["x"], ["y"])] }), { "extra.bin": [1] });
    expect(findings).toMatchObject([
      { level: "info", code: "external_file_unused", message: expect.stringContaining("extra.bin") },
    ]);
    expect(bytes).toBeInstanceOf(Uint8Array);
  });
});
