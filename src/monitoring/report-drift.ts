import { readSpan } from "./read-span.ts";
import type { Database } from "../db.ts";
import { iso } from "../lib/time.ts";
import { answersName, type ModelRole } from "../windows/answer-counts.ts";
import { calmThreshold } from "./drift/calm-threshold.ts";
import type { DriftPreset } from "./drift/drift-method.ts";
import { type ColumnJudgement, judgeColumns } from "./drift/judge-columns.ts";
import { overallState } from "./drift/overall-state.ts";
import type { DriftMethodId } from "./drift/methods.ts";
import type { ColumnDrift, DriftReport, DriftState } from "./drift-report.ts";
import { byStart, type Merged, mergeWindows } from "../windows/merge-windows.ts";
import type { Monitored } from "./monitored.ts";
import { invalidOf } from "../windows/invalid-counts.ts";
import type { ReadWindow } from "../windows/read-windows.ts";
import type { ReferenceColumn, Tally } from "../windows/reference-column.ts";
import { emptyTally, slotOf } from "../windows/tally.ts";
import { BUCKET_MS, type TimeSpan } from "./time-span.ts";

export interface DriftOptions {
  /** Of columns that are not to be compared by the method that suits them. */
  methods: ReadonlyMap<string, DriftMethodId>;
  preset: DriftPreset;
}

export const DRIFT_DEFAULTS: DriftOptions = { methods: new Map(), preset: "tiltyard" };

/** A column with the name under which it is judged and what has been counted of it. */
interface Subject {
  key: string;
  column: ReferenceColumn;
  tallyOf: (merged: Merged) => Tally | undefined;
  method: DriftMethodId | "auto";
}

/** How the windows of a span compare with the training reference, as a whole and bucket by bucket. */
export async function reportDrift(
  ports: { env: Env; db: Database; nowMs: number },
  monitored: Monitored,
  span: TimeSpan,
  options: DriftOptions = DRIFT_DEFAULTS,
): Promise<DriftReport> {
  const { windows, isComplete } = await readSpan(ports, monitored, span, ["features", "answers"]);
  return { ...driftOf(monitored, span, windows, options, ports.nowMs), complete: isComplete };
}

/** The same from windows that have been read. */
export function driftOf(
  monitored: Monitored,
  span: TimeSpan,
  windows: readonly ReadWindow[],
  options: DriftOptions,
  nowMs: number,
): Omit<DriftReport, "complete"> {
  const subjects = subjectsOf(monitored, options);
  const buckets = [...byStart(windows)].map(([start, own]) => {
    const merged = mergeWindows(own);
    return { start, merged, judged: judge(subjects, merged, options, new Map()) };
  });
  const closed = buckets.filter(({ start }) => start + BUCKET_MS[span.bucket] <= nowMs);
  const calm = new Map(subjects.map(({ key }) => [key, calmOf(closed.map(({ judged }) => judged.get(key)))]));
  const merged = mergeWindows(windows);
  const judged = judge(subjects, merged, options, calm);
  const answersOf = (role: ModelRole): DriftReport["prediction"]["challenger"] => {
    const model = monitored[role];
    if (!model) return null;
    const judgement = judged.get(subjectKey(role));
    const shown = judgement ? columnDrift(judgement, calm.get(subjectKey(role)) ?? null) : NOT_COMPARABLE;
    return { ...shown, source: model.reference?.source ?? null, reason: judgement?.reason ?? null };
  };
  const { version, rows } = monitored.reference;
  return {
    reference: { version, rows },
    window: { rows: merged.rows, from: iso(span.fromMs), to: iso(Math.min(span.toMs, nowMs)) },
    // The challenger answers nobody, so its drift is shown and alarms nobody.
    state: overallState([...judged].filter(([key]) => key !== subjectKey("challenger")).map(([, one]) => one)),
    features: monitored.columns.map((column) => {
      const tally = merged.features.get(column.name) ?? emptyTally(column.binning);
      const judgement = judged.get(column.name) ?? { ...NOT_COMPARABLE, reason: null };
      return {
        name: column.name,
        kind: column.kind,
        ...columnDrift(judgement, calm.get(column.name) ?? null),
        missing: slotOf(tally, "missing"),
        invalid: invalidOf(merged.answers, column.name),
        unseen: slotOf(tally, "unseen"),
        out_of_range: slotOf(tally, "below") + slotOf(tally, "above"),
        reason: judgement.reason,
      };
    }),
    prediction: {
      main: answersOf("main") ?? { ...NOT_COMPARABLE, source: null, reason: null },
      challenger: answersOf("challenger"),
    },
    series: buckets.map(({ start, merged: { rows: counted }, judged: own }) => ({
      at: iso(start),
      rows: counted,
      state: overallState([...own].filter(([key]) => key !== subjectKey("challenger")).map(([, one]) => one)),
      features: Object.fromEntries(monitored.columns.map(({ name }) => [name, statisticOf(own.get(name))])),
      prediction: {
        main: statisticOf(own.get(subjectKey("main"))),
        challenger: statisticOf(own.get(subjectKey("challenger"))),
      },
    })),
  };
}

/** Features are judged under their names, which cannot begin like this. */
function subjectKey(role: ModelRole): string {
  return `@prediction ${role}`;
}

function subjectsOf(monitored: Monitored, { methods }: DriftOptions): Subject[] {
  const features = monitored.columns.map((column): Subject => ({
    key: column.name,
    column,
    tallyOf: (merged) => merged.features.get(column.name),
    method: methods.get(column.name) ?? "auto",
  }));
  const answers = (["main", "challenger"] as const).flatMap((role): Subject[] => {
    const model = monitored[role];
    const column = model?.reference?.column;
    if (!model || !column) return [];
    const name = answersName(role, model.id);
    return [{ key: subjectKey(role), column, tallyOf: (merged) => merged.answers.get(name), method: "auto" }];
  });
  return [...features, ...answers];
}

function judge(
  subjects: readonly Subject[],
  merged: Merged,
  { preset }: DriftOptions,
  calm: ReadonlyMap<string, number | null>,
): Map<string, ColumnJudgement> {
  const judgements = judgeColumns(
    subjects.map(({ key, column, tallyOf, method }) => {
      const tally = tallyOf(merged);
      const empty = emptyTally(column.binning);
      return {
        column,
        // Counts of another binning are not of this reference.
        current: tally?.length === empty.length ? tally : empty,
        method,
        calm: calm.get(key) ?? null,
      };
    }),
    { preset },
  );
  return new Map(
    subjects.flatMap(({ key }, index) => {
      const judgement = judgements[index];
      return judgement ? [[key, judgement] as const] : [];
    }),
  );
}

function calmOf(judgements: readonly (ColumnJudgement | undefined)[]): number | null {
  const calm = judgements.filter((judgement) => judgement?.state === "ok");
  return calmThreshold(calm.flatMap((judgement) => judgement?.statistic ?? []));
}

const NOT_COMPARABLE = {
  method: "js",
  statistic: null,
  threshold: 0,
  p_value: null,
  n: 0,
  calm_threshold: null,
  state: "not_enough_data" satisfies DriftState,
} as const;

function columnDrift(
  { method, statistic, threshold, p_value, n, state }: ColumnDrift,
  calm: number | null,
): ColumnDrift & { calm_threshold: number | null } {
  return { method, statistic, threshold, calm_threshold: calm, p_value, n, state };
}

function statisticOf(judgement: ColumnJudgement | undefined): number | null {
  return judgement?.statistic ?? null;
}
