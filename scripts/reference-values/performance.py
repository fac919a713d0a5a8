"""Writes test/monitoring/performance/performance-reference.json: metrics with their intervals, estimates before labels, a verdict.

    pip install scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
    python scripts/reference-values/performance.py
    npm exec -- oxfmt test/monitoring/performance/performance-reference.json

Values are scikit-learn's. Intervals: Clopper and Pearson by scipy; Newcombe's by scipy's root finder, with DeLong's variance from the
kernel over all pairs; Hall's by numpy and scipy's skewness; draws of 3,000 replicates and more (300 for the many rows), which the tests compare
with a tolerance. The same seed gives the same file.
"""

import json
from pathlib import Path

import numpy as np
import scipy
import sklearn
import sklearn.metrics as sk
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import binomtest, norm, skew
from scipy.stats import t as student
from sklearn.isotonic import IsotonicRegression

TARGET = Path(__file__).parents[2] / "test" / "monitoring" / "performance" / "performance-reference.json"
Z = norm.ppf(0.975)
EPSILON = np.finfo(float).eps
random = np.random.default_rng(20250117)


def hall(values, tail=None):
    """Hall's cubic, with ends moved out by twice the skewness over the root of the rows, at most 1.5 standard errors."""
    n, error = len(values), values.std(ddof=1) / np.sqrt(len(values))
    a = skew(values, bias=False) / np.sqrt(n)
    above = a if tail is None else max(a, skew(tail, bias=False) / np.sqrt(n))

    def end(reach):
        # The real root of Hall's cubic.
        roots = np.roots([a**2 / 27, a / 3, 1, a / 6 - reach])
        return values.mean() - error * roots[np.argmin(np.abs(roots.imag))].real

    return [end(Z + np.clip(-2 * a, 0, 1.5)), end(-Z - np.clip(2 * above, 0, 1.5))]


def of_mean(losses):
    low, high = hall(losses)
    return [max(0.0, low), high]


def of_r2(actual, squares):
    spread = (actual - actual.mean()) ** 2
    ratio = squares.mean() / spread.mean()
    low, high = hall(squares / squares.mean() - spread / spread.mean(), squares)
    return [1 - ratio * np.exp(high), 1 - ratio * np.exp(low)]


def exact(hits, rows):
    interval = binomtest(int(hits), rows).proportion_ci(0.95, method="exact")
    return [interval.low, interval.high]


def newcombe(outcome, score):
    """Method 5, its variance scaled up to DeLong's, of the structural components over all pairs of a positive and a negative row."""
    kernel = np.sign(score[outcome][:, None] - score[~outcome][None, :]) / 2 + 0.5
    by_positive, by_negative = kernel.mean(axis=1), kernel.mean(axis=0)
    delong = by_positive.var(ddof=1) / len(by_positive) + by_negative.var(ddof=1) / len(by_negative)
    area, more = kernel.mean(), len(outcome) / 2 - 1

    def variance(of):
        shape = 1 + more * (1 - of) / (2 - of) + more * of / (1 + of)
        return of * (1 - of) * shape / (outcome.sum() * (~outcome).sum())

    scale = Z * np.sqrt(max(1, delong / variance(area)))
    beyond = lambda of: abs(of - area) - scale * np.sqrt(variance(of))
    return [brentq(beyond, 1e-12, area, xtol=1e-15), brentq(beyond, area, 1 - 1e-12, xtol=1e-15)]


def dirichlet(counts, metric, replicates=5000):
    """Of a confusion matrix, with a prior of two rows in all; `metric` takes matrices of actual by predicted."""
    draws = random.dirichlet(counts.ravel() + 2 / counts.size, replicates).reshape(replicates, *counts.shape)
    return np.quantile(metric(draws), [0.025, 0.975]).tolist()


def hits_and_sums(shares):
    return np.diagonal(shares, axis1=1, axis2=2), shares.sum(axis=2), shares.sum(axis=1)


def f1_of(shares):
    hits, actual, predicted = hits_and_sums(shares)
    return (2 * hits / (actual + predicted))[:, 1]


def macro_f1_of(shares):
    hits, actual, predicted = hits_and_sums(shares)
    return (2 * hits / (actual + predicted)).mean(axis=1)


def mcc_of(shares):
    hits, actual, predicted = hits_and_sums(shares)
    spread = np.sqrt((1 - (actual**2).sum(axis=1)) * (1 - (predicted**2).sum(axis=1)))
    return (hits.sum(axis=1) - (actual * predicted).sum(axis=1)) / spread


