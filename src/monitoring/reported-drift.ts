import type { ColumnJudgement } from "./drift/judge-columns.ts";
import type { AnswerDrift, ColumnDrift } from "./drift-report.ts";

/** A judgement as the API answers it, with what calm windows stay below; of nothing that could be judged, that there is not enough data. */
export function reported(judgement: ColumnJudgement | undefined, calm: number | null): AnswerDrift {
  if (!judgement) return NOT_COMPARABLE;
  const { method, statistic, threshold, effect, p_value, n, state, checks, reason } = judgement;
  return { method, statistic, threshold, effect, calm_threshold: calm, p_value, n, state, checks, reason };
}

/** The effect of the values, whatever decided; null where there is none. */
export function effectOf(drift: Pick<ColumnDrift, "checks" | "statistic"> | undefined): number | null {
  return drift?.checks.find(({ of }) => of === "values")?.effect ?? null;
}

export const NOT_COMPARABLE: AnswerDrift = {
  method: "cohens_h",
  statistic: null,
  threshold: 0,
  effect: null,
  calm_threshold: null,
  p_value: null,
  n: 0,
  state: "not_enough_data",
  checks: [],
  reason: null,
};
