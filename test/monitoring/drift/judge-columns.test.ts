import { describe, expect, test } from "vitest";
import { calmThreshold } from "../../../src/monitoring/drift/calm-threshold.ts";
import { chooseMethod } from "../../../src/monitoring/drift/choose-method.ts";
import { judgeColumns } from "../../../src/monitoring/drift/judge-columns.ts";
import type { ColumnJudgement, ColumnToJudge } from "../../../src/monitoring/drift/judge-columns.ts";
import { DRIFT_METHODS, METHODS } from "../../../src/monitoring/drift/methods.ts";
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
const gaps = (values: number[], share: number) =>
  values.map((value, row) => (row < values.length * share ? Number.NaN : value));
const lengths = (rows: number): number[] => Array.from({ length: rows }, () => Math.round(20 + 80 * random()));
const small = numberColumn("small", normals(800));
const large = numberColumn("large", normals(5000));

function judge(one: ColumnToJudge, preset: "tiltyard" | "evidently" = "tiltyard"): ColumnJudgement {
  const [judged] = judgeColumns([one], { preset });
  if (!judged) throw new Error("One column, one judgement.");
  return judged;
}

function judgeNumbers(column: typeof small, values: number[]): ColumnJudgement {
  return judge({ column, current: tallyOfNumbers(column.binning, values) });
}

describe("the method", () => {
  const few = numberColumn(
    "few",
    Array.from({ length: 1000 }, (_, row) => row % 4),
  );

  test("is chosen by what the column is, however many rows the reference has", () => {
    for (const column of [small, large, { ...large, distinct: null }]) expect(chooseMethod(column)).toBe("wasserstein");
    for (const column of [few, categoryColumn("three", [300, 200, 100]), categoryColumn("two", [3000, 2000])])
      expect(chooseMethod(column)).toBe("cohens_h");
    expect(chooseMethod(textColumn("text", lengths(300), 0.1))).toBe("wasserstein");
  });

  test("is the one asked for, unless the column cannot be judged by it", () => {
    expect(chooseMethod(small, "psi")).toBe("psi");
    expect(chooseMethod(categoryColumn("three", [300, 200, 100]), "ks")).toBe("cohens_h");
    expect(chooseMethod(large, "z_test")).toBe("wasserstein");
  });

  test("of Evidently's preset is Evidently's, by the size of the reference", () => {
    expect(chooseMethod(small, "auto", "evidently")).toBe("ks");
    expect(chooseMethod(large, "auto", "evidently")).toBe("wasserstein");
    expect(chooseMethod(few, "cohens_h", "evidently")).toBe("chi_square");
    expect(chooseMethod(categoryColumn("two", [300, 200]), "auto", "evidently")).toBe("z_test");
  });

  test.each(DRIFT_METHODS)("%s gives the effect, and chance decides by the same p-value", (method) => {
    const yesNo = categoryColumn("two", [2500, 2500]);
    const column = METHODS[method].suits(yesNo) ? yesNo : large;
    const current = (share: number, rows: number) =>
      column === yesNo
        ? tallyOfCategories(yesNo.binning, [rows * share, rows * (1 - share)])
        : tallyOfNumbers(large.binning, normals(rows, 4 * (share - 0.5)));
    expect(judge({ column, method, current: current(0.9, 1000) })).toMatchObject({ method, state: "drift" });
    expect(judge({ column, method, current: current(0.5, 1000) }).state).toBe("ok");
  });
});

