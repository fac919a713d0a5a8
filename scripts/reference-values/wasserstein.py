"""Writes test/monitoring/drift/wasserstein-reference.json: scipy's Wasserstein distance, over numpy's standard deviation of the reference, of
columns that test/monitoring/drift/wasserstein.test.ts draws in the same way (the same generator, seeds and order of draws)."""

import json
import math
import pathlib

import numpy as np
import scipy
from scipy import stats

TARGET = pathlib.Path(__file__).parents[2] / "test/monitoring/drift/wasserstein-reference.json"
MASK = 0xFFFFFFFF


def seeded(seed):
    state = ((seed + 1) * 0x9E3779B1) & MASK or 1

    def draw():
        nonlocal state
        state ^= (state << 13) & MASK
        state ^= state >> 17
        state ^= (state << 5) & MASK
        return state / 2**32

    return draw


def normal(random):
    size = math.sqrt(-2 * math.log(1 - random()))
    return size * math.cos(2 * math.pi * random())


def t2(random):
    value = normal(random)
    return value / math.sqrt(-math.log(1 - random()))


def zero_inflated(share):
    return lambda random: 0.0 if random() < share else math.exp(1.5 * normal(random))


def spiked(random):
    if random() < 0.3:
        return [1.5, 7.0, -3.0][math.floor(random() * 3)]
    return 2 * normal(random)


def two_heaps(random):
    far = 100 if random() < 0.5 else 0
    return far + normal(random)


def in_the_gap(random):
    return 60 + 10 * normal(random) if random() < 0.5 else normal(random)


def lognormal(scale, sigma=1.0):
    return lambda random: scale * math.exp(sigma * normal(random))


def stuck(draw, value, share):
    return lambda random: value if random() < share else draw(random)


CASES = {
    "lognormal": (lognormal(1), lognormal(1)),
    "lognormal, tripled": (lognormal(1), lognormal(3)),
    "lognormal, long tail": (lognormal(1, 2.0), lognormal(1.2, 2.0)),
    "t2": (t2, t2),
    "t2, moved": (t2, lambda random: t2(random) + 0.3),
    "t2, wider": (t2, lambda random: 1.5 * t2(random)),
    "zero-inflated": (zero_inflated(0.9), zero_inflated(0.9)),
    "zero-inflated, fewer zeros": (zero_inflated(0.9), zero_inflated(0.8)),
    "nearly all zero": (zero_inflated(0.995), zero_inflated(0.97)),
    "spiked": (spiked, spiked),
    "spiked, a fifth stuck": (spiked, stuck(spiked, 0.777, 0.2)),
    "normal, half stuck in the tail": (normal, stuck(normal, 2.9, 0.5)),
    "normal, constant": (normal, stuck(normal, 0.123, 1.0)),
    "lognormal, one in a thousand far out": (lognormal(1), stuck(lognormal(1), 5000.0, 0.001)),
    "two heaps, one of them moved into the gap": (two_heaps, in_the_gap),
}


def main():
    cases = []
    for name, (reference, current) in CASES.items():
        for rows, size in ((5000, 200), (5000, 1000), (5000, 6000), (400, 1000)):
            random = seeded(len(cases))
            from_values = np.array([reference(random) for _ in range(rows)])
            to_values = np.array([current(random) for _ in range(size)])
            distance = stats.wasserstein_distance(from_values, to_values) / from_values.std()
            cases.append({"name": name, "reference": rows, "current": size, "wasserstein": float(distance)})
    document = {"versions": {"scipy": scipy.__version__, "numpy": np.__version__}, "cases": cases}
    TARGET.write_text(json.dumps(document, indent=1) + "\n")


main()
