import type { ReferenceColumn } from "../../windows/reference-column.ts";
import { isOrdered } from "./counts.ts";
import { type DriftMethodId, METHODS } from "./methods.ts";

// Evidently 0.7 chooses by the same numbers.
const SMALL_REFERENCE_ROWS_MAX = 1_000;
const FEW_VALUES_MAX = 5;

/**
 * The method for a column: the one that was asked for where the column can be judged by it, else the one of the table of `auto`:
 * up to 1,000 rows of reference a test (Kolmogorov-Smirnov; chi-square for categories and up to 5 numbers; Z for up to 2
 * values), beyond it a distance (Wasserstein for more than 5 numbers, Jensen-Shannon for all else). Texts go by their lengths.
 */
export function chooseMethod(column: ReferenceColumn, asked: DriftMethodId | "auto" = "auto"): DriftMethodId {
  if (asked !== "auto" && METHODS[asked].suits(column)) return asked;
  const isSmall = column.rows <= SMALL_REFERENCE_ROWS_MAX;
  const distinct = column.distinct ?? Number.POSITIVE_INFINITY;
  if (distinct <= 2) return isSmall ? "z_test" : "js";
  if (!isOrdered(column) || distinct <= FEW_VALUES_MAX) return isSmall ? "chi_square" : "js";
  return isSmall ? "ks" : "wasserstein";
}
