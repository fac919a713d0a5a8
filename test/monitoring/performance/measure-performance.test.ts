import { describe, expect, it } from "vitest";
import { classificationMetrics, regressionMetrics } from "../../../src/experiments/metrics/metrics.ts";
import type { LabelledClasses, LabelledNumbers } from "../../../src/monitoring/performance/labelled-rows.ts";
import { measureCalibration } from "../../../src/monitoring/performance/measure-calibration.ts";
import { measurePerformance, performanceOverTime } from "../../../src/monitoring/performance/measure-performance.ts";
import { positiveLabel } from "../../../src/monitoring/performance/positive-label.ts";
import { binaryRows } from "./rows.ts";

const ACTUAL = [0, 1, 1, 0, 1, 0, 1, 0];
const MAIN = [0.25, 0.75, 0.375, 0.125, 0.875, 0.625, 0.5, 0.25];

function anomalies(actual: readonly string[], prediction: readonly string[]): LabelledClasses {
  const answers = { prediction, probabilities: null, classLabels: null };
  return { task: "anomaly_detection", at: new Float64Array(actual.length), actual, main: answers, challenger: null };
}

function valuesOf(estimates: Record<string, { value: number | null }> | null): Record<string, number | null> {
  return Object.fromEntries(Object.entries(estimates ?? {}).map(([name, { value }]) => [name, value]));
}

describe("performance", () => {
  it("has, for both models, the metrics of the experiment's page over the rows that the model answered", () => {
    const rows = binaryRows(ACTUAL, MAIN, [null, 0.75, null, 0.5, 0.25, 0.125, 0.625, 0.375]);
    const { labelled, answered, challenger } = measurePerformance(rows);
    expect({ labelled, answered }).toEqual({ labelled: 8, answered: { main: 8, challenger: 6 } });
    const expected = classificationMetrics({
      actual: ["yes", "no", "yes", "no", "yes", "no"],
      predicted: ["yes", "yes", "no", "no", "yes", "no"],
      labels: ["no", "yes"],
      probabilities: [0.25, 0.75, 0.5, 0.5, 0.75, 0.25, 0.875, 0.125, 0.375, 0.625, 0.625, 0.375],
    });
    expect(valuesOf(challenger)).toEqual(expected);
    expect(measurePerformance(binaryRows(ACTUAL, MAIN)).challenger).toBeNull();
  });

  it("of a regression leaves out rows without a number", () => {
    const rows: LabelledNumbers = {
      task: "regression",
      at: new Float64Array(4),
      actual: Float64Array.of(1, 2, 3, 5),
      main: { prediction: Float64Array.of(1, 2, 4, 3) },
      challenger: { prediction: Float64Array.of(2, Number.NaN, 3, 4) },
    };
    const { answered, challenger } = measurePerformance(rows);
    expect(answered).toEqual({ main: 4, challenger: 3 });
    expect(valuesOf(challenger)).toEqual(regressionMetrics(Float64Array.of(1, 3, 5), Float64Array.of(2, 3, 4)));
  });

  it("counts a row without probabilities for its label, and leaves it out of what is about probabilities", () => {
    const rows = binaryRows(ACTUAL, MAIN);
    rows.main.probabilities?.fill(Number.NaN, 0, 2);
    const all = valuesOf(measurePerformance(binaryRows(ACTUAL, MAIN)).main);
    const rest = valuesOf(measurePerformance(binaryRows(ACTUAL.slice(1), MAIN.slice(1))).main);
    expect(valuesOf(measurePerformance(rows).main)).toEqual({
      ...rest,
      accuracy: all["accuracy"],
      f1: all["f1"],
      mcc: all["mcc"],
    });
  });

  it("is about one and the same class, also where the challenger orders its classes the other way", () => {
    const often = (values: number[]) => Array.from({ length: 5 }, () => values).flat();
    const rows = binaryRows(often(ACTUAL), often(MAIN), often(MAIN));
    const given = rows.main.probabilities ?? new Float64Array();
    const turned = {
      ...rows,
      challenger: {
        prediction: rows.main.prediction,
        probabilities: given.map((_, index) => given[index ^ 1] ?? 0),
        classLabels: ["yes", "no"],
      },
    };
    const { main, challenger } = measurePerformance(turned);
    expect(challenger).toEqual(main);
    expect(main["roc_auc"]?.interval).not.toBeNull();
    const curve = measureCalibration(turned, "main")?.reliability;
    expect(measureCalibration(turned, "challenger")?.reliability).toEqual(curve);
  });

  it("of a challenger that does not know the class is that of its labels", () => {
    const rows = binaryRows(ACTUAL, MAIN, MAIN);
    const { challenger } = measurePerformance({
      ...rows,
      challenger: rows.challenger && { ...rows.challenger, classLabels: ["0", "1"] },
    });
    expect(Object.keys(challenger ?? {})).toEqual(["accuracy", "f1", "mcc"]);
  });

  it("of no rows is null, not an error", () => {
    expect(valuesOf(measurePerformance(binaryRows([], [])).main)["accuracy"]).toBeNull();
  });
});

