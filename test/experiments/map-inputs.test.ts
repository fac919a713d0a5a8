import { describe, expect, it } from "vitest";
import type { TensorType } from "../../src/engine/tensor.ts";
import { mapInputs } from "../../src/experiments/import/map-inputs.ts";
import { parseMapping } from "../../src/experiments/import/parse-mapping.ts";
import type { FeatureSummary } from "../../src/experiments/version-features.ts";
import type { Dim, InputInfo, ModelFacts } from "../../src/onnx/model-facts.ts";

function input(name: string, shape: Dim[] | null, elem: TensorType = "float32", hasDefault = false): InputInfo {
  return { name, type: { kind: "tensor", elem, shape }, hasDefault };
}

function factsOf(inputs: InputInfo[], irVersion = 8): ModelFacts {
  return {
    inputs,
    irVersion,
    nodes: [],
    outputs: [],
    initializers: [],
    producer: { name: "", version: "" },
    opsets: [],
    functions: [],
    externalData: [],
    metadata: [],
  };
}

function feature(name: string, kind: FeatureSummary["kind"] = "numeric", numericCategories = false): FeatureSummary {
  const none = {
    min: null,
    max: null,
    mean: null,
    std: null,
    median: null,
    integer: false,
    categories: null,
    other: 0,
  };
  return {
    name,
    kind,
    numericCategories,
    reference: { rows: 10, missing: 0, example: kind === "numeric" ? 1 : "Ulm", ...none },
  };
}

function map(inputs: InputInfo[], features: (string | FeatureSummary)[], mapping = "{}", irVersion = 8) {
  const summaries = features.map((one) => (typeof one === "string" ? feature(one) : one));
  const {
    inputs: planned,
    batchRows,
    findings,
  } = mapInputs(factsOf(inputs, irVersion), summaries, parseMapping(mapping));
  return {
    columns: Object.fromEntries(planned.map(({ name, columns }) => [name, columns])),
    dims: Object.fromEntries(planned.map(({ name, dims }) => [name, dims])),
    batchRows,
    errors: findings.filter(({ level }) => level === "error").map(({ code }) => code),
    infos: findings.filter(({ level }) => level === "info").map(({ code }) => code),
    text: findings.map(({ message }) => message).join("\n"),
  };
}

describe("without a mapping", () => {
  it("inputs of one column take the column of their name, in any order", () => {
    const found = map([input("fare", [null, 1]), input("age", [null])], ["age", "name", "fare"]);
    expect(found).toMatchObject({
      columns: { fare: ["fare"], age: ["age"] },
      dims: { fare: [null, 1], age: [null] },
      batchRows: null,
      errors: [],
    });
  });

  it("a name may differ in case and signs, and the report says so", () => {
    const found = map([input("passengerCount", [null, 1]), input("age", [null, 1])], ["passenger_count", "Age"]);
    expect(found).toMatchObject({
      columns: { passengerCount: ["passenger_count"], age: ["Age"] },
      errors: [],
      infos: ["mapped_by_similar_name"],
    });
  });

  it("a name that fits two columns fits none", () => {
    expect(map([input("age", [null, 1]), input("fare", [null, 1])], ["Age", "AGE", "fare"]).errors).toEqual([
      "mapping_needed",
    ]);
  });

  it("one wide input takes all columns in their order where their number fits, and the report says so", () => {
    const found = map([input("x", [null, 3])], ["c", "a", "b"]);
    expect(found).toMatchObject({ columns: { x: ["c", "a", "b"] }, errors: [], infos: ["mapped_in_order"] });
    expect(found.text).toContain("c, a, b");
  });

  it("several wide inputs share the columns in order", () => {
    expect(map([input("x", [null, 2]), input("y", [null, 3])], ["a", "b", "c", "d", "e"]).columns).toEqual({
      x: ["a", "b"],
      y: ["c", "d", "e"],
    });
  });

  it("an input of free width takes all columns", () => {
    expect(map([input("x", ["batch", "length"])], ["a", "b", "c"])).toMatchObject({
      columns: { x: ["a", "b", "c"] },
      dims: { x: [null, 3] },
    });
    expect(map([input("x", null)], ["a", "b"])).toMatchObject({ columns: { x: ["a", "b"] }, dims: { x: [null, 2] } });
  });

  it("is refused where the number of columns does not fit, because a guess would be silently wrong", () => {
    const found = map([input("x", [null, 3])], ["a", "b"]);
    expect(found.errors).toEqual(["mapping_needed"]);
    expect(found.text).toContain("takes 3 columns a row, the training reference has 2");
    expect(map([input("x", [null, 1]), input("y", [null, 1])], ["a", "b"]).errors).toEqual(["mapping_needed"]);
    expect(map([input("x", [null, null]), input("y", [null, null])], ["a", "b"]).errors).toEqual(["mapping_needed"]);
  });
});

