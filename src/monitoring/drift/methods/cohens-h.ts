import { isOrdered } from "../counts.ts";
import type { DriftMethod } from "../drift-method.ts";
import { levelsOf, mostChanged, totalVariation } from "../levels.ts";
import { SHARE_THRESHOLDS } from "../thresholds.ts";

/** The default for categories, booleans and few different numbers: the largest change of the share of a value. */
export const cohensHMethod: DriftMethod<"cohens_h"> = {
  id: "cohens_h",
  label: "Change of a share (Cohen's h)",
  effectLabel: "The largest change of a share (Cohen's h)",
  suits: (column) => !isOrdered(column) || column.distinct !== null,
  thresholds: SHARE_THRESHOLDS,
  measure(column, current) {
    const h = mostChanged(levelsOf(column, current))?.h;
    return h === undefined ? null : { statistic: h, effect: h };
  },
  evidently: null,
};

/** Many small changes, none of which is large by itself, add up in it. */
export const totalVariationMethod: DriftMethod<"total_variation"> = {
  id: "total_variation",
  label: "Rows that changed (total variation)",
  effectLabel: "The share of rows that changed their value (total variation)",
  suits: cohensHMethod.suits,
  thresholds: { minor: 0.05, drift: 0.1 },
  measure(column, current) {
    const distance = totalVariation(levelsOf(column, current));
    return distance === null ? null : { statistic: distance, effect: distance };
  },
  evidently: null,
};
