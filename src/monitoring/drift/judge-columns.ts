import type { ColumnDrift } from "../drift-report.ts";
import type { ReferenceColumn, Tally } from "../../windows/reference-column.ts";
import { rowsOf } from "../../windows/tally.ts";
import { benjaminiHochberg } from "./benjamini-hochberg.ts";
import { chooseMethod } from "./choose-method.ts";
import { compareColumn, type Comparison } from "./compare-column.ts";
import type { DriftPreset } from "./drift-method.ts";
import { calmReason, distanceReason, shiftReason, testReason } from "./drift-reason.ts";
import { type DriftMethod, type DriftMethodId, METHODS } from "./methods.ts";
import { nullQuantile } from "./null-quantile.ts";
import { shareShifts, type ShareShift } from "./share-shifts.ts";
import { CHANCE, chanceOf, EVIDENTLY, P_VALUE_MAX, DRIFT_ROWS_MIN, SHARE_SHIFT_MIN } from "./thresholds.ts";

type Distance = Extract<DriftMethod, { kind: "distance" }>;
type Test = Extract<DriftMethod, { kind: "test" }>;

export interface ColumnToJudge {
  column: ReferenceColumn;
  current: Tally;
  method?: DriftMethodId | "auto";
  /** The second threshold, of calm windows (see calmThreshold); null or absent where there are too few. */
  calm?: number | null;
}

export interface ColumnJudgement extends ColumnDrift {
  /** In a sentence or more, what made the state what it is; null for ok and not_enough_data. */
  reason: string | null;
}

interface Compared {
  column: ReferenceColumn;
  current: Tally;
  method: DriftMethod;
  calm: number | null;
  n: number;
  comparison: Comparison;
  shifts: ShareShift[];
}

/** A p-value is corrected over all tests of one call. */
interface Correction {
  of: ReadonlyMap<Comparison | ShareShift, number>;
  tests: number;
}

/**
 * Judges the columns of one window together, in their order. A distance alarms from max(its constant, the 99.9 % quantile that it
 * has without drift; a higher one for more than 30 columns) on, a test where its p-value is below 0.05 after Benjamini and Hochberg's correction over all tests of the call; so
 * do the shares that a method does not look at (missing, unseen, out of range, new words), with distances where they moved by 0.1 or more
 * beyond chance. Above the threshold of calm windows and beyond chance: a warning. Fewer than 100 rows: not_enough_data.
 * `evidently`: bare constants, p-values as they are, nothing about missing values.
 */
export function judgeColumns(
  columns: readonly ColumnToJudge[],
  { preset }: { preset: DriftPreset },
): ColumnJudgement[] {
  const compared = columns.map((column) => compare(column, preset));
  if (preset === "evidently") return compared.map(judgeAsEvidently);
  const correction = correct(compared.filter(({ n }) => n >= DRIFT_ROWS_MIN));
  const chanceLevel = chanceOf(compared.filter(({ method }) => method.kind === "distance").length);
  return compared.map((one) => {
    if (one.n < DRIFT_ROWS_MIN) return notEnough(one);
    const { method } = one;
    return method.kind === "distance" ? judgeDistance(one, method, chanceLevel) : judgeTest(one, method, correction);
  });
}

function compare({ column, current, method: asked, calm }: ColumnToJudge, preset: DriftPreset): Compared {
  const method = METHODS[chooseMethod(column, asked)];
  return {
    column,
    current,
    method,
    calm: calm ?? null,
    n: rowsOf(column.binning, current),
    comparison: compareColumn(column, current, method, preset),
    shifts: preset === "evidently" ? [] : shareShifts(column, current, method),
  };
}

function correct(compared: readonly Compared[]): Correction {
  const tests = compared
    .filter(({ method }) => method.kind === "test")
    .flatMap(({ comparison, shifts }) => [comparison, ...shifts])
    .filter(({ pValue }) => pValue !== null);
  const corrected = benjaminiHochberg(tests.map(({ pValue }) => pValue ?? 1));
  return { of: new Map(tests.map((test, index) => [test, corrected[index] ?? 1])), tests: tests.length };
}