describe("a mapping", () => {
  it("says the columns of each input, one column for two inputs too", () => {
    const found = map(
      [input("x", [null, 2]), input("y", [null, 1])],
      ["a", "b", "c"],
      '{"inputs": {"x": ["c", "a"], "y": ["a"]}}',
    );
    expect(found).toMatchObject({ columns: { x: ["c", "a"], y: ["a"] }, errors: [] });
  });

  it("in the flat form means the only input without a default", () => {
    expect(
      map([input("x", [null, 2]), input("w", [1], "float32", true)], ["a", "b", "c"], "input: [b, c]").columns,
    ).toEqual({ x: ["b", "c"] });
  });

  it("is refused where it names what is not there, or too few columns", () => {
    const wide = [input("x", [null, 2])];
    expect(map(wide, ["a", "b"], "inputs: {X: [a, b]}").errors).toContain("mapping_input_unknown");
    expect(map(wide, ["a", "b"], "input: [a]").errors).toEqual(["mapping_width"]);
    const missing = map(wide, ["a", "b"], "input: [a, z]");
    expect(missing.errors).toEqual(["column_missing"]);
    expect(missing.text).toContain('"z"');
  });
});

describe("the rows of a run", () => {
  it("are as many as are sent where the first dimension is free, else as many as it says", () => {
    expect(map([input("x", ["N", 1])], ["a"])).toMatchObject({ batchRows: null, infos: ["mapped_in_order"] });
    expect(map([input("x", [1, 2])], ["a", "b"])).toMatchObject({ batchRows: 1, dims: { x: [1, 2] } });
    expect(map([input("x", [5])], ["x"])).toMatchObject({ batchRows: 5, dims: { x: [5] } });
    expect(map([input("x", [])], ["x"])).toMatchObject({ batchRows: 1, dims: { x: [] } });
  });

  it("are one where a single dimension is exactly as long as the table is wide", () => {
    expect(map([input("x", [3])], ["a", "b", "c"])).toMatchObject({
      batchRows: 1,
      dims: { x: [3] },
      columns: { x: ["a", "b", "c"] },
    });
    expect(map([input("x", [3])], ["a", "b", "c", "d"], "input: [d, b, a]")).toMatchObject({
      batchRows: 1,
      columns: { x: ["d", "b", "a"] },
    });
  });

  it("are refused where inputs want different numbers of them", () => {
    expect(map([input("a", [3, 4]), input("b", [4, 3])], ["c"]).errors).toContain("batch_sizes_differ");
  });
});

describe("a free dimension among others of a row", () => {
  const lags = ["a1", "b1", "a2", "b2", "a3", "b3"];

  it("is fixed by the columns that are mapped, place after place", () => {
    const found = map([input("x", ["batch", "seq", 2])], [...lags, "other"], JSON.stringify({ inputs: { x: lags } }));
    expect([found.errors, found.dims, found.columns]).toEqual([[], { x: [null, 3, 2] }, { x: lags }]);
    expect(map([input("x", [null, null, 3])], lags)).toMatchObject({ errors: [], dims: { x: [null, 2, 3] } });
    expect(map([input("x", [null, 2, null])], lags)).toMatchObject({ errors: [], dims: { x: [null, 2, 3] } });
  });

  it("is refused where the columns do not fill its last place", () => {
    const found = map([input("x", [null, null, 4])], lags);
    expect(found.errors).toEqual(["mapping_width"]);
    expect(found.text).toContain("takes 4 columns for each place of its free dimension, but 6 columns are mapped");
  });
});

describe("a row that nobody can lay out", () => {
  it("has more than one free dimension, or more values than a table has columns", () => {
    expect(map([input("x", [null, null, null])], ["a"]).text).toContain("2 free dimensions");
    expect(map([input("x", [null, null, null, 5])], ["a"]).errors).toContain("input_shape");
    expect(map([input("x", [null, 3, 224, 224])], ["a"]).text).toContain("150528 values a row");
    expect(map([input("x", [null, 64, 64])], ["a"]).errors).toEqual(["mapping_needed"]);
    expect(map([input("x", [null, 64, 65])], ["a"]).errors).toContain("input_shape");
  });
});

describe("a column of text", () => {
  it("feeds texts, and no numbers unless all its categories are numbers", () => {
    const town = feature("town", "categorical");
    expect(map([input("town", [null, 1], "string")], [town]).errors).toEqual([]);
    expect(map([input("town", [null, 1])], [town]).errors).toEqual(["column_type"]);
    expect(map([input("note", [null, 1], "int64")], [feature("note", "text")]).errors).toEqual(["column_type"]);
    expect(map([input("class", [null, 1])], [feature("class", "categorical", true)]).errors).toEqual([]);
    expect(map([input("flag", [null, 1])], [feature("flag", "boolean", true)]).errors).toEqual([]);
  });
});

describe("an input with a default", () => {
  const inputs = [input("x", [null, 1]), input("w", [1], "float32", true)];

  it("keeps it, also beside a column of its name", () => {
    const found = map(inputs, ["x", "w"]);
    expect(found).toMatchObject({ columns: { x: ["x"] }, errors: [] });
    expect(found.text).toContain('"w" keeps its default');
  });

  it("takes the column that the mapping names", () => {
    expect(map(inputs, ["x", "w"], "inputs: {w: [w]}")).toMatchObject({ columns: { x: ["x"], w: ["w"] }, errors: [] });
  });

  it("is a weight up to IR version 3: never mapped, and nothing to speak of", () => {
    expect(map(inputs, ["x", "w"], "{}", 3)).toMatchObject({ columns: { x: ["x"] }, errors: [] });
    expect(map(inputs, ["x", "w"], "{}", 3).text).not.toContain('"w"');
    const named = map(inputs, ["x", "w"], "inputs: {w: [w]}", 3);
    expect(named.errors).toEqual(["input_is_constant"]);
    expect(named.text).toContain('"w"');
  });
});
