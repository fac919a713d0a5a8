import type { ChartData, ChartSeries } from "../../../ui/chart-data.ts";
import type { DistributionBins, DistributionSeries } from "../../../ui/distribution-chart-data.ts";
import type { SeriesTone } from "../../../ui/tone.ts";
import type { ReferenceColumn, Tally } from "../../../windows/reference-column.ts";
import { binsOf, displayOf, emptyTally, rowsOf, slotOf, unlistedOf } from "../../../windows/tally.ts";
import { tallyQuantile } from "../../../monitoring/tally-quantile.ts";

/** What was counted of a column in each bucket; null for buckets with too few rows to draw. */
export interface ColumnOverTime {
  /** Starts of the buckets, UTC ms. */
  times: number[];
  tallies: (Tally | null)[];
}

/** Counts by the column's binning; those of another binning are not of this reference, and stand for none. */
export function tallyFor({ binning }: ReferenceColumn, counts: Float64Array | undefined): Tally {
  const empty = emptyTally(binning);
  return counts?.length === empty.length ? counts : empty;
}

const UNLISTED = "(other known values)";

/** The bins of a distribution: of numbers and lengths those of even width. */
export function binsFor(column: ReferenceColumn): DistributionBins {
  const { binning } = column;
  return binning.kind === "categories"
    ? { kind: "categories", names: hasUnlisted(column) ? [...binning.categories, UNLISTED] : binning.categories }
    : { kind: "numbers", edges: binning.displayEdges };
}

/** One tally as a series of a distribution. */
export function distributionOf(
  column: ReferenceColumn,
  tally: Tally,
  { label, tone }: { label: string; tone: SeriesTone },
): DistributionSeries {
  const { binning } = column;
  return {
    label,
    tone,
    counts: binning.kind === "categories" ? categoryCounts(column, tally) : [...displayOf(binning, tally)],
    missing: slotOf(tally, "missing"),
    unseen: slotOf(tally, "unseen"),
    below: slotOf(tally, "below"),
    above: slotOf(tally, "above"),
  };
}

function categoryCounts(column: ReferenceColumn, tally: Tally): number[] {
  const counts = [...binsOf(column.binning, tally)];
  return hasUnlisted(column) ? [...counts, unlistedOf(column.binning, tally)] : counts;
}

function hasUnlisted({ binning, tally }: ReferenceColumn): boolean {
  return unlistedOf(binning, tally) > 0;
}

/** Median and the span from the 10th to the 90th percentile over time, beside the reference's median. Of numbers and lengths. */
export function percentilesOver(column: ReferenceColumn, { times, tallies }: ColumnOverTime): ChartData {
  const { binning } = column;
  const at = (q: number) => tallies.map((tally) => tally && tallyQuantile(binning, tally, q));
  const median = tallyQuantile(binning, column.tally, 0.5);
  return {
    kind: "line",
    unit: "number",
    times,
    scale: "data",
    series: [{ label: "Median", tone: "main", values: at(0.5) }],
    bands: [{ label: "10th to 90th percentile", tone: "main", low: at(0.1), high: at(0.9) }],
    ...(median !== null && { thresholds: [{ label: "Median of the reference", value: median, tone: "neutral" }] }),
  };
}

const CATEGORIES_SHOWN_MAX = 4;

/** The shares of the categories that are the most frequent in the reference or now, each beside its share in the reference. */
export function sharesOver(
  { binning, tally: reference, kind }: ReferenceColumn,
  current: Tally,
  { times, tallies }: ColumnOverTime,
): { category: string; data: ChartData }[] {
  const shareOf = (tally: Tally, index: number): number => {
    const rows = rowsOf(binning, tally);
    return rows === 0 ? 0 : (binsOf(binning, tally)[index] ?? 0) / rows;
  };
  const size = (index: number) => Math.max(shareOf(reference, index), shareOf(current, index));
  const indexes = binning.categories.map((_, index) => index);
  // Of two values, one says it all.
  const shown = kind === "boolean" ? indexes.slice(0, 1) : indexes.toSorted((one, other) => size(other) - size(one));
  return shown.slice(0, CATEGORIES_SHOWN_MAX).map((index) => ({
    category: binning.categories[index] ?? "",
    data: {
      kind: "line",
      unit: "rate",
      times,
      series: [
        {
          label: "Share of rows",
          tone: "main",
          values: tallies.map((tally) => (tally && rowsOf(binning, tally) > 0 ? shareOf(tally, index) : null)),
        },
      ],
      thresholds: [{ label: "Reference", value: shareOf(reference, index), tone: "neutral" }],
    },
  }));
}

/** The shares of rows without a value, and of those that the reference's bins do not hold; null where there never was one. */
export function outsideOver({ binning }: ReferenceColumn, { times, tallies }: ColumnOverTime): ChartData | null {
  const share = (count: (tally: Tally) => number) =>
    tallies.map((tally) => {
      const rows = tally ? rowsOf(binning, tally) : 0;
      return tally && rows > 0 ? count(tally) / rows : null;
    });
  const isCategories = binning.kind === "categories";
  const outside = (tally: Tally) =>
    slotOf(tally, "unseen") + (isCategories ? 0 : slotOf(tally, "below") + slotOf(tally, "above"));
  const series: ChartSeries[] = [
    { label: "Missing", tone: "main", values: share((tally) => slotOf(tally, "missing")) },
    { label: isCategories ? "Unseen" : "Out of range", tone: "warning", values: share(outside) },
  ];
  const present = series.filter(({ values }) => values.some((value) => value !== null && value > 0));
  return present.length === 0 ? null : { kind: "line", unit: "rate", times, series: present };
}

/** Of texts, the share of words that the reference does not have, beside what further texts like it would have; null without words. */
export function newWordsOver(
  { unseenWordRate }: ReferenceColumn,
  { times, tallies }: ColumnOverTime,
): ChartData | null {
  const values = tallies.map((tally) => {
    const words = tally ? slotOf(tally, "words") : 0;
    return tally && words > 0 ? slotOf(tally, "unseenWords") / words : null;
  });
  if (values.every((value) => value === null)) return null;
  return {
    kind: "line",
    unit: "rate",
    times,
    series: [{ label: "New words", tone: "main", values }],
    ...(unseenWordRate !== null && {
      thresholds: [{ label: "In texts like the reference's", value: unseenWordRate, tone: "neutral" }],
    }),
  };
}
