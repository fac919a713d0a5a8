import type { ReferenceColumn, Tally } from "../../windows/reference-column.ts";
import { binsOf, rowsOf, slotOf } from "../../windows/tally.ts";
import { hasShape } from "./choose-method.ts";
import { chanceWords, percent, short } from "./drift-words.ts";
import { cohensH, levelsOf, mostChanged, sameShares, totalVariation } from "./levels.ts";
import type { Measure } from "./drift-method.ts";
import type { DriftMethod } from "./methods.ts";
import { sameNumbers } from "./methods/kolmogorov-smirnov.ts";
import { totalVariationMethod } from "./methods/cohens-h.ts";
import { compareShares, type Share } from "./proportions.ts";
import { SHARE_THRESHOLDS } from "./thresholds.ts";

/** `values`: the numbers or shares themselves, by the method; the others are shares of rows that the method does not look at. */
export type CheckOf = "values" | "missing" | "unseen" | "out_of_range" | "words";

/** One comparison of a column with its reference: how large the change is, and the chance of one as large without any. */
export interface Check {
  of: CheckOf;
  /** The one that is nearest to its threshold, or furthest beyond it. */
  effect: number;
  thresholds: { minor: number; drift: number };
  /** Not corrected. */
  pValue: number;
  /** Rows that make the change where it is one of a share of rows; else null. */
  rows: number | null;
  /** In a sentence, with the p-value that it is given. */
  words: (pValue: number) => string;
}

/** What is compared of a column, the values by what a method has measured first. What neither has is left out. */
export function checksOf(
  column: ReferenceColumn,
  current: Tally,
  method: DriftMethod,
  measure: Measure | null,
): Check[] {
  const values = measure && valuesCheck(column, current, method, measure);
  const checks = [values, missingCheck(column, current), outsideCheck(column, current)];
  checks.push(column.binning.kind === "texts" ? wordsCheck(column, current) : unseenCheck(column, current));
  return checks.filter((check) => check !== null);
}

function valuesCheck(column: ReferenceColumn, current: Tally, method: DriftMethod, measure: Measure): Check {
  const of = "values";
  if (hasShape(column)) {
    const pValue = sameNumbers(column, current)?.pValue ?? 1;
    const moved =
      method.id === "wasserstein"
        ? `Values moved by ${short(measure.effect)} sd`
        : `${method.effectLabel} is ${short(measure.effect)}`;
    return {
      of,
      ...effectOf(method, measure.effect),
      pValue,
      rows: null,
      words: (p) => `${moved}; ${chanceWords(p)}.`,
    };
  }
  const levels = levelsOf(column, current);
  const pValue = sameShares(levels)?.pValue ?? 1;
  if (method.id !== "cohens_h") {
    const moved = `${method.effectLabel} is ${short(measure.effect)}`;
    return {
      of,
      ...effectOf(method, measure.effect),
      pValue,
      rows: null,
      words: (p) => `${moved}; ${chanceWords(p)}.`,
    };
  }
  const spread = totalVariation(levels) ?? 0;
  const most = mostChanged(levels);
  const isSpread = spread / totalVariationMethod.thresholds.drift > measure.effect / method.thresholds.drift;
  if (isSpread || !most) {
    const moved = `${percent(spread)} of rows changed their value`;
    return {
      of,
      ...effectOf(totalVariationMethod, spread),
      pValue,
      rows: null,
      words: (p) => `${moved}; ${chanceWords(p)}.`,
    };
  }
  const place = levels.places[most.place] ?? null;
  const moved = `The share of ${nameOf(column, place)} went from ${percent(most.from)} to ${percent(most.to)} (h ${short(most.h)})`;
  return { of, ...effectOf(method, measure.effect), pValue, rows: null, words: (p) => `${moved}; ${chanceWords(p)}.` };
}

function effectOf(
  { thresholds }: Pick<DriftMethod, "thresholds">,
  effect: number,
): Pick<Check, "effect" | "thresholds"> {
  return { effect, thresholds };
}

function nameOf({ binning }: ReferenceColumn, place: number | null): string {
  if (place === null) return "a group of rare values";
  if (binning.kind === "categories") return `"${binning.categories[place] ?? ""}"`;
  return `values from ${short(binning.edges[place] ?? 0)}`;
}

const SHARE_NAMES: Record<Exclude<CheckOf, "values">, string> = {
  missing: "Missing values",
  unseen: "Values that the reference does not have",
  out_of_range: "Values out of the range of the reference",
  words: "Words that the reference does not have",
};

