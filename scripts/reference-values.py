"""Writes test/experiments/profile-reference.json: columns of numbers and their statistics by numpy.

Run with Python 3 and numpy: python scripts/reference-values.py
Tests compare the profile of a training reference with these values.
"""

import json
from pathlib import Path

import numpy as np

QUANTILES = {"p01": 0.01, "p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}
TARGET = Path(__file__).parent.parent / "test" / "experiments" / "profile-reference.json"


def columns(random: np.random.Generator) -> dict[str, np.ndarray]:
    rows = 400
    lognormal = random.lognormal(2, 1.5, rows)
    lognormal[random.random(rows) < 0.1] = np.nan
    spiked = np.where(random.random(rows) < 0.7, 0.0, random.gamma(2, 3, rows))
    return {
        "lognormal": lognormal,
        "integer": random.poisson(40, rows).astype(float),
        "spiked": spiked,
        "far_from_zero": 1e9 + random.normal(0, 1e-2, rows),
        "binary": (random.random(rows) < 0.3).astype(float),
        "negative": 0.0 - np.round(random.exponential(5, rows), 1),
    }


def summary(values: np.ndarray) -> dict:
    present = values[~np.isnan(values)]
    unique, counts = np.unique(present, return_counts=True)
    return {
        "missing": int(np.isnan(values).sum()),
        "min": float(present.min()),
        "max": float(present.max()),
        "mean": float(present.mean(dtype=np.longdouble)),
        "std": float(present.std(dtype=np.longdouble, ddof=0)),
        "distinct": len(unique),
        "integer": bool((present == np.round(present)).all()),
        "quantiles": {name: float(np.quantile(present, q, method="linear")) for name, q in QUANTILES.items()},
        "values": [[float(value), int(count)] for value, count in zip(unique, counts)] if len(unique) <= 20 else None,
    }


def main() -> None:
    random = np.random.default_rng(20261122)
    made = columns(random)
    document = {
        "made_by": f"scripts/reference-values.py with numpy {np.__version__}",
        "columns": {
            name: {
                "cells": ["" if np.isnan(value) else repr(float(value)) for value in values],
                "expected": summary(values),
            }
            for name, values in made.items()
        },
    }
    TARGET.write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
