import type { FeatureKind } from "../experiments/training/feature.ts";

/** How the values of a column are counted. The reference fixes it, so that the counts of any two windows add up. */
export interface Binning {
  /** Numbers are counted by `edges`, categories by value, texts by their length in characters, and their words against the reference's. */
  kind: "numbers" | "categories" | "texts";
  /**
   * For tests: bin i is [edges[i], edges[i + 1]), the last one holds its upper edge too. Empty for categories, and where the reference
   * has no value.
   */
  edges: number[];
  /** For charts: the same with edges of even width. */
  displayEdges: number[];
  /** In the order of their counts; [] for numbers and texts. */
  categories: string[];
  /** All numbers of the reference are whole: so are their percentiles. */
  isWhole?: boolean;
  /** Whether the places of values within their bins are added up. */
  hasSums: boolean;
  /**
   * Categories of the reference that are not listed: values that are not listed are counted in buckets too. Null where that is not done.
   */
  tail: WordSet | null;
  /** Words of the reference's texts; null for other kinds, and where the reference was read before words were kept. */
  words: WordSet | null;
}

/** Says whether a word may have occurred in the reference: "no" is certain, "yes" is wrong for few of the others. */
export interface WordSet {
  has(word: string): boolean;
}

/** A feature, or what a model answers, as the reference knows it: what windows are compared with. */
export interface ReferenceColumn {
  name: string;
  /** Answers are "numeric" (of a regression, or an anomaly score) or "categorical" (labels). */
  kind: FeatureKind;
  binning: Binning;
  /** Rows of the reference, missing ones included. */
  rows: number;
  /** The reference counted by its own binning: see tally.ts. */
  tally: Tally;
  /** Different values; null for more than 1,000. */
  distinct: number | null;
  /** Of numbers, or of the lengths of texts, over the whole reference (divided by n); null without values. */
  std: number | null;
  /** Categories that occur once in the reference, and twice: they say how many of further values are new. Null for other kinds. */
  rare: { once: number; twice: number } | null;
  /** The share of words that further texts like the reference's would have new; null for other kinds and where it is not known. */
  unseenWordRate: number | null;
}

/**
 * Counts of one column over some rows, by a binning: the slots of TALLY, then one count for each bin of `edges` (or category), then one
 * for each bin of `displayEdges`, then places added up for each bin (`hasSums`), then the buckets of the `tail`. Two tallies of one
 * binning are merged by adding them slot by slot.
 */
export type Tally = Float64Array;
