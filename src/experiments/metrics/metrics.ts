import { accuracy, countLabels, f1, kappa, macroF1, matthewsCorrelation } from "./metrics-labels.ts";
import type { ConfusionMatrix } from "./metrics-labels.ts";
import { binaryProbabilityMetrics, multiclassProbabilityMetrics, probabilityTable } from "./metrics-probability.ts";

/** How well a model predicted rows whose target is known. */
export type ModelMetrics = {
  rows: number;
  /** Training rows flatter a model; holdout rows are those it has not seen. */
  source: "holdout" | "training";
  /** By snake_case name; null: not defined for these rows. */
  values: Record<string, number | null>;
  confusion?: ConfusionMatrix;
};

/** Answers of a classifier, one entry a row. */
export interface ClassifiedRows {
  actual: readonly string[];
  predicted: readonly (string | null)[];
  /** The model's classes in the order of its probability columns; null: not known. */
  labels: readonly string[] | null;
  /** Row-major, rows x labels.length, each 0..1; null: the model gives none. */
  probabilities: readonly (number | null)[] | null;
  /** The class that binary metrics are about; left out: the second of two classes. */
  positive?: string;
  /** Left out: binary where there are at most two labels (labels that occur, if `labels` is null). */
  task?: "binary_classification" | "multiclass_classification";
}

/**
 * `rmse`, `mae`, `mape`, `r2` as scikit-learn defines them; rmse and mae are in units of the target.
 * mape is a fraction, |error| / max(|actual|, 2^-52): one actual of zero makes it huge, as it does there.
 * r2 is null where all actuals are equal; every metric is null for no rows and where a value is not finite.
 * Rows without an actual or a prediction are for the caller to leave out. Throws RangeError for unequal lengths.
 */
export function regressionMetrics(actual: Float64Array, predicted: Float64Array): Record<string, number | null> {
  const rows = actual.length;
  if (predicted.length !== rows) throw new RangeError(`${rows} actuals but ${predicted.length} predictions`);
  const mean = actual.reduce((sum, value) => sum + value, 0) / rows;
  let squared = 0;
  let absolute = 0;
  let relative = 0;
  let spread = 0;
  for (let row = 0; row < rows; row++) {
    const truth = actual[row] ?? Number.NaN;
    const error = Math.abs(truth - (predicted[row] ?? Number.NaN));
    squared += error * error;
    absolute += error;
    relative += error / Math.max(Math.abs(truth), Number.EPSILON);
    spread += (truth - mean) ** 2;
  }
  // The rounded mean of equal values can differ from them, so that `spread` alone would not show a constant.
  const constant = actual.every((value) => value === actual[0]);
  return {
    rmse: finiteOrNull(Math.sqrt(squared / rows)),
    mae: finiteOrNull(absolute / rows),
    mape: finiteOrNull(relative / rows),
    r2: constant ? null : finiteOrNull(1 - squared / spread),
  };
}

/**
 * Metrics of a classifier as scikit-learn defines them.
 * Binary: `accuracy`, `f1` of the positive class, `mcc`; with labels and probabilities also `roc_auc`, `average_precision`,
 * `log_loss`, `brier`, `ece`. Multiclass: `accuracy`, `macro_f1`, `kappa`; with both also `log_loss`, `ece`.
 *
 * A metric that is not defined for these rows is null: roc_auc of one class only, kappa where all is one and the same class,
 * average_precision without a positive row, f1 where the positive class neither occurs nor is predicted (scikit-learn says 0
 * and warns), all for no rows. mcc of one class only is 0, as scikit-learn says without a warning.
 * Without a positive class (binary, but not two classes and none named) its metrics are null.
 * An actual that is not among `labels` counts as wrong, as a class to which the model gave probability 0: its log loss is
 * -ln(2^-52), its Brier loss (p^2 + (1 - p)^2 + 1) / 2; for roc_auc, average_precision and binary ece it is not positive.
 *
 * Rows without an actual or a prediction are for the caller to leave out: a null left in `predicted` counts as wrong, one in
 * `probabilities` makes every metric of probabilities null. Throws RangeError where the lengths do not fit or `positive` is
 * not among `labels`.
 */
export function classificationMetrics(answers: ClassifiedRows): Record<string, number | null> {
  const { actual, predicted, labels, probabilities } = answers;
  const rows = actual.length;
  if (predicted.length !== rows) throw new RangeError(`${rows} actuals but ${predicted.length} predictions`);
  const counts = countLabels(actual, predicted);
  const classes = labels ?? [...counts.classes.keys()].toSorted();
  const positive = answers.positive ?? (classes.length === 2 ? classes[1] : undefined);
  const table = labels && probabilities ? probabilityTable(labels, probabilities, rows) : null;
  if (isBinary(answers, classes.length)) {
    return {
      ...(table && binaryProbabilityMetrics(actual, table, positive)),
      accuracy: accuracy(counts),
      f1: positive === undefined ? null : f1(counts, positive),
      mcc: matthewsCorrelation(counts),
    };
  }
  return {
    accuracy: accuracy(counts),
    macro_f1: macroF1(counts),
    kappa: kappa(counts),
    ...(table && multiclassProbabilityMetrics(actual, table)),
  };
}

function isBinary({ task, positive, labels }: ClassifiedRows, classCount: number): boolean {
  if (task !== undefined) return task === "binary_classification";
  return classCount <= 2 || (labels === null && positive !== undefined);
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
