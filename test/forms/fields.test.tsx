import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FeatureKind } from "../../src/experiments/training/feature.ts";
import type { FeatureReference } from "../../src/experiments/version-features.ts";
import type { TensorType } from "../../src/engine/tensor.ts";
import { formFields } from "../../src/pages/forms/form-fields.ts";
import { featureLabels } from "../../src/pages/forms/label.ts";
import { PredictPart } from "../../src/pages/forms/predict-part.tsx";
import { readFields } from "../../src/pages/forms/read-fields.ts";
import type { ServedFeature, ServingSpec } from "../../src/inference/spec/serving-spec.ts";
import { parsePage } from "../support/page-dom.ts";
import { html } from "../ui/html.ts";

const REFERENCE: FeatureReference = {
  rows: 10,
  missing: 0,
  example: null,
  min: null,
  max: null,
  mean: null,
  std: null,
  median: null,
  integer: false,
  categories: null,
  other: 0,
};

function feature(
  name: string,
  kind: FeatureKind,
  mainTensors: TensorType[],
  reference: Partial<FeatureReference> = {},
): ServedFeature {
  const summary = { name, kind, numericCategories: false, reference: { ...REFERENCE, ...reference } };
  return { name, kind, summary, mainTensors, challengerTensors: ["float32"] };
}

function specOf(features: ServedFeature[]): ServingSpec {
  const plan: ServingSpec["main"]["plan"] = {
    task: "regression",
    inputs: [],
    batchRows: null,
    outputs: { label: null, probabilities: null, value: "y", score: null, extra: [] },
    classes: null,
  };
  const main = {
    id: "mdl_x",
    name: "x",
    plan,
    sha256: "",
    objectKey: "",
    heapBytes: 0,
    experimentVersion: { id: "ver_1", number: 1, rows: 10 },
  };
  return { deploymentId: "dep_x", version: 1, typePolicy: "best_effort", features, main, challenger: main };
}

const counted = (...values: string[]) => values.map((value, index) => ({ value, count: values.length - index }));

describe("the labels of features", () => {
  it("read like words", () => {
    expect(featureLabels(["temp_max", "isFurnished", "RAD", "sepal length (cm)", "x"])).toEqual([
      "Temp max",
      "Is furnished",
      "RAD",
      "Sepal length (cm)",
      "X",
    ]);
  });

  it("stay as the names are where two would look alike", () => {
    expect(featureLabels(["temp_max", "tempMax", "wind"])).toEqual(["temp_max", "tempMax", "Wind"]);
  });

  it("are never empty, whatever the name", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), (names) =>
        featureLabels(names).every((label) => label !== ""),
      ),
    );
  });
});

describe("the fields of a form", () => {
  it("end with what only a challenger reads, as optional", () => {
    const fields = formFields(specOf([feature("b", "numeric", []), feature("a", "numeric", ["int64"])]));
    expect(fields.map(({ name, required }) => [name, required])).toEqual([
      ["a", true],
      ["b", false],
    ]);
    expect(fields[1]?.hint).toContain("Optional: it does not change the answer.");
  });

  it("offer all categories as a choice, and as suggestions where there may be others", () => {
    const complete = feature("size", "categorical", ["string"], { categories: counted("10", "9", "100") });
    const partial = feature("city", "categorical", ["string"], { categories: counted("Oslo", "Bern"), other: 3 });
    expect(formFields(specOf([complete, partial])).map(({ control }) => control)).toEqual([
      { kind: "choice", options: ["9", "10", "100"] },
      { kind: "suggestion", options: ["Bern", "Oslo"] },
    ]);
  });

  it("ask yes, no or not known where the model can take a missing value, and yes or no where it cannot", () => {
    const fields = formFields(specOf([feature("a", "boolean", ["float32"]), feature("b", "boolean", ["bool"])]));
    expect(fields.map(({ control, required }) => [control.kind, required])).toEqual([
      ["truth", false],
      ["tick", true],
    ]);
  });
});

async function part(
  features: ServedFeature[],
  values: [string, string][] = [],
  errors: { path: string; message: string }[] = [],
) {
  const fields = formFields(specOf(features));
  return parsePage(
    await html(
      <PredictPart action="/f/x" fields={fields} values={new Map(values)} errors={errors} outcome={{ kind: "none" }} />,
    ),
  );
}

describe("the form", () => {
  it("keeps what was entered where it is no number, no category and no boolean", async () => {
    const features = [
      feature("a", "numeric", ["float32"], { integer: true }),
      feature("b", "categorical", ["string"], { categories: counted("x") }),
      feature("c", "boolean", ["float32"]),
    ];
    const form = await part(features, [
      ["a", "many"],
      ["b", "<z>"],
      ["c", "perhaps"],
    ]);
    expect(form.byLabel("A").value).toBe("many");
    for (const [label, kept] of [
      ["B", "<z>"],
      ["C", "perhaps"],
    ] as const) {
      const { chosen } = form.byLabel(label);
      expect([chosen.attribute("value"), chosen.text]).toEqual([kept, kept]);
    }
  });

  it("does not make whole numbers wrong once a fraction stands in the field", async () => {
    const whole = feature("a", "numeric", ["float32"], { integer: true });
    expect((await part([whole], [["a", "2"]])).byLabel("A").attribute("step")).toBe("1");
    expect((await part([whole], [["a", "2.5"]])).byLabel("A").attribute("step")).toBe("any");
  });

  it("folds 4,096 fields beyond the first 60, and opens only where something is wrong", async () => {
    const features = Array.from({ length: 4096 }, (_, index) => feature(`pixel_${index}`, "numeric", ["int64"]));
    const form = await part(features, [], [{ path: "pixel_300", message: "a number is wanted" }]);
    expect(form.all("input")).toHaveLength(4096);
    // 4,036 fields in groups of 100
    const groups = form.all("details");
    expect(groups).toHaveLength(41);
    expect(groups[0]?.css("summary").text).toMatch(/^Fields 61 to 160 /);
    const open = groups.filter((group) => group.is("[open]"));
    expect(open.map((group) => groups.indexOf(group))).toEqual([2]);
    // A browser cannot show its complaint inside a closed group, so there the server is left to say it.
    expect(form.all("input[required]")).toHaveLength(60);
    const wrong = open[0]?.byName("pixel_300");
    expect(wrong?.problem).toMatch(/^a number is wanted/i);
    expect(form.links).toContain(`#${wrong?.attribute("id")}`);
  });
});

function form(body: string): Request {
  return new Request("http://t/f/x", {
    method: "POST",
    body,
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
}

describe("reading a form", () => {
  it("takes the last of two fields with one name, and plain line breaks", async () => {
    const values = await readFields(form("a=false&a=true&note=one%0D%0Atwo&__proto__=x"));
    expect([...values]).toEqual([
      ["a", "true"],
      ["note", "one\ntwo"],
      ["__proto__", "x"],
    ]);
  });

  it("refuses what is no form, and what is too much", async () => {
    const json = new Request("http://t/", {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    await expect(readFields(json)).rejects.toMatchObject({ code: "unsupported_media_type" });
    await expect(readFields(form(`a=${"x".repeat(8_000_001)}`))).rejects.toMatchObject({ code: "too_large" });
  });
});
