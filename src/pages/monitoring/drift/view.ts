import type { FeatureKind } from "../../../experiments/training/feature.ts";
import { formatCount, formatNumber, formatUtc, plural } from "../../../lib/format.ts";
import { DRIFT_ROWS_MIN } from "../../../monitoring/drift/thresholds.ts";
import type { DriftPoint, DriftReport, DriftState, ReportedDrift } from "../../../monitoring/drift-report.ts";

export const KIND_WORDS: Record<FeatureKind, string> = {
  numeric: "Numbers",
  categorical: "Categories",
  boolean: "True or false",
  text: "Texts, by their length in characters",
};

/** What an effect is measured against, a line for each: the threshold, the p-value, and what calm windows stay below. */
export function thresholdLines({ threshold, calm_threshold: calm, p_value: pValue }: ReportedDrift): string[] {
  const lines = [`drift from ${formatNumber(threshold, 3)}`];
  if (pValue !== null) lines.push(pValue < 0.001 ? "p < 0.001" : `p ${formatNumber(pValue, 2)}`);
  return calm === null ? lines : [...lines, `calm below ${formatNumber(calm, 3)}`];
}

/** The effects of one column over time; none (null) in buckets with too few rows to be judged. */
export function effectsOver(
  points: readonly (DriftPoint | undefined)[],
  read: (point: DriftPoint) => number | null | undefined,
): (number | null)[] {
  return points.map((point) => (point && point.rows >= DRIFT_ROWS_MIN ? (read(point) ?? null) : null));
}

/** What a window is compared with, in words. */
export function referenceWords({ kind, version, rows, from, to }: DriftReport["reference"]): string {
  if (kind === "training" || from === null || to === null)
    return `the training reference of version ${version} of the experiment (${plural(rows, "row")})`;
  return `what was recorded from ${formatUtc(Date.parse(from))} to ${formatUtc(Date.parse(to))} (${plural(rows, "row")})`;
}

/** What a span of time has come to, in one sentence: the state, n, and what it was compared with. */
export function summarySentence(report: Omit<DriftReport, "series" | "complete" | "references">): string {
  const { features, prediction, reference, window } = report;
  const against = referenceWords(reference);
  const over = `${plural(window.rows, "row")} compared with ${against}`;
  const checks = checksOf(report);
  const corrected = checks > 0 ? `; p-values are corrected over ${plural(checks, "check")} (Benjamini-Hochberg)` : "";
  if (reference.kind !== "training" && reference.rows < DRIFT_ROWS_MIN)
    return `Nothing to compare with: ${against}. Drift needs at least ${DRIFT_ROWS_MIN} rows there. Choose another reference in the settings.`;
  if (report.state === "not_enough_data") {
    return `${plural(window.rows, "row is", "rows are")} too few to judge. Drift needs at least ${DRIFT_ROWS_MIN} rows to compare with ${against}.`;
  }
  const verbs = { drift: "drifted", warning: "gave a warning", minor: "changed a little" };
  const parts = (["drift", "warning", "minor"] as const).flatMap((state) => {
    const words = columnsIn(report, state);
    return words === null ? [] : [`${words} ${verbs[state]}`];
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

/** The checks of features and of main's answers, which are corrected for one another. */
function checksOf({ features, prediction: { main } }: Pick<DriftReport, "features" | "prediction">): number {
  const answers = [...(main.score?.classes ?? []), ...(main.label ? [main.label] : main.score ? [] : [main])];
  return [...features, ...answers].flatMap(({ checks }) => checks).filter(({ p_value }) => p_value !== null).length;
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
