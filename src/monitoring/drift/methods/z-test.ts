import type { ReferenceColumn, Tally } from "../../../windows/reference-column.ts";
import { binsOf } from "../../../windows/tally.ts";
import { bucketCounts, totalOf } from "../counts.ts";
import type { DriftPreset, TestMethod } from "../drift-method.ts";
import { compareShares, type Share, zTest } from "../proportions.ts";

/** Compares the share of the first of two known values: see proportions.ts. As Evidently does it, by the normal distribution at any count. */
export const zTestMethod: TestMethod<"z_test"> = {
  id: "z_test",
  kind: "test",
  label: "Z-test",
  statisticLabel: "The Z statistic",
  suits: ({ distinct }) => distinct !== null && distinct <= 2,
  blindTo: ["missing", "unseen", "outside"],
  evidentlyAlarmsAt: "below",
  compare(column, current, preset) {
    const test = preset === "evidently" ? zTest : compareShares;
    return test(firstShare(column, column.tally, preset), firstShare(column, current, preset));
  },
};

function firstShare({ binning }: ReferenceColumn, tally: Tally, preset: DriftPreset): Share {
  const bins = binsOf(binning, tally);
  const counted = preset === "evidently" ? bucketCounts(binning, tally, { withMissing: false }) : bins;
  return { count: bins[0] ?? 0, of: totalOf(counted) };
}
