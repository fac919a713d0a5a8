import { describe, expect, it } from "vitest";
import { reliabilityCurve } from "../../src/experiments/metrics/metrics-calibration.ts";
import { confusionMatrix } from "../../src/experiments/metrics/metrics-labels.ts";
import { classificationMetrics, regressionMetrics } from "../../src/experiments/metrics/metrics.ts";
import type { ClassifiedRows } from "../../src/experiments/metrics/metrics.ts";
import reference from "./metrics-reference.json" with { type: "json" };

type Values = Record<string, number | null>;
type ReferenceCase = (typeof reference.binary | typeof reference.multiclass)[number];

const TOLERANCE = 1e-9;

/** Same names, null where null is expected, else equal to 1e-9, relative above 1. */
function expectMetrics(values: Values, expected: Values): void {
  expect(Object.keys(values).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, wanted] of Object.entries(expected)) {
    const value = values[name] ?? null;
    if (wanted === null || value === null) expect(value, name).toBe(wanted);
    else expect(Math.abs(value - wanted) / Math.max(1, Math.abs(wanted)), `${name} ${value}`).toBeLessThan(TOLERANCE);
  }
}

function named({ rows, confusion }: ReferenceCase): ClassifiedRows {
  const label = (position: number): string => confusion.labels[position] ?? "";
  return {
    actual: rows.actual.map(label),
    predicted: rows.predicted.map(label),
    labels: rows.labels,
    probabilities: rows.probabilities,
    ...("positive" in rows && { positive: rows.positive }),
    ...("task" in rows && { task: "multiclass_classification" }),
  };
}

describe("regression metrics", () => {
  it.each(reference.regression)("are scikit-learn's: $name", ({ actual, predicted, expected }) => {
    expectMetrics(regressionMetrics(Float64Array.from(actual), Float64Array.from(predicted)), expected);
  });

  // Errors 1, -1, 2; the actuals lie -4/3, -1/3, 5/3 from their mean, whose squares sum to 14/3.
  it("are what one works out by hand", () => {
    const values = regressionMetrics(Float64Array.of(1, 2, 4), Float64Array.of(2, 1, 6));
    expectMetrics(values, { rmse: Math.SQRT2, mae: 4 / 3, mape: 2 / 3, r2: -2 / 7 });
  });

  it("are null for no rows and where a value is not finite", () => {
    const nothing = { rmse: null, mae: null, mape: null, r2: null };
    expect(regressionMetrics(new Float64Array(), new Float64Array())).toEqual(nothing);
    expect(regressionMetrics(Float64Array.of(1, 2), Float64Array.of(1, Number.NaN))).toEqual(nothing);
    expect(regressionMetrics(Float64Array.of(1, 2), Float64Array.of(1, Infinity))).toEqual(nothing);
  });

  it("refuse columns of unequal length", () => {
    expect(() => regressionMetrics(Float64Array.of(1, 2), Float64Array.of(1))).toThrow("2 actuals but 1 predictions");
  });
});

