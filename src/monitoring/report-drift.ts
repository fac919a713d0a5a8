import { readSpan } from "./read-span.ts";
import type { Database } from "../db.ts";
import { iso } from "../lib/time.ts";
import type { ModelRole } from "../windows/answer-counts.ts";
import { answerDrift } from "./answer-drift.ts";
import { withChosenReference } from "./chosen-reference.ts";
import { calmThreshold } from "./drift/calm-threshold.ts";
import type { DriftPreset } from "./drift/drift-method.ts";
import { type ColumnJudgement, judgeColumns } from "./drift/judge-columns.ts";
import { DRIFT_ROWS_MIN } from "./drift/thresholds.ts";
import { overallState } from "./drift/overall-state.ts";
import type { DriftMethodId } from "./drift/methods.ts";
import type { DriftReport, DriftState } from "./drift-report.ts";
import { byStart, type Merged, mergeWindows } from "../windows/merge-windows.ts";
import type { Monitored } from "./monitored.ts";
import { invalidOf } from "../windows/invalid-counts.ts";
import type { ReadWindow } from "../windows/read-windows.ts";
import { monitoredVersion, otherReferences } from "./monitored-version.ts";
import { effectOf, reported } from "./reported-drift.ts";
import { type Subject, subjectsOf } from "./subjects.ts";
import { emptyTally, slotOf } from "../windows/tally.ts";
import { BUCKET_MS, type TimeSpan } from "./time-span.ts";

export interface DriftOptions {
  /** Of columns that are not to be compared by the method that suits them. */
  methods: ReadonlyMap<string, DriftMethodId>;
  preset: DriftPreset;
}

export const DRIFT_DEFAULTS: DriftOptions = { methods: new Map(), preset: "tiltyard" };

/**
 * How the windows of a span compare with the reference of the settings, as a whole and bucket by bucket. Of one version, with that
 * version's own; of all, each version's with its own: then the report is that of the current reference, and its state that of all.
 */
export async function reportDrift(
  ports: { env: Env; db: Database; nowMs: number },
  monitored: Monitored,
  span: TimeSpan,
  options: DriftOptions = DRIFT_DEFAULTS,
): Promise<DriftReport> {
  const own = await reportOne(ports, await monitoredVersion(ports, monitored, span.version), span, options);
  const others = span.isAll ? await reportOthers(ports, monitored, span, options) : [];
  return {
    ...own.drift,
    state: overallState([own.drift, ...others.map(({ drift }) => drift)]),
    references: [own, ...others].map(({ drift, versions }) => ({
      version: drift.reference.version,
      rows: drift.reference.rows,
      deployment_versions: versions,
      window: { rows: drift.window.rows },
      state: drift.state,
    })),
    complete: [own, ...others].every(({ isComplete }) => isComplete),
  };
}

async function reportOne(
  ports: { env: Env; db: Database; nowMs: number },
  monitored: Monitored,
  span: TimeSpan,
  options: DriftOptions,
) {
  const [compared, { windows, isComplete }] = await Promise.all([
    withChosenReference(ports, monitored, span),
    readSpan(ports, monitored, span, ["features", "answers"]),
  ]);
  const versions = [...new Set(windows.map(({ version }) => version))].sort((one, other) => one - other);
  return { drift: driftOf(compared, span, windows, options, ports.nowMs), versions, isComplete };
}

/** The other references that the windows of a span were counted by. */
async function reportOthers(
  ports: { env: Env; db: Database; nowMs: number },
  monitored: Monitored,
  span: TimeSpan,
  options: DriftOptions,
) {
  const references = await otherReferences(ports, monitored);
  const reports = await Promise.all(references.map((one) => reportOne(ports, one, span, options)));
  return reports.filter(({ drift }) => drift.window.rows > 0);
}

