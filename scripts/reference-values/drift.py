"""Writes test/monitoring/drift/drift-reference.json: counts and columns, and the distance between them by scipy.

    pip install scipy==1.17.1 numpy==2.4.6
    python scripts/reference-values/drift.py
    npm exec -- oxfmt test/monitoring/drift/drift-reference.json

The same seed gives the same file. The population stability index is computed here, because scipy lacks it.
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy import special, stats
from scipy.spatial.distance import jensenshannon

TARGET = Path(__file__).parent.parent.parent / "test" / "monitoring" / "drift" / "drift-reference.json"
random = np.random.default_rng(20261122)


def psi(reference, current):
    p, q = reference / reference.sum(), current / current.sum()
    p, q = np.where(p == 0, 0.0001, p), np.where(q == 0, 0.0001, q)
    return float(((q - p) * np.log(q / p)).sum())


def counts(name, reference, current):
    reference, current = np.asarray(reference), np.asarray(current)
    table = np.array([reference, current])
    used = table[:, table.sum(axis=0) > 0]
    homogeneity = stats.chi2_contingency(used, correction=False)
    expected = reference * current.sum() / reference.sum()
    with np.errstate(divide="ignore"):
        fit = stats.chisquare(used[1], expected[table.sum(axis=0) > 0])
    return {
        "name": name,
        "reference": reference.tolist(),
        "current": current.tolist(),
        "psi": psi(reference, current),
        "js": float(jensenshannon(reference / reference.sum(), current / current.sum())),
        "chi_square": homogeneity.statistic,
        "chi_square_p": homogeneity.pvalue,
        "expected_least": float(homogeneity.expected_freq.min()),
        "permuted_p": permuted_p(used, homogeneity) if homogeneity.expected_freq.min() < 5 else None,
        "fit": float(fit.statistic) if np.isfinite(fit.statistic) else None,
        "fit_p": float(fit.pvalue),
    }


def permuted_p(table, homogeneity):
    """The share of tables with the same margins whose statistic is as large; with few rows, the p-value of chi-square is wrong."""
    tables = stats.multivariate_hypergeom.rvs(table.sum(axis=0), table[1].sum(), size=100_000, random_state=random)
    expected = homogeneity.expected_freq
    statistics = ((tables - expected[1]) ** 2 * (1 / expected[0] + 1 / expected[1])).sum(axis=1)
    return float((statistics >= homogeneity.statistic * (1 - 1e-9)).mean())


def shares(reference, current):
    (count, of), (current_count, current_of) = reference, current
    pooled = (count + current_count) / (of + current_of)
    z = (count / of - current_count / current_of) / np.sqrt(pooled * (1 - pooled) * (1 / of + 1 / current_of))
    table = [[count, of - count], [current_count, current_of - current_count]]
    return {
        "reference": reference,
        "current": current,
        "z": float(abs(z)),
        "z_p": float(2 * stats.norm.sf(abs(z))),
        "fisher_p": float(stats.fisher_exact(table).pvalue),
    }


def two_samples(name, reference, current):
    values = np.unique(np.concatenate([reference, current]))
    result = stats.ks_2samp(reference, current, method="exact")
    n, m = len(reference), len(current)
    return {
        "name": name,
        "reference": [int((reference == value).sum()) for value in values],
        "current": [int((current == value).sum()) for value in values],
        "statistic": float(result.statistic),
        "exact_p": float(result.pvalue),
        "kstwo_p": float(stats.kstwo.sf(result.statistic, round(n * m / (n + m)))),
    }


def column(name, reference, current):
    reference, current = np.round(reference, 4), np.round(current, 4)
    ks = stats.ks_2samp(reference, current)
    return {
        "name": name,
        "reference": reference.tolist(),
        "current": current.tolist(),
        "std": float(reference.std()),
        "ks": float(ks.statistic),
        "ks_p": float(ks.pvalue),
        "wasserstein": float(stats.wasserstein_distance(reference, current) / max(reference.std(), 0.001)),
    }


def main():
    normal = random.normal
    zero_or_gamma = lambda size, scale: np.where(random.random(size) < 0.7, 0.0, random.gamma(2, scale, size))
    gammas = [(a, a * factor) for a in (0.5, 1, 2.5, 50, 499.5) for factor in (0.1, 0.7, 1, 1.3, 2, 5)]
    limits = [(n, z / np.sqrt(n)) for n in (2, 20, 91, 140, 141, 700, 9000, 40000) for z in (0.4, 0.7, 1.2, 1.6, 2.2, 3)]
    document = {
        "versions": {"scipy": scipy.__version__, "numpy": np.__version__},
        "upper_gamma": [[a, x, float(special.gammaincc(a, x))] for a, x in gammas],
        "normal_beyond": [[z, float(2 * stats.norm.sf(z))] for z in (0.0, 0.01, 0.5, 1.96, 3.29, 8.0, 20.0)],
        "kolmogorov": [[n, d, float(stats.kstwo.sf(d, n))] for n, d in limits],
        "counts": [
            counts("a window of the same shares", [500, 300, 200, 0], [50, 31, 19, 0]),
            counts("a category that is new", [50, 30, 20, 0], [40, 40, 15, 5]),
            counts("a category that has gone", [500, 300, 200, 100], [220, 180, 100, 0]),
            counts("no category in common", [10, 20, 0, 0], [0, 0, 40, 50]),
            counts("many categories", random.multinomial(5000, np.ones(60) / 60), random.multinomial(900, np.ones(60) / 60)),
            counts("a single row of a new category", [500, 300, 100, 0], [60, 30, 9, 1]),
            counts("rare categories, steady", random.multinomial(800, [0.9] + [0.0025] * 40), random.multinomial(120, [0.9] + [0.0025] * 40)),
            counts("rare categories", random.multinomial(800, [0.9] + [0.0025] * 40), random.multinomial(120, [0.8] + [0.005] * 40)),
        ],
        "shares": [
            shares([300, 1000], [35, 100]),
            shares([27, 1000], [9, 100]),
            shares([0, 1000], [1, 100]),
            shares([0, 1000], [12, 100]),
            shares([5000, 10000], [2600, 5000]),
            shares([3, 40], [0, 25]),
        ],
        "two_samples": [
            two_samples("few values", np.array([1.0, 2, 3, 4, 5]), np.array([4.0, 5, 6, 7, 8])),
            two_samples("equal sizes", normal(0, 1, 150), normal(0.3, 1, 150)),
            two_samples("no drift", normal(0, 1, 400), normal(0, 1, 100)),
            two_samples("sizes without a common divisor", normal(0, 1, 211), normal(0.5, 1.2, 97)),
            two_samples("more of them in the window", normal(0, 1, 60), normal(0.2, 1, 1000)),
            two_samples("few different ones", random.poisson(4, 700).astype(float), random.poisson(4.4, 300).astype(float)),
            two_samples("far apart", normal(0, 1, 500), normal(1, 1, 300)),
            two_samples("more than paths are counted for", random.poisson(30, 4000).astype(float), random.poisson(30.5, 3000).astype(float)),
        ],
        "columns": [
            column("normal", normal(10, 3, 600), normal(11, 3.5, 300)),
            column("skewed", random.lognormal(2, 1, 600), random.lognormal(2.2, 1, 300)),
            column("steady", random.gamma(3, 2, 600), random.gamma(3, 2, 300)),
            column("mostly zero", zero_or_gamma(600, 3), zero_or_gamma(300, 4)),
            column("whole numbers", random.poisson(9, 600).astype(float), random.poisson(10, 300).astype(float)),
            column("partly out of range", random.uniform(0, 1, 600), random.uniform(0.5, 1.6, 300)),
            column("heavy tails", random.standard_t(1.5, 600), random.standard_t(1.5, 300) + 1),
        ],
    }
    TARGET.write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
