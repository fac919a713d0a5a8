"""Writes test/monitoring/performance/performance-reference.json: metrics with their intervals, estimates before labels, a verdict.

    pip install scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
    python scripts/reference-values/performance.py
    npm exec -- oxfmt test/monitoring/performance/performance-reference.json

Values are scikit-learn's. Intervals: Wilson by scipy; DeLong from the kernel over all pairs; means by numpy; bootstraps of
5,000 replicates (500 for the many rows) over whole rows, which the tests compare with a tolerance. The same seed gives the same file.
"""

import json
from pathlib import Path

import numpy as np
import scipy
import sklearn
import sklearn.metrics as sk
from scipy.stats import binomtest, norm
from sklearn.isotonic import IsotonicRegression

TARGET = Path(__file__).parents[2] / "test" / "monitoring" / "performance" / "performance-reference.json"
Z = norm.ppf(0.975)
EPSILON = np.finfo(float).eps
random = np.random.default_rng(20250117)


def around(mean, error):
    return [max(0.0, mean - Z * error), mean + Z * error]


def of_mean(losses):
    return around(losses.mean(), losses.std(ddof=1) / np.sqrt(len(losses)))


def wilson(hits, rows):
    interval = binomtest(int(hits), rows).proportion_ci(0.95, method="wilson")
    return [interval.low, interval.high]


def delong(outcome, score):
    """The variance of the U statistic from its structural components, over all pairs of a positive and a negative row."""
    kernel = np.sign(score[outcome][:, None] - score[~outcome][None, :]) / 2 + 0.5
    by_positive, by_negative = kernel.mean(axis=1), kernel.mean(axis=0)
    error = np.sqrt(by_positive.var(ddof=1) / len(by_positive) + by_negative.var(ddof=1) / len(by_negative))
    return [max(0, kernel.mean() - Z * error), min(1, kernel.mean() + Z * error)]


def bootstrap(rows, metric, replicates=5000):
    draws = [metric(random.integers(0, rows, rows)) for _ in range(replicates)]
    return np.quantile(draws, [0.025, 0.975]).tolist()


def calibration_error(outcome, confidence):
    bins = np.digitize(confidence, np.arange(1, 10) / 10)
    return np.abs(np.bincount(bins, confidence - outcome, 10)).sum() / len(outcome)


def calibration_interval(outcome, confidence, replicates=5000):
    """Basic bootstrap; from 0 if a calibrated model would show as much in more than one of 20 samples."""
    rows, value = len(outcome), calibration_error(outcome, confidence)
    low, high = bootstrap(rows, lambda i: calibration_error(outcome[i], confidence[i]), replicates)
    fair = [calibration_error(random.random(rows) < confidence, confidence) for _ in range(replicates)]
    from_zero = value <= np.quantile(fair, 0.95)
    return [0 if from_zero else max(0, 2 * value - high), max(value, 2 * value - low)]


def regression_case():
    actual = np.round(random.normal(20, 5, 120), 3)
    predicted = np.round(actual + random.standard_t(5, 120) * 2, 3)
    error = actual - predicted
    rmse = sk.root_mean_squared_error(actual, predicted)
    squared = error**2
    return {
        "actual": actual.tolist(),
        "predicted": predicted.tolist(),
        "closed": {
            "rmse": [rmse, around(rmse, squared.std(ddof=1) / np.sqrt(120) / (2 * rmse))],
            "mae": [sk.mean_absolute_error(actual, predicted), of_mean(np.abs(error))],
            "mape": [sk.mean_absolute_percentage_error(actual, predicted), of_mean(np.abs(error / actual))],
        },
        "drawn": {
            "r2": [
                sk.r2_score(actual, predicted),
                bootstrap(120, lambda i: sk.r2_score(actual[i], predicted[i])),
            ]
        },
    }


