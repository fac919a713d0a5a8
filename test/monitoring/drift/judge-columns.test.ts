import { describe, expect, test } from "vitest";
import { calmThreshold } from "../../../src/monitoring/drift/calm-threshold.ts";
import { chooseMethod } from "../../../src/monitoring/drift/choose-method.ts";
import { judgeColumns } from "../../../src/monitoring/drift/judge-columns.ts";
import type { ColumnJudgement, ColumnToJudge } from "../../../src/monitoring/drift/judge-columns.ts";
import { overallState } from "../../../src/monitoring/drift/overall-state.ts";
import { seededRandom } from "../../../src/lib/seeded-random.ts";
import { TALLY } from "../../../src/windows/tally.ts";
import {
  categoryColumn,
  normalDraw,
  numberColumn,
  resample,
  tallyOfCategories,
  tallyOfNumbers,
  textColumn,
} from "./made-columns.ts";

const random = seededRandom(11);
const normals = (rows: number, shift = 0): number[] => Array.from({ length: rows }, () => shift + normalDraw(random));
const lengths = (rows: number): number[] => Array.from({ length: rows }, () => Math.round(20 + 80 * random()));
const small = numberColumn("small", normals(800));
const large = numberColumn("large", normals(4000));

function judge(one: ColumnToJudge, preset: "tiltyard" | "evidently" = "tiltyard"): ColumnJudgement {
  const [judged] = judgeColumns([one], { preset });
  if (!judged) throw new Error("One column, one judgement.");
  return judged;
}

describe("the method", () => {
  const few = (rows: number) =>
    numberColumn(
      "few",
      Array.from({ length: rows }, (_, row) => row % 4),
    );
  const two = (rows: number) =>
    numberColumn(
      "two",
      Array.from({ length: rows }, (_, row) => row % 2),
    );

  test("is chosen by what the column is and how many rows the reference has", () => {
    expect(chooseMethod(small)).toBe("ks");
    expect(chooseMethod(large)).toBe("wasserstein");
    expect(chooseMethod(few(1000))).toBe("chi_square");
    expect(chooseMethod(few(1001))).toBe("js");
    expect(chooseMethod(two(1000))).toBe("z_test");
    expect(chooseMethod(two(1001))).toBe("js");
    expect(chooseMethod(categoryColumn("three", [300, 200, 100]))).toBe("chi_square");
    expect(chooseMethod(categoryColumn("three", [3000, 200, 100]))).toBe("js");
    expect(chooseMethod(categoryColumn("two", [300, 200]))).toBe("z_test");
    expect(chooseMethod({ ...large, distinct: null })).toBe("wasserstein");
    expect(chooseMethod(textColumn("text", lengths(300), 0.1))).toBe("ks");
  });

  test("is the one asked for, unless the column cannot be judged by it", () => {
    expect(chooseMethod(small, "psi")).toBe("psi");
    expect(chooseMethod(categoryColumn("three", [300, 200, 100]), "ks")).toBe("chi_square");
    expect(chooseMethod(large, "z_test")).toBe("wasserstein");
  });
});

describe("fewer than 100 rows", () => {
  test("are not enough to judge by, however they look, and the statistic is still there", () => {
    const judged = judge({ column: small, current: tallyOfNumbers(small.binning, normals(99, 3)) });
    expect(judged).toMatchObject({ state: "not_enough_data", n: 99, p_value: null, reason: null });
    expect(judged.statistic).toBeGreaterThan(0.5);
    const evidently = judge({ column: large, current: tallyOfNumbers(large.binning, normals(99, 3)) }, "evidently");
    expect(evidently).toMatchObject({ state: "not_enough_data", n: 99, reason: null });
  });

  test("one row more is enough", () => {
    const judged = judge({ column: small, current: tallyOfNumbers(small.binning, normals(100, 3)) });
    expect(judged).toMatchObject({ state: "drift", n: 100 });
  });

  test("of a column do not weigh on the correction of the others", () => {
    const current = tallyOfNumbers(small.binning, normals(200, 0.3));
    const short = tallyOfNumbers(small.binning, normals(50));
    const [alone] = judgeColumns([{ column: small, current }], { preset: "tiltyard" });
    const [among] = judgeColumns(
      [{ column: small, current }, ...Array.from({ length: 9 }, () => ({ column: small, current: short }))],
      { preset: "tiltyard" },
    );
    expect(among?.p_value).toBe(alone?.p_value);
  });
});

