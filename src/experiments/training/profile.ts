import { type CodeTail, packCodes } from "./code-tail.ts";
import { textLength } from "./feature.ts";
import { profileNumbers } from "./profile-numeric.ts";
import type { NumberProfile } from "./profile-numeric.ts";
import type { PackedTexts } from "./packed-texts.ts";
import { packWords, type PackedWords, wordsOf } from "./word-set.ts";
import type { TrainingTable } from "./training-table.ts";
import type {
  BooleanColumn,
  CategoricalColumn,
  LabelColumn,
  NumericColumn,
  TargetColumn,
  TextColumn,
  TrainingColumn,
} from "./training-columns.ts";

interface ColumnProfile {
  name: string;
  rows: number;
  missing: number;
}

export interface ValueCount {
  value: string;
  count: number;
}

export interface NumericProfile extends ColumnProfile, NumberProfile {
  kind: "numeric";
}

export interface BooleanProfile extends ColumnProfile {
  kind: "boolean";
  true: number;
  false: number;
  /** Both values as the file spells them, by falling count: for models that take text. */
  categories: ValueCount[];
  example: boolean;
}

export interface CategoricalProfile extends ColumnProfile {
  kind: "categorical";
  /** By falling count; at most 1,000 of at most 32,768 characters together, 20 where the column is not monitored. */
  categories: ValueCount[];
  /** Cells of categories that are not listed, and how many such categories there are. */
  other: number;
  others: number;
  /**
   * Categories that occur once, and twice: how much of further rows will be new. These two and `tail` are absent in profiles from before.
   */
  once?: number;
  twice?: number;
  /** Of the categories that are not listed; null where the column is not monitored. */
  tail?: CodeTail | null;
  example: string | null;
}

export interface TextProfile extends ColumnProfile {
  kind: "text";
  /** Of the texts' lengths in characters. */
  length: NumberProfile;
  /** Of the texts; null where the column is not monitored. */
  words: PackedWords | null;
  example: string | null;
}

export interface LabelProfile extends ColumnProfile {
  kind: "label";
  /** By falling count. */
  classes: ValueCount[];
}

export type FeatureProfile = NumericProfile | BooleanProfile | CategoricalProfile | TextProfile;
export type TargetProfile = NumericProfile | LabelProfile;

/** What monitoring compares with, and what forms and documentation show. Plain JSON. */
export interface ReferenceProfile {
  rows: number;
  /** In the order of the schema; the first 500 are monitored, of the others there are no bins. */
  features: FeatureProfile[];
  target: TargetProfile | null;
}

/** Features beyond this number are not monitored: a limit of the contract. */
export const MONITORED_FEATURES_MAX = 500;
const CATEGORIES_MAX = 1000;
const CATEGORIES_UNMONITORED_MAX = 20;
// With fewer rows a category, further rows have ever new ones: beyond the first 50, categories with fewer rows are not listed, so that
// nobody takes the list for complete.
const ROWS_PER_CATEGORY = 5;
const CODES_LISTED = 50;
const CATEGORY_CHARACTERS_TOTAL = 32_768;
const EXAMPLE_CHARACTERS_MAX = 200;
const WORDS_MAX = 100_000;

/** Profiles each column of a table: counts, moments, quantiles, and the bins that windows are counted into later on. */
export function profileTable(table: TrainingTable): ReferenceProfile {
  return {
    rows: table.rows,
    features: table.columns.map((column, index) => profileFeature(column, index < MONITORED_FEATURES_MAX)),
    target: table.target === null ? null : profileTarget(table.target),
  };
}

function profileFeature(column: TrainingColumn, isMonitored: boolean): FeatureProfile {
  switch (column.kind) {
    case "numeric":
      return profileNumeric(column, isMonitored);
    case "boolean":
      return profileBoolean(column);
    case "categorical":
      return profileCategorical(column, isMonitored);
    case "text":
      return profileText(column, isMonitored);
  }
}

function profileTarget(column: TargetColumn): TargetProfile {
  if (column.kind === "numeric") return profileNumeric(column, true);
  const { missing, counts } = countCodes(column);
  const { name, kind } = column;
  return { name, kind, rows: column.codes.length, missing, classes: counts };
}

function profileNumeric(column: NumericColumn, isMonitored: boolean): NumericProfile {
  let missing = 0;
  for (const number of column.numbers) if (Number.isNaN(number)) missing++;
  const { name, kind } = column;
  return { name, kind, rows: column.numbers.length, missing, ...profileNumbers(column.numbers, isMonitored) };
}