def binary_metrics(outcome, score, replicates):
    rows = len(outcome)
    says = score >= 0.5
    loss = -np.log(np.clip(np.where(outcome, score, 1 - score), EPSILON, 1 - EPSILON))

    def drawn(metric, given):
        return [metric(outcome, given), bootstrap(rows, lambda i: metric(outcome[i], given[i]), replicates)]

    return {
        "closed": {
            "accuracy": [sk.accuracy_score(outcome, says), wilson((outcome == says).sum(), rows)],
            "roc_auc": [sk.roc_auc_score(outcome, score), delong(outcome, score)],
            "log_loss": [sk.log_loss(outcome, score), of_mean(loss)],
            "brier": [sk.brier_score_loss(outcome, score), of_mean((score - outcome) ** 2)],
        },
        "drawn": {
            "f1": drawn(sk.f1_score, says),
            "mcc": drawn(sk.matthews_corrcoef, says),
            "average_precision": drawn(sk.average_precision_score, score),
            "ece": [calibration_error(outcome, score), calibration_interval(outcome, score, replicates)],
        },
    }


def binary_case():
    truth = random.random(150) < 0.4
    score = np.round(1 / (1 + np.exp(-random.normal(np.where(truth, 1.2, -1.5), 1.6))), 2)
    score = np.clip(score, 0.005, 0.995)
    return {"actual": truth.astype(int).tolist(), "score": score.tolist(), **binary_metrics(truth, score, 5000)}


def many_rows_case():
    """Rows that both languages compute from their number, so that the file does not contain them."""
    number = np.arange(1.0, 20001.0)
    score = np.floor((number * 0.618033988749895) % 1.0 * 1000) / 1000
    truth = (number * 0.4142135623730951) % 1.0 < score * score
    return binary_metrics(truth, score, 500)