describe("missing values", () => {
  const gaps = (values: number[], share: number) =>
    values.map((value, row) => (row < values.length * share ? Number.NaN : value));

  test("are drift where their share rose, by a test", () => {
    const judged = judge({ column: small, current: tallyOfNumbers(small.binning, gaps(normals(400), 0.05)) });
    expect(judged.state).toBe("drift");
    expect(judged.reason).toBe("Missing values went from 0 % to 5 %.");
  });

  test("are drift by a distance where their share moved by a tenth or more", () => {
    const tenth = judge({ column: large, current: tallyOfNumbers(large.binning, gaps(normals(1000), 0.12)) });
    expect(tenth).toMatchObject({
      method: "wasserstein",
      state: "drift",
      reason: "Missing values went from 0 % to 12 %.",
    });
    const less = judge({ column: large, current: tallyOfNumbers(large.binning, gaps(normals(1000), 0.08)) });
    expect(less).toMatchObject({ state: "ok", reason: null });
  });

  test("are all that there is: nothing to compare, and drift", () => {
    const judged = judge({ column: small, current: tallyOfNumbers(small.binning, gaps(normals(200), 1)) });
    expect(judged).toMatchObject({ statistic: null, p_value: null, n: 200, state: "drift" });
  });

  test("are a bucket of Jensen-Shannon", () => {
    const column = categoryColumn("three", [1000, 800, 400]);
    const judged = judge({ column, current: tallyOfCategories(column.binning, [200, 160, 80], { missing: 110 }) });
    // Shares 0.8 and 0.2 against 1 and 0, by the definition: sqrt((ln(1/0.9) + 0.8 ln(0.8/0.9) + 0.2 ln 2) / 2).
    expect(judged.statistic).toBeCloseTo(0.273645, 5);
    expect(judged.state).toBe("drift");
  });

  test("nowhere, in reference and window, are ok", () => {
    const empty = numberColumn(
      "empty",
      Array.from({ length: 300 }, () => Number.NaN),
    );
    const judged = judge({ column: empty, current: tallyOfNumbers(small.binning, []).fill(0).fill(200, 0, 1) });
    expect(judged).toMatchObject({ statistic: null, state: "ok", reason: null });
  });
});

describe("values that the reference does not have", () => {
  test("are drift beside a Z-test that does not see them", () => {
    const column = categoryColumn("two", [500, 300]);
    const current = tallyOfCategories(column.binning, [120, 72], { unseen: 8 });
    const judged = judge({ column, current });
    expect(judged).toMatchObject({ method: "z_test", statistic: 0, state: "drift" });
    expect(judged.reason).toBe("Values that the reference does not have went from 0 % to 4 %.");
  });

  test("a single one is not", () => {
    const column = categoryColumn("three", [500, 300, 100]);
    const current = tallyOfCategories(column.binning, [60, 30, 9], { unseen: 1 });
    expect(judge({ column, current }).state).toBe("ok");
    // Evidently's goodness of fit says p = 0.
    expect(judge({ column, current }, "evidently")).toMatchObject({ p_value: 0, state: "drift" });
  });

  test("are drift where a yes-or-no column of numbers leaves its range", () => {
    const column = numberColumn(
      "flag",
      Array.from({ length: 500 }, (_, row) => row % 2),
    );
    const judged = judge({
      column,
      current: tallyOfNumbers(
        column.binning,
        Array.from({ length: 200 }, (_, row) => row % 3),
      ),
    });
    expect(judged.reason).toContain("Values out of the range of the reference went from 0 % to 33 %.");
  });

  test.each([
    [800, 0.05, "ok"],
    [800, 0.3, "drift"],
    [4000, 0.1, "ok"],
    [4000, 0.3, "drift"],
  ] as const)(
    "words, against a reference of %i texts of which 5 %% are new: a share of %f is %s",
    (rows, rate, state) => {
      const column = textColumn("text", lengths(rows), 0.05);
      const current = resample(column, 400, random);
      current[TALLY.words] = 4000;
      current[TALLY.unseenWords] = 4000 * rate;
      const judged = judge({ column, current });
      expect(judged.state).toBe(state);
      if (state === "drift")
        expect(judged.reason).toBe("Words that the reference does not have went from 5 % to 30 %.");
      expect(judge({ column: { ...column, unseenWordRate: null }, current }).state).toBe("ok");
    },
  );
});

