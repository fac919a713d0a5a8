import type { ModelRole } from "../windows/answer-counts.ts";
import type { ColumnJudgement } from "./drift/judge-columns.ts";
import type { AnswerDrift, DriftState, PredictionDrift } from "./drift-report.ts";
import type { Monitored } from "./monitored.ts";
import { NOT_COMPARABLE, reported } from "./reported-drift.ts";
import type { Subject } from "./subjects.ts";

/** How what a model answers has changed: its labels, or numbers, or its scores where these have changed more, and each of them. */
export function answerDrift(
  monitored: Monitored,
  role: ModelRole,
  subjects: readonly Subject[],
  judged: ReadonlyMap<string, ColumnJudgement>,
  calm: ReadonlyMap<string, number | null>,
): PredictionDrift {
  const source = monitored[role]?.reference?.source ?? null;
  const own = subjects
    .filter((subject) => subject.role === role)
    .map(({ key, scoreOf, column }) => ({
      isLabel: scoreOf === null && column.binning.kind === "categories",
      class: scoreOf,
      drift: reported(judged.get(key), calm.get(key) ?? null),
    }));
  const answers = own.find((one) => one.class === null);
  const isScore = answers && !answers.isLabel && monitored.deployment.task === "anomaly_detection";
  const scores = own
    .filter((one) => one.class !== null || (isScore && one === answers))
    .map((one) => ({ ...one.drift, class: one.class }));
  const [worst] = worstFirst(scores);
  const of = answers?.drift ?? NOT_COMPARABLE;
  const ofWorst = own.find((one) => worst && one.class === worst.class)?.drift;
  const isWorse = worst && ofWorst && RANKS[worst.state] < RANKS[of.state];
  return {
    ...(isWorse ? { ...ofWorst, reason: reasonOf(worst) } : of),
    source,
    label: answers?.isLabel ? of : null,
    score: worst ? { ...worst, classes: scores } : null,
  };
}

function reasonOf({ reason, class: of }: AnswerDrift & { class: string | null }): string | null {
  if (reason === null) return null;
  return `${of === null ? "Of the score" : `Of the probability of "${of}"`}: ${reason}`;
}

const RANKS: Record<DriftState, number> = { drift: 0, warning: 1, minor: 2, ok: 3, not_enough_data: 4 };

/** The worst first: by state, then by how far the effect is from its threshold; the first of those that are alike stays the first. */
export function worstFirst<Judged extends AnswerDrift>(columns: readonly Judged[]): Judged[] {
  return columns.toSorted((one, other) => RANKS[one.state] - RANKS[other.state] || excessOf(other) - excessOf(one));
}

/** How far an effect has come to its threshold: 1 at it, less below; -1 where nothing was judged. */
export function excessOf({ state, effect, threshold }: AnswerDrift): number {
  return effect === null || state === "not_enough_data" || threshold === 0 ? -1 : effect / threshold;
}
