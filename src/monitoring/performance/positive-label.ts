import type { LabelledClasses } from "./labelled-rows.ts";

const NAMES_AN_ANOMALY = /^(anomal|outlier|abnormal)/i;
// What scikit-learn's detectors say of an outlier, what PyOD says, and a truth value.
const ANOMALY_LABELS: ReadonlySet<string> = new Set(["-1", "1", "true", "True"]);
const NORMAL_LABELS: ReadonlySet<string> = new Set(["1", "0", "false", "False"]);

/**
 * The label that F1, ROC AUC, average precision, Brier score and calibration are about, the same for main and challenger.
 * Binary: the second of main's two classes; where those are not known, of the two labels that occur, sorted.
 * Anomaly detection: of the two labels that occur, the one that says anomaly (-1 beside 1, 1 beside 0, true beside false, or by its name).
 * Undefined for every other task, for other numbers of labels, and where it cannot be told.
 */
export function positiveLabel(rows: LabelledClasses): string | undefined {
  if (rows.task === "multiclass_classification") return undefined;
  const known = rows.main.classLabels;
  const labels = known?.length === 2 ? known : occurringLabels(rows);
  if (labels.length !== 2) return undefined;
  return rows.task === "anomaly_detection" ? anomalyLabel(labels) : labels[1];
}

function anomalyLabel(labels: readonly string[]): string | undefined {
  const named = labels.filter((label) => NAMES_AN_ANOMALY.test(label));
  if (named.length === 1) return named[0];
  return labels.find(
    (label) => ANOMALY_LABELS.has(label) && labels.some((other) => other !== label && NORMAL_LABELS.has(other)),
  );
}

function occurringLabels({ actual, main, challenger }: LabelledClasses): string[] {
  const labels = new Set<string>(actual);
  for (const answers of [main, challenger]) {
    for (const label of answers?.prediction ?? []) if (label !== null) labels.add(label);
  }
  return [...labels].toSorted();
}
