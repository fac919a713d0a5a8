import { agree } from "../../windows/answer-counts.ts";
import type { Answers, OutputValue } from "../../engine/read-answers.ts";
import type { Rows } from "../../engine/rows.ts";
import type { Actual, ActualsLog, StoredActual } from "./actuals-log.ts";
import type { ChallengerLog, SegmentOutputs } from "./challenger-log.ts";
import type { RecordLog } from "./record-log.ts";
import type { Segment } from "./segment.ts";
import type { ServedFeature, ServingSpec } from "../spec/serving-spec.ts";

export interface StoredAnswer {
  prediction: OutputValue;
  probabilities: Record<string, number | null> | null;
  extra?: Record<string, OutputValue>;
}

/** One recorded prediction, as a host keeps it. */
export interface StoredRecord {
  segment: number;
  index: number;
  at: number;
  source: "online" | "batch";
  features: Record<string, string | number | boolean | null>;
  latencyMs: number;
  /** What became known of the row; null until then. */
  actual: Actual | null;
  main: StoredAnswer;
  challenger:
    | ({ state: "ok"; reason: null } & StoredAnswer)
    | { state: "pending" | "error" | "skipped"; reason: string | null; prediction: null; probabilities: null }
    | null;
}

export interface RecordFilter {
  fromMs: number;
  toMs: number;
  /** Only rows on which main and challenger say different things. */
  disagree: boolean;
  /** Up to which difference numbers say the same; null: they must be equal. */
  tolerance: number | null;
  limit: number;
  /** Only records before this place, in the order newest first; null: from the newest on. */
  before: { segment: number; index: number } | null;
}

export interface RecordPage {
  records: StoredRecord[];
  /** True when there are more behind the last one. */
  more: boolean;
}

/** Where the records of a host lie. */
export interface Logs {
  spec: ServingSpec;
  log: Pick<RecordLog, "newestFirst" | "read">;
  challengerLog: Pick<ChallengerLog, "read">;
  actuals: Pick<ActualsLog, "read" | "segments">;
}

/** Records that fit the filter, newest first. */
export function findRecords(logs: Logs, filter: RecordFilter): RecordPage {
  const records: StoredRecord[] = [];
  const lastId = filter.before?.segment ?? Number.MAX_SAFE_INTEGER;
  for (const segment of logs.log.newestFirst(filter.fromMs, filter.toMs, lastId)) {
    const outputs = logs.spec.challenger ? logs.challengerLog.read(segment.id) : null;
    const actuals = logs.actuals.read(segment.id);
    const start = filter.before?.segment === segment.id ? filter.before.index - 1 : segment.rows.count - 1;
    for (let index = start; index >= 0; index -= 1) {
      if (filter.disagree && !disagrees(segment, outputs, index, filter.tolerance)) continue;
      if (records.length === filter.limit) return { records, more: true };
      records.push(recordAt(logs, segment, outputs, index, actuals));
    }
  }
  return { records, more: false };
}

/** One record; null when there is none at that place. */
export function readRecord(logs: Logs, segmentId: number, index: number): StoredRecord | null {
  const segment = logs.log.read(segmentId);
  if (!segment || index >= segment.rows.count) return null;
  const outputs = logs.spec.challenger ? logs.challengerLog.read(segmentId) : null;
  return recordAt(logs, segment, outputs, index, logs.actuals.read(segmentId));
}

function disagrees(segment: Segment, outputs: SegmentOutputs | null, index: number, tolerance: number | null): boolean {
  if (outputs?.states[index] !== "ok") return false;
  return agree(segment.main.predictions[index] ?? null, outputs.predictions[index] ?? null, tolerance) === false;
}

/** The record of one row of a segment. */
export function recordAt(
  { spec }: Pick<Logs, "spec">,
  segment: Segment,
  outputs: SegmentOutputs | null,
  index: number,
  actuals: ReadonlyMap<number, StoredActual>,
): StoredRecord {
  return {
    segment: segment.id,
    index,
    at: segment.at,
    source: segment.source,
    features: featuresAt(spec.features, segment.rows, index),
    latencyMs: segment.latencyMs[index] ?? 0,
    actual: actuals.get(index)?.actual ?? null,
    main: answerAt(segment.main, index),
    challenger: spec.challenger ? challengerAt(outputs, index) : null,
  };
}

function challengerAt(outputs: SegmentOutputs | null, index: number): StoredRecord["challenger"] {
  const state = outputs?.states[index];
  if (!outputs || !state) return { state: "pending", reason: null, prediction: null, probabilities: null };
  if (state !== "ok") return { state, reason: outputs.reasons[index] ?? null, prediction: null, probabilities: null };
  return { state, reason: null, ...answerAt(outputs, index) };
}

/** The answer to one row. */
export function answerAt(answers: Omit<Answers, "count">, index: number): StoredAnswer {
  const { classLabels, probabilities, extra } = answers;
  const answer: StoredAnswer = { prediction: answers.predictions[index] ?? null, probabilities: null };
  if (classLabels && probabilities) {
    const width = classLabels.length;
    answer.probabilities = Object.fromEntries(
      classLabels.map((label, column) => [label, probabilities[index * width + column] ?? null]),
    );
  }
  const names = Object.keys(extra);
  if (names.length > 0) answer.extra = Object.fromEntries(names.map((name) => [name, extra[name]?.[index] ?? null]));
  return answer;
}

function featuresAt(features: readonly ServedFeature[], rows: Rows, index: number): StoredRecord["features"] {
  return Object.fromEntries(
    features.map((feature) => {
      const column = rows.columns.get(feature.name);
      if (!column) return [feature.name, null];
      if ("texts" in column) return [feature.name, column.texts[index] ?? null];
      const value = column.numbers[index] ?? Number.NaN;
      if (Number.isNaN(value)) return [feature.name, null];
      return [feature.name, feature.kind === "boolean" ? value === 1 : value];
    }),
  );
}
