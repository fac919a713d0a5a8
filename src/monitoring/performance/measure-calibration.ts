import { reliabilityCurve } from "../../experiments/metrics/metrics-calibration.ts";
import type { ReliabilityBin } from "../../experiments/metrics/metrics-calibration.ts";
import { confusionMatrix } from "../../experiments/metrics/metrics-labels.ts";
import type { ConfusionMatrix } from "../../experiments/metrics/metrics-labels.ts";
import type { ModelRole } from "../../windows/answer-counts.ts";
import { confidencesOf } from "../../experiments/trial/confidences.ts";
import { answeredLabels, scoredLabels } from "./labelled-rows.ts";
import type { LabelledClasses, LabelledRows } from "./labelled-rows.ts";
import { positiveLabel } from "./positive-label.ts";

/** How the answers of a classifier relate to what came true. */
export interface ModelCalibration {
  /** Of the positive class (binary) or the likeliest label (multiclass); null where there are no probabilities of it. */
  reliability: ReliabilityBin[] | null;
  /** Null for more than 100 classes. */
  confusion: ConfusionMatrix | null;
}

/**
 * The reliability curve and confusion matrix of a model over the labelled rows that it answered; null for a regression, or no such model.
 */
export function measureCalibration(rows: LabelledRows, role: ModelRole): ModelCalibration | null {
  if (rows.task === "regression") return null;
  const answered = answeredLabels(rows, role);
  if (!answered) return null;
  return {
    reliability: reliabilityOf(rows, role),
    confusion: confusionMatrix(answered.actual, answered.predicted, rows[role]?.classLabels ?? null),
  };
}

function reliabilityOf(rows: LabelledClasses, role: ModelRole): ReliabilityBin[] | null {
  if (rows.task === "anomaly_detection") return null;
  const scored = scoredLabels(rows, role);
  const positive = positiveLabel(rows);
  // Binary, but not of two classes: there is no class that the curve could be about.
  if (!scored || (rows.task === "binary_classification" && positive === undefined)) return null;
  const sure = confidencesOf(scored, positive);
  return sure && reliabilityCurve(sure.outcomes, sure.confidences);
}
