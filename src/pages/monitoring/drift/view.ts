import type { FeatureKind } from "../../../experiments/training/feature.ts";
import { formatCount, formatNumber, formatUtc, plural } from "../../../lib/format.ts";
import { METHODS } from "../../../monitoring/drift/methods.ts";
import { DRIFT_ROWS_MIN } from "../../../monitoring/drift/thresholds.ts";
import type { DriftPoint, DriftReport, DriftState, ReportedDrift } from "../../../monitoring/drift-report.ts";

export const KIND_WORDS: Record<FeatureKind, string> = {
  numeric: "Numbers",
  categorical: "Categories",
  boolean: "True or false",
  text: "Texts, by their length in characters",
};

const RANKS: Record<DriftState, number> = { drift: 0, warning: 1, ok: 2, not_enough_data: 3 };

/** The worst first: by state, then by how far past the threshold. Those that are alike, or not judged, keep their order. */
export function worstFirst<Judged extends ReportedDrift>(columns: readonly Judged[]): Judged[] {
  return columns.toSorted((one, other) => RANKS[one.state] - RANKS[other.state] || excessOf(other) - excessOf(one));
}

/**
 * How far a column is past its threshold: 1 at it, less below. Of distances the quotient; of tests that of the logarithms of p-value
 * and threshold, which grows with the evidence. -1 where nothing was judged.
 */
export function excessOf({ method, state, statistic, threshold, p_value: pValue }: ReportedDrift): number {
  if (statistic === null || state === "not_enough_data") return -1;
  if (METHODS[method].kind === "distance") return threshold > 0 ? statistic / threshold : 0;
  return pValue === null ? 0 : Math.log(Math.max(pValue, Number.MIN_VALUE)) / Math.log(threshold);
}

/** What a statistic is measured against, a line for each: "threshold 0.12", or of a test its p-value and from where on that is drift. */
export function thresholdLines({ method, threshold, calm_threshold: calm, p_value: pValue }: ReportedDrift): string[] {
  const lines =
    METHODS[method].kind === "distance"
      ? [`threshold ${formatNumber(threshold, 3)}`]
      : pValue === null
        ? []
        : [`p ${pValueWords(pValue)}`, `threshold ${formatNumber(threshold, 3)}`];
  return calm === null ? lines : [...lines, `calm below ${formatNumber(calm, 3)}`];
}

function pValueWords(pValue: number): string {
  return pValue < 0.0001 ? "< 0.0001" : formatNumber(pValue, 2);
}

/** The statistics of one column over time; none (null) in buckets with too few rows to be judged. */
export function statisticsOver(
  points: readonly (DriftPoint | undefined)[],
  read: (point: DriftPoint) => number | null | undefined,
): (number | null)[] {
  return points.map((point) => (point && point.rows >= DRIFT_ROWS_MIN ? (read(point) ?? null) : null));
}

/** What a span of time has come to, in one sentence: the state, n, and what it was compared with. */
export function summarySentence(report: Omit<DriftReport, "series" | "complete">): string {
  const { features, prediction, reference, window } = report;
  const against = `the training reference of version ${reference.version} of the experiment (${plural(reference.rows, "row")})`;
  const over = `${plural(window.rows, "row")} compared with ${against}`;
  const tested = testedColumns(report);
  const corrected = tested > 0 ? `; p-values are corrected over ${plural(tested, "column")} (Benjamini-Hochberg)` : "";
  if (report.state === "not_enough_data") {
    return `${plural(window.rows, "row is", "rows are")} too few to judge. Drift needs at least ${DRIFT_ROWS_MIN} rows to compare with ${against}.`;
  }
  const parts = (["drift", "warning"] as const).flatMap((state) => {
    const words = columnsIn(report, state);
    return words === null ? [] : [`${words} ${state === "drift" ? "drifted" : "gave a warning"}`];
  });
  const few = features.filter((feature) => feature.state === "not_enough_data").length;
  const unjudged = few > 0 ? `, ${plural(few, "feature has", "features have")} too few rows` : "";
  const nothing =
    prediction.main.state === "not_enough_data"
      ? "No feature drifted"
      : "Neither a feature nor the predictions of main drifted";
  return `${parts.length > 0 ? parts.join(", ") : nothing}${unjudged}: ${over}${corrected}.`;
}

function columnsIn({ features, prediction }: Pick<DriftReport, "features" | "prediction">, state: DriftState) {
  const count = features.filter((feature) => feature.state === state).length;
  const counted = `${formatCount(count)} of ${plural(features.length, "feature")}`;
  if (prediction.main.state !== state) return count === 0 ? null : counted;
  return count === 0 ? "The predictions of main" : `${counted} and the predictions of main`;
}

/** The columns that were judged by a test, and so are corrected for one another. */
function testedColumns({ features, prediction: { main, challenger } }: Pick<DriftReport, "features" | "prediction">) {
  return [...features, main, ...(challenger ? [challenger] : [])].filter(({ p_value }) => p_value !== null).length;
}

/** What single buckets say where the whole time may hide it; null where none of them drifted. */
export function bucketsSentence(series: readonly DriftPoint[], bucket: "hour" | "day"): string | null {
  const judged = series.filter(({ state }) => state !== "not_enough_data");
  const drifted = judged.filter(({ state }) => state === "drift");
  const last = drifted.at(-1);
  if (!last || judged.length < 2) return null;
  const when = formatUtc(Date.parse(last.at), bucket === "day" ? "date" : "minutes");
  return `Taken alone, ${drifted.length} of ${plural(judged.length, bucket)} drifted, the last one ${when}.`;
}
