import { describe, expect, test } from "vitest";
import { normalDraw, seededRandom } from "../../../src/lib/seeded-random.ts";
import { wasserstein, wassersteinOverStd } from "../../../src/monitoring/drift/methods/wasserstein.ts";
import { numberColumn, tallyOfNumbers } from "./made-columns.ts";
import reference from "./wasserstein-reference.json";

type Draw = (random: () => number) => number;

const t2: Draw = (random) => {
  const value = normalDraw(random);
  return value / Math.sqrt(-Math.log(1 - random()));
};
const zeroInflated =
  (share: number): Draw =>
  (random) =>
    random() < share ? 0 : Math.exp(1.5 * normalDraw(random));
const spiked: Draw = (random) =>
  random() < 0.3 ? ([1.5, 7, -3][Math.floor(random() * 3)] ?? 0) : 2 * normalDraw(random);
const twoHeaps: Draw = (random) => (random() < 0.5 ? 100 : 0) + normalDraw(random);
const inTheGap: Draw = (random) => (random() < 0.5 ? 60 + 10 * normalDraw(random) : normalDraw(random));
const lognormal =
  (scale: number, sigma = 1): Draw =>
  (random) =>
    scale * Math.exp(sigma * normalDraw(random));
const stuck =
  (draw: Draw, value: number, share: number): Draw =>
  (random) =>
    random() < share ? value : draw(random);

/** As scripts/reference-values/wasserstein.py draws them. */
const CASES: Record<string, [Draw, Draw]> = {
  lognormal: [lognormal(1), lognormal(1)],
  "lognormal, tripled": [lognormal(1), lognormal(3)],
  "lognormal, long tail": [lognormal(1, 2), lognormal(1.2, 2)],
  t2: [t2, t2],
  "t2, moved": [t2, (random) => t2(random) + 0.3],
  "t2, wider": [t2, (random) => 1.5 * t2(random)],
  "zero-inflated": [zeroInflated(0.9), zeroInflated(0.9)],
  "zero-inflated, fewer zeros": [zeroInflated(0.9), zeroInflated(0.8)],
  "nearly all zero": [zeroInflated(0.995), zeroInflated(0.97)],
  spiked: [spiked, spiked],
  "spiked, a fifth stuck": [spiked, stuck(spiked, 0.777, 0.2)],
  "normal, half stuck in the tail": [normalDraw, stuck(normalDraw, 2.9, 0.5)],
  "normal, constant": [normalDraw, stuck(normalDraw, 0.123, 1)],
  "lognormal, one in a thousand far out": [lognormal(1), stuck(lognormal(1), 5000, 0.001)],
  "two heaps, one of them moved into the gap": [twoHeaps, inTheGap],
};

describe("the distance of counted values is that of the values themselves, as scipy says, to 2 % or 0.01", () => {
  test.each(reference.cases.map((one, index) => ({ ...one, seed: index })))(
    "$name, $reference rows against $current",
    (one) => {
      const random = seededRandom(one.seed);
      const draws = (draw: Draw | undefined, rows: number) => Array.from({ length: rows }, () => draw?.(random) ?? 0);
      const column = numberColumn("x", draws(CASES[one.name]?.[0], one.reference));
      const current = tallyOfNumbers(column.binning, draws(CASES[one.name]?.[1], one.current));
      const distance = wassersteinOverStd(column, current, 0) ?? Number.NaN;
      expect(Math.abs(distance - one.wasserstein)).toBeLessThan(Math.max(0.01, 0.02 * one.wasserstein));
    },
  );
});

test("one value far away moves the distance without bounds, and the effect hardly", () => {
  const random = seededRandom(1);
  const column = numberColumn(
    "x",
    Array.from({ length: 5000 }, () => normalDraw(random)),
  );
  const values = Array.from({ length: 1000 }, () => normalDraw(random));
  const calm = wasserstein.measure(column, tallyOfNumbers(column.binning, values));
  const attacked = wasserstein.measure(column, tallyOfNumbers(column.binning, [...values, 1_000_000]));
  expect(attacked?.statistic).toBeGreaterThan(900);
  expect(attacked?.effect).toBeLessThan((calm?.effect ?? 0) + 0.01);
});

test("without the places of values, as of references from before, they count as spread evenly", () => {
  const random = seededRandom(2);
  const values = Array.from({ length: 5000 }, () => normalDraw(random));
  const known = numberColumn("x", values);
  const binning = { ...known.binning, hasSums: false };
  const column = { ...known, binning, tally: tallyOfNumbers(binning, values) };
  const moved = tallyOfNumbers(
    binning,
    values.map((value) => value + 0.3),
  );
  expect(wassersteinOverStd(column, moved, 0)).toBeCloseTo(0.3 / (column.std ?? 1), 1);
});