describe("fewer than 100 rows", () => {
  test("are not enough to judge by, however they look, and the effect is still there", () => {
    const judged = judgeNumbers(small, normals(99, 3));
    expect(judged).toMatchObject({ state: "not_enough_data", n: 99, p_value: null, reason: null });
    expect(judged.effect).toBeGreaterThan(0.5);
  });

  test("one row more is enough", () => {
    expect(judgeNumbers(small, normals(100, 3))).toMatchObject({ state: "drift", n: 100 });
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

describe("effect and chance decide together", () => {
  test("a change that is large and beyond chance is drift, and the reason says both", () => {
    const judged = judgeNumbers(large, normals(1000, 0.5));
    expect(judged.state).toBe("drift");
    expect(judged.effect).toBeGreaterThan(0.4);
    expect(judged.reason).toMatch(/^Values moved by 0\.\d+ sd; chance alone: p < 0\.001\.$/);
  });

  test("one that is beyond chance but small is minor", () => {
    const judged = judgeNumbers(large, normals(20_000, 0.08));
    expect(judged).toMatchObject({ state: "minor", threshold: 0.1 });
    expect(judged.p_value).toBeLessThan(0.001);
  });

  test("one that is beyond chance and tiny is ok", () => {
    const judged = judgeNumbers(numberColumn("x", normals(50_000)), normals(50_000, 0.03));
    expect(judged.state).toBe("ok");
  });

  test("the size of the reference makes no cliff", () => {
    const values = normals(1001);
    const current = normals(400, 0.3);
    const [below, above] = [values.slice(0, 1000), values].map((reference) =>
      judgeNumbers(numberColumn("x", reference), current),
    );
    expect([below?.state, above?.state]).toEqual(["drift", "drift"]);
    expect(below?.effect).toBeCloseTo(above?.effect ?? 0, 2);
  });

  test.each([
    ["missing values going from 0 to 9 %", () => judgeNumbers(large, gaps(normals(10_000), 0.09))],
    [
      "a new level of 2.5 %",
      () => {
        const column = categoryColumn("five", [1000, 1000, 1000, 1000, 1000]);
        const current = tallyOfCategories(column.binning, [1950, 1950, 1950, 1950, 1950], { unseen: 250 });
        return judge({ column, current });
      },
    ],
    [
      "a boolean going from 50 to 62 %",
      () => {
        const column = categoryColumn("two", [2500, 2500]);
        return judge({ column, current: tallyOfCategories(column.binning, [6200, 3800]) });
      },
    ],
  ])("in 10,000 rows, %s is drift", (_name, judged) => {
    expect(judged().state).toBe("drift");
  });

  test.each([
    ["a flag from 2 to 5 %", 0.02, 0.05],
    ["a yes/no from 50 to 58 %", 0.5, 0.58],
  ])("in 1,000 rows, %s is minor at least", (_name, from, to) => {
    const column = categoryColumn("flag", [5000 * from, 5000 * (1 - from)]);
    const judged = judge({
      column,
      current: tallyOfCategories(column.binning, [1000 * to, 1000 * (1 - to)].map(Math.round)),
    });
    expect(judged.state).toBe("minor");
    expect(judged.reason).toContain(
      `The share of "category 0" went from ${Math.round(100 * from)} % to ${Math.round(100 * to)} %`,
    );
  });

  test("many small changes of shares add up", () => {
    const column = categoryColumn(
      "twenty",
      Array.from({ length: 20 }, () => 250),
    );
    const current = Array.from({ length: 20 }, (_, level) => 500 + (level % 2 === 0 ? 110 : -110));
    const judged = judge({ column, current: tallyOfCategories(column.binning, current) });
    // 22 % of 5 % up or down: h is 0.1 at most.
    expect(judged.state).toBe("drift");
    expect(judged.reason).toContain("11 % of rows changed their value");
  });
});

describe("one caller", () => {
  test("cannot raise an alarm with a value far away", () => {
    expect(judgeNumbers(large, [...normals(100), 1_000_000]).state).not.toBe("drift");
    expect(judgeNumbers(large, [...normals(6000), 1_000_000, 1_000_000]).state).toBe("ok");
  });

  test("is not a share of rows, but one row in ten is, and has a check of its own", () => {
    const values = normals(1000).map((value, row) => (row % 10 === 0 ? 50 : value));
    const outside = judgeNumbers(large, values).checks.find(({ of }) => of === "out_of_range");
    expect(outside).toMatchObject({ state: "drift" });
  });

  test("and values just beyond the extremes of a small reference are expected", () => {
    const column = numberColumn("x", normals(500));
    // 2 / 501 of further rows lie outside: 8 of 2,000.
    const inside = normals(1992).map((value) => Math.max(-2, Math.min(2, value)));
    const check = judgeNumbers(column, [...inside, ...Array.from({ length: 8 }, () => 9)]).checks.find(
      ({ of }) => of === "out_of_range",
    );
    expect(check?.p_value).toBeGreaterThan(0.3);
  });
});

describe("missing values", () => {
  test("are drift where their share rose, minor where it rose a little", () => {
    const judged = judgeNumbers(small, gaps(normals(400), 0.05));
    expect(judged.state).toBe("drift");
    expect(judged.reason).toBe("Missing values went from 0 % to 5 %; chance alone: p < 0.001.");
    const little = numberColumn("x", gaps(normals(5000), 0.02));
    expect(judgeNumbers(little, gaps(normals(5000), 0.04)).state).toBe("minor");
  });

  test("are all that there is: nothing to compare, and drift", () => {
    expect(judgeNumbers(small, gaps(normals(200), 1))).toMatchObject({ statistic: null, n: 200, state: "drift" });
  });

  test("nowhere, in reference and window, are ok", () => {
    const empty = numberColumn(
      "empty",
      Array.from({ length: 300 }, () => Number.NaN),
    );
    const judged = judge({ column: empty, current: tallyOfNumbers(empty.binning, gaps(normals(200), 1)) });
    expect(judged).toMatchObject({ statistic: null, effect: null, state: "ok", reason: null });
  });
});

describe("values that the reference does not have", () => {
  test("are drift where they are a share of rows; a single one is not", () => {
    const column = categoryColumn("two", [500, 300]);
    const judged = judge({ column, current: tallyOfCategories(column.binning, [120, 72], { unseen: 8 }) });
    expect(judged.state).toBe("drift");
    expect(judged.reason).toBe(
      "Values that the reference does not have: 4 %, where 0 % are expected; chance alone: p < 0.001.",
    );
    const single = tallyOfCategories(column.binning, [60, 39], { unseen: 1 });
    expect(judge({ column, current: single }).state).toBe("ok");
    const three = categoryColumn("three", [500, 300, 100]);
    const fit = { column: three, current: tallyOfCategories(three.binning, [60, 30, 9], { unseen: 1 }) };
    // Evidently's goodness of fit says p = 0.
    expect(judge(fit, "evidently")).toMatchObject({ p_value: 0, state: "drift" });
  });

  test("are expected of a reference in which many values occur once", () => {
    const column = categoryColumn("codes", [...Array.from({ length: 300 }, () => 1), 100, 100]);
    // 300 of 500 rows occur once, so that three of five further rows are new.
    const current = tallyOfCategories(column.binning, [...Array.from({ length: 300 }, () => 0), 40, 40], {
      unseen: 120,
    });
    expect(judge({ column, current }).checks.find(({ of }) => of === "unseen")).toMatchObject({ state: "ok" });
    const more = tallyOfCategories(column.binning, [...Array.from({ length: 300 }, () => 0), 10, 10], { unseen: 180 });
    expect(judge({ column, current: more }).state).toBe("drift");
  });

  test.each([
    [800, 0.05, "ok"],
    [800, 0.3, "drift"],
    [4000, 0.06, "ok"],
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
        expect(judged.reason).toContain("Words that the reference does not have: 30 %, where 5 % are expected");
      expect(judge({ column: { ...column, unseenWordRate: null }, current }).state).toBe("ok");
    },
  );
});

describe("calm windows", () => {
  test("have the mean + 3 sigma of six or more", () => {
    expect(calmThreshold([0.1, 0.1, 0.1, 0.1, 0.1])).toBeNull();
    // Mean 3.5, variance 35/12.
    expect(calmThreshold([1, 2, 3, 4, 5, 6])).toBeCloseTo(3.5 + 3 * Math.sqrt(35 / 12), 12);
  });

  test("give a warning where a change is beyond chance and above them", () => {
    const current = tallyOfNumbers(large.binning, normals(20_000, 0.08));
    const judged = judge({ column: large, current, calm: 0.03 });
    expect(judged.state).toBe("warning");
    expect(judged.reason).toContain("Calm windows of this deployment stay below 0.03.");
    const short = tallyOfNumbers(large.binning, normals(150));
    expect(judge({ column: large, current: short, calm: 0.001 }).state).toBe("ok");
  });

  test("never let drift pass because theirs was higher", () => {
    const current = tallyOfNumbers(large.binning, normals(8000, 0.5));
    expect(judge({ column: large, current, calm: 10 }).state).toBe("drift");
  });
});

test("p-values are corrected for all checks of the columns that are judged together", () => {
  const drifted = { column: small, current: tallyOfNumbers(small.binning, normals(400, 0.4)) };
  const steady = Array.from({ length: 19 }, () => ({ column: small, current: resample(small, 400, random) }));
  const alone = judge(drifted);
  const [among, ...others] = judgeColumns([drifted, ...steady], { preset: "tiltyard" });
  // Each column has its values and its range.
  expect(among?.p_value).toBeCloseTo((alone.p_value ?? 0) * 20, 12);
  expect(overallState(others)).toBe("ok");
});

test("Evidently's preset takes bare thresholds and p-values as they are", () => {
  const current = resample(large, 100, random);
  expect(judge({ column: large, current }, "evidently").threshold).toBe(0.1);
  expect(judge({ column: large, current, method: "psi" }, "evidently").threshold).toBe(0.1);
  const gapped = tallyOfNumbers(small.binning, [...normals(200), ...Array.from({ length: 200 }, () => Number.NaN)]);
  const [one, two] = judgeColumns(
    [
      { column: small, current: gapped },
      { column: small, current: gapped },
    ],
    { preset: "evidently" },
  );
  expect(one).toEqual(two);
  expect(one?.state).toBe("ok");
});

test("the state of all columns is the worst of them, and not_enough_data only where all are", () => {
  const of = (...states: ColumnJudgement["state"][]) => overallState(states.map((state) => ({ state })));
  expect(of("ok", "warning", "drift", "not_enough_data")).toBe("drift");
  expect(of("ok", "warning", "minor", "not_enough_data")).toBe("warning");
  expect(of("ok", "minor")).toBe("minor");
  expect(of("ok", "not_enough_data")).toBe("ok");
  expect(of("not_enough_data", "not_enough_data")).toBe("not_enough_data");
});