def kappa_of(shares):
    hits, actual, predicted = hits_and_sums(shares)
    chance = (actual * predicted).sum(axis=1)
    return (hits.sum(axis=1) - chance) / (1 - chance)


def of_ranking(outcome, score, replicates):
    value = sk.average_precision_score(outcome, score)
    rows = len(outcome)
    drawn = []
    for _ in range(replicates):
        i = random.integers(0, rows, rows)
        drawn.append(logit(np.clip(sk.average_precision_score(outcome[i], score[i]), 0.5 / rows, 1 - 0.5 / rows)))
    half = student.ppf(0.975, outcome.sum() - 1) * np.std(drawn, ddof=1)
    return [value, [expit(logit(value) - half), expit(logit(value) + half)]]


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
            "rmse": [rmse, np.sqrt(of_mean(squared)).tolist()],
            "mae": [sk.mean_absolute_error(actual, predicted), of_mean(np.abs(error))],
            "r2": [sk.r2_score(actual, predicted), of_r2(actual, squared)],
        },
        "mape": sk.mean_absolute_percentage_error(actual, predicted),
    }


def binary_metrics(outcome, score, replicates):
    rows = len(outcome)
    says = score >= 0.5
    loss = -np.log(np.clip(np.where(outcome, score, 1 - score), EPSILON, 1 - EPSILON))

    matrix = sk.confusion_matrix(outcome, says)
    return {
        "closed": {
            "accuracy": [sk.accuracy_score(outcome, says), exact((outcome == says).sum(), rows)],
            "roc_auc": [sk.roc_auc_score(outcome, score), newcombe(outcome, score)],
            "log_loss": [sk.log_loss(outcome, score), of_mean(loss)],
            "brier": [sk.brier_score_loss(outcome, score), of_mean((score - outcome) ** 2)],
        },
        "drawn": {
            "f1": [sk.f1_score(outcome, says), dirichlet(matrix, f1_of)],
            "mcc": [sk.matthews_corrcoef(outcome, says), dirichlet(matrix, mcc_of)],
            "average_precision": of_ranking(outcome, score, replicates),
            "ece": [calibration_error(outcome, score), calibration_interval(outcome, score, replicates)],
        },
    }


def binary_case():
    truth = random.random(150) < 0.4
    score = np.round(1 / (1 + np.exp(-random.normal(np.where(truth, 1.2, -1.5), 1.6))), 2)
    score = np.clip(score, 0.005, 0.995)
    return {"actual": truth.astype(int).tolist(), "score": score.tolist(), **binary_metrics(truth, score, 3000)}


def many_rows_case():
    """Rows that both languages compute from their number, so that the file does not contain them."""
    number = np.arange(1.0, 20001.0)
    score = np.floor((number * 0.618033988749895) % 1.0 * 1000) / 1000
    truth = (number * 0.4142135623730951) % 1.0 < score * score
    return binary_metrics(truth, score, 300)


