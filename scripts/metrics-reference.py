"""Writes test/experiments/metrics-reference.json: rows, and their metrics by scikit-learn.

    pip install scikit-learn==1.9.1 numpy==2.4.6
    python scripts/metrics-reference.py
    npm exec -- oxfmt test/experiments/metrics-reference.json

The same seed gives the same file. The file has null where a metric is not defined and scikit-learn returns 0, 1 or nan.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
import sklearn.metrics as sk

TARGET = Path(__file__).parent.parent / "test" / "experiments" / "metrics-reference.json"
warnings.filterwarnings("ignore")
random = np.random.default_rng(20240611)


def regression(name, actual, predicted):
    actual, predicted = np.round(np.asarray(actual, float), 4), np.round(np.asarray(predicted, float), 4)
    return {
        "name": name,
        "actual": actual.tolist(),
        "predicted": predicted.tolist(),
        "expected": {
            "rmse": sk.root_mean_squared_error(actual, predicted),
            "mae": sk.mean_absolute_error(actual, predicted),
            "mape": sk.mean_absolute_percentage_error(actual, predicted),
            "r2": sk.r2_score(actual, predicted) if len(set(actual)) > 1 else None,
        },
    }


def calibration_error(came_true, confidence):
    """The expected calibration error, which scikit-learn lacks. Bins are [k/10, (k+1)/10); the last one includes 1."""
    bins = np.digitize(confidence, np.arange(1, 10) / 10)
    gaps = [abs(confidence[bins == b].mean() - came_true[bins == b].mean()) * (bins == b).sum() for b in set(bins)]
    return float(sum(gaps) / len(confidence))


def with_unknown(actual, labels, probabilities):
    """Actual classes that the model does not know become columns of probability zero, sorted as scikit-learn requires."""
    unknown = sorted(set(actual) - set(labels))
    table = np.hstack([probabilities, np.zeros((len(actual), len(unknown)))])
    everything = [*labels, *unknown]
    order = np.argsort(everything)
    return [everything[i] for i in order], table[:, order]


def binary(name, actual, predicted, labels=None, probabilities=None, positive=None, task=None):
    actual, predicted = np.asarray(actual), np.asarray(predicted)
    positive_label = positive or (labels or sorted(set(actual) | set(predicted)))[1]
    is_positive, says_positive = actual == positive_label, predicted == positive_label
    expected = {
        "accuracy": sk.accuracy_score(actual, predicted),
        "f1": sk.f1_score(is_positive, says_positive) if (is_positive | says_positive).any() else None,
        "mcc": sk.matthews_corrcoef(actual, predicted),
    }
    if probabilities is not None:
        score = probabilities[:, labels.index(positive_label)]
        classes, table = with_unknown(actual, labels, probabilities)
        expected["roc_auc"] = sk.roc_auc_score(is_positive, score) if len(set(is_positive)) > 1 else None
        expected["average_precision"] = sk.average_precision_score(is_positive, score) if is_positive.any() else None
        expected["log_loss"] = sk.log_loss(actual, table, labels=classes)
        expected["brier"] = sk.brier_score_loss(actual, table, labels=classes, scale_by_half=True)
        expected["ece"] = calibration_error(is_positive, score)
    return case(name, actual, predicted, labels, probabilities, positive, task, expected)


def multiclass(name, actual, predicted, labels=None, probabilities=None, task=None):
    actual, predicted = np.asarray(actual), np.asarray(predicted)
    one_class = len(set(actual) | set(predicted)) == 1
    expected = {
        "accuracy": sk.accuracy_score(actual, predicted),
        "macro_f1": sk.f1_score(actual, predicted, average="macro"),
        "kappa": None if one_class else sk.cohen_kappa_score(actual, predicted),
    }
    if probabilities is not None:
        classes, table = with_unknown(actual, labels, probabilities)
        likeliest = np.asarray(labels)[probabilities.argmax(axis=1)]
        expected["log_loss"] = sk.log_loss(actual, table, labels=classes)
        expected["ece"] = calibration_error(likeliest == actual, probabilities.max(axis=1))
    return case(name, actual, predicted, labels, probabilities, None, task, expected)


def case(name, actual, predicted, labels, probabilities, positive, task, expected):
    """Labels are written as their positions in the labels of the confusion matrix, which keeps the file small."""
    order = [*(labels or []), *sorted((set(actual.tolist()) | set(predicted.tolist())) - set(labels or []))]
    rows = {
        "actual": [order.index(label) for label in actual],
        "predicted": [order.index(label) for label in predicted],
        "labels": labels,
        "probabilities": None if probabilities is None else probabilities.ravel().tolist(),
        **({} if positive is None else {"positive": positive}),
        **({} if task is None else {"task": task}),
    }
    confusion = {"labels": order, "counts": sk.confusion_matrix(actual, predicted, labels=order).tolist()}
    return {"name": name, "rows": rows, "expected": expected, "confusion": confusion}


def two_columns(score):
    return np.column_stack([np.round(1 - score, 4), score])


def table_of(rows, shares, sharpness):
    """Actual classes, and probabilities with three decimals that lean towards them."""
    truth = random.choice(len(shares), size=rows, p=shares)
    logits = random.normal(size=(rows, len(shares))) + sharpness * np.eye(len(shares))[truth]
    thousandths = np.floor(1000 * np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
    thousandths[:, 0] += 1000 - thousandths.sum(axis=1)
    return truth, thousandths / 1000


def regression_cases():
    actual = random.normal(20, 5, 120)
    skewed = random.lognormal(3, 2, 80)
    counts = random.poisson(4, 60) + 1
    return [
        regression("random", actual, actual + random.normal(0, 2, 120)),
        regression("large offset, small spread", actual / 1000 + 1e6, actual / 1000 + 1e6 + 0.002),
        regression("skewed over several decades", skewed, skewed * random.uniform(0.5, 1.8, 80)),
        regression("whole numbers with ties", counts, np.round(counts + random.normal(0, 1, 60))),
        regression("negative and positive", actual - 20, random.normal(0, 5, 120)),
        regression("an actual of zero", [0, 1, 2, 4], [0.5, 1, 2.5, 3]),
        regression("perfect", actual[:20], actual[:20]),
        regression("constant prediction", actual[:20], np.full(20, 20.0)),
        regression("constant actual", np.full(10, 0.1), np.linspace(0, 1, 10)),
        regression("constant actual, perfect", np.full(10, 0.1), np.full(10, 0.1)),
        regression("one row", [3], [2]),
    ]


def binary_cases():
    def rows(count, share, digits):
        truth = random.random(count) < share
        score = np.round(1 / (1 + np.exp(-random.normal(np.where(truth, 0.9, -0.9), 1.2))), digits)
        return truth, score

    def named(truth):
        return np.where(truth, "yes", "no")

    labels = ["no", "yes"]
    even, even_score = rows(150, 0.5, 4)
    tied, tied_score = rows(120, 0.4, 1)
    rare, rare_score = rows(300, 0.03, 3)
    unknown = named(tied[:60])
    unknown[::7] = "maybe"
    constant = np.full(40, 0.5)
    saturated = np.where(even[:30], 1.0, 0.0)
    saturated[[3, 8]] = 1 - saturated[[3, 8]]
    return [
        binary("random", named(even), named(even_score >= 0.5), labels, two_columns(even_score)),
        binary("many tied scores", named(tied), named(tied_score >= 0.5), labels, two_columns(tied_score)),
        binary("imbalanced", named(rare), named(rare_score >= 0.5), labels, two_columns(rare_score)),
        binary("imbalanced, never predicted", named(rare), named(rare_score > 1), labels, two_columns(np.round(rare_score / 3, 4))),
        binary("perfect", named(even[:30]), named(even[:30]), labels, two_columns(even[:30].astype(float))),
        binary("certain and wrong twice", named(even[:30]), named(saturated > 0.5), labels, two_columns(saturated)),
        binary("constant score", named(tied[:40]), named(constant >= 0.5), labels, two_columns(constant)),
        binary("only positive rows", named(np.ones(20, bool)), named(even_score[:20] >= 0.5), labels, two_columns(even_score[:20])),
        binary("only negative rows, none predicted", ["no"] * 20, ["no"] * 20, labels, two_columns(np.round(even_score[:20] / 4, 4))),
        binary("first class is positive", named(tied), named(tied_score >= 0.5), labels, two_columns(tied_score), "no"),
        binary("labels not in sorted order", named(tied), named(tied_score < 0.5), labels[::-1], two_columns(tied_score)),
        binary("a class that the model does not know", unknown, named(tied_score[:60] >= 0.5), labels, two_columns(tied_score[:60])),
        binary("labels unknown", named(even), named(even_score >= 0.5)),
        binary("labels unknown, positive given", named(even), named(even_score >= 0.5), positive="no"),
        binary("no probabilities", named(rare), named(rare_score >= 0.5), labels),
    ]


def multiclass_cases():
    def rows(count, shares, sharpness, labels):
        truth, table = table_of(count, shares, sharpness)
        return np.asarray(labels)[truth], np.asarray(labels)[table.argmax(axis=1)], labels, table

    three = rows(120, [0.3, 0.3, 0.4], 1.5, ["ash", "elm", "oak"])
    unsorted = rows(120, [0.3, 0.3, 0.4], 1.5, ["10", "9", "1"])
    rare = rows(150, [0.9, 0.06, 0.04, 0, 0], 1.2, ["a", "b", "c", "d", "e"])
    unknown = rows(80, [0.3, 0.3, 0.4], 2, ["ash", "elm", "oak"])
    unknown[0][::9] = "fir"
    unknown[0][4] = "box"
    two = rows(50, [0.5, 0.5], 1, ["n", "y"])
    wide = np.full((20, 4), 0.25)
    return [
        multiclass("random", *three),
        multiclass("labels not in sorted order", *unsorted),
        multiclass("imbalanced, two classes never occur", *rare),
        multiclass("other labels than the likeliest", three[0], np.roll(three[1], 1), *three[2:]),
        multiclass("perfect and certain", three[0], three[0], three[2], np.eye(3)[np.searchsorted(three[2], three[0])]),
        multiclass("always one class", three[0][:20], ["elm"] * 20, three[2], np.tile([0.25, 0.5, 0.25], (20, 1))),
        multiclass("equal probabilities", np.tile(["p", "q", "r", "s"], 5), ["p"] * 20, ["p", "q", "r", "s"], wide),
        multiclass("one class only", ["oak"] * 20, ["oak"] * 20, three[2], three[3][:20]),
        multiclass("classes that the model does not know", *unknown),
        multiclass("labels unknown", three[0], three[1]),
        multiclass("two labels, by task", *two, task="multiclass_classification"),
    ]


reference = {
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "regression": regression_cases(),
    "binary": binary_cases(),
    "multiclass": multiclass_cases(),
}
TARGET.write_text(json.dumps(reference, allow_nan=False) + "\n")
