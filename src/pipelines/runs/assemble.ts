import type { ModelRole } from "../../engine/sessions.ts";
import type { AnswerShape } from "../../inference/batch/result-lines.ts";
import { addedColumns, csvLine } from "../../inference/batch/result-lines.ts";
import {
  errorsKey,
  type ResultBlock,
  type ResultColumn,
  resultCsvKey,
  type ResultFile,
  type RunResult,
  writeRunResult,
} from "../../inference/batch/run-result.ts";
import { addWindow, emptyWindow, type Window } from "../../windows/counts.ts";
import { ObjectWriter } from "../sources/object-writer.ts";
import { loadCounts, rangeKey, type RangeLines, type RangeReport, readReport } from "./range-files.ts";

/** A run whose ranges have all been predicted. */
export interface PredictedRun {
  runId: string;
  deploymentId: string;
  version: number;
  /** When it began, UTC ms. */
  at: number;
  sourceColumns: ResultColumn[];
  ranges: number;
  hasChallenger: boolean;
}

const ERROR_COLUMNS = ["line", "row", "model", "reason"];

/**
 * Puts the ranges of a run together: the files of both models and that of the errors, and, once these are whole, the note of what is in
 * them. Says what was counted of the rows. Memory does not depend on the size; repeating writes the same bytes.
 */
export async function assemble(store: R2Bucket, run: PredictedRun): Promise<{ result: RunResult; window: Window }> {
  const { runId, deploymentId, version, at } = run;
  const window = emptyWindow();
  const reports: RangeReport[] = [];
  for (let index = 0; index < run.ranges; index += 1) {
    const report = await readReport(store, runId, index);
    if (!report) throw new Error(`range ${index} of ${runId} has no report`);
    addWindow(window, loadCounts(report.counts));
    // The counts are the large part of it, and have been added up.
    reports.push({ ...report, counts: { rows: 0, features: "{}", answers: "{}", usage: "{}" } });
  }
  const main = await assembleModel(
    store,
    run,
    "main",
    reports.map((report) => report.main),
  );
  const challenger = run.hasChallenger
    ? await assembleModel(
        store,
        run,
        "challenger",
        reports.flatMap((report) => report.challenger ?? []),
      )
    : null;
  const errors = await assembleErrors(store, run, reports);
  const rows = reports.reduce((sum, report) => sum + report.rows, 0);
  const result: RunResult = { runId, deploymentId, version, at, rows, main, challenger, errors };
  await writeRunResult(store, result);
  return { result, window };
}

async function assembleModel(
  store: R2Bucket,
  { runId, sourceColumns }: PredictedRun,
  role: ModelRole,
  ranges: readonly RangeLines[],
): Promise<ResultFile> {
  const shape = ranges.reduce<AnswerShape | null>((before, range) => joined(before, range.shape), null);
  const names = sourceColumns.map(({ name }) => name);
  const columns = [...sourceColumns, ...addedColumns(shape, names)];
  const header = headerLine(columns.map(({ name }) => name));
  const blocks: ResultBlock[] = [];
  let offset = header.length;
  for (const range of ranges) {
    for (const block of range.blocks) blocks.push({ ...block, offset: offset + block.offset });
    offset += range.bytes;
  }
  const parts = ranges.map((range, index) => ({ key: rangeKey(runId, index, role), bytes: range.bytes }));
  await concatenate(store, resultCsvKey(runId, role), header, parts);
  return { columns, rows: ranges.reduce((sum, range) => sum + range.rows, 0), bytes: offset, blocks };
}

async function assembleErrors(
  store: R2Bucket,
  { runId }: PredictedRun,
  reports: readonly RangeReport[],
): Promise<RunResult["errors"]> {
  const header = headerLine(ERROR_COLUMNS);
  const parts = reports.map(({ errors }, index) => ({ key: rangeKey(runId, index, "errors"), bytes: errors.bytes }));
  await concatenate(store, errorsKey(runId), header, parts);
  return {
    rows: reports.reduce((sum, { errors }) => sum + errors.rows, 0),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, header.length),
  };
}

/** Predictions are numbers only where those of all ranges are. */
function joined(before: AnswerShape | null, next: AnswerShape | null): AnswerShape | null {
  if (!before || !next) return before ?? next;
  const kinds = [before.predictions, next.predictions].filter((kind) => kind !== null);
  return {
    classLabels: before.classLabels ?? next.classLabels,
    extra: before.extra.length > 0 ? before.extra : next.extra,
    predictions: kinds.includes("text") ? "text" : (kinds[0] ?? null),
  };
}

function headerLine(names: readonly string[]): Uint8Array {
  return new TextEncoder().encode(csvLine(names));
}

async function concatenate(
  store: R2Bucket,
  key: string,
  header: Uint8Array,
  parts: readonly { key: string; bytes: number }[],
): Promise<void> {
  const writer = new ObjectWriter(store, key);
  try {
    await writer.write(header);
    for (const part of parts) {
      if (part.bytes === 0) continue;
      const object = await store.get(part.key);
      if (object?.size !== part.bytes) throw new Error(`${part.key} is not what its range has written`);
      for await (const chunk of object.body) await writer.write(chunk);
    }
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
