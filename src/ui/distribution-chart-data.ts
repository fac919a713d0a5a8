import { formatNumber, formatPercent } from "../lib/format.ts";
import type { SeriesTone } from "./tone.ts";

export type DistributionBins =
  /** Bin i is [edges[i], edges[i + 1]), all of one width; [] where the reference has no value. */
  { kind: "numbers"; edges: number[] } | { kind: "categories"; names: string[] };

export type DistributionSeries = {
  label: string;
  tone: SeriesTone;
  /** Rows in each bin, or of each category. */
  counts: number[];
  /** Rows in no bin: without a value, of a category that the reference lacks, below and above its range. */
  missing?: number | undefined;
  unseen?: number | undefined;
  below?: number | undefined;
  above?: number | undefined;
};

/** One place of a distribution, with the rows of each series in it and their shares (0..1) of all rows of the series. */
export type Bucket = { name: string; isApart: boolean; counts: number[]; shares: number[] };

const CATEGORIES_MAX = 12;

/** All buckets of a distribution in the order they are read; those that are in no bin are set apart, at their end. */
export function bucketsOf(bins: DistributionBins, series: DistributionSeries[]): Bucket[] {
  const totals = series.map(totalOf);
  const bucket = (name: string, isApart: boolean, countOf: (one: DistributionSeries) => number | undefined): Bucket => {
    const counts = series.map((one) => countOf(one) ?? 0);
    return { name, isApart, counts, shares: counts.map((count, index) => shareOf(count, totals[index])) };
  };
  if (bins.kind === "categories") {
    return [
      ...bins.names.map((name, index) => bucket(name, false, ({ counts }) => counts[index])),
      bucket("(unseen)", true, ({ unseen }) => unseen),
      bucket("(missing)", true, ({ missing }) => missing),
    ];
  }
  const { edges } = bins;
  const [first, last] = [edges[0], edges.at(-1)];
  const inside = binWords(edges).map((name, index) => bucket(name, false, ({ counts }) => counts[index]));
  if (first === undefined || last === undefined) return [bucket("(missing)", true, ({ missing }) => missing)];
  return [
    bucket(`below ${formatNumber(first)}`, true, ({ below }) => below),
    ...inside,
    bucket(`above ${formatNumber(last)}`, true, ({ above }) => above),
    bucket("(missing)", true, ({ missing }) => missing),
  ];
}

/** The categories worth a bar: all, or those with the largest share in any series, and one bucket for the others. */
export function drawnCategories(buckets: Bucket[]): Bucket[] {
  const inside = buckets.filter(({ isApart }) => !isApart);
  if (inside.length <= CATEGORIES_MAX) return inside;
  const byShare = inside.toSorted((one, other) => Math.max(...other.shares) - Math.max(...one.shares));
  const drawn = new Set(byShare.slice(0, CATEGORIES_MAX - 1));
  const others = inside.filter((bucket) => !drawn.has(bucket));
  const sum = (lists: number[][]) =>
    (lists[0] ?? []).map((_, at) => lists.reduce((all, list) => all + (list[at] ?? 0), 0));
  const rest: Bucket = {
    name: `${others.length} other categories`,
    isApart: false,
    counts: sum(others.map(({ counts }) => counts)),
    shares: sum(others.map(({ shares }) => shares)),
  };
  return [...inside.filter((bucket) => drawn.has(bucket)), rest];
}

/** What hovers over a bucket: "20 to 30: Reference 12% (120 rows), Current 20% (40 rows)". */
export function describeBucket({ name, counts, shares }: Bucket, series: DistributionSeries[]): string {
  const parts = series.map(
    ({ label }, index) => `${label} ${formatPercent(shares[index] ?? 0)} (${counts[index] ?? 0})`,
  );
  return `${name}: ${parts.join(", ")}`;
}

/** All rows of a series, those in no bin included. */
export function totalOf({ counts, missing = 0, unseen = 0, below = 0, above = 0 }: DistributionSeries): number {
  return counts.reduce((sum, count) => sum + count, missing + unseen + below + above);
}

function shareOf(count: number, total: number | undefined): number {
  return total ? count / total : 0;
}

function binWords(edges: number[]): string[] {
  return edges.slice(0, -1).map((edge, index) => `${formatNumber(edge)} to ${formatNumber(edges[index + 1] ?? edge)}`);
}