def multiclass_case():
    truth = random.choice(3, size=140, p=[0.5, 0.3, 0.2])
    logits = random.normal(size=(140, 3)) + 1.4 * np.eye(3)[truth]
    thousandths = np.floor(1000 * np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
    thousandths[:, 0] += 1000 - thousandths.sum(axis=1)
    table = thousandths / 1000
    says = table.argmax(axis=1)
    loss = -np.log(np.clip(table[np.arange(140), truth], EPSILON, 1 - EPSILON))

    def drawn(metric):
        return [metric(truth, says), bootstrap(140, lambda i: metric(truth[i], says[i]))]

    return {
        "actual": truth.tolist(),
        "probabilities": table.ravel().tolist(),
        "closed": {
            "accuracy": [sk.accuracy_score(truth, says), wilson((truth == says).sum(), 140)],
            "log_loss": [sk.log_loss(truth, table), of_mean(loss)],
        },
        "drawn": {
            "macro_f1": drawn(lambda a, b: sk.f1_score(a, b, average="macro")),
            "kappa": drawn(sk.cohen_kappa_score),
            "ece": [
                calibration_error(truth == says, table.max(axis=1)),
                calibration_interval(truth == says, table.max(axis=1)),
            ],
        },
    }


def cbpe(calibrated, score):
    """NannyML's estimators: each row is positive by its calibrated probability. ROC AUC over distinct scores, by the trapezoid."""
    says = score >= 0.5
    hits, false, missed = calibrated[says].sum(), (1 - calibrated)[says].sum(), calibrated[~says].sum()
    order = np.argsort(-score, kind="stable")
    ends = np.r_[np.nonzero(np.diff(score[order]))[0], len(score) - 1]
    positives, negatives = np.cumsum(calibrated[order])[ends], np.cumsum(1 - calibrated[order])[ends]
    return {
        "accuracy": float(np.where(says, calibrated, 1 - calibrated).mean()),
        "f1": float(hits / (hits + 0.5 * (false + missed))),
        "roc_auc": float(np.trapezoid(np.r_[0, positives / positives[-1]], np.r_[0, negatives / negatives[-1]])),
    }


def binned_map(outcome, confidence):
    bins = np.digitize(confidence, np.arange(1, 10) / 10)
    rows = np.bincount(bins, minlength=10)
    means = np.bincount(bins, outcome, 10) / np.maximum(rows, 1)
    used = np.nonzero(rows)[0]
    smooth = IsotonicRegression().fit_transform(used, means[used], sample_weight=rows[used])
    table = dict(zip(used.tolist(), smooth.tolist()))
    return [table.get(bin) for bin in range(10)]


def sampling_interval(calibrated, score, replicates=5000):
    """The interval of the metric of this many rows, with labels drawn by the calibrated probabilities."""
    draws = []
    for _ in range(replicates):
        truth = random.random(len(score)) < calibrated
        draws.append([sk.f1_score(truth, score >= 0.5), sk.roc_auc_score(truth, score)])
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return {"f1": [low[0], high[0]], "roc_auc": [low[1], high[1]]}


def estimate_case():
    """An overconfident model with its reference, and a window of easier rows without known labels."""

    def rows(count, spread):
        logit = random.normal(-0.3, spread, count)
        return random.random(count) < 1 / (1 + np.exp(-logit)), np.round(1 / (1 + np.exp(-1.8 * logit)), 3)

    outcome, confidence = rows(1500, 1.4)
    truth, score = rows(1200, 2.2)
    outcomes = binned_map(outcome, confidence)
    histogram = np.bincount(np.minimum(np.floor(score * 50 + 1e-9), 49).astype(int), minlength=50)
    middle = (np.floor(np.minimum(score * 50 + 1e-9, 49)) + 0.5) / 50
    by_bin = np.asarray(outcomes)[np.floor(middle * 10).astype(int)]
    by_row = IsotonicRegression(out_of_bounds="clip").fit(confidence, outcome).predict(score)
    spread = Z * np.sqrt((by_bin * (1 - by_bin)).sum()) / len(score)
    binned = cbpe(by_bin, middle)
    return {
        "reference": {"outcomes": outcome.astype(int).tolist(), "confidences": confidence.tolist()},
        "calibration": outcomes,
        "histogram": histogram.tolist(),
        "binned": binned,
        "accuracy_interval": [binned["accuracy"] - spread, binned["accuracy"] + spread],
        "drawn": sampling_interval(by_bin, middle),
        "by_row": cbpe(by_row, score),
        "realised": {
            "accuracy": sk.accuracy_score(truth, score >= 0.5),
            "f1": sk.f1_score(truth, score >= 0.5),
            "roc_auc": sk.roc_auc_score(truth, score),
        },
    }


def violators_case():
    confidence = np.round(random.uniform(0, 1, 400), 3)
    confidence = confidence[(confidence < 0.3) | (confidence >= 0.4)]
    outcome = random.random(len(confidence)) < 0.5 + 0.1 * np.sin(12 * confidence)
    return {
        "outcomes": outcome.astype(int).tolist(),
        "confidences": confidence.tolist(),
        "calibration": binned_map(outcome, confidence),
    }


def sequence_case(name, difference):
    """Waudby-Smith et al., arXiv 2103.06476, alpha 0.05, tuned for 500, for each prefix; the intersection of intervals from 30 on."""
    rho2 = (-2 * np.log(0.05) + np.log(-2 * np.log(0.05) + 1)) / 500
    low, high, decided = -np.inf, np.inf, None
    for n in range(30, len(difference) + 1):
        mean, deviation = difference[:n].mean(), difference[:n].std(ddof=1)
        half = deviation * np.sqrt(2 * (n * rho2 + 1) / (n**2 * rho2) * np.log(np.sqrt(n * rho2 + 1) / 0.05))
        low, high = max(low, mean - half), min(high, mean + half)
        decided = n if decided is None and (low > 0 or high < 0) else decided
    assert low <= high
    return {
        "name": name,
        "differences": difference.tolist(),
        "mean": float(difference.mean()),
        "interval": [low, high],
        "decided_at": decided,
    }


reference = {
    "versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
    "regression": regression_case(),
    "binary": binary_case(),
    "many_rows": many_rows_case(),
    "multiclass": multiclass_case(),
    "estimate": estimate_case(),
    "violators": violators_case(),
    "sequences": [
        sequence_case("no difference", np.round(random.normal(0, 1, 400), 4)),
        sequence_case("a better challenger", np.round(random.normal(0.4, 1, 400), 4)),
        sequence_case("a worse challenger", np.round(random.normal(-0.6, 1.5, 300), 4)),
    ],
}
TARGET.write_text(json.dumps(reference, allow_nan=False) + "\n")
