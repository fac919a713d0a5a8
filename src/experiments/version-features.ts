import { parseNumber } from "../lib/csv.ts";
import type { ShownCell } from "../lib/cell-evidence.ts";
import type { FeatureKind } from "./training/feature.ts";
import type { FeatureCells } from "./training/infer-schema.ts";
import type { FeatureProfile, ValueCount } from "./training/profile.ts";
import type { UnreadableCells } from "./training/unreadable-cells.ts";

/** A feature as lists, forms and documentation show it: its profile without the bins. */
export interface FeatureSummary {
  name: string;
  kind: FeatureKind;
  /** All categories are written as numbers, so that they can stand in a tensor of numbers. */
  numericCategories: boolean;
  /** Of a feature that is not numeric although most of its cells are numbers: the first one that is none. */
  notNumeric?: ShownCell;
  reference: FeatureReference;
}

export interface FeatureReference {
  rows: number;
  missing: number;
  /** A typical value; null when the column has none. */
  example: number | string | boolean | null;
  min: number | null;
  max: number | null;
  mean: number | null;
  std: number | null;
  median: number | null;
  integer: boolean;
  /** By falling count; null where the feature has no categories. */
  categories: ValueCount[] | null;
  /** Cells of categories that are not listed. */
  other: number;
  /** Cells that count as missing because they could not be read; absent where they were not counted. */
  unreadable?: UnreadableCells | null;
}

/** The summary of a profiled feature. */
export function summariseFeature(profile: FeatureProfile, cells?: FeatureCells): FeatureSummary {
  const { name, kind, rows, missing, example } = profile;
  const reference: FeatureReference = {
    rows,
    missing,
    example,
    min: null,
    max: null,
    mean: null,
    std: null,
    median: null,
    integer: false,
    categories: null,
    other: 0,
    unreadable: cells?.unreadable ?? null,
  };
  if (profile.kind === "numeric") {
    const { min, max, mean, std, quantiles, integer } = profile;
    Object.assign(reference, { min, max, mean, std, median: quantiles?.p50 ?? null, integer });
  }
  if (profile.kind === "boolean") reference.categories = profile.categories;
  if (profile.kind === "categorical") {
    reference.categories = profile.categories;
    reference.other = profile.other;
  }
  const numericCategories =
    profile.kind === "boolean" ||
    (profile.kind === "categorical" && profile.categories.every(({ value }) => parseNumber(value) !== null));
  return { name, kind, numericCategories, reference, ...(cells?.notNumeric && { notNumeric: cells.notNumeric }) };
}
