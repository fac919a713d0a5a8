import type { Column } from "../engine/rows.ts";
import { textLength } from "../experiments/training/feature.ts";
import { codeBucket } from "../experiments/training/code-tail.ts";
import { binFinder } from "../lib/bin-finder.ts";
import { canonicalLabel } from "../lib/label.ts";
import { placeInBin, placesPerUnit } from "../lib/place-in-bin.ts";
import { readNumberCell, readTruth } from "../lib/read-cell.ts";
import { wordsOf } from "../experiments/training/word-set.ts";
import type { Binning, ReferenceColumn, Tally } from "./reference-column.ts";
import { binsFrom, displayFrom, sumsFrom, tailFrom, TALLY } from "./tally.ts";

/** Counts the values of a column into a tally of its binning. */
export type ColumnFold = (column: Column, into: Tally) => void;

const folds = new WeakMap<ReferenceColumn, ColumnFold>();

/** How the values of a reference's column are counted: made once, then run over every batch. */
export function columnFold(reference: ReferenceColumn): ColumnFold {
  const present = folds.get(reference);
  if (present) return present;
  const made = makeFold(reference);
  folds.set(reference, made);
  return made;
}

function makeFold(reference: ReferenceColumn): ColumnFold {
  const { binning, kind } = reference;
  if (binning.kind === "texts") return foldTexts(reference);
  if (binning.kind === "categories") return kind === "boolean" ? foldBooleans() : foldCategories(binning);
  return foldNumbers(reference);
}

function foldNumbers({ binning }: ReferenceColumn): ColumnFold {
  const count = numberCounter(binning);
  return (column, into) => {
    if ("numbers" in column) {
      for (const value of column.numbers) count(value, into);
      return;
    }
    // Numbers of which some tensor reads the text are recorded as it: what is no number was never seen.
    for (const text of column.texts) {
      const number = text === null ? Number.NaN : readNumberCell(text);
      if (number === null) add(into, TALLY.unseen, 1);
      else count(number, into);
    }
  };
}

function numberCounter(binning: ReferenceColumn["binning"]): (value: number, into: Tally) => void {
  const { edges } = binning;
  const binOf = binFinder(edges);
  const displayOf = binFinder(binning.displayEdges);
  const bins = binsFrom();
  const displayBins = displayFrom(binning);
  const sums = binning.hasSums ? sumsFrom(binning) : null;
  const starts = Float64Array.from(edges);
  const perUnit = starts.map((from, bin) => placesPerUnit(from, edges[bin + 1] ?? from));
  const first = edges[0] ?? Number.NaN;
  const last = edges.at(-1) ?? Number.NaN;
  return (value, into) => {
    if (Number.isNaN(value)) add(into, TALLY.missing, 1);
    // Where the reference has no value at all, every one is new.
    else if (edges.length < 2) add(into, TALLY.unseen, 1);
    else if (value < first) {
      add(into, TALLY.below, 1);
      add(into, TALLY.belowBy, finite(first - value));
    } else if (value > last) {
      add(into, TALLY.above, 1);
      add(into, TALLY.aboveBy, finite(value - last));
    } else {
      const bin = binOf(value);
      add(into, bins + bin, 1);
      if (sums !== null) add(into, sums + bin, placeInBin(value, starts[bin] as number, perUnit[bin] as number));
      add(into, displayBins + displayOf(value), 1);
    }
  };
}

/** An infinite value is out of range by more than can be added up; it counts by its row alone. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

function add(into: Tally, slot: number, amount: number): void {
  into[slot] = (into[slot] as number) + amount;
}

const TRUE_BIN = 0;
const FALSE_BIN = 1;

function foldBooleans(): ColumnFold {
  const bins = binsFrom();
  const count = (value: boolean | null, into: Tally) =>
    add(into, value === null ? TALLY.unseen : bins + (value ? TRUE_BIN : FALSE_BIN), 1);
  return (column, into) => {
    if ("numbers" in column) {
      for (const value of column.numbers) {
        if (Number.isNaN(value)) add(into, TALLY.missing, 1);
        else count(value === 1 ? true : value === 0 ? false : null, into);
      }
    } else {
      for (const text of column.texts) {
        if (text === null) add(into, TALLY.missing, 1);
        else count(readTruth(text), into);
      }
    }
  };
}

function foldCategories(binning: Binning): ColumnFold {
  const { categories, tail } = binning;
  const bins = binsFrom();
  const buckets = tailFrom(binning);
  const places = new Map<string, number>();
  // 1, 1.0 and "1.00" are one category where no other is spelled that way.
  categories.forEach((category, index) => places.set(canonicalLabel(category), index));
  categories.forEach((category, index) => places.set(category, index));
  return (column, into) => {
    const count = (value: string) => {
      const place = places.get(value) ?? places.get(canonicalLabel(value));
      if (place !== undefined) {
        add(into, bins + place, 1);
        return;
      }
      if (tail) add(into, buckets + codeBucket(value), 1);
      if (!tail?.has(canonicalLabel(value))) add(into, TALLY.unseen, 1);
    };
    if ("numbers" in column) {
      for (const value of column.numbers) {
        if (Number.isNaN(value)) add(into, TALLY.missing, 1);
        else count(String(value));
      }
    } else {
      for (const text of column.texts) {
        if (text === null) add(into, TALLY.missing, 1);
        else count(text);
      }
    }
  };
}

function foldTexts({ binning }: ReferenceColumn): ColumnFold {
  const countLength = numberCounter(binning);
  const { words } = binning;
  return (column, into) => {
    if (!("texts" in column)) throw new TypeError("expected a column of texts");
    for (const text of column.texts) {
      countLength(text === null ? Number.NaN : textLength(text), into);
      if (text === null || words === null) continue;
      const found = wordsOf(text);
      add(into, TALLY.words, found.length);
      for (const word of found) if (!words.has(word)) add(into, TALLY.unseenWords, 1);
    }
  };
}