function profileBoolean(column: BooleanColumn): BooleanProfile {
  let trues = 0;
  let falses = 0;
  for (const flag of column.flags) {
    if (flag === 1) trues++;
    else if (flag === 0) falses++;
  }
  const { name, kind, spelling } = column;
  const categories = [
    { value: spelling.true, count: trues },
    { value: spelling.false, count: falses },
  ].sort((a, b) => b.count - a.count);
  const rows = column.flags.length;
  const missing = rows - trues - falses;
  return { name, kind, rows, missing, true: trues, false: falses, categories, example: trues >= falses };
}

function profileCategorical(column: CategoricalColumn, isMonitored: boolean): CategoricalProfile {
  const { missing, counts } = countCodes(column);
  const cells = column.codes.length - missing;
  const areCodes = counts.length > CODES_LISTED && cells < ROWS_PER_CATEGORY * counts.length;
  const categories: ValueCount[] = [];
  let characters = 0;
  for (const category of counts.slice(0, isMonitored ? CATEGORIES_MAX : CATEGORIES_UNMONITORED_MAX)) {
    characters += category.value.length;
    if (characters > CATEGORY_CHARACTERS_TOTAL) break;
    if (areCodes && categories.length >= CODES_LISTED && category.count < ROWS_PER_CATEGORY) break;
    categories.push(category);
  }
  const unlisted = counts.slice(categories.length);
  const { name, kind } = column;
  return {
    name,
    kind,
    rows: column.codes.length,
    missing,
    categories,
    other: unlisted.reduce((sum, category) => sum + category.count, 0),
    others: unlisted.length,
    once: counts.filter(({ count }) => count === 1).length,
    twice: counts.filter(({ count }) => count === 2).length,
    tail: isMonitored ? packCodes(unlisted) : null,
    example: counts[0]?.value ?? null,
  };
}

/** The values of a coded column by falling count, equal counts in the order of the dictionary. */
function countCodes(column: CategoricalColumn | LabelColumn): { missing: number; counts: ValueCount[] } {
  const counts = column.dictionary.map((value) => ({ value, count: 0 }));
  let missing = 0;
  for (const code of column.codes) {
    const entry = counts[code];
    if (entry === undefined) missing++;
    else entry.count++;
  }
  return { missing, counts: counts.sort((a, b) => b.count - a.count) };
}

function profileText(column: TextColumn, isMonitored: boolean): TextProfile {
  const { name, kind, texts } = column;
  const lengths = new Float64Array(texts.length).fill(Number.NaN);
  const words = new Map<string, number>();
  let missing = 0;
  for (let row = 0; row < texts.length; row++) {
    const text = texts.at(row);
    if (text === null) {
      missing++;
      continue;
    }
    lengths[row] = textLength(text);
    if (isMonitored) countWords(words, text);
  }
  const length = profileNumbers(lengths, isMonitored);
  return {
    name,
    kind,
    rows: texts.length,
    missing,
    length,
    words: isMonitored ? packWords(words) : null,
    example: exampleText(texts, lengths, length),
  };
}

/** Words beyond the limit are left out; a vocabulary of that size says nothing about drift any more. */
function countWords(words: Map<string, number>, text: string): void {
  for (const word of wordsOf(text)) {
    const count = words.get(word);
    if (count !== undefined || words.size < WORDS_MAX) words.set(word, (count ?? 0) + 1);
  }
}

/** The first text whose length is nearest to the median, or to 200 characters where that is longer; cut at 200. */
function exampleText(texts: PackedTexts, lengths: Float64Array, profile: NumberProfile): string | null {
  const wanted = Math.min(profile.quantiles?.p50 ?? 0, EXAMPLE_CHARACTERS_MAX);
  let best = -1;
  let bestGap = Number.POSITIVE_INFINITY;
  for (const [row, length] of lengths.entries()) {
    const gap = Math.abs(length - wanted);
    if (gap < bestGap) {
      best = row;
      bestGap = gap;
    }
  }
  const text = texts.at(best);
  return text === null
    ? null
    : Array.from(text.slice(0, 2 * EXAMPLE_CHARACTERS_MAX))
        .slice(0, EXAMPLE_CHARACTERS_MAX)
        .join("");
}
