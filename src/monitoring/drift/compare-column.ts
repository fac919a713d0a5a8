import type { DriftMethod } from "../drift-report.ts";
import type { ReferenceColumn, Tally } from "../../windows/reference-column.ts";
import { binsOf, rowsOf } from "../../windows/tally.ts";
import { chiSquareGoodnessOfFit, chiSquareHomogeneity } from "./methods/chi-square.ts";
import { binnedNumbers, bucketCounts, orderedCounts, totalOf } from "./counts.ts";
import { jensenShannonDistance } from "./methods/jensen-shannon.ts";
import { kolmogorovSmirnov } from "./methods/kolmogorov-smirnov.ts";
import type { TestResult } from "./methods/kolmogorov-smirnov.ts";
import type { DistanceMethod } from "./null-quantile.ts";
import { compareShares, zTest } from "./proportions.ts";
import type { Share } from "./proportions.ts";
import { populationStabilityIndex } from "./methods/psi.ts";
import { wassersteinOverStd } from "./methods/wasserstein.ts";

/** `evidently`: its own rules, for those who compare. */
export type DriftPreset = "tiltyard" | "evidently";

/** How far a window is from its reference; null where one of them has nothing to compare. */
export interface Comparison {
  statistic: number | null;
  /** Not corrected; null for distances. */
  pValue: number | null;
}

export function isDistance(method: DriftMethod): method is DistanceMethod {
  return method === "psi" || method === "js" || method === "wasserstein";
}

/**
 * Compares a window with its reference. PSI, Jensen-Shannon and chi-square compare all rows, with (missing), (unseen), below and above the
 * range as buckets of their own; Kolmogorov-Smirnov and Wasserstein the numbers that are there, out of range included; the Z-test
 * the first of two known values. As Evidently does it, missing rows are left out, chi-square is one of goodness of fit, and p-values
 * of few rows are what the limit says.
 */
export function compareColumn(
  column: ReferenceColumn,
  current: Tally,
  method: DriftMethod,
  preset: DriftPreset,
): Comparison {
  const { binning, tally, std } = column;
  const isEvidently = preset === "evidently";
  const buckets = (of: Tally) => bucketCounts(binning, of, { withMissing: !isEvidently });
  switch (method) {
    case "psi":
      return { statistic: populationStabilityIndex(buckets(tally), buckets(current)), pValue: null };
    case "js":
      return { statistic: jensenShannonDistance(buckets(tally), buckets(current)), pValue: null };
    case "wasserstein": {
      const [from, to] = [binnedNumbers(binning, tally), binnedNumbers(binning, current)];
      return { statistic: wassersteinOverStd(binning.edges, from, to, std), pValue: null };
    }
    case "ks":
      return comparisonOf(kolmogorovSmirnov(orderedCounts(binning, tally), orderedCounts(binning, current)));
    case "chi_square": {
      const test = isEvidently ? chiSquareGoodnessOfFit : chiSquareHomogeneity;
      return comparisonOf(test(buckets(tally), buckets(current)));
    }
    case "z_test": {
      const known = (of: Tally) => (isEvidently ? buckets(of) : binsOf(binning, of));
      const first = (of: Tally): Share => ({ count: binsOf(binning, of)[0] ?? 0, of: totalOf(known(of)) });
      return comparisonOf((isEvidently ? zTest : compareShares)(first(tally), first(current)));
    }
  }
}

/** How many rows (for Wasserstein: numbers) a distance was computed from. */
export function comparedRows(column: ReferenceColumn, tally: Tally, method: DistanceMethod): number {
  return method === "wasserstein" ? totalOf(orderedCounts(column.binning, tally)) : rowsOf(column.binning, tally);
}

function comparisonOf(result: TestResult | null): Comparison {
  if (!result) return { statistic: null, pValue: null };
  // Infinite where a window has a value that a goodness of fit excludes, which JSON cannot say.
  return { statistic: Math.min(result.statistic, Number.MAX_VALUE), pValue: result.pValue };
}
