import type { Answers } from "../../engine/read-answers.ts";
import type { Finding } from "../../onnx/finding.ts";
import { type Calibration, learnCalibration } from "./learn-calibration.ts";
import { canonicalLabel } from "../../lib/label.ts";
import { classificationMetrics, type ModelMetrics, regressionMetrics } from "../metrics/metrics.ts";
import { confusionMatrix } from "../metrics/metrics-labels.ts";
import { type NumberProfile, profileNumbers } from "../training/profile-numeric.ts";
import type { ExperimentRow } from "../queries.ts";
import { cellAt } from "../training/training-columns.ts";
import type { TrainingTable } from "../training/training-table.ts";

/** How the model's answers are distributed on the reference rows: what prediction drift is measured against. */
export interface OutputDistribution {
  rows: number;
  /** Of a number as prediction, or of an anomaly score; null where the answers are labels without one. */
  numbers: NumberProfile | null;
  /** Of a label as prediction, by falling count, those that it could answer included; null where the answers are numbers. */
  labels: { value: string; count: number }[] | null;
  /** Of the probabilities, for each of the first 20 classes; absent in distributions that were kept before, [] where it answers none. */
  scores?: { label: string; numbers: NumberProfile }[];
  /** How often it was right, by how sure it was; null without a holdout, a target or probabilities. */
  calibration?: Calibration | null;
}

export interface Measured {
  metrics: ModelMetrics | null;
  distribution: OutputDistribution;
  findings: Finding[];
}

/**
 * Metrics of the answers against the target, where it is known, and their distribution. Row i of the answers is row `rowNumbers[i]` of
 * the table.
 */
export function measureModel(
  experiment: ExperimentRow,
  table: TrainingTable,
  rowNumbers: readonly number[],
  answers: Answers,
  source: ModelMetrics["source"],
): Measured {
  const findings: Finding[] = [];
  const isComparable = noteForeignLabels(experiment, table, answers, findings);
  const isMeasured = table.target !== null && isComparable;
  const metrics = isMeasured ? metricsOf(experiment, table, rowNumbers, answers, source) : null;
  const calibration = isMeasured ? calibrationOf(experiment, table, rowNumbers, answers, source) : null;
  return { metrics, distribution: { ...distributionOf(experiment, answers), calibration }, findings };
}

/** Of training rows none is learnt: a model that knows them by heart is right about them more often than it will be. */
function calibrationOf(
  experiment: ExperimentRow,
  table: TrainingTable,
  rowNumbers: readonly number[],
  answers: Answers,
  source: ModelMetrics["source"],
): Calibration | null {
  const { target } = table;
  const { classLabels, probabilities, predictions } = answers;
  if (source !== "holdout" || !target || !classLabels || !probabilities) return null;
  if (experiment.task === "anomaly_detection") return null;
  const second = classLabels.length === 2 ? classLabels[1] : undefined;
  const rows = rowNumbers.flatMap((row, index) => {
    const cell = cellAt(target, row);
    if (cell === null || !isAnswered(answers, index)) return [];
    const label = second ?? String(predictions[index]);
    const score = probabilities[index * classLabels.length + classLabels.indexOf(label)];
    return typeof score === "number" ? [{ score, isHit: canonicalLabel(cell) === canonicalLabel(label) }] : [];
  });
  return learnCalibration(rows, second === undefined ? "answered_class" : "second_class");
}

function metricsOf(
  experiment: ExperimentRow,
  table: TrainingTable,
  rowNumbers: readonly number[],
  answers: Answers,
  source: ModelMetrics["source"],
): ModelMetrics | null {
  const { target } = table;
  if (!target || experiment.task === "anomaly_detection") return null;
  const known = rowNumbers.map((row) => cellAt(target, row));
  const usable = known.flatMap((actual, index) => (actual !== null && isAnswered(answers, index) ? [index] : []));
  if (experiment.task === "regression") {
    const predicted = usable.map((index) => answers.predictions[index]);
    if (!predicted.every((value) => typeof value === "number")) return null;
    const actual = Float64Array.from(usable, (index) => Number(known[index]));
    return { rows: usable.length, source, values: regressionMetrics(actual, Float64Array.from(predicted)) };
  }
  const actual = usable.map((index) => canonicalLabel(known[index] ?? ""));
  const predicted = usable.map((index) => String(answers.predictions[index]));
  const width = answers.classLabels?.length ?? 0;
  const probabilities = answers.probabilities
    ? usable.flatMap((index) => answers.probabilities?.slice(index * width, (index + 1) * width) ?? [])
    : null;
  const values = classificationMetrics({
    actual,
    predicted,
    labels: answers.classLabels,
    probabilities,
    task: experiment.task,
  });
  const confusion = confusionMatrix(actual, predicted, answers.classLabels);
  return { rows: usable.length, source, values, ...(confusion ? { confusion } : {}) };
}