describe("thresholds", () => {
  test("of distances are their constants for many rows, and higher for few", () => {
    const of = (rows: number) => judge({ column: large, current: resample(large, rows, random) }).threshold;
    expect(of(20_000)).toBe(0.1);
    expect(of(100)).toBeGreaterThan(0.25);
    expect(of(100)).toBe(of(100));
  });

  test("of PSI: a warning from 0.1 on, drift from 0.2", () => {
    const column = categoryColumn("two", [50_000, 50_000]);
    const judged = (share: number) =>
      judge({
        column,
        method: "psi",
        current: tallyOfCategories(column.binning, [10_000 * share, 10_000 * (1 - share)]),
      });
    // (2 share - 1) ln(share / (1 - share)) / 2 by the definition.
    expect(judged(0.6)).toMatchObject({ state: "ok", threshold: 0.2 });
    expect(judged(0.66)).toMatchObject({ state: "warning", threshold: 0.2 });
    expect(judged(0.66).statistic).toBeCloseTo(0.10613, 5);
    expect(judged(0.75)).toMatchObject({ state: "drift" });
  });

  test("of calm windows are mean + 3 sigma of six or more", () => {
    expect(calmThreshold([0.1, 0.1, 0.1, 0.1, 0.1])).toBeNull();
    // Mean 3.5, variance 35/12.
    expect(calmThreshold([1, 2, 3, 4, 5, 6])).toBeCloseTo(3.5 + 3 * Math.sqrt(35 / 12), 12);
  });

  test("of calm windows give a warning below the constant, if chance does not explain it", () => {
    const current = tallyOfNumbers(large.binning, normals(8000, 0.085));
    expect(judge({ column: large, current }).state).toBe("ok");
    const judged = judge({ column: large, current, calm: 0.03 });
    expect(judged.state).toBe("warning");
    expect(judged.reason).toContain("above the 0.03 that this deployment's calm windows stay below");
    const short = tallyOfNumbers(large.binning, normals(150));
    expect(judge({ column: large, current: short, calm: 0.001 }).state).toBe("ok");
  });

  test("never let drift pass because calm windows had a higher one", () => {
    const current = tallyOfNumbers(large.binning, normals(8000, 0.5));
    expect(judge({ column: large, current, calm: 10 }).state).toBe("drift");
  });
});

test("p-values are corrected for the columns that are judged together, and the reason says so", () => {
  const drifted = { column: small, current: tallyOfNumbers(small.binning, normals(400, 0.4)) };
  const steady = Array.from({ length: 19 }, () => ({ column: small, current: resample(small, 400, random) }));
  const alone = judge(drifted);
  const [among, ...others] = judgeColumns([drifted, ...steady], { preset: "tiltyard" });
  expect(among?.p_value).toBeCloseTo((alone.p_value ?? 0) * 20, 12);
  expect(among?.reason).toContain("corrected for 20 tests at once");
  expect(overallState(others)).toBe("ok");
});

test("Evidently's preset takes bare thresholds and p-values as they are", () => {
  const current = resample(large, 100, random);
  expect(judge({ column: large, current }, "evidently").threshold).toBe(0.1);
  expect(judge({ column: large, current, method: "psi" }, "evidently").threshold).toBe(0.1);
  const gaps = tallyOfNumbers(small.binning, [...normals(200), ...Array.from({ length: 200 }, () => Number.NaN)]);
  const [one, two] = judgeColumns(
    [
      { column: small, current: gaps },
      { column: small, current: gaps },
    ],
    { preset: "evidently" },
  );
  expect(one).toEqual(two);
  expect(one?.state).toBe("ok");
});

test("the state of all columns is the worst of them, and not_enough_data only where all are", () => {
  const of = (...states: ColumnJudgement["state"][]) => overallState(states.map((state) => ({ state })));
  expect(of("ok", "warning", "drift", "not_enough_data")).toBe("drift");
  expect(of("ok", "warning", "not_enough_data")).toBe("warning");
  expect(of("ok", "not_enough_data")).toBe("ok");
  expect(of("not_enough_data", "not_enough_data")).toBe("not_enough_data");
});
