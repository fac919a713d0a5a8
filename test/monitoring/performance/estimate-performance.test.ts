import { describe, expect, it } from "vitest";
import { estimatePerformance } from "../../../src/monitoring/performance/estimate-performance.ts";
import { learnCalibration } from "../../../src/experiments/trial/learn-calibration.ts";
import type { Calibration } from "../../../src/experiments/trial/learn-calibration.ts";
import reference from "./performance-reference.json" with { type: "json" };

const EMPTY: readonly number[] = Array.from({ length: 50 }, () => 0);

/** A histogram of 50 bins with `rows` at some of them. */
function histogramOf(rows: Record<number, number>): number[] {
  return EMPTY.map((_, bin) => rows[bin] ?? 0);
}

function expectOutcomes({ outcomes }: Calibration, expected: readonly (number | null)[]): void {
  expect(outcomes).toHaveLength(expected.length);
  expected.forEach((wanted, bin) => {
    if (wanted === null) expect(outcomes[bin], `bin ${bin}`).toBeNull();
    else expect(outcomes[bin], `bin ${bin}`).toBeCloseTo(wanted, 9);
  });
}

function learnt({ outcomes, confidences }: { outcomes: number[]; confidences: number[] }): Calibration {
  return learnCalibration(Uint8Array.from(outcomes), Float64Array.from(confidences));
}

describe("a calibration", () => {
  it("is scikit-learn's isotonic regression over ten bins", () => {
    expectOutcomes(learnt(reference.estimate.reference), reference.estimate.calibration);
  });

  it("pools bins that fall, across one that no row was in, which stays unknown", () => {
    expectOutcomes(learnt(reference.violators), reference.violators.calibration);
  });

  // Means 1, 1/2, 1/3 of bins 0, 1, 2 with 1, 2, 3 rows fall throughout: pooled, 3 of 6.
  it("is what one works out by hand", () => {
    const confidences = Float64Array.of(0.05, 0.15, 0.15, 0.25, 0.25, 0.25, 0.95);
    const calibration = learnCalibration(Uint8Array.of(1, 1, 0, 1, 0, 0, 1), confidences);
    expectOutcomes(calibration, [0.5, 0.5, 0.5, null, null, null, null, null, null, 1]);
    expect(calibration.rows).toBe(7);
  });

  it("survives being stored as JSON", () => {
    const calibration = learnt(reference.violators);
    expect(JSON.parse(JSON.stringify(calibration))).toEqual(calibration);
  });
});

describe("performance before labels", () => {
  const { estimate } = reference;
  const found = estimatePerformance(estimate.histogram, learnt(estimate.reference));

  it("is NannyML's estimate over the bins", () => {
    expect(found.accuracy.value).toBeCloseTo(estimate.binned.accuracy, 9);
    expect(found.f1?.value).toBeCloseTo(estimate.binned.f1, 9);
    expect(found.roc_auc?.value).toBeCloseTo(estimate.binned.roc_auc, 9);
    expect(found.accuracy.interval?.[0]).toBeCloseTo(estimate.accuracy_interval[0] ?? 0, 9);
    expect(found.accuracy.interval?.[1]).toBeCloseTo(estimate.accuracy_interval[1] ?? 0, 9);
  });

  // 200 draws: a quantile of 2.5 % to a twentieth of the width; three times that.
  it.each(["f1", "roc_auc"] as const)("has the sampling interval of drawn labels for %s", (name) => {
    const [low = 0, high = 0] = estimate.drawn[name];
    const [from, to] = found[name]?.interval ?? [0, 0];
    expect(Math.abs(from - low) / (high - low)).toBeLessThan(0.15);
    expect(Math.abs(to - high) / (high - low)).toBeLessThan(0.15);
  });

  // The window is far more certain than the reference, and a bin of a tenth cannot tell 0.91 from 0.99: that is the price of ten bins.
  it("comes within 0.03 of NannyML's estimate over raw rows for accuracy and F1, within 0.05 for ROC AUC", () => {
    expect(Math.abs((found.accuracy.value ?? 0) - estimate.by_row.accuracy)).toBeLessThan(0.03);
    expect(Math.abs((found.f1?.value ?? 0) - estimate.by_row.f1)).toBeLessThan(0.03);
    expect(Math.abs((found.roc_auc?.value ?? 0) - estimate.by_row.roc_auc)).toBeLessThan(0.05);
  });

  it("holds the accuracy and F1 that the labels showed in the end", () => {
    const { accuracy, f1 } = estimate.realised;
    expect(found.accuracy.interval?.[0]).toBeLessThan(accuracy);
    expect(found.accuracy.interval?.[1]).toBeGreaterThan(accuracy);
    expect(found.f1?.interval?.[0]).toBeLessThan(f1);
    expect(found.f1?.interval?.[1]).toBeGreaterThan(f1);
  });

  const known: Calibration = {
    of: "second_class",
    rows: 1000,
    outcomes: [0.1, null, null, 0.4, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
  };

  // 60 rows at 0.1 and 40 at 0.9: hits 54 + 36; F1 = 2 * 36 / (40 + 6 + 36); AUC = (36 * 54 + (6 * 54 + 36 * 4) / 2) / (42 * 58).
  it("is what one works out by hand", () => {
    const { accuracy, f1, roc_auc } = estimatePerformance(histogramOf({ 2: 60, 47: 40 }), known);
    expect(accuracy.value).toBeCloseTo(0.9, 12);
    expect(f1?.value).toBeCloseTo(72 / 82, 12);
    expect(roc_auc?.value).toBeCloseTo((36 * 54 + (6 * 54 + 36 * 4) / 2) / (42 * 58), 12);
    // Each row is a hit with 0.9: the standard error is sqrt(0.09 / 100).
    expect(accuracy.interval?.[0]).toBeCloseTo(0.9 - 1.959964 * 0.03, 6);
  });

  it("of the likeliest of more classes is accuracy alone", () => {
    const found = estimatePerformance(histogramOf({ 20: 50, 47: 50 }), { ...known, of: "likeliest_class" });
    expect(Object.keys(found)).toEqual(["accuracy"]);
    expect(found.accuracy.value).toBeCloseTo((0.4 + 0.9) / 2, 12);
  });

  it("puts what the calibration does not know on the line between its neighbours, if it is little", () => {
    // Bins 5..9 lie in the unknown second tenth: 0.1 + (0.4 - 0.1) / 3 = 0.2.
    const { accuracy } = estimatePerformance(histogramOf({ 7: 5, 47: 95 }), known);
    expect(accuracy.value).toBeCloseTo((5 * 0.8 + 95 * 0.9) / 100, 12);
    expect(estimatePerformance(histogramOf({ 7: 11, 47: 89 }), known).accuracy).toEqual({
      value: null,
      interval: null,
    });
  });

  it("is null for no rows and for a calibration of no rows", () => {
    const nothing = { value: null, interval: null };
    expect(estimatePerformance(EMPTY, known)).toEqual({ accuracy: nothing, f1: nothing, roc_auc: nothing });
    const untaught = learnCalibration(new Uint8Array(), new Float64Array(), "likeliest_class");
    expect(estimatePerformance(histogramOf({ 3: 100 }), untaught)).toEqual({ accuracy: nothing });
  });

  it("has no interval for fewer than ten rows", () => {
    const { accuracy, f1, roc_auc } = estimatePerformance(histogramOf({ 2: 4, 47: 5 }), known);
    expect([accuracy.interval, f1?.interval, roc_auc?.interval]).toEqual([null, null, null]);
    expect(accuracy.value).toBeCloseTo(0.9, 12);
  });
});
