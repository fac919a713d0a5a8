import { holdsMissing } from "../../engine/build-tensors.ts";
import type { ServedFeature, ServingSpec } from "../../inference/spec/serving-spec.ts";
import type { RunWarning } from "../schema.ts";
import { SourceError } from "../sources/source-error.ts";

const NAMES_SHOWN = 5;
/** What people put between columns, and no CSV that is read here does. */
const OTHER_DELIMITER = /[|^~:]/;

/**
 * Sees to it that the main model can be asked about the rows of a source: a column without which no row could be predicted is missed
 * once, and not in each row, and a source with none of its columns is no source of it. Throws SourceError.
 */
export function requireFeatures(columns: readonly string[], spec: ServingSpec): void {
  const missing = missingFeatures(columns, spec);
  const needed = missing.filter(({ mainTensors }) => spec.typePolicy === "strict" || !mainTensors.every(holdsMissing));
  if (spec.typePolicy !== "strict" && missing.length === mainFeatures(spec).length)
    throw new SourceError("columns_missing", noneSentence(columns, namesOf(missing)));
  if (needed.length === 0) return;
  const names = namesOf(needed);
  throw new SourceError(
    "columns_missing",
    `The source has no column ${listed(names)}, and the model needs a value there. Add the missing columns, spelled as in the training data.${hint(columns, names)}`,
  );
}

/** What of the main model's columns a source lacks, with which its rows are predicted all the same. */
export function columnWarnings(columns: readonly string[], spec: ServingSpec): RunWarning[] {
  return namesOf(missingFeatures(columns, spec)).map((feature) => ({
    feature,
    code: "absent",
    message: `The source has no column "${feature}", so it counts as missing in every row.${hint(columns, [feature])}`,
  }));
}

/** Names of columns in a sentence: the first five, and how many there are more. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `"${name}"`);
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
  return shown.join(", ") + more;
}

/** What only the challenger reads may be missing: that is told in each row. */
function mainFeatures({ features }: ServingSpec): ServedFeature[] {
  return features.filter(({ mainTensors }) => mainTensors.length > 0);
}

function missingFeatures(columns: readonly string[], spec: ServingSpec): ServedFeature[] {
  const present = new Set(columns);
  return mainFeatures(spec).filter(({ name }) => !present.has(name));
}

function namesOf(features: readonly ServedFeature[]): string[] {
  return features.map(({ name }) => name);
}

function noneSentence(columns: readonly string[], missing: readonly string[]): string {
  const [only = "", ...others] = columns;
  const isOneCell = others.length === 0 && OTHER_DELIMITER.test(only);
  const remedy = isOneCell
    ? "Write commas, semicolons or tabs between columns."
    : `Name them as in the training data.${hint(columns, missing)}`;
  return `The source has none of the columns that the model reads: ${listed(missing)}. Its columns are ${listed(columns)}. ${remedy}`;
}

/** Columns that are perhaps meant to be one of the missing ones, in a sentence with a space before it; empty where there are none. */
function hint(columns: readonly string[], missing: readonly string[]): string {
  const written = new Map(columns.map((name) => [folded(name), name]));
  const pairs = missing.flatMap((name) => {
    const other = written.get(folded(name));
    return other === undefined ? [] : [`"${name}" where it says "${other}"`];
  });
  return pairs.length === 0 ? "" : ` Did you mean ${pairs.slice(0, NAMES_SHOWN).join(", ")}?`;
}

/** What is left of a name without its case and the blanks, hyphens and underscores in it. */
function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]+/g, "");
}
