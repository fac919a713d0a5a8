import type { ReferenceColumn, Tally } from "../../windows/reference-column.ts";
import type { DriftPreset } from "./drift-method.ts";
import type { DriftMethod } from "./methods.ts";

/** How far a window is from its reference; null where one of them has nothing to compare. */
export interface Comparison {
  statistic: number | null;
  /** Not corrected; null for distances. */
  pValue: number | null;
}

/** Compares a window with its reference by a method. As Evidently does it, p-values of few rows are what the limit says. */
export function compareColumn(
  column: ReferenceColumn,
  current: Tally,
  method: DriftMethod,
  preset: DriftPreset,
): Comparison {
  if (method.kind === "distance") return { statistic: method.compare(column, current, preset), pValue: null };
  const result = method.compare(column, current, preset);
  if (!result) return { statistic: null, pValue: null };
  // Infinite where a window has a value that a goodness of fit excludes, which JSON cannot say.
  return { statistic: Math.min(result.statistic, Number.MAX_VALUE), pValue: result.pValue };
}