function isAnswered(answers: Answers, index: number): boolean {
  if (answers.predictions[index] === null) return false;
  const width = answers.classLabels?.length ?? 0;
  return (
    !answers.probabilities ||
    answers.probabilities.slice(index * width, (index + 1) * width).every((value) => value !== null)
  );
}

/**
 * Says whether the model's labels are those of the target, and notes where they are not: a model that says 0, 1, 2 about classes called
 * 1, 2, 3 is the usual trap, as it looks entirely wrong while it is right. Where fewer than half of them occur in the target, nothing is
 * compared.
 */
function noteForeignLabels(
  { task }: ExperimentRow,
  { target }: TrainingTable,
  answers: Answers,
  findings: Finding[],
): boolean {
  if (target?.kind !== "label" || task === "regression" || task === "anomaly_detection") return true;
  // The target's labels are those of the whole reference: a sample or a holdout may lack a class that is rightly predicted.
  const known = new Set(target.dictionary);
  const predicted = answers.predictions.filter((label) => label !== null).map(String);
  const given = [...new Set([...(answers.classLabels ?? []), ...predicted])];
  const own = given.filter((label) => known.has(label));
  if (own.length === given.length || known.size === 0) return true;
  const isComparable = 2 * own.length >= given.length;
  const all = own.length === 0 ? "None of the model's labels" : "Not all of the model's labels";
  const compared = `${all} occur in the target: the model says ${shown(given)}, the target has ${shown([...known])}.`;
  const naming =
    "Give `class_names` in the mapping, in the order of the model's classes, if they are the same classes under other names.";
  const consequence = isComparable
    ? ""
    : " So its answers cannot be compared with the target, and the model has no metrics.";
  findings.push({
    level: "warning",
    code: "labels_differ_from_target",
    message: `${compared}${consequence} ${naming}`,
  });
  return isComparable;
}

function shown(labels: readonly string[]): string {
  const sorted = [...labels].sort();
  return `${sorted.slice(0, 6).join(", ")}${sorted.length > 6 ? ", …" : ""}`;
}

function distributionOf(experiment: ExperimentRow, answers: Answers): OutputDistribution {
  const numbers = experiment.task === "regression" ? answers.predictions : (answers.extra["score"] ?? []);
  const finite = numbers.filter((value) => typeof value === "number");
  const labels = experiment.task === "regression" ? null : labelCounts(answers);
  return {
    rows: answers.count,
    numbers: finite.length > 0 ? profileNumbers(Float64Array.from(finite), true) : null,
    labels,
    scores: scoresOf(answers),
  };
}

/** More classes than these are watched by their labels alone. */
const SCORED_CLASSES_MAX = 20;

function scoresOf({ classLabels, probabilities }: Answers): NonNullable<OutputDistribution["scores"]> {
  if (!classLabels || !probabilities) return [];
  const width = classLabels.length;
  return classLabels.slice(0, SCORED_CLASSES_MAX).map((label, place) => {
    const values = probabilities.filter((_, index) => index % width === place);
    return {
      label,
      numbers: profileNumbers(
        Float64Array.from(values, (value) => value ?? Number.NaN),
        true,
      ),
    };
  });
}

function labelCounts(answers: Answers): { value: string; count: number }[] {
  const counts = new Map<string, number>((answers.classLabels ?? []).map((label) => [label, 0]));
  for (const prediction of answers.predictions) {
    if (prediction !== null) counts.set(String(prediction), (counts.get(String(prediction)) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => ({ value, count })).sort((one, other) => other.count - one.count);
}
