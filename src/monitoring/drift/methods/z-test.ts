import type { ReferenceColumn, Tally } from "../../../windows/reference-column.ts";
import { binsOf } from "../../../windows/tally.ts";
import { bucketCounts, totalOf } from "../counts.ts";
import type { DriftMethod, DriftPreset } from "../drift-method.ts";
import { cohensH } from "../levels.ts";
import { SHARE_THRESHOLDS } from "../thresholds.ts";
import { type Share, zTest } from "../proportions.ts";

/** Compares the share of the first of two known values; its effect is Cohen's h of that share. */
export const zTestMethod: DriftMethod<"z_test"> = {
  id: "z_test",
  label: "Z of a share",
  effectLabel: "The change of the share of the first value (Cohen's h)",
  suits: ({ distinct }) => distinct !== null && distinct <= 2,
  thresholds: SHARE_THRESHOLDS,
  measure(column, current) {
    const [from, to] = [firstShare(column, column.tally, "tiltyard"), firstShare(column, current, "tiltyard")];
    const result = zTest(from, to);
    return result && { statistic: result.statistic, effect: cohensH(from.count / from.of, to.count / to.of) };
  },
  evidently: {
    alarmsFrom: "p_value_below",
    compare: (column, current) =>
      zTest(firstShare(column, column.tally, "evidently"), firstShare(column, current, "evidently")),
  },
};

function firstShare({ binning }: ReferenceColumn, tally: Tally, preset: DriftPreset): Share {
  const bins = binsOf(binning, tally);
  const counted = preset === "evidently" ? bucketCounts(binning, tally, { withMissing: false }) : bins;
  return { count: bins[0] ?? 0, of: totalOf(counted) };
}
