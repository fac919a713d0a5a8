import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { pickRows, type Rows, sliceRows } from "../../src/engine/rows.ts";
import { seededRandom } from "../../src/lib/seeded-random.ts";
import type { DriftPreset } from "../../src/monitoring/drift/drift-method.ts";
import { type ColumnJudgement, judgeColumns } from "../../src/monitoring/drift/judge-columns.ts";
import { overallState } from "../../src/monitoring/drift/overall-state.ts";
import type { DriftState } from "../../src/monitoring/drift-report.ts";
import type { DriftMethodId } from "../../src/monitoring/drift/methods.ts";
import type { ReferenceColumn } from "../../src/windows/reference-column.ts";
import { emptyTally } from "../../src/windows/tally.ts";
import { countRows, DRIFT_SETS, type DriftSetOptions, readDriftSet, shuffle, WITHOUT_DRIFT } from "./drift-zoo-data.ts";
import { isThorough } from "../support/thorough.ts";

const ZOO_DIR = resolve(import.meta.dirname, "../..", process.env["ZOO_DIR"] ?? "../shared/zoo");
const isHere = existsSync(resolve(ZOO_DIR, "golden"));

const WINDOWS = 200;
const ALARMS_MAX = 0.06;
const BARE_WINDOWS = 50;
const BARE_ALARMS_MIN = 0.9;
const WINDOW_ROWS = [100, 400, 5_000];
const FEWER_WINDOW_ROWS = WINDOW_ROWS.slice(0, 2);
const HALVINGS = 25;
const WINDOWS_PER_HALVING = 8;
// 0.05 is the rate, and chance allows 0.08 of 200 windows.
const FRESH_ALARMS_MAX = 0.08;
// Most windows have days that their reference has not: docs/drift.md, "What it cannot see". Counted and printed, not held against the rest.
const DATES = "dteday";
// From which golden index on a column has to be found.
const PSI_FOUND_MIN = 0.2;
// In windows of 400 rows, where distances vary more. Measured: 0.9 and above.
const FOUND_SHARE_MIN = 0.75;

// The rows are not ours to pass on, so where the folder is missing there is nothing to judge.
describe.skipIf(!isHere || !isThorough)("data that stay as they are stay quiet:", () => {
  const table: Record<string, Record<string, string>> = {};
  afterAll(() => console.table(table));

  const cases: [string, DriftSetOptions, DriftMethodId | "auto", number[]][] = [
    ["", {}, "auto", WINDOW_ROWS],
    [", the stability index", {}, "psi", FEWER_WINDOW_ROWS],
    [", a reference of 800 rows", { referenceRows: 800 }, "auto", FEWER_WINDOW_ROWS],
  ];
  describe.each(cases)("rows drawn from the reference%s,", (what, options, method, windowRows) => {
    it.each(DRIFT_SETS)("%s", (name) => {
      const { columns, reference } = readDriftSet(ZOO_DIR, name, options);
      const line: Record<string, string> = {};
      for (const rows of windowRows) {
        const random = seededRandom(rows);
        let alarms = 0;
        for (let window = 0; window < WINDOWS; window += 1) {
          if (isAlarm(overallState(judge(columns, draw(reference, rows, random), method)))) alarms += 1;
        }
        line[`n = ${rows}`] = percent(alarms / WINDOWS);
        expect(alarms / WINDOWS).toBeLessThanOrEqual(ALARMS_MAX);
      }
      table[name + what] = line;
    });
  });

  it.each(DRIFT_SETS)("rows that the reference does not have, %s", (name) => {
    const counts = FEWER_WINDOW_ROWS.map((rows) => ({ rows, alarms: 0, alarmsOfDates: 0 }));
    for (let halving = 0; halving < HALVINGS; halving += 1) {
      const random = seededRandom(halving);
      const { columns, current } = readDriftSet(ZOO_DIR, name, { halve: random });
      for (const count of counts) {
        for (let window = 0; window < WINDOWS_PER_HALVING; window += 1) {
          const fresh = shuffle([...Array(current.count).keys()], random).slice(0, count.rows);
          const alarmed = alarmingColumns(columns, judge(columns, pickRows(current, fresh)));
          if (alarmed.some((column) => column !== DATES)) count.alarms += 1;
          else if (alarmed.length > 0) count.alarmsOfDates += 1;
        }
      }
    }
    const windows = HALVINGS * WINDOWS_PER_HALVING;
    table[`${name}, fresh rows`] = Object.fromEntries(
      counts.map(({ rows, alarms, alarmsOfDates }) => [
        `n = ${rows}`,
        percent(alarms / windows) + (alarmsOfDates > 0 ? `, by dates only ${percent(alarmsOfDates / windows)}` : ""),
      ]),
    );
    for (const { alarms } of counts) expect(alarms / windows).toBeLessThanOrEqual(FRESH_ALARMS_MAX);
  });
});

