import { describe, expect, test } from "vitest";
import { judgeColumns } from "../../../src/monitoring/drift/judge-columns.ts";
import { overallState } from "../../../src/monitoring/drift/overall-state.ts";
import { seededRandom } from "../../../src/lib/seeded-random.ts";
import type { DriftMethodId } from "../../../src/monitoring/drift/methods.ts";
import type { ReferenceColumn } from "../../../src/windows/reference-column.ts";
import { categoryColumn, normalDraw, numberColumn, resample, tallyOfNumbers, textColumn } from "./made-columns.ts";

const WINDOWS = 200;
const ALARMS_MAX = 0.05;

/** Twenty columns of `rows` rows: continuous, whole, few and constant numbers, gaps, few, many and rare categories, texts. */
function madeReference(rows: number): ReferenceColumn[] {
  const random = seededRandom(7);
  const normal = () => normalDraw(random);
  const values = (draw: () => number) => Array.from({ length: rows }, draw);
  const spread = (shares: number[]) => {
    const total = shares.reduce((sum, share) => sum + share, 0);
    return shares.map((share) => Math.max(1, Math.round((rows * share) / total)));
  };
  return [
    numberColumn("normal", values(normal)),
    numberColumn(
      "far from zero",
      values(() => 1e6 + normal()),
    ),
    numberColumn(
      "lognormal",
      values(() => Math.exp(normal())),
    ),
    numberColumn(
      "heavy tails",
      values(() => normal() / Math.abs(normal())),
    ),
    numberColumn("even", values(random)),
    numberColumn(
      "whole numbers",
      values(() => Math.floor(40 * random())),
    ),
    numberColumn(
      "mostly zero",
      values(() => (random() < 0.8 ? 0 : Math.exp(normal()))),
    ),
    numberColumn(
      "a tenth missing",
      values(() => (random() < 0.1 ? Number.NaN : normal())),
    ),
    numberColumn(
      "hardly ever there",
      values(() => (random() < 0.95 ? Number.NaN : normal())),
    ),
    numberColumn(
      "four numbers",
      values(() => Math.floor(4 * random())),
    ),
    numberColumn(
      "two numbers",
      values(() => (random() < 0.3 ? 1 : 0)),
    ),
    numberColumn(
      "rarely one",
      values(() => (random() < 0.01 ? 1 : 0)),
    ),
    numberColumn(
      "constant",
      values(() => 5),
    ),
    categoryColumn("yes or no", spread([6, 4])),
    categoryColumn("yes or no, with gaps", spread([6, 4]), Math.round(rows / 50)),
    categoryColumn("three categories", spread([5, 3, 2])),
    categoryColumn("ten categories", spread([30, 20, 15, 10, 8, 6, 5, 3, 2, 1])),
    categoryColumn("sixty rare categories", spread([90, ...Array.from({ length: 60 }, () => 0.3)])),
    categoryColumn("a hundred even categories", spread(Array.from({ length: 100 }, () => 1))),
    textColumn(
      "texts",
      values(() => Math.round(20 + 80 * random())),
      0.05,
    ),
  ];
}

function countAlarms(reference: ReferenceColumn[], rows: number, method: DriftMethodId | "auto") {
  const random = seededRandom(rows);
  const alarms = { windows: 0, columns: new Map<string, number>() };
  for (let window = 0; window < WINDOWS; window += 1) {
    const judged = judgeColumns(
      reference.map((column) => ({ column, current: resample(column, rows, random), method })),
      { preset: "tiltyard" },
    );
    if (overallState(judged) !== "ok") alarms.windows += 1;
    for (const [index, { state }] of judged.entries()) {
      const name = reference[index]?.name ?? "";
      if (state !== "ok") alarms.columns.set(name, (alarms.columns.get(name) ?? 0) + 1);
    }
  }
  return alarms;
}

describe("data that do not change stay quiet", () => {
  const sizes = [800, 5000].flatMap((referenceRows) =>
    [100, 400, 5000].map((rows): [number, number] => [referenceRows, rows]),
  );
  const cases = [
    ...sizes.map(([referenceRows, rows]): [number, number, DriftMethodId | "auto"] => [referenceRows, rows, "auto"]),
    ...sizes
      .slice(3, 5)
      .map(([referenceRows, rows]): [number, number, DriftMethodId | "auto"] => [referenceRows, rows, "psi"]),
  ];

  test.each(cases)("a reference of %i rows, windows of %i, method %s", (referenceRows, rows, method) => {
    const { windows, columns } = countAlarms(madeReference(referenceRows), rows, method);
    console.log(
      `reference ${referenceRows}, n ${rows}, ${method}: ${windows} of ${WINDOWS} windows of 20 columns alarmed`,
      Object.fromEntries(columns),
    );
    expect(windows / WINDOWS).toBeLessThanOrEqual(ALARMS_MAX);
  });

  test("Evidently's bare thresholds do not, which is why they are a preset and not the rule", () => {
    const reference = madeReference(5000);
    const random = seededRandom(3);
    let alarmed = 0;
    for (let window = 0; window < 50; window += 1) {
      const columns = reference.map((column) => ({ column, current: resample(column, 100, random) }));
      if (overallState(judgeColumns(columns, { preset: "evidently" })) !== "ok") alarmed += 1;
    }
    expect(alarmed / 50).toBeGreaterThan(0.9);
  });
});

describe("a shift of half a standard deviation in 400 rows is found", () => {
  test.each([800, 5000])("in a reference of %i rows", (referenceRows) => {
    const reference = madeReference(referenceRows);
    let found = 0;
    for (let window = 0; window < 20; window += 1) {
      const random = seededRandom(100 + window);
      const judged = judgeColumns(
        reference.map((column, index) => {
          const shifted = Array.from({ length: 400 }, () => 0.5 + normalDraw(random));
          return {
            column,
            current: index === 0 ? tallyOfNumbers(column.binning, shifted) : resample(column, 400, random),
          };
        }),
        { preset: "tiltyard" },
      );
      if (judged[0]?.state === "drift") found += 1;
    }
    expect(found).toBe(20);
  });
});
