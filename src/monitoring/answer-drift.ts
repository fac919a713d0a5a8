import type { ModelRole } from "../windows/answer-counts.ts";
import type { ColumnJudgement } from "./drift/judge-columns.ts";
import type { AnswerDrift, DriftState, PredictionDrift } from "./drift-report.ts";
import type { Monitored } from "./monitored.ts";
import { NOT_COMPARABLE, reported } from "./reported-drift.ts";
import type { Subject } from "./subjects.ts";

type Score = AnswerDrift & { class: string | null };

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
      column,
      score: { ...reported(judged.get(key), calm.get(key) ?? null), class: scoreOf },
    }));
  const answers = own.find(({ score }) => score.class === null);
  const isLabel = answers?.column.binning.kind === "categories";
  const isScore = answers && !isLabel && monitored.deployment.task === "anomaly_detection";
  const scores = own
    .map(({ score }) => score)
    .filter((score) => score.class !== null || (isScore && score === answers.score));
  const [worst] = worstFirst(scores);
  const of = answers ? withoutClass(answers.score) : NOT_COMPARABLE;
  const deciding = worst && RANKS[worst.state] < RANKS[of.state] ? ofScore(worst) : of;
  return {
    ...deciding,
    source,
    label: isLabel ? of : null,
    score: worst ? { ...worst, classes: scores } : null,
  };
}

function withoutClass({ class: _, ...drift }: Score): AnswerDrift {
  return drift;
}

function ofScore({ reason, ...drift }: Score): AnswerDrift {
  const name = drift.class === null ? "Of the score" : `Of the probability of "${drift.class}"`;
  return withoutClass({ ...drift, reason: reason === null ? null : `${name}: ${reason}` });
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
