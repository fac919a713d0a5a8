"""Writes test/node/drift-zoo-reference.json: the distance between two periods of real data sets, by scipy from the rows.

    pip install scipy==1.17.1 numpy==2.4.6
    python scripts/reference-values/drift-zoo.py <the folder ZOO_DIR, as for the conformance test>
    npm exec -- oxfmt test/node/drift-zoo-reference.json

The file has at most four statistics for each column, and no row of the data. The statistics in the golden files of that folder
(Kolmogorov-Smirnov, stability index over the deciles of the reference, means) must match, or the script stops.
"""

import csv
import json
import math
import sys
from pathlib import Path

import numpy as np
import scipy
from scipy import stats

TARGET = Path(__file__).parent.parent.parent / "test" / "node" / "drift-zoo-reference.json"
WINE = "fixed,volatile,citric,sugar,chlorides,free,total,density,ph,sulphates,alcohol,quality".split(",")
# The replacement for a share of zero, and a standard deviation that is too small to divide by.
ZERO_SHARE = 1e-4
STD_MIN = 0.001
# In the golden files, columns with fewer values are categories.
FEW_VALUES_MAX = 10


def read(zoo, name, header=None):
    with open(zoo / "data" / name, newline="") as file:
        rows = list(csv.reader(file))
    return (header, rows) if header else (rows[0], rows[1:])


def periods(zoo):
    header, train = read(zoo, "bike_hour_train.csv")
    test = read(zoo, "bike_hour_test.csv")[1]
    year = header.index("yr")
    yield "bike, earlier and later hours", "drift_bike", (header, train), (header, test)
    of_year = lambda value: (header, [row for row in train + test if row[year] == value])
    yield "bike, 2011 and 2012", "drift_bike_2011_2012", of_year("0"), of_year("1")
    header, rows = read(zoo, "elec.csv")
    third = len(rows) // 3
    yield "electricity, first and last third", "drift_elec", (header, rows[:third]), (header, rows[2 * third :])
    california = [read(zoo, f"nannyml_california_housing_{period}.csv") for period in ("reference", "analysis")]
    yield "California, reference and analysis", "drift_california", *california
    spam = [read(zoo, f"pranavg__{part}_tfidf.csv") for part in ("train", "test")]
    yield "spam, train and test", "drift_spam", *spam
    wine = [read(zoo, f"winequality-{colour}.csv", WINE) for colour in ("red", "white")]
    yield "wine, red and white", "drift_wine", *wine


def numbers(period, name):
    header, rows = period
    at = header.index(name)
    try:
        values = np.array([float(row[at]) for row in rows])
    except ValueError:
        return None
    return None if np.isnan(values).any() else values


def psi(p, q):
    p, q = np.maximum(p / p.sum(), ZERO_SHARE), np.maximum(q / q.sum(), ZERO_SHARE)
    return float(((q - p) * np.log(q / p)).sum())


def by_value(reference, current):
    values = np.unique(np.concatenate([reference, current]))
    return [np.array([(side == value).sum() for value in values]) for side in (reference, current)]


def by_decile(reference, current):
    """Upper edges belong to their bin, equal deciles are merged, and the outer bins are open."""
    edges = np.unique(np.quantile(reference, np.arange(1, 10) / 10))
    return [np.bincount(np.searchsorted(edges, side, side="left"), minlength=len(edges) + 1) for side in (reference, current)]


def check(what, ours, theirs):
    if theirs is not None and not math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9):
        raise SystemExit(f"{what} is {ours} here and {theirs} in the golden file.")


def column(name, reference, current, golden):
    std = max(float(reference.std()), STD_MIN)
    few = len(np.unique(reference)) <= FEW_VALUES_MAX
    ks = float(stats.ks_2samp(reference, current, method="asymp").statistic)
    # If the golden file compares no shares, the later period has infinite values.
    index = psi(*(by_value if few else by_decile)(reference, current)) if "psi" in golden else None
    for what, ours, theirs in [
        ("the stability index", index, golden.get("psi")),
        ("Kolmogorov-Smirnov", ks, golden.get("ks")),
        ("the mean", reference.mean(), golden.get("ref_mean")),
        ("the later mean", current.mean(), golden.get("cur_mean")),
    ]:
        check(f"{name}: {what}", ours, theirs)
    return {
        "ks": ks,
        "wasserstein": float(stats.wasserstein_distance(reference, current)) / std,
        "mean_shift": float(current.mean() - reference.mean()) / std,
        "psi": index,
        # For a column with few values, it is the index over the values.
        "psi_over": "values" if few else "deciles",
    }


def main(zoo):
    sets = {}
    for name, file, reference, current in periods(zoo):
        golden = json.loads((zoo / "golden" / f"{file}.json").read_text())["columns"]
        sets[name] = {}
        for feature, stated in golden.items():
            sides = [numbers(period, feature) for period in (reference, current)]
            if all(side is not None for side in sides):
                sets[name][feature] = column(f"{name}: {feature}", *sides, stated)
    document = {"versions": {"scipy": scipy.__version__, "numpy": np.__version__}, "sets": sets}
    TARGET.write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
