import { answersName, type ModelRole, scoreName } from "../windows/answer-counts.ts";
import type { Merged } from "../windows/merge-windows.ts";
import type { ReferenceColumn, Tally } from "../windows/reference-column.ts";
import type { DriftMethodId } from "./drift/methods.ts";
import type { Monitored } from "./monitored.ts";

/** A column with the key under which it is judged and what has been counted of it. */
export interface Subject {
  /** Of a feature its name. */
  key: string;
  column: ReferenceColumn;
  tallyOf: (merged: Merged) => Tally | undefined;
  method: DriftMethodId | "auto";
  /** The effect from which it drifts, where the settings say. */
  threshold: number | undefined;
  /** It is shown, and counts for no state. */
  isMuted: boolean;
  /** The model whose answers these are; null for features. */
  role: ModelRole | null;
  /** The class whose probabilities these are; null for labels, numbers and scores, and for features. */
  scoreOf: string | null;
}

/**
 * All that is judged of a deployment: its features, and what both models answer, labels or numbers first. `methods` go before the
 * settings.
 */
export function subjectsOf(monitored: Monitored, methods: ReadonlyMap<string, DriftMethodId>): Subject[] {
  const chosen = new Map(Object.entries(monitored.settings.features));
  const features = monitored.columns.map((column): Subject => {
    const { method = "auto", threshold, muted = false } = chosen.get(column.name) ?? {};
    return {
      key: column.name,
      column,
      tallyOf: (merged) => merged.features.get(column.name),
      method: methods.get(column.name) ?? method,
      threshold,
      isMuted: muted,
      role: null,
      scoreOf: null,
    };
  });
  return [...features, ...answersOf(monitored, "main"), ...answersOf(monitored, "challenger")];
}

function answersOf(monitored: Monitored, role: ModelRole): Subject[] {
  const model = monitored[role];
  if (!model?.reference) return [];
  const name = answersName(role, model.id);
  const subject = (column: ReferenceColumn, counted: string, scoreOf: string | null): Subject => ({
    // No feature is called like this: names of columns have no line break.
    key: `\n${counted}`,
    column,
    tallyOf: (merged) => merged.answers.get(counted),
    method: "auto",
    threshold: undefined,
    isMuted: false,
    role,
    scoreOf,
  });
  const { column, scores } = model.reference;
  return [
    ...(column ? [subject(column, name, null)] : []),
    ...scores.map((score) => subject(score.column, scoreName(name, score.label), score.label)),
  ];
}
