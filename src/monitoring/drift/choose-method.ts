import type { ReferenceColumn } from "../../windows/reference-column.ts";
import { isOrdered } from "./counts.ts";
import type { DriftPreset } from "./drift-method.ts";
import { type DriftMethodId, METHODS } from "./methods.ts";

const FEW_VALUES_MAX = 5;
// Evidently 0.7 takes a test up to so many rows of reference, and a distance beyond.
const SMALL_REFERENCE_ROWS_MAX = 1_000;

/**
 * The method for a column: the one that was asked for where the column can be judged by it; else Wasserstein for numbers and the lengths
 * of texts, and the change of shares for categories, booleans and up to 5 different numbers. With the preset `evidently`, Evidently's
 * choice.
 */
export function chooseMethod(
  column: ReferenceColumn,
  asked: DriftMethodId | "auto" = "auto",
  preset: DriftPreset = "tiltyard",
): DriftMethodId {
  const isEvidently = preset === "evidently";
  if (asked !== "auto" && METHODS[asked].suits(column) && !(isEvidently && METHODS[asked].evidently === null))
    return asked;
  if (!isEvidently) return hasShape(column) ? "wasserstein" : "cohens_h";
  const isSmall = column.rows <= SMALL_REFERENCE_ROWS_MAX;
  const distinct = column.distinct ?? Number.POSITIVE_INFINITY;
  if (distinct <= 2) return isSmall ? "z_test" : "js";
  if (!isOrdered(column) || distinct <= FEW_VALUES_MAX) return isSmall ? "chi_square" : "js";
  return isSmall ? "ks" : "wasserstein";
}

/**
 * Whether a column is compared by the shape of its distribution: numbers and lengths of more than 5 values. Else by the share of each
 * value.
 */
export function hasShape(column: ReferenceColumn): boolean {
  return isOrdered(column) && (column.distinct ?? Number.POSITIVE_INFINITY) > FEW_VALUES_MAX;
}