/** The same from windows that have been read, compared with the reference that `monitored` has: see withChosenReference. */
export function driftOf(
  monitored: Monitored,
  span: TimeSpan,
  windows: readonly ReadWindow[],
  options: DriftOptions,
  nowMs: number,
): Omit<DriftReport, "complete" | "references"> {
  const subjects = subjectsOf(monitored, options.methods);
  const judging = { preset: options.preset, isRecorded: monitored.recordedFrom !== null };
  const buckets = [...byStart(windows)].map(([start, own]) => {
    const merged = mergeWindows(own);
    return { start, merged, judged: judge(subjects, merged, judging, new Map()) };
  });
  const closed = buckets.filter(({ start }) => start + BUCKET_MS[span.bucket] <= nowMs);
  const calm = new Map(subjects.map(({ key }) => [key, calmOf(closed.map(({ judged }) => judged.get(key)))]));
  const merged = mergeWindows(windows);
  const judged = judge(subjects, merged, judging, calm);
  const answersOf = (role: ModelRole) => answerDrift(monitored, role, subjects, judged, calm);
  const { version, rows } = monitored.reference;
  const muted = new Set(subjects.filter(({ isMuted }) => isMuted).map(({ key }) => key));
  return {
    reference: {
      version,
      rows,
      kind: monitored.recordedFrom ? monitored.settings.reference.kind : "training",
      from: monitored.recordedFrom?.from ?? null,
      to: monitored.recordedFrom?.to ?? null,
    },
    window: { rows: merged.rows, from: iso(span.fromMs), to: iso(Math.min(span.toMs, nowMs)) },
    state: stateOf(subjects, judged),
    features: monitored.columns.map((column) => {
      const tally = merged.features.get(column.name) ?? emptyTally(column.binning);
      return {
        name: column.name,
        kind: column.kind,
        muted: muted.has(column.name),
        ...reported(judged.get(column.name), calm.get(column.name) ?? null),
        missing: slotOf(tally, "missing"),
        invalid: invalidOf(merged.answers, column.name),
        unseen: slotOf(tally, "unseen"),
        out_of_range: slotOf(tally, "below") + slotOf(tally, "above"),
      };
    }),
    prediction: { main: answersOf("main"), challenger: monitored.challenger && answersOf("challenger") },
    series: buckets.map(({ start, merged: { rows: counted }, judged: own }) => {
      const answered = (role: ModelRole) => answerDrift(monitored, role, subjects, own, new Map());
      const challenger = monitored.challenger && answered("challenger");
      const main = answered("main");
      return {
        at: iso(start),
        rows: counted,
        state: stateOf(subjects, own),
        features: Object.fromEntries(monitored.columns.map(({ name }) => [name, own.get(name)?.statistic ?? null])),
        prediction: { main: main.statistic, challenger: challenger?.statistic ?? null },
        effects: {
          features: Object.fromEntries(monitored.columns.map(({ name }) => [name, effectOf(own.get(name))])),
          main: effectOf(main),
          challenger: challenger && effectOf(challenger),
        },
      };
    }),
  };
}

/** The challenger answers nobody, and muted features are not wanted: their drift is shown and alarms nobody. */
function stateOf(subjects: readonly Subject[], judged: ReadonlyMap<string, ColumnJudgement>): DriftState {
  return overallState(
    subjects.flatMap(({ key, role, isMuted }) => {
      const one = judged.get(key);
      return one && role !== "challenger" && !isMuted ? [one] : [];
    }),
  );
}

/** The challenger's answers are corrected apart from main's: whatever it does, main is judged in the same way. */
function judge(
  subjects: readonly Subject[],
  merged: Merged,
  { preset, isRecorded }: { preset: DriftPreset; isRecorded: boolean },
  calm: ReadonlyMap<string, number | null>,
): Map<string, ColumnJudgement> {
  const groups = [
    subjects.filter(({ role }) => role !== "challenger"),
    subjects.filter(({ role }) => role === "challenger"),
  ];
  return new Map(
    groups.flatMap((group) => {
      const judgements = judgeColumns(
        group.map(({ key, column, tallyOf, method, threshold }) => {
          const tally = tallyOf(merged);
          const empty = emptyTally(column.binning);
          // Counts of another binning are not of this reference, and one of few recorded rows is none.
          const isComparable = tally?.length === empty.length && (!isRecorded || column.rows >= DRIFT_ROWS_MIN);
          return {
            column,
            current: isComparable ? tally : empty,
            method,
            threshold,
            calm: calm.get(key) ?? null,
          };
        }),
        { preset },
      );
      return group.flatMap(({ key }, index) => {
        const judgement = judgements[index];
        return judgement ? [[key, judgement] as const] : [];
      });
    }),
  );
}

function calmOf(judgements: readonly (ColumnJudgement | undefined)[]): number | null {
  const calm = judgements.filter((judgement) => judgement?.state === "ok" || judgement?.state === "minor");
  return calmThreshold(calm.flatMap((judgement) => effectOf(judgement) ?? []));
}
