import { parseNumber } from "../lib/csv.ts";
import type { FeatureKind } from "./training/feature.ts";
import type { FeatureProfile, ValueCount } from "./training/profile.ts";

/** A feature as lists, forms and documentation show it: its profile without the bins. */
export interface FeatureSummary {
  name: string;
  kind: FeatureKind;
  /** All categories are written as numbers, so that they can stand in a tensor of numbers. */
  numericCategories: boolean;
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
}

/** The summary of a profiled feature. */
export function summariseFeature(profile: FeatureProfile): FeatureSummary {
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
  return { name, kind, numericCategories, reference };
}
