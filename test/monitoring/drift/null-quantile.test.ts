import { describe, expect, test } from "vitest";
import { compareColumn } from "../../../src/monitoring/drift/compare-column.ts";
import { nullQuantile } from "../../../src/monitoring/drift/null-quantile.ts";
import { METHODS } from "../../../src/monitoring/drift/methods.ts";
import { seededRandom } from "../../../src/lib/seeded-random.ts";
import type { ReferenceColumn } from "../../../src/windows/reference-column.ts";
import { categoryColumn, normalDraw, numberColumn, resample } from "./made-columns.ts";

const random = seededRandom(5);
const values = (draw: () => number) => Array.from({ length: 4000 }, draw);
const MANY = 1e12;
type DistanceId = "psi" | "js" | "wasserstein";

/** The share of windows of `rows` rows, all of the reference's own shares, that are at the quantile or beyond. */
function shareBeyond(column: ReferenceColumn, id: DistanceId, rows: number, windows: number): number {
  const method = METHODS[id];
  const quantile = nullQuantile(column, method, { referenceRows: MANY, currentRows: rows }, 0);
  let beyond = 0;
  for (let window = 0; window < windows; window += 1) {
    const { statistic } = compareColumn(column, resample(column, rows, random), method, "tiltyard");
    if ((statistic ?? 0) >= quantile) beyond += 1;
  }
  return beyond / windows;
}

describe("one window in a thousand without drift is beyond the quantile", () => {
  const columns = [
    numberColumn(
      "normal",
      values(() => normalDraw(random)),
    ),
    numberColumn(
      "lognormal",
      values(() => Math.exp(normalDraw(random))),
    ),
    numberColumn(
      "mostly zero",
      values(() => (random() < 0.9 ? 0 : Math.exp(normalDraw(random)))),
    ),
    categoryColumn("ten categories", [1200, 800, 600, 400, 320, 240, 200, 120, 80, 40]),
    categoryColumn("rare categories", [3600, ...Array.from({ length: 60 }, () => 12)]),
  ];
  const cases = columns.flatMap((column) =>
    (["psi", "js", "wasserstein"] as const)
      .filter((method) => method !== "wasserstein" || column.binning.kind === "numbers")
      .map((method): [string, DistanceId, ReferenceColumn] => [column.name, method, column]),
  );

  // 3,000 windows: at most 0.6 %, since the quantile itself is estimated from some hundred windows.
  test.each(cases)("%s by %s", (_name, method, column) => {
    expect(shareBeyond(column, method, 100, 3000)).toBeLessThan(0.006);
    expect(shareBeyond(column, method, 400, 1000)).toBeLessThan(0.006);
  });

  test("and it is not far beyond any window either", () => {
    const [column] = columns;
    if (!column) throw new Error("no column");
    const quantile = nullQuantile(column, METHODS.wasserstein, { referenceRows: MANY, currentRows: 100 }, 0);
    const distances = Array.from(
      { length: 3000 },
      () => compareColumn(column, resample(column, 100, random), METHODS.wasserstein, "tiltyard").statistic ?? 0,
    );
    expect(quantile).toBeLessThan(1.2 * Math.max(...distances));
  });
});

test("it falls with the rows of the window, and of the reference, which is a sample as well", () => {
  const column = numberColumn(
    "normal",
    values(() => normalDraw(random)),
  );
  const of = (referenceRows: number, currentRows: number) =>
    nullQuantile(column, METHODS.wasserstein, { referenceRows, currentRows }, 0);
  const falling = [50, 100, 200, 300, 700, 1000, 2000, 5000, 20_000].map((rows) => of(MANY, rows));
  for (const [index, quantile] of falling.entries()) {
    if (index > 0) expect(quantile).toBeLessThan(falling[index - 1] ?? 0);
  }
  expect(of(400, 400)).toBeCloseTo(of(MANY, 200), 9);
});

test("it is the same for the same reference, read again", () => {
  const make = () => categoryColumn("ten", [1200, 800, 600, 400, 320, 240, 200, 120, 80, 40]);
  const of = (column: ReferenceColumn) =>
    nullQuantile(column, METHODS.js, { referenceRows: 4000, currentRows: 250 }, 0);
  expect(of(make())).toBe(of(make()));
});

test("a reference of one value has none", () => {
  const column = numberColumn("constant", [5, 5, 5]);
  expect(nullQuantile(column, METHODS.wasserstein, { referenceRows: 3, currentRows: 500 }, 0)).toBe(0);
});