describe("performance of anomaly detection", () => {
  // Three anomalies, of which one is found, and one false alarm: F1 = 2 / (3 + 2).
  it("is accuracy, and F1 of the label that says anomaly", () => {
    const actual = ["1", "-1", "-1", "1", "-1", "1"];
    const { main } = measurePerformance(anomalies(actual, ["1", "-1", "1", "-1", "1", "1"]));
    expect(main["accuracy"]?.value).toBe(0.5);
    expect(main["f1"]?.value).toBeCloseTo(0.4, 12);
  });

  it.each([
    [["-1", "1"], "-1"],
    [["0", "1"], "1"],
    [["False", "True"], "True"],
    [["normal", "anomalous"], "anomalous"],
    [["inlier", "outlier"], "outlier"],
    [["blue", "green"], undefined],
    [["0", "1", "2"], undefined],
  ])("takes of %j %s for the anomaly", (labels, anomaly) => {
    expect(positiveLabel(anomalies(labels, labels))).toBe(anomaly);
  });

  it("has no F1 where it cannot be told which label says anomaly", () => {
    const { main } = measurePerformance(anomalies(["blue", "green"], ["blue", "blue"]));
    expect(main["f1"]?.value).toBeNull();
    expect(main["accuracy"]?.value).toBe(0.5);
  });
});

describe("performance over time", () => {
  const hour = 3_600_000;
  const start = Date.UTC(2025, 2, 1, 22);
  // Labels arrive in any order; what counts here is when the row was predicted.
  const rows: LabelledClasses = {
    ...binaryRows(ACTUAL, MAIN, [null, null, ...MAIN.slice(2)]),
    at: Float64Array.of(3 * hour, 0, hour - 1, hour, 3 * hour, 3 * hour + 5, 0, 3 * hour).map((at) => start + at),
  };

  it("groups rows by the hour of their prediction, and leaves out hours without a label", () => {
    const points = performanceOverTime(rows, "hour");
    expect(points.map(({ at, n, answered }) => [at, n, answered.main, answered.challenger])).toEqual([
      ["2025-03-01T22:00:00.000Z", 3, 3, 2],
      ["2025-03-01T23:00:00.000Z", 1, 1, 1],
      ["2025-03-02T01:00:00.000Z", 4, 4, 3],
    ]);
    // Rows 1, 2, 6: yes as yes, yes as no, yes as yes.
    expect(points[0]?.main["accuracy"]).toBeCloseTo(2 / 3, 12);
    expect(points[1]?.challenger?.["accuracy"]).toBe(1);
  });

  it("groups by day of UTC", () => {
    const days = performanceOverTime(rows, "day").map(({ at, n }) => [at, n]);
    expect(days).toEqual([
      ["2025-03-01T00:00:00.000Z", 4],
      ["2025-03-02T00:00:00.000Z", 4],
    ]);
  });

  it("is about the same class in every hour, though an hour has one of the labels only", () => {
    const bare = { ...rows.main, probabilities: null, classLabels: null };
    const points = performanceOverTime({ ...rows, main: bare, challenger: null }, "hour");
    // Row 3 alone, no as no: "yes" neither occurs nor is predicted.
    expect(points[1]?.main).toEqual({ accuracy: 1, f1: null, mcc: 0 });
    expect(points[0]?.main["f1"]).toBeCloseTo(0.8, 12);
  });

  it("of one bucket is the performance of all", () => {
    const [day] = performanceOverTime({ ...rows, at: new Float64Array(8) }, "day");
    expect(day?.main).toEqual(valuesOf(measurePerformance(rows).main));
    expect(day?.challenger).toEqual(valuesOf(measurePerformance(rows).challenger));
  });
});

describe("calibration", () => {
  it("is the reliability curve of the positive class, and the confusion matrix", () => {
    const { reliability, confusion } = measureCalibration(binaryRows(ACTUAL, MAIN), "main") ?? {};
    expect(confusion).toEqual({
      labels: ["no", "yes"],
      counts: [
        [3, 1],
        [1, 3],
      ],
    });
    // 0.25 twice, both of "no".
    expect(reliability?.[2]).toEqual({ from: 0.2, to: 0.3, rows: 2, meanConfidence: 0.25, meanOutcome: 0 });
    expect(reliability?.[7]).toMatchObject({ rows: 1, meanConfidence: 0.75, meanOutcome: 1 });
  });

  it("of a challenger is over the rows that it answered; there is none without one, or of a regression", () => {
    const rows = binaryRows(ACTUAL, MAIN, [null, null, ...MAIN.slice(2)]);
    const curve = measureCalibration(rows, "challenger")?.reliability ?? [];
    expect(curve.reduce((sum, bin) => sum + bin.rows, 0)).toBe(6);
    expect(measureCalibration(binaryRows(ACTUAL, MAIN), "challenger")).toBeNull();
  });

  it("has no curve where there are no probabilities", () => {
    const { reliability, confusion } = measureCalibration(anomalies(["1", "-1"], ["1", "1"]), "main") ?? {};
    expect(reliability).toBeNull();
    expect(confusion?.counts).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});