describe.skipIf(!isHere || !isThorough)(
  "bare constants, which are a preset and not the rule, cry wolf in windows of 100 rows:",
  () => {
    const table: Record<string, Record<string, string>> = {};
    afterAll(() => console.table(table));

    it.each(DRIFT_SETS)("%s", (name) => {
      const { columns, reference } = readDriftSet(ZOO_DIR, name);
      const judged = columns.filter((column) => column.name !== DATES);
      const rates = FEWER_WINDOW_ROWS.map((rows) => {
        const random = seededRandom(rows);
        const states = Array.from({ length: BARE_WINDOWS }, () =>
          overallState(judge(judged, draw(reference, rows, random), "auto", "evidently")),
        );
        return states.filter(isAlarm).length / BARE_WINDOWS;
      });
      table[name] = Object.fromEntries(rates.map((rate, index) => [`n = ${FEWER_WINDOW_ROWS[index]}`, percent(rate)]));
      expect(rates[0]).toBeGreaterThan(BARE_ALARMS_MIN);
    });
  },
);

describe.skipIf(!isHere || !isThorough)("data that have changed are found:", () => {
  const table: Record<string, Record<string, string>> = {};
  afterAll(() => console.table(table));

  it.each(DRIFT_SETS.filter((name) => name !== WITHOUT_DRIFT))("%s", (name) => {
    const { columns, current, golden } = readDriftSet(ZOO_DIR, name);
    const whole = judge(columns, current);
    expect(overallState(whole)).toBe("drift");
    const wanted = [...golden].filter(([, { psi }]) => psi >= PSI_FOUND_MIN).map(([column]) => column);
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.filter((column) => stateOf(columns, whole, column) !== "drift")).toEqual([]);

    const windows = windowsOf(current, 400).map((rows) => judge(columns, rows));
    for (const judged of windows) expect(overallState(judged)).toBe("drift");
    const shareOf = (column: string) =>
      windows.filter((judged) => stateOf(columns, judged, column) === "drift").length / windows.length;
    for (const column of wanted) expect(shareOf(column), column).toBeGreaterThanOrEqual(FOUND_SHARE_MIN);
    table[name] = {
      "in all rows": wanted.join(", "),
      "windows of 400": String(windows.length),
      "in which found": wanted.map((column) => percent(shareOf(column))).join(", "),
    };
  });

  it(`not so the random split of one data set: ${WITHOUT_DRIFT}`, () => {
    const { columns, current } = readDriftSet(ZOO_DIR, WITHOUT_DRIFT);
    expect(alarmingColumns(columns, judge(columns, current))).toEqual([]);
    // Overlapping ones: the file has no more than two others.
    const starts = Array.from({ length: Math.floor((current.count - 400) / 50) + 1 }, (_, step) => step * 50);
    for (const start of starts) {
      expect(alarmingColumns(columns, judge(columns, sliceRows(current, start, start + 400)))).toEqual([]);
    }
  });
});

/** So many rows, any of them more than once. */
function draw(from: Rows, rows: number, random: () => number): Rows {
  return pickRows(
    from,
    Array.from({ length: rows }, () => Math.floor(random() * from.count)),
  );
}

function judge(
  columns: readonly ReferenceColumn[],
  rows: Rows,
  method: DriftMethodId | "auto" = "auto",
  preset: DriftPreset = "tiltyard",
): ColumnJudgement[] {
  const counted = countRows(columns, rows);
  return judgeColumns(
    columns.map((column, index) => ({ column, current: counted[index] ?? emptyTally(column.binning), method })),
    { preset },
  );
}

/** Complete windows of so many rows, in the order of the file. */
function windowsOf(rows: Rows, size: number): Rows[] {
  const count = Math.floor(rows.count / size);
  return Array.from({ length: count }, (_, window) => sliceRows(rows, window * size, (window + 1) * size));
}

function stateOf(columns: readonly ReferenceColumn[], judged: readonly ColumnJudgement[], name: string) {
  return judged[columns.findIndex((column) => column.name === name)]?.state;
}

function alarmingColumns(columns: readonly ReferenceColumn[], judged: readonly ColumnJudgement[]): string[] {
  return judged.flatMap(({ state }, index) => (isAlarm(state) ? [columns[index]?.name ?? ""] : []));
}

/** A minor change alarms nobody. */
function isAlarm(state: DriftState): boolean {
  return state === "drift" || state === "warning";
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
