import { z } from "zod";
import { AppError } from "../../errors.ts";
import type { FieldError } from "../../errors.ts";
import { canonicalLabel } from "../../lib/label.ts";
import { isMissingMarker, type NumberMarks, readNumber } from "../../lib/read-cell.ts";

export const FEATURE_KINDS = ["numeric", "categorical", "boolean", "text"] as const;

export type FeatureKind = (typeof FEATURE_KINDS)[number];

export interface Feature {
  name: string;
  kind: FeatureKind;
  /** The categories that the user's schema lists, in its order; null where the data say which there are. */
  categories: string[] | null;
}

/** The column that models predict: numbers for a regression, labels for every other task. */
export interface Target {
  name: string;
  kind: "numeric" | "label";
}

/** What the columns of a training reference are. Plain JSON. */
export interface FeatureSchema {
  /** In the order of the file, without the target and the columns that are no features. */
  features: Feature[];
  /** `labels` in ascending order, numbers by size; empty for a numeric target. */
  target: (Target & { labels: string[] }) | null;
  notFeatures: string[];
}

const CategoryValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** What a user may state about the columns of a training reference; what is left out is inferred. */
export const StatedSchema = z.strictObject({
  kinds: z.record(z.string(), z.enum(FEATURE_KINDS)).optional(),
  categories: z.record(z.string(), z.array(CategoryValue).min(1).max(1000)).optional(),
  not_features: z.array(z.string()).optional(),
});

export type StatedSchema = z.infer<typeof StatedSchema>;

/** Parses the `schema` that came with a training reference. Throws AppError invalid_input, one entry per fault. */
export function parseStatedSchema(json: unknown): StatedSchema {
  const parsed = StatedSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({
    path: ["schema", ...issue.path].join("."),
    message: issue.message,
  }));
  throw new AppError(
    "invalid_input",
    'The schema is not of the form {"kinds": {column: kind}, "categories": {column: [value]}, "not_features": [column]}.',
    { errors },
  );
}

/** Throws AppError invalid_input when the stated schema names columns that are not there, or contradicts itself. */
export function checkStatedSchema(stated: StatedSchema, columns: readonly string[]): void {
  const known = new Set(columns);
  const errors: FieldError[] = [];
  const named: [string, string][] = [
    ...Object.keys(stated.kinds ?? {}).map((name): [string, string] => ["kinds", name]),
    ...Object.keys(stated.categories ?? {}).map((name): [string, string] => ["categories", name]),
    ...(stated.not_features ?? []).map((name): [string, string] => ["not_features", name]),
  ];
  for (const [part, name] of named) {
    if (known.has(name)) continue;
    errors.push({ path: `schema.${part}.${name}`, message: `The CSV has no column ${name}.` });
  }
  for (const name of Object.keys(stated.categories ?? {})) {
    const kind = statedKind(stated, name);
    if (kind === "categorical") continue;
    errors.push({ path: `schema.kinds.${name}`, message: `${name} has categories, so its kind cannot be ${kind}.` });
  }
  if (errors.length === 0) return;
  const faults = errors.map((error) => error.message);
  const shown = [...new Set(faults)].slice(0, 5).join(" ");
  throw new AppError("invalid_input", `The schema does not fit the CSV. ${shown} Its columns are ${listOf(columns)}.`, {
    errors,
  });
}

/** The kind that the user states for a column, categorical where categories are listed; null when nothing is said. */
export function statedKind(stated: StatedSchema, column: string): FeatureKind | null {
  const { kinds = {}, categories = {} } = stated;
  if (Object.hasOwn(kinds, column)) return kinds[column] ?? null;
  return Object.hasOwn(categories, column) ? "categorical" : null;
}

/** The categories that the user states for a column, each once; null when nothing is said. */
export function statedCategories(stated: StatedSchema, column: string): string[] | null {
  const { categories = {} } = stated;
  if (!Object.hasOwn(categories, column)) return null;
  return [...new Set(categories[column])];
}

/** Names for a message: the first `max`, and how many more there are. */
export function listOf(names: readonly string[], max = 20): string {
  const rest = names.length - max;
  return names.slice(0, max).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/**
 * The label in a cell of the target; null when it is missing. Where all labels are numbers, NA, ?, - and the like count
 * as missing, and a decimal comma is read as one.
 */
export function labelOfCell(text: string, isNumeric: boolean, marks: NumberMarks): string | null {
  if (text.trim() === "" || (isNumeric && isMissingMarker(text))) return null;
  const number = isNumeric && marks !== "point" ? readNumber(text, marks) : null;
  return canonicalLabel(number ?? text);
}

/** Length of a text in characters (code points): the measure of text profiles, in references and windows alike. */
export function textLength(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    // The second half of a surrogate pair counts with its first.
    const code = text.charCodeAt(at);
    if (code >= 0xdc00 && code <= 0xdfff) length--;
  }
  return length;
}