describe("classification metrics", () => {
  it.each([...reference.binary, ...reference.multiclass])("are scikit-learn's: $name", (example) => {
    expectMetrics(classificationMetrics(named(example)), example.expected);
  });

  const rows: ClassifiedRows = {
    actual: ["no", "yes", "yes", "no"],
    predicted: ["no", "yes", "no", "no"],
    labels: ["no", "yes"],
    probabilities: [0.75, 0.25, 0.25, 0.75, 0.75, 0.25, 0.875, 0.125],
  };

  // Positive scores 0.75 and 0.25 against 0.25 and 0.125: 3.5 of 4 pairs are won.
  it("are what one works out by hand", () => {
    expectMetrics(classificationMetrics(rows), {
      roc_auc: 3.5 / 4,
      average_precision: 1 / 2 + (1 / 2) * (2 / 3),
      log_loss: -(2 * Math.log(0.75) + Math.log(0.25) + Math.log(0.875)) / 4,
      brier: (0.0625 + 0.0625 + 0.5625 + 0.015625) / 4,
      accuracy: 3 / 4,
      f1: 2 / 3,
      mcc: 1 / Math.sqrt(3),
      // Bins [0.1, 0.2): 0.125 against 0; [0.2, 0.3): 0.25 against 1/2, twice; [0.7, 0.8): 0.75 against 1.
      ece: (0.125 + 2 * 0.25 + 0.25) / 4,
    });
  });

  it("rank a model that is turned around as badly as it ranked well", () => {
    for (const example of reference.binary) {
      const answers = named(example);
      if (answers.labels === null || answers.probabilities === null) continue;
      const turned = classificationMetrics({
        ...answers,
        probabilities: answers.probabilities.map((p) => 1 - (p ?? 0)),
      });
      const { roc_auc: before } = classificationMetrics(answers);
      if (before === null || before === undefined) expect(turned["roc_auc"]).toBeNull();
      else expect(turned["roc_auc"]).toBeCloseTo(1 - before, 12);
    }
  });

  it("are null, each of them, for no rows", () => {
    const none = { actual: [], predicted: [], labels: ["a", "b", "c"], probabilities: [] };
    const multiclass = classificationMetrics(none);
    expect(multiclass).toEqual({
      accuracy: null,
      macro_f1: null,
      kappa: null,
      log_loss: null,
      ece: null,
    });
    const binary = Object.values(classificationMetrics({ ...none, labels: ["a", "b"] }));
    expect(binary).toEqual(Array.from({ length: 8 }, () => null));
  });

  it("are null where they need a positive class and none is known", () => {
    const answers = {
      ...rows,
      actual: ["no", "no", "no", "no"],
      predicted: ["no", "no", "no", "no"],
      labels: null,
    };
    expect(classificationMetrics(answers)).toEqual({ accuracy: 1, f1: null, mcc: 0 });
    const three = {
      ...rows,
      labels: ["no", "yes", "maybe"],
      probabilities: null,
      task: "binary_classification" as const,
    };
    expect(classificationMetrics(three)["f1"]).toBeNull();
    expect(classificationMetrics({ ...three, positive: "yes" })["f1"]).toBeCloseTo(2 / 3, 12);
  });

  it("keep their names when the task is said, whatever labels occur", () => {
    const answers = {
      actual: ["a", "b"],
      predicted: ["a", "a"],
      labels: null,
      probabilities: null,
    };
    const values = classificationMetrics({ ...answers, task: "multiclass_classification" });
    expect(Object.keys(values)).toEqual(["accuracy", "macro_f1", "kappa"]);
  });

  // scikit-learn 1.9.1 gives this mcc where the missing prediction is a third label.
  it("count a prediction that is null as wrong", () => {
    const { accuracy, f1, mcc } = classificationMetrics({
      ...rows,
      predicted: ["no", null, "no", "no"],
    });
    expect({ accuracy, f1 }).toEqual({ accuracy: 0.5, f1: 0 });
    expect(mcc).toBeCloseTo(0.2886751345948129, 12);
  });

  it("are null as far as they are about probabilities when one of those is missing", () => {
    const values = classificationMetrics({
      ...rows,
      probabilities: [...(rows.probabilities ?? []).slice(1), null],
    });
    expect(values).toMatchObject({
      roc_auc: null,
      average_precision: null,
      log_loss: null,
      brier: null,
      ece: null,
    });
    expect(values["accuracy"]).toBe(0.75);
  });

  it("take probabilities that rounding put a little outside 0 and 1", () => {
    const probabilities = [1.0000001, -1e-7, -1e-7, 1.0000001, 1.0000001, -1e-7, 1.0000001, -1e-7];
    const values = classificationMetrics({ ...rows, probabilities });
    // One row in four has the clipped probability 2^-52, the others lose nothing.
    expect(values["log_loss"]).toBeCloseTo((52 * Math.LN2) / 4, 9);
    expect(values["ece"]).toBeCloseTo(0.25, 6);
  });

  it("refuse rows that do not fit together", () => {
    expect(() => classificationMetrics({ ...rows, predicted: ["no"] })).toThrow("4 actuals but 1 predictions");
    expect(() => classificationMetrics({ ...rows, probabilities: [1] })).toThrow("4 rows of 2 labels");
    expect(() => classificationMetrics({ ...rows, positive: "maybe" })).toThrow('"maybe" is not among the labels');
  });
});

describe("the confusion matrix", () => {
  it.each([...reference.binary, ...reference.multiclass])("is scikit-learn's: $name", (example) => {
    const { actual, predicted, labels } = named(example);
    expect(confusionMatrix(actual, predicted, labels)).toEqual(example.confusion);
  });

  it("leaves out rows without a prediction", () => {
    expect(confusionMatrix(["a", "b"], [null, "b"], ["a", "b"])?.counts).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it("is not made for more than 100 classes", () => {
    const labels = Array.from({ length: 101 }, (_, index) => `class ${index}`);
    expect(confusionMatrix(labels, labels, null)).toBeNull();
    expect(confusionMatrix(labels.slice(1), labels.slice(1), null)?.labels).toHaveLength(100);
  });
});

describe("the reliability curve", () => {
  it("has bins closed at the left, and the last one at both ends", () => {
    const confidences = Float64Array.of(0, 0.1, 0.3, 0.6, 0.7, 0.9, 0.99, 1);
    const curve = reliabilityCurve(Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 1), confidences);
    expect(curve.map((bin) => bin.rows)).toEqual([1, 1, 0, 1, 0, 0, 1, 1, 0, 3]);
    expect(curve[9]).toMatchObject({ from: 0.9, to: 1, meanOutcome: 2 / 3 });
    expect(curve[9]?.meanConfidence).toBeCloseTo(2.89 / 3, 12);
    expect(curve[2]).toEqual({
      from: 0.2,
      to: 0.3,
      rows: 0,
      meanConfidence: null,
      meanOutcome: null,
    });
  });
});