function shareCheck(
  of: Exclude<CheckOf, "values">,
  { from, to, pValue, rows }: { from: number; to: number; pValue: number; rows: number },
): Check {
  // Of the others the reference has none: `from` is what is expected of further rows like its own.
  const moved =
    of === "missing"
      ? `${SHARE_NAMES[of]} went from ${percent(from)} to ${percent(to)}`
      : `${SHARE_NAMES[of]}: ${percent(to)}, where ${percent(from)} are expected`;
  const effect = cohensH(from, to);
  return { of, effect, thresholds: SHARE_THRESHOLDS, pValue, rows, words: (p) => `${moved}; ${chanceWords(p)}.` };
}

function missingCheck({ binning, tally }: ReferenceColumn, current: Tally): Check | null {
  const shareOf = (of: Tally): Share => ({ count: slotOf(of, "missing"), of: rowsOf(binning, of) });
  const [from, to] = [shareOf(tally), shareOf(current)];
  if (from.count === 0 && to.count === 0) return null;
  const result = compareShares(from, to);
  const rows = Math.abs(to.count - (from.count / from.of) * to.of);
  return result && shareCheck("missing", { from: from.count / from.of, to: to.count / to.of, ...result, rows });
}

/**
 * Out of range is what lies beyond the smallest and the largest of n numbers. Of m further numbers from the same distribution, as many
 * are there as a negative binomial variable says (two failures, chance n / (n + m)), and 2 / (n + 1) of them on average.
 */
function outsideCheck({ binning, tally }: ReferenceColumn, current: Tally): Check | null {
  if (binning.edges.length < 2) return null;
  const n = presentRows(binning, tally);
  const m = presentRows(binning, current);
  const outside = (of: Tally) => slotOf(of, "below") + slotOf(of, "above");
  const rows = outside(current);
  if (n === 0 || m === 0) return null;
  const known = outside(tally);
  // Rows that were recorded are a reference with values out of the range, too.
  const result = known === 0 ? null : compareShares({ count: known, of: n }, { count: rows, of: m });
  if (result) return shareCheck("out_of_range", { from: known / n, to: rows / m, pValue: result.pValue, rows });
  const inside = n / (n + m);
  const pValue = (1 - inside) ** rows * (1 + rows * inside);
  return shareCheck("out_of_range", { from: Math.min(rows / m, 2 / (n + 1)), to: rows / m, pValue, rows });
}

/**
 * How many of further values are new is not 0, but about the share of values that occur once (Good and Turing). Its variance is larger
 * than that of a share, by 1 + 2 f2 / f1 for f1 values that occur once and f2 that occur twice (Esty, Annals of Statistics 11, 1983).
 * Fewer new ones are no drift.
 */
function unseenCheck(column: ReferenceColumn, current: Tally): Check | null {
  const { binning, tally } = column;
  const [n, m] = [presentRows(binning, tally), presentRows(binning, current)];
  const rows = slotOf(current, "unseen");
  const { once, twice } = rareOf(column);
  if (n === 0 || m === 0 || (rows === 0 && once === 0)) return null;
  const weight = once === 0 ? 1 : once / (once + 2 * twice);
  const expected = { count: Math.round(once * weight), of: Math.max(1, Math.round(n * weight)) };
  const result = compareShares(expected, { count: rows, of: m });
  const isMore = rows / m > once / n;
  return result && shareCheck("unseen", { from: once / n, to: rows / m, pValue: isMore ? result.pValue : 1, rows });
}

/** Values that occur once and twice. A reference that does not know its unlisted values counts them among the unseen, in windows too. */
function rareOf({ binning, tally, rare }: ReferenceColumn): { once: number; twice: number } {
  const unlisted = slotOf(tally, "unseen");
  if (unlisted === 0) return rare ?? { once: 0, twice: 0 };
  return { once: unlisted + binsOf(binning, tally).filter((count) => count === 1).length, twice: 0 };
}

/** Words of one text come and go together, so that texts are counted, not words. Fewer new words than expected are no drift. */
function wordsCheck({ binning, tally, unseenWordRate }: ReferenceColumn, current: Tally): Check | null {
  const words = slotOf(current, "words");
  if (words === 0 || unseenWordRate === null) return null;
  const rate = slotOf(current, "unseenWords") / words;
  const texts = (of: Tally, share: number): Share => {
    const present = presentRows(binning, of);
    return { count: Math.round(share * present), of: present };
  };
  const to = texts(current, rate);
  const result = compareShares(texts(tally, unseenWordRate), to);
  const pValue = rate > unseenWordRate ? result?.pValue : 1;
  return result && shareCheck("words", { from: unseenWordRate, to: rate, pValue: pValue ?? 1, rows: to.count });
}

function presentRows(binning: ReferenceColumn["binning"], tally: Tally): number {
  return rowsOf(binning, tally) - slotOf(tally, "missing");
}