function judgeDistance(compared: Compared, method: Distance, chanceLevel: number): ColumnJudgement {
  const { column, current, n, calm, shifts } = compared;
  const { statistic } = compared.comparison;
  const constants = method.thresholds;
  const sizes = {
    referenceRows: method.comparedRows(column, column.tally),
    currentRows: method.comparedRows(column, current),
  };
  const chance =
    statistic === null ? 0 : nullQuantile(column, method, sizes, Math.min(calm ?? 1, constants.warning), chanceLevel);
  const threshold = Math.max(constants.drift, chance);
  const reasons: string[] = [];
  let state: ColumnDrift["state"] = "ok";
  if (statistic !== null && statistic >= threshold) {
    state = "drift";
    reasons.push(distanceReason(method, statistic, threshold));
  } else if (statistic !== null && statistic >= Math.max(constants.warning, chance)) {
    state = "warning";
    reasons.push(distanceReason(method, statistic, Math.max(constants.warning, chance)));
  } else if (statistic !== null && calm !== null && statistic > calm && statistic >= chance) {
    state = "warning";
    reasons.push(calmReason(method, statistic, calm));
  }
  const moved = shifts.filter(({ from, to, pValue }) => Math.abs(to - from) >= SHARE_SHIFT_MIN && pValue < chanceLevel);
  if (moved.length > 0) state = "drift";
  reasons.push(...moved.map(shiftReason));
  return { method: method.id, statistic, threshold, p_value: null, n, state, reason: sentences(reasons) };
}

function judgeTest({ comparison, shifts, n, calm }: Compared, method: Test, correction: Correction): ColumnJudgement {
  const { statistic, pValue } = comparison;
  const corrected = correction.of.get(comparison) ?? null;
  const reasons: string[] = [];
  let state: ColumnDrift["state"] = "ok";
  if (statistic !== null && corrected !== null && corrected < P_VALUE_MAX) {
    state = "drift";
    reasons.push(testReason(method, statistic, corrected, correction.tests));
  } else if (statistic !== null && calm !== null && statistic > calm && (pValue ?? 1) < CHANCE) {
    state = "warning";
    reasons.push(calmReason(method, statistic, calm));
  }
  const moved = shifts.filter((shift) => (correction.of.get(shift) ?? 1) < P_VALUE_MAX);
  if (moved.length > 0) state = "drift";
  reasons.push(...moved.map(shiftReason));
  const reason = sentences(reasons);
  return { method: method.id, statistic, threshold: P_VALUE_MAX, p_value: corrected, n, state, reason };
}

function judgeAsEvidently({ method, comparison, n }: Compared): ColumnJudgement {
  const { statistic, pValue } = comparison;
  const threshold = method.kind === "distance" ? EVIDENTLY.distance : EVIDENTLY.pValue;
  const answer = { method: method.id, statistic, threshold, p_value: pValue, n };
  if (n < DRIFT_ROWS_MIN) return { ...answer, p_value: null, state: "not_enough_data", reason: null };
  if (statistic === null) return { ...answer, state: "ok", reason: null };
  if (method.kind === "distance") {
    if (statistic < threshold) return { ...answer, state: "ok", reason: null };
    return { ...answer, state: "drift", reason: distanceReason(method, statistic, threshold) };
  }
  const p = pValue ?? 1;
  if (p > threshold || (p === threshold && method.evidentlyAlarmsAt === "below"))
    return { ...answer, state: "ok", reason: null };
  return { ...answer, state: "drift", reason: testReason(method, statistic, p, 1) };
}

function notEnough({ method, comparison: { statistic }, n }: Compared): ColumnJudgement {
  const threshold = method.kind === "distance" ? method.thresholds.drift : P_VALUE_MAX;
  return { method: method.id, statistic, threshold, p_value: null, n, state: "not_enough_data", reason: null };
}

function sentences(reasons: readonly string[]): string | null {
  return reasons.length === 0 ? null : reasons.join(" ");
}
