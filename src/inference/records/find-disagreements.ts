import { agree } from "../../windows/answer-counts.ts";
import { compareAnswers } from "./compare-answers.ts";
import { answerAt, type Logs, recordAt, type StoredRecord } from "./records.ts";
import type { Segment } from "./segment.ts";

/** Rows of which a feature has a value: this one, or a number within the bounds. */
export interface FeatureFilter {
  feature: string;
  equals: string | null;
  min: number | null;
  max: number | null;
}

export interface DisagreementFilter {
  fromMs: number;
  toMs: number;
  source: "online" | "batch" | "all";
  /** Up to which difference numbers agree; null: they must be equal. */
  tolerance: number | null;
  where: FeatureFilter | null;
  limit: number;
}

/** A record on which both models say different things, and how far apart they are (see compareAnswers). */
export interface Disagreement extends StoredRecord {
  distance: number;
}

/** Rows that are looked at: finding the furthest apart means comparing them all. */
const ROWS_MAX = 20_000;

/**
 * Of the newest records those on which main and challenger differ most, the furthest apart first. `isAll` is false where older ones were
 * not looked at.
 */
export function findDisagreements(
  logs: Logs,
  { fromMs, toMs, source, tolerance, where, limit }: DisagreementFilter,
): { found: Disagreement[]; isAll: boolean } {
  let worst: { segment: Segment; index: number; distance: number }[] = [];
  let looked = 0;
  let isAll = true;
  for (const segment of logs.log.newestFirst(fromMs, toMs, Number.MAX_SAFE_INTEGER)) {
    if (source !== "all" && segment.source !== source) continue;
    if (looked >= ROWS_MAX) {
      isAll = false;
      break;
    }
    looked += segment.rows.count;
    const outputs = logs.challengerLog.read(segment.id);
    if (!outputs) continue;
    for (let index = 0; index < segment.rows.count; index += 1) {
      if (outputs.states[index] !== "ok" || (where && !matches(segment, index, where))) continue;
      if (agree(segment.main.predictions[index] ?? null, outputs.predictions[index] ?? null, tolerance) !== false)
        continue;
      const { distance } = compareAnswers(answerAt(segment.main, index), answerAt(outputs, index), tolerance ?? 0);
      worst.push({ segment, index, distance });
    }
    if (worst.length > 4 * limit) worst = furthest(worst, limit);
  }
  const found = furthest(worst, limit).map(({ segment, index, distance }) => ({
    ...recordAt(logs, segment, logs.challengerLog.read(segment.id), index, logs.actuals.read(segment.id)),
    distance,
  }));
  return { found, isAll };
}

/** The furthest apart of some rows, these first. */
export function furthest<T extends { distance: number }>(rows: T[], limit: number): T[] {
  return rows.sort((one, other) => other.distance - one.distance).slice(0, limit);
}

function matches({ rows }: Segment, index: number, { feature, equals, min, max }: FeatureFilter): boolean {
  const column = rows.columns.get(feature);
  if (!column) return false;
  if ("texts" in column) return equals !== null && column.texts[index] === equals;
  const value = column.numbers[index] ?? Number.NaN;
  if (equals !== null && value !== Number(equals)) return false;
  return !Number.isNaN(value) && (min === null || value >= min) && (max === null || value <= max);
}
