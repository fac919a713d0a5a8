import { describe, expect, it } from "vitest";
import type { LabelledClasses } from "../../../src/monitoring/performance/labelled-rows.ts";
import { measurePerformance } from "../../../src/monitoring/performance/measure-performance.ts";
import type { MetricEstimates } from "../../../src/monitoring/performance/model-metrics.ts";
import { lossInterval } from "../../../src/monitoring/performance/intervals.ts";
import { normalDraw, seededRandom } from "../../../src/lib/seeded-random.ts";
import reference from "./performance-reference.json" with { type: "json" };
import { binaryRows } from "./rows.ts";

/** [value, [low, high]] by metric. */
type Expected = Record<string, (number | number[])[]>;

/** `tolerance` is a share of the width that is expected of the interval; the value is compared to 1e-9 always. */
function expectEstimates(found: MetricEstimates, expected: Expected, tolerance: number): void {
  for (const [name, [value, interval]] of Object.entries(expected)) {
    expect(found[name]?.value, name).toBeCloseTo(Number(value), 9);
    const [low, high] = Array.isArray(interval) ? interval : [];
    if (low === undefined || high === undefined) throw new Error(`no interval of ${name}`);
    const width = high - low;
    const ends = found[name]?.interval ?? [Number.NaN, Number.NaN];
    expect(Math.abs(ends[0] - low) / width, `${name} ${ends[0]} ${low}`).toBeLessThan(tolerance);
    expect(Math.abs(ends[1] - high) / width, `${name} ${ends[1]} ${high}`).toBeLessThan(tolerance);
  }
}

const CLOSED = 1e-9;
// 400 replicates give a quantile of 2.5 % to a seventh of a standard error, which is a thirtieth of the width: five times that.
const DRAWN = 0.15;

describe("metrics with their intervals", () => {
  it("of a regression are those of numpy and scikit-learn", () => {
    const { actual, predicted, closed, mape } = reference.regression;
    const { main } = measurePerformance({
      task: "regression",
      at: new Float64Array(actual.length),
      actual: Float64Array.from(actual),
      main: { prediction: Float64Array.from(predicted) },
      challenger: null,
    });
    expect(Object.keys(main)).toEqual(["rmse", "mae", "mape", "r2"]);
    expectEstimates(main, closed, CLOSED);
    expect(main["mape"]?.value).toBeCloseTo(mape, 9);
    expect(main["mape"]?.interval).toBeNull();
  });

  it("of two classes are those of scikit-learn and scipy", () => {
    const { actual, score, closed, drawn } = reference.binary;
    const { main } = measurePerformance(binaryRows(actual, score));
    const names = ["accuracy", "average_precision", "brier", "ece", "f1", "log_loss", "mcc", "roc_auc"];
    expect(Object.keys(main).toSorted()).toEqual(names);
    expectEstimates(main, closed, CLOSED);
    expectEstimates(main, drawn, DRAWN);
  });

  it("of three classes are those of scikit-learn and scipy", () => {
    const { actual, probabilities, closed, drawn } = reference.multiclass;
    const labels = ["ash", "elm", "oak"];
    const likeliest = actual.map((_, row) => {
      const line = probabilities.slice(row * 3, row * 3 + 3);
      return labels[line.indexOf(Math.max(...line))] ?? "";
    });
    const { main } = measurePerformance({
      task: "multiclass_classification",
      at: new Float64Array(actual.length),
      actual: actual.map((position) => labels[position] ?? ""),
      main: { prediction: likeliest, probabilities: Float64Array.from(probabilities), classLabels: labels },
      challenger: null,
    });
    expect(Object.keys(main).toSorted()).toEqual(["accuracy", "ece", "kappa", "log_loss", "macro_f1"]);
    expectEstimates(main, closed, CLOSED);
    expectEstimates(main, drawn, DRAWN);
  });

  // The reference draws all 20,000 rows 500 times; this draws fewer, and scales.
  it("of more rows than a replicate draws are as narrow as all rows make them", () => {
    const number = Array.from({ length: 20_000 }, (_, index) => index + 1);
    const score = number.map((n) => Math.floor(((n * 0.618033988749895) % 1) * 1000) / 1000);
    const actual = number.map((n, row) => ((n * 0.4142135623730951) % 1 < (score[row] ?? 0) ** 2 ? 1 : 0));
    const { main } = measurePerformance(binaryRows(actual, score));
    expectEstimates(main, reference.many_rows.closed, CLOSED);
    expectEstimates(main, reference.many_rows.drawn, 0.2);
  });
});

