import { rowsOf } from "../../windows/tally.ts";
import { chooseMethod } from "./choose-method.ts";
import { short } from "./drift-words.ts";
import type { ColumnJudgement, ColumnToJudge } from "./judge-columns.ts";
import { METHODS } from "./methods.ts";
import { DRIFT_ROWS_MIN, EVIDENTLY } from "./thresholds.ts";

/** Judges a column as Evidently does: a distance alarms from 0.1 on, a test below 0.05, not corrected; missing values do not count. */
export function judgeAsEvidently({ column, current, method: asked }: ColumnToJudge): ColumnJudgement {
  const method = METHODS[chooseMethod(column, asked, "evidently")];
  const rule = method.evidently;
  const compared = rule?.compare(column, current) ?? null;
  const n = rowsOf(column.binning, current);
  const isDistance = rule?.alarmsFrom === "distance";
  const threshold = isDistance ? EVIDENTLY.distance : EVIDENTLY.pValue;
  // Infinite where a window has a value that a goodness of fit excludes, which JSON cannot say.
  const statistic = compared && Math.min(compared.statistic, Number.MAX_VALUE);
  const answer = { method: method.id, statistic, threshold, effect: statistic, n, checks: [] };
  if (n < DRIFT_ROWS_MIN) return { ...answer, p_value: null, state: "not_enough_data", reason: null };
  const pValue = compared?.pValue ?? null;
  const isDrift =
    statistic !== null &&
    (isDistance
      ? statistic >= threshold
      : (pValue ?? 1) < threshold || (pValue === threshold && rule?.alarmsFrom === "p_value_at"));
  const found = isDistance ? short(statistic ?? 0) : `p = ${short(pValue ?? 1)}`;
  const reason = isDrift ? `${method.label}: ${found}, the threshold ${short(threshold)}.` : null;
  return { ...answer, p_value: pValue, state: isDrift ? "drift" : "ok", reason };
}
