import type { Calibration } from "../../experiments/trial/learn-calibration.ts";
import { keyedByText } from "../../lib/keyed-by-text.ts";
import { canonicalLabel } from "../../lib/label.ts";
import { countCalibrated, type ModelRole } from "../../windows/answer-counts.ts";
import type { Counts } from "../../windows/counts.ts";
import { drawnInterval, ESTIMATED_METRICS, type EstimatedMetric, estimatePerformance } from "./estimate-performance.ts";
import type { Interval } from "./intervals.ts";
import { isScored, type LabelledRows, rowsAt } from "./labelled-rows.ts";
import { INTERVAL_ROWS_MIN, type MetricEstimate, metricValues } from "./model-metrics.ts";

/** What labels say against an estimate. */
export interface Contradiction {
  metric: EstimatedMetric;
  /** Labelled rows. */
  rows: number;
  /** What the estimate expects of these rows. */
  expected: Interval;
  actual: number;
}

/** The performance of a model that is to be expected before labels arrive, or why there is no estimate. */
export interface ModelEstimate extends Partial<Record<EstimatedMetric, MetricEstimate>> {
  state:
    | "estimated"
    | "contradicted"
    | "no_rows"
    | "no_holdout"
    | "no_calibration"
    | "few_holdout_rows"
    | "scores_beyond_holdout";
  accuracy: MetricEstimate;
  contradiction: Contradiction | null;
}

export interface EstimateInput {
  /** Null: no rows were counted. */
  counts: ArrayLike<number> | null;
  reference: { source: "holdout" | "training"; calibration: Calibration | null } | null;
  /** Rows of the model whose labels came, of this time or before. */
  labelled: LabelledRows;
  role: ModelRole;
}

/** The estimate for a model, unless its labelled rows contradict it: see estimatePerformance and contradiction. */
export function estimateModel({ counts, reference, labelled, role }: EstimateInput): ModelEstimate {
  const none = (state: ModelEstimate["state"]): ModelEstimate => ({
    state,
    accuracy: { value: null, interval: null },
    contradiction: null,
  });
  if (reference?.source === "training") return none("no_holdout");
  if (!reference?.calibration) return none("no_calibration");
  if (!counts) return none("no_rows");
  const against = contradiction(labelled, role, reference.calibration);
  if (against) return { ...none("contradicted"), contradiction: against };
  const estimate = estimatePerformance(counts, reference.calibration);
  return estimate.state === "estimated" ? { ...none("estimated"), ...estimate.metrics } : none(estimate.state);
}

/**
 * The first metric of the labelled rows that lies outside of all 400 draws of what the calibration expects of the same rows: if it holds,
 * that happens to a metric in about one of 200 cases. Null for fewer than 30 rows.
 */
export function contradiction(labelled: LabelledRows, role: ModelRole, calibration: Calibration): Contradiction | null {
  if (labelled.task === "regression") return null;
  const width = labelled[role]?.classLabels?.length ?? 0;
  const answers = labelled[role];
  if (!answers || width === 0) return null;
  const scored = [...labelled.actual.keys()].filter((row) => isScored(answers, width, row));
  if (scored.length < INTERVAL_ROWS_MIN) return null;
  const rows = rowsAt(labelled, scored);
  const of = rows.task === "regression" ? null : rows[role];
  if (!of?.classLabels || !of.probabilities) return null;
  const classLabels = of.classLabels.map((label) => canonicalLabel(label));
  const counts: Counts = new Map();
  const columns = {
    predictions: [...of.prediction],
    probabilities: [...of.probabilities],
    classLabels,
    extra: keyedByText<never[]>(),
  };
  countCalibrated("labelled", calibration, columns, counts);
  const estimate = estimatePerformance(counts.get("labelled") ?? [], calibration);
  if (estimate.state !== "estimated") return null;
  const values = metricValues(rows, role, calibration.of === "second_class" ? of.classLabels[1] : undefined);
  for (const metric of ESTIMATED_METRICS) {
    const actual = values?.[metric] ?? null;
    const draws = estimate.draws[metric];
    const expected = draws ? drawnInterval(draws, 0) : null;
    if (actual === null || !expected || (expected[0] <= actual && actual <= expected[1])) continue;
    return { metric, rows: scored.length, expected, actual };
  }
  return null;
}