describe("an interval of a mean", () => {
  // A population of 4,000 rows whose own mean is the truth; the delta method holds that of t3 squares in 70 to 75 % of such samples.
  it.each([
    [
      "squares of t3 errors",
      (normal: () => number) => normal() ** 2 / ((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3),
    ],
    ["squares of lognormal errors", (normal: () => number) => Math.exp(2 * normal())],
    ["squares of normal errors", (normal: () => number) => normal() ** 2],
  ])("holds the mean of %s in nine of ten samples of 100 rows", (_, draw) => {
    const random = seededRandom(6);
    const population = Float64Array.from({ length: 4000 }, () => draw(() => normalDraw(random)));
    const truth = population.reduce((sum, value) => sum + value, 0) / population.length;
    let held = 0;
    for (let sample = 0; sample < 400; sample++) {
      const rows = new Float64Array(100).map(() => population[Math.floor(random() * 4000)] ?? 0);
      const [low, high] = lossInterval(rows) ?? [1, 0];
      if (low <= truth && truth <= high) held++;
    }
    expect(held / 400).toBeGreaterThan(0.9);
  });
});

describe("the interval of the calibration error", () => {
  const COVERED = 200;

  /** In how many of 200 samples of 400 rows the interval holds the error of the whole, when rows come true `power` of the score. */
  function coverage(power: number, truth: number): number {
    const random = seededRandom(9);
    let held = 0;
    for (let sample = 0; sample < COVERED; sample++) {
      const score = Array.from({ length: 400 }, () => random());
      const actual = score.map((value) => (random() < value ** power ? 1 : 0));
      const [low, high] = measurePerformance(binaryRows(actual, score)).main["ece"]?.interval ?? [1, 0];
      if (low <= truth && truth <= high) held++;
    }
    return held / COVERED;
  }

  it("holds 0 where the model is calibrated, unlike plain percentiles of the bootstrap", () => {
    expect(coverage(1, 0)).toBeGreaterThan(0.9);
  });

  // Scores are even over 0..1, so the error is the integral of p - p^2: 1/6.
  it("holds the error of a model that is not", () => {
    expect(coverage(2, 1 / 6)).toBeGreaterThan(0.9);
  });
});

describe("an interval is null", () => {
  const perfect = Array.from({ length: 40 }, (_, row) => row % 2);

  it("for fewer than ten rows, while the value is known", () => {
    const { main } = measurePerformance(
      binaryRows([0, 1, 0, 1, 0, 1, 0, 1, 1], [0.2, 0.7, 0.6, 0.8, 0.1, 0.9, 0.3, 0.4, 0.6]),
    );
    expect(main["accuracy"]).toEqual({ value: 7 / 9, interval: null });
    for (const { interval } of Object.values(main)) expect(interval).toBeNull();
  });

  it("for fewer than 30 rows, 10 rows of a class or 20 positive ones, but for accuracy", () => {
    const known = (positives: number, negatives: number): string[] => {
      const actual = Array.from({ length: positives + negatives }, (_, row) => (row < positives ? 1 : 0));
      const score = actual.map((label, row) => (label === 1 ? 0.4 : 0.2) + ((row * 7) % 13) / 26);
      const { main } = measurePerformance(binaryRows(actual, score));
      return Object.entries(main).flatMap(([name, { interval }]) => (interval ? [name] : []));
    };
    expect(known(12, 12)).toEqual(["accuracy"]);
    expect(known(9, 91)).toEqual(["accuracy"]);
    expect(known(10, 90).toSorted()).toEqual(["accuracy", "brier", "ece", "f1", "log_loss", "mcc", "roc_auc"]);
    expect(known(20, 80)).toContain("average_precision");
  });

  it("of squares for fewer than 100 rows", () => {
    const rows = (count: number) => new Float64Array(count).map((_, row) => 10 + ((row * 7) % 13));
    const estimates = (count: number) =>
      measurePerformance({
        task: "regression",
        at: rows(count),
        actual: rows(count),
        main: { prediction: rows(count).map((value, row) => value + (row % 5) - 2) },
        challenger: null,
      }).main;
    expect([estimates(99)["rmse"]?.interval, estimates(99)["r2"]?.interval]).toEqual([null, null]);
    expect(estimates(99)["mae"]?.interval).not.toBeNull();
    expect(estimates(100)["rmse"]?.interval).not.toBeNull();
    expect(estimates(100)["r2"]?.interval).not.toBeNull();
  });

  it("where rows without spread would claim certainty, unless the interval knows better", () => {
    const { main } = measurePerformance(binaryRows(perfect, perfect));
    expect(main["brier"]).toEqual({ value: 0, interval: null });
    // Clopper and Pearson for 40 of 40: 0.025 to the power of 1 / 40. Others draw on what rows that were not seen could be.
    expect(main["accuracy"]?.interval?.[0]).toBeCloseTo(0.025 ** (1 / 40), 9);
    expect(main["accuracy"]?.interval?.[1]).toBe(1);
    expect(main["roc_auc"]?.interval?.[0]).toBeLessThan(0.97);
    expect(main["f1"]?.interval?.[0]).toBeLessThan(0.98);
  });

  it("where the metric is not defined", () => {
    const onlyNegative: LabelledClasses = binaryRows(
      perfect.map(() => 0),
      perfect.map((_, row) => row / 100),
    );
    const { main } = measurePerformance(onlyNegative);
    expect(main["roc_auc"]).toEqual({ value: null, interval: null });
    expect(main["average_precision"]).toEqual({ value: null, interval: null });
  });
});
