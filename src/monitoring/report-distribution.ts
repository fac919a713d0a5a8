import { readSpan } from "./read-span.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { FeatureKind } from "../experiments/training/feature.ts";
import { iso } from "../lib/time.ts";
import { answersName, scoreName, shadowName } from "../windows/answer-counts.ts";
import { byStart, type Merged, mergeWindows } from "../windows/merge-windows.ts";
import type { Monitored } from "./monitored.ts";
import { monitoredVersion } from "./monitored-version.ts";
import { PREDICTION, SCORE } from "../windows/reference.ts";
import type { ReferenceColumn, Tally } from "../windows/reference-column.ts";
import { binsOf, displayOf, emptyTally, rowsOf, slotOf, unlistedOf } from "../windows/tally.ts";
import { tallyQuantile } from "./tally-quantile.ts";
import type { TimeSpan } from "./time-span.ts";

/** Rows that no bin holds, and, of texts, words that the reference does not have. */
export interface OutsideBins {
  missing: number;
  unseen: number;
  /** Categories that the reference knows and does not list. */
  unlisted: number;
  below: number;
  above: number;
  words: number;
  unseen_words: number;
}

export interface DistributionPoint extends OutsideBins {
  at: string;
  rows: number;
  /** Of numbers and lengths, interpolated within bins; null for categories and without values. */
  p10: number | null;
  p50: number | null;
  p90: number | null;
  /** Of categories, in their order; [] for numbers. */
  counts: number[];
}

/** The answer of GET .../monitoring/distributions. */
export interface DistributionReport extends OutsideBins {
  feature: string;
  kind: FeatureKind;
  /** Bin i is [edges[i], edges[i + 1]); of texts, in characters. Null for categories. */
  edges: number[] | null;
  categories: string[] | null;
  reference: number[];
  reference_outside: OutsideBins;
  /** Of a feature the counts; of @prediction and @score:<label> those of both models, in the bins of main's. */
  current: number[] | { main: number[]; challenger: number[] | null };
  rows: number;
  series: DistributionPoint[];
  /** False when a host could not be asked for its newest counts. */
  complete: boolean;
}

/**
 * How a feature, `@prediction`, or `@score:<label>` was distributed in a span, beside its reference. Throws 404 for a feature that is not
 * monitored, and for predictions that have no distribution (several numbers a row, or a model that was never tried).
 */
export async function reportDistribution(
  ports: { env: Env; db: Database },
  current: Monitored,
  span: TimeSpan,
  feature: string,
): Promise<DistributionReport> {
  const monitored = await monitoredVersion(ports, current, span.version);
  const label = feature.startsWith(SCORE) ? feature.slice(SCORE.length) : null;
  const ownName = monitored.columns.find(({ name }) => name === feature);
  const isPrediction = !ownName && (feature === PREDICTION || label !== null);
  const answered = monitored.main.reference;
  const column =
    ownName ??
    (feature === PREDICTION ? answered?.column : answered?.scores.find((score) => score.label === label)?.column);
  if (!column) throw notMonitored(monitored, feature);
  const { windows, isComplete } = await readSpan(ports, monitored, span, [isPrediction ? "answers" : "features"]);
  const { main, challenger } = monitored;
  const counted = (answers: string) => (label === null ? answers : scoreName(answers, label));
  const name = isPrediction ? counted(answersName("main", main.id)) : feature;
  const tallyOf = (merged: Merged) => tallyIn(column, merged, isPrediction ? "answers" : "features", name);
  const merged = mergeWindows(windows);
  const counts = tallyOf(merged);
  const shadow =
    isPrediction && challenger ? tallyIn(column, merged, "answers", counted(shadowName(main.id, challenger.id))) : null;
  return {
    feature,
    kind: column.kind,
    edges: column.binning.kind === "categories" ? null : column.binning.displayEdges,
    categories: column.binning.kind === "categories" ? column.binning.categories : null,
    reference: shownCounts(column, column.tally),
    reference_outside: outsideOf(column, column.tally),
    current: isPrediction
      ? { main: shownCounts(column, counts), challenger: shadow && shownCounts(column, shadow) }
      : shownCounts(column, counts),
    rows: rowsOf(column.binning, counts),
    ...outsideOf(column, counts),
    series: [...byStart(windows)].map(([start, own]) => pointOf(column, start, tallyOf(mergeWindows(own)))),
    complete: isComplete,
  };
}

function tallyIn(column: ReferenceColumn, merged: Merged, part: "answers" | "features", name: string): Tally {
  const empty = emptyTally(column.binning);
  const tally = merged[part].get(name);
  return tally?.length === empty.length ? tally : empty;
}

function shownCounts({ binning }: ReferenceColumn, tally: Tally): number[] {
  return [...(binning.kind === "categories" ? binsOf(binning, tally) : displayOf(binning, tally))];
}

function outsideOf({ binning }: ReferenceColumn, tally: Tally): OutsideBins {
  return {
    missing: slotOf(tally, "missing"),
    unseen: slotOf(tally, "unseen"),
    unlisted: unlistedOf(binning, tally),
    below: slotOf(tally, "below"),
    above: slotOf(tally, "above"),
    words: slotOf(tally, "words"),
    unseen_words: slotOf(tally, "unseenWords"),
  };
}

function pointOf(column: ReferenceColumn, start: number, tally: Tally): DistributionPoint {
  const { binning } = column;
  return {
    at: iso(start),
    rows: rowsOf(binning, tally),
    ...outsideOf(column, tally),
    p10: tallyQuantile(binning, tally, 0.1),
    p50: tallyQuantile(binning, tally, 0.5),
    p90: tallyQuantile(binning, tally, 0.9),
    counts: binning.kind === "categories" ? [...binsOf(binning, tally)] : [],
  };
}

function notMonitored({ columns, main }: Monitored, feature: string): AppError {
  const known = columns.slice(0, 10).map(({ name }) => name);
  if (feature.startsWith(SCORE)) {
    const labels = main.reference?.scores.map(({ label }) => SCORE + label) ?? [];
    const remedy =
      labels.length > 0 ? `Monitored: ${labels.join(", ")}.` : "The probabilities of the main model are not monitored.";
    return new AppError("not_found", `"${feature}" is not monitored. ${remedy}`);
  }
  return new AppError(
    "not_found",
    feature === PREDICTION
      ? "The answers of the main model have no distribution to compare: it answers several numbers per row, or none."
      : `Feature "${feature}" is not monitored. Monitored: ${known.join(", ")}${columns.length > 10 ? ", …" : ""}, and ${PREDICTION}.`,
  );
}
