import { describe, expect, test } from "vitest";
import { orderedCounts } from "../../../src/monitoring/drift/counts.ts";
import { kolmogorovSmirnov } from "../../../src/monitoring/drift/methods/kolmogorov-smirnov.ts";
import { wassersteinOverStd } from "../../../src/monitoring/drift/methods/wasserstein.ts";
import { numberColumn, tallyOfNumbers } from "./made-columns.ts";
import reference from "./drift-reference.json";

// Inside a bin the distance exceeds that at its edges by at most the smaller share of the two, here 1 % or nothing
// (a bin of one value). Measured: 0.0067.
const KS_ERROR_MAX = 0.0101;
// Of a standard deviation of the reference.
const WASSERSTEIN_ERROR_MAX = 0.005;

describe("100 quantile bins lose little against the values themselves, as scipy compares them", () => {
  test.each(reference.columns)("Kolmogorov-Smirnov: $name", (one) => {
    const { binning, tally } = numberColumn(one.name, one.reference);
    const current = tallyOfNumbers(binning, one.current);
    const result = kolmogorovSmirnov(orderedCounts(binning, tally), orderedCounts(binning, current));
    const lost = one.ks - (result?.statistic ?? 0);
    expect(lost).toBeGreaterThan(-1e-12);
    expect(lost).toBeLessThan(KS_ERROR_MAX);
    expect(result?.pValue).toBeGreaterThanOrEqual(one.ks_p * (1 - 1e-9));
  });

  test.each(reference.columns)("Wasserstein: $name", (one) => {
    const column = numberColumn(one.name, one.reference);
    const distance = wassersteinOverStd(column, tallyOfNumbers(column.binning, one.current), 0.001);
    const error = (distance ?? Number.POSITIVE_INFINITY) - one.wasserstein;
    expect(Math.abs(error)).toBeLessThan(WASSERSTEIN_ERROR_MAX);
  });
});
