import type { FeatureCells } from "../../inference/batch/cell-tally.ts";
import type { AnswerShape } from "../../inference/batch/result-lines.ts";
import { rangeReportKey, type ResultBlock } from "../../inference/batch/run-result.ts";
import { tryAgain } from "../../lib/try-again.ts";
import { type Counts, decodeCounts, encodeCounts, type Window } from "../../windows/counts.ts";

/** The lines of one range for one result file; its blocks are placed by the start of these lines. */
export interface RangeLines {
  rows: number;
  bytes: number;
  blocks: ResultBlock[];
  shape: AnswerShape | null;
}

/** What came of a range. Written when all its lines are in the store: who finds it need not predict the range again. */
export interface RangeReport {
  rows: number;
  main: RangeLines;
  challenger: RangeLines | null;
  errors: { rows: number; bytes: number };
  counts: StoredCounts;
  /** By feature of the main model, what was read of its cells; absent in reports that were written before it was counted. */
  cells?: FeatureCells[];
}

/** A window of counts as texts. */
interface StoredCounts {
  rows: number;
  features: string;
  answers: string;
  usage: string;
}

export function storeCounts({ rows, features, answers, usage }: Window): StoredCounts {
  return { rows, features: encodeCounts(features), answers: encodeCounts(answers), usage: encodeCounts(usage) };
}

export function loadCounts({ rows, features, answers, usage }: StoredCounts): Window {
  const read = (text: string): Counts => decodeCounts(text);
  return { rows, features: read(features), answers: read(answers), usage: read(usage) };
}

export async function writeReport(store: R2Bucket, runId: string, index: number, report: RangeReport): Promise<void> {
  const text = JSON.stringify(report);
  await tryAgain(() => store.put(rangeReportKey(runId, index), text));
}

/** The report of a range; null until the range has been predicted. */
export async function readReport(store: R2Bucket, runId: string, index: number): Promise<RangeReport | null> {
  const object = await store.get(rangeReportKey(runId, index));
  return object === null ? null : object.json<RangeReport>();
}
