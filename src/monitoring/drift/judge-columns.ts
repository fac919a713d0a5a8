import type { ColumnDrift, DriftCheck, DriftState } from "../drift-report.ts";
import type { ReferenceColumn, Tally } from "../../windows/reference-column.ts";
import { rowsOf } from "../../windows/tally.ts";
import { benjaminiHochberg } from "./benjamini-hochberg.ts";
import { type Check, checksOf } from "./checks.ts";
import { chooseMethod } from "./choose-method.ts";
import type { DriftPreset } from "./drift-method.ts";
import { short } from "./drift-words.ts";
import { judgeAsEvidently } from "./judge-as-evidently.ts";
import { type DriftMethod, type DriftMethodId, METHODS } from "./methods.ts";
import { DRIFT_ROWS_MIN, P_VALUE_MAX, SHARE_ROWS_MIN } from "./thresholds.ts";
import { worstState } from "./overall-state.ts";

export interface ColumnToJudge {
  column: ReferenceColumn;
  current: Tally;
  method?: DriftMethodId | "auto";
  /** The effect that calm windows stay below (see calmThreshold); null or absent where there are too few. */
  calm?: number | null;
  /** The effect of the values from which they drift, in place of that of the method; half of it is minor. */
  threshold?: number | undefined;
}

export interface ColumnJudgement extends ColumnDrift {
  /** In a sentence or more, what made the state what it is; null for ok and not_enough_data. */
  reason: string | null;
}

interface Compared {
  method: DriftMethod;
  statistic: number | null;
  n: number;
  calm: number | null;
  checks: Check[];
}

/**
 * Judges the columns of one window together, in their order. A change is beyond chance where its p-value is below 0.05 after the
 * correction of Benjamini and Hochberg over all checks of the call. Then its effect decides: drift from the one threshold on (of a share
 * of rows, with 5 rows at least), minor from the other; a warning where it is above what calm windows stay below. A column has the worst
 * state of its checks. Fewer than 100 rows: not_enough_data. `evidently`: see judgeAsEvidently.
 */
export function judgeColumns(
  columns: readonly ColumnToJudge[],
  { preset }: { preset: DriftPreset },
): ColumnJudgement[] {
  if (preset === "evidently") return columns.map(judgeAsEvidently);
  const compared = columns.map(compare);
  const checks = compared.filter(({ n }) => n >= DRIFT_ROWS_MIN).flatMap((one) => one.checks);
  const corrected = benjaminiHochberg(checks.map(({ pValue }) => pValue));
  const pValues = new Map(checks.map((check, index) => [check, corrected[index] ?? 1]));
  return compared.map((one) => judge(one, pValues));
}

function compare({ column, current, method: asked, calm, threshold }: ColumnToJudge): Compared {
  const method = METHODS[chooseMethod(column, asked)];
  const measure = method.measure(column, current);
  return {
    method,
    statistic: measure?.statistic ?? null,
    n: rowsOf(column.binning, current),
    calm: calm ?? null,
    checks: checksOf(column, current, method, measure).map((check) =>
      threshold === undefined || check.of !== "values"
        ? check
        : { ...check, thresholds: { drift: threshold, minor: threshold / 2 } },
    ),
  };
}

function judge({ method, statistic, n, calm, checks }: Compared, pValues: ReadonlyMap<Check, number>): ColumnJudgement {
  const judged = checks.map((check) =>
    judgeCheck(check, pValues.get(check) ?? null, check.of === "values" ? calm : null),
  );
  const shown = judged.map((one) => one.check);
  const state = n < DRIFT_ROWS_MIN ? "not_enough_data" : worstState(shown.map((one) => one.state));
  const values = shown.find(({ of }) => of === "values");
  const deciding = shown.filter((one) => one.state === state && state !== "ok").toSorted(byExcess)[0] ?? values;
  const reasons = judged.flatMap((one) => (one.reason === null ? [] : [one.reason]));
  return {
    method: method.id,
    statistic,
    threshold: deciding?.threshold ?? method.thresholds.drift,
    effect: deciding?.effect ?? null,
    p_value: deciding?.p_value ?? null,
    n,
    state,
    checks: shown,
    reason: reasons.length === 0 || n < DRIFT_ROWS_MIN ? null : reasons.join(" "),
  };
}

function judgeCheck(
  check: Check,
  pValue: number | null,
  calm: number | null,
): { check: DriftCheck; reason: string | null } {
  const { of, effect, thresholds } = check;
  const state = pValue === null ? "not_enough_data" : stateOf(check, pValue, calm);
  const calmer = state === "warning" ? ` Calm windows of this deployment stay below ${short(calm ?? 0)}.` : "";
  const isSaid = pValue !== null && state !== "ok";
  return {
    check: {
      of,
      effect,
      threshold: thresholds.drift,
      minor_threshold: thresholds.minor,
      p_value: pValue,
      state,
    },
    reason: isSaid ? check.words(pValue) + calmer : null,
  };
}

function stateOf({ effect, thresholds, rows }: Check, pValue: number, calm: number | null): DriftState {
  if (pValue >= P_VALUE_MAX) return "ok";
  if (effect >= thresholds.drift && (rows === null || rows >= SHARE_ROWS_MIN)) return "drift";
  if (calm !== null && effect > calm) return "warning";
  return effect >= thresholds.minor ? "minor" : "ok";
}

/** The largest first, by how far it is from its threshold. */
function byExcess(one: DriftCheck, other: DriftCheck): number {
  return other.effect / other.threshold - one.effect / one.threshold;
}