def multiclass_case():
    truth = random.choice(3, size=140, p=[0.5, 0.3, 0.2])
    logits = random.normal(size=(140, 3)) + 1.4 * np.eye(3)[truth]
    thousandths = np.floor(1000 * np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
    thousandths[:, 0] += 1000 - thousandths.sum(axis=1)
    table = thousandths / 1000
    says = table.argmax(axis=1)
    loss = -np.log(np.clip(table[np.arange(140), truth], EPSILON, 1 - EPSILON))

    matrix = sk.confusion_matrix(truth, says)
    return {
        "actual": truth.tolist(),
        "probabilities": table.ravel().tolist(),
        "closed": {
            "accuracy": [sk.accuracy_score(truth, says), exact((truth == says).sum(), 140)],
            "log_loss": [sk.log_loss(truth, table), of_mean(loss)],
        },
        "drawn": {
            "macro_f1": [sk.f1_score(truth, says, average="macro"), dirichlet(matrix, macro_f1_of)],
            "kappa": [sk.cohen_kappa_score(truth, says), dirichlet(matrix, kappa_of)],
            "ece": [
                calibration_error(truth == says, table.max(axis=1)),
                calibration_interval(truth == says, table.max(axis=1)),
            ],
        },
    }


def expected_metrics(said, other, chance):
    """Of bins in ascending order: rows answered with the second class, and the others, positive by the chance of their bin."""
    rows, right, missed = (said + other).sum(), (said * chance).sum(), (other * chance).sum()
    positives, negatives = ((said + other) * chance)[::-1], ((said + other) * (1 - chance))[::-1]
    found, seen = np.r_[0, np.cumsum(positives)], np.r_[0, np.cumsum(negatives)]
    return {
        "accuracy": float((right + other.sum() - missed) / rows),
        "f1": float(2 * right / (said.sum() + right + missed)),
        "roc_auc": float(np.trapezoid(found / found[-1], seen / seen[-1])),
    }


def around(rows, hits):
    """Isotonic regression over the bins; each pool with half a hit in one more row; on the line where a bin has no rows."""
    used = np.nonzero(rows)[0]
    fit = IsotonicRegression().fit_transform(used, hits[used] / rows[used], sample_weight=rows[used])
    share = np.zeros(len(used))
    for value in np.unique(fit.round(12)):
        pool = np.isclose(fit, value, atol=1e-12)
        share[pool] = (hits[used][pool].sum() + 0.5) / (rows[used][pool].sum() + 1)
    return np.interp(np.arange(len(rows)), used, share)


def estimate_case():
    """An overconfident model with a threshold of 0.3, its holdout, and a window of easier rows without known labels."""

    def draw(count, spread):
        logits = random.normal(-0.3, spread, count)
        return random.random(count) < expit(logits), expit(1.8 * logits)

    outcome, confidence = draw(1500, 1.4)
    _, score = draw(1200, 2.2)
    edges = np.unique(np.round(np.r_[0, np.quantile(confidence, np.arange(1, 60) / 60), 0.3, 0.995, 0.999, 1], 4))
    count = lambda values: np.histogram(values, edges)[0]
    rows, hits = count(confidence), count(confidence[outcome])
    said, other = count(score[score >= 0.3]), count(score[score < 0.3])
    local = around(rows, hits)
    chance = np.where(rows > 0, hits / np.maximum(rows, 1), local)
    draws = []
    for _ in range(5000):
        known = np.maximum(rows, 1)
        learnt = chance + (random.binomial(known, local) - known * local) / known
        came = [side * learnt + random.binomial(side, local) - side * local for side in (said, other)]
        both = said + other
        shares = [np.divide(part, side, out=np.zeros(len(side)), where=side > 0) for part, side in zip(came, (said, other))]
        right, missed = (said * shares[0]).sum(), (other * shares[1]).sum()
        positives = np.divide(came[0] + came[1], both, out=np.zeros(len(both)), where=both > 0)
        draws.append(
            [
                (right + other.sum() - missed) / both.sum(),
                2 * right / (said.sum() + right + missed),
                expected_metrics(said, other, positives)["roc_auc"],
            ]
        )
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return {
        "calibration": {"of": "second_class", "edges": edges.tolist(), "rows": rows.tolist(), "hits": hits.tolist()},
        "counts": np.r_[said, other].tolist(),
        "around": local.tolist(),
        "expected": expected_metrics(said, other, chance),
        "drawn": {name: [low[i], high[i]] for i, name in enumerate(["accuracy", "f1", "roc_auc"])},
    }


def sequence_case(name, difference):
    """Waudby-Smith et al., arXiv 2103.06476, alpha 0.05, tuned for 500, for each prefix of 30 on; one more 0 in the deviation."""
    rho2 = (-2 * np.log(0.05) + np.log(-2 * np.log(0.05) + 1)) / 500
    decided = None
    for n in range(30, len(difference) + 1):
        mean, deviation = difference[:n].mean(), np.r_[difference[:n], 0].std() * np.sqrt((n + 1) / n)
        half = deviation * np.sqrt(2 * (n * rho2 + 1) / (n**2 * rho2) * np.log(np.sqrt(n * rho2 + 1) / 0.05))
        decided = n if decided is None and abs(mean) > half else decided
    return {
        "name": name,
        "differences": difference.tolist(),
        "mean": float(difference.mean()),
        "interval": [mean - half, mean + half],
        "decided_at": decided,
    }


reference = {
    "versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
    "regression": regression_case(),
    "binary": binary_case(),
    "many_rows": many_rows_case(),
    "multiclass": multiclass_case(),
    "estimate": estimate_case(),
    "sequences": [
        sequence_case("no difference", np.round(random.normal(0, 1, 400), 4)),
        sequence_case("a better challenger", np.round(random.normal(0.4, 1, 400), 4)),
        sequence_case("a worse challenger", np.round(random.normal(-0.6, 1.5, 300), 4)),
    ],
}
TARGET.write_text(json.dumps(reference, allow_nan=False) + "\n")
