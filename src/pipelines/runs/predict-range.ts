import type { Answers } from "../../engine/read-answers.ts";
import type { Session } from "../../engine/runtime.ts";
import type { ModelRole } from "../../engine/sessions.ts";
import { batchPredictionId } from "../../inference/batch/batch-prediction-id.ts";
import { BatchReader } from "../../inference/batch/batch-reader.ts";
import {
  type AnsweredBatch,
  type BatchModels,
  predictBatch,
  type RowFailure,
} from "../../inference/batch/predict-batch.ts";
import { invalidCounts } from "../../inference/batch/cell-tally.ts";
import { addedColumns, answerShape, type PassedSource, ResultLines } from "../../inference/batch/result-lines.ts";
import { countChallenger, countMain, type FoldPlan } from "../../inference/records/count-records.ts";
import { type InvalidCounts, unpackRows } from "../../inference/spec/packed-rows.ts";
import { clockRuns } from "../../inference/host/run-clock.ts";
import type { ServedFeature, ServingSpec } from "../../inference/spec/serving-spec.ts";
import { pickRows } from "../../engine/rows.ts";
import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import { GiveWay } from "../../lib/give-way.ts";
import { agree } from "../../windows/answer-counts.ts";
import { emptyWindow } from "../../windows/counts.ts";
import { addUsage, usageOf } from "../../windows/usage-counts.ts";
import { rangeKey } from "../../inference/batch/run-result.ts";
import { isNumeric } from "../results/result-rows.ts";
import { ObjectWriter } from "../sources/object-writer.ts";
import { readRange } from "../sources/read-range.ts";
import { marksOf, type RowRange, type Staged } from "../sources/staged.ts";
import { type RangeLines, type RangeReport, readReport, storeCounts, writeReport } from "./range-files.ts";
import { csvLine } from "../../lib/csv-line.ts";

const ROWS_PER_BLOCK_MAX = 2_000;
const VALUES_PER_BLOCK_MAX = 100_000;
/** What the memory of a model takes that does next to nothing for a row. */
const LIGHT_HEAP_BYTES = 20_000_000;
const HEAVY_ROWS_MAX = 250;

/**
 * Rows of one run of the models, and of one block of a result file: as many as make a run worth its while, and no more than others can
 * wait for. Depends on the version alone, because with other batches a model may round otherwise, and a repeated range must come out the
 * same.
 */
function rowsPerBlock({ features, main, challenger }: ServingSpec): number {
  const isLight = Math.max(main.heapBytes, challenger?.heapBytes ?? 0) <= LIGHT_HEAP_BYTES;
  const fitting = Math.max(1, Math.floor(VALUES_PER_BLOCK_MAX / features.length));
  return Math.min(isLight ? ROWS_PER_BLOCK_MAX : HEAVY_ROWS_MAX, fitting);
}

/** One range of a run's rows. */
export interface RangeJob {
  runId: string;
  index: number;
  staged: Pick<Staged, "key" | "columns" | "delimiter" | "cells" | "decimalComma">;
  range: RowRange;
}

export interface RangePorts {
  store: R2Bucket;
  spec: ServingSpec;
  /** Loads a model when it is not loaded. */
  session: (role: ModelRole) => Promise<Session>;
  plan: FoldPlan;
}

/**
 * Predicts the rows of a range with both models and writes the lines that they add to the result files. A range that has been predicted
 * is not predicted again; one that was cut off is, and comes out the same, byte by byte. Memory does not depend on its size.
 */
export async function predictRange(ports: RangePorts, job: RangeJob): Promise<RangeReport> {
  const { store } = ports;
  const known = await readReport(store, job.runId, job.index);
  if (known !== null) return known;
  const writers = new RangeWriters(ports, job);
  try {
    const reader = new BatchReader(ports.spec, { columns: job.staged.columns, marks: marksOf(job.staged) });
    const rows = rowsPerBlock(ports.spec);
    let firstRow = job.range.firstRow;
    const way = new GiveWay();
    for await (const batch of readRange(store, job.staged, job.range, reader.numeric)) {
      for (let from = 0; from < batch.rows; from += rows) {
        const to = Math.min(batch.rows, from + rows);
        await writers.write(reader, batch, from, to, firstRow + from);
        await way.now();
      }
      firstRow += batch.rows;
    }
    const report = { ...(await writers.finish()), cells: reader.cells.features };
    await writeReport(store, job.runId, job.index, report);
    return report;
  } catch (error) {
    await writers.abort();
    throw error;
  }
}

/** The three files of a range while it is predicted. */
class RangeWriters {
  readonly #ports: RangePorts;
  readonly #models: BatchModels;
  readonly #window = emptyWindow();
  readonly #main: ModelLines;
  readonly #challenger: ModelLines | null;
  readonly #errors: ObjectWriter;
  readonly #failed = { rows: 0, bytes: 0 };
  #rows = 0;

  constructor(ports: RangePorts, job: RangeJob) {
    const { store, spec, session } = ports;
    this.#ports = ports;
    this.#models = { spec, session, noteRun: (...run) => this.#noteRun(...run) };
    const source = passedSource(job.staged, spec);
    this.#main = new ModelLines(store, job, "main", source);
    this.#challenger = spec.challenger ? new ModelLines(store, job, "challenger", source) : null;
    this.#errors = new ObjectWriter(store, rangeKey(job.runId, job.index, "errors"));
  }

  /** Predicts rows `from` to `to` (half-open) of a batch, the first of which is row `firstRow` of the source. */
  async write(reader: BatchReader, batch: CsvBatch, from: number, to: number, firstRow: number): Promise<void> {
    const { spec, plan } = this.#ports;
    const { rows: packed, refusals, unread } = reader.read(batch, from, to);
    const all = unpackRows(spec.features, [packed]);
    const refused = new Map<number, string>();
    for (const { row, feature, message } of refusals) {
      const before = refused.get(row);
      refused.set(row, `${before === undefined ? "" : `${before}; `}${feature}: ${message}`);
    }
    const taken = Array.from({ length: to - from }, (_, row) => row).filter((row) => !refused.has(row));
    const failures = [...refused].map(([row, reason]): RowFailure => ({ row, model: "main", reason }));
    this.#rows += to - from;
    if (taken.length > 0) {
      const said = await predictBatch(this.#models, refused.size === 0 ? all : pickRows(all, taken));
      const places = said.places.map((place) => taken[place] ?? place);
      const counted = new Set(places);
      this.#count(
        plan,
        said,
        invalidCounts(unread, (row) => counted.has(row)),
      );
      await this.#writeLines(batch, from, firstRow, places, said);
      for (const { row, model, reason } of said.failures) failures.push({ row: taken[row] ?? row, model, reason });
    }
    failures.sort((one, other) => one.row - other.row);
    const lines = failures.map(({ row, model, reason }) =>
      csvLine([String(batch.line(from + row)), String(firstRow + row + 1), model, reason]),
    );
    await this.#writeErrors(lines);
  }

  async finish(): Promise<Omit<RangeReport, "cells">> {
    const main = await this.#main.finish();
    const challenger = (await this.#challenger?.finish()) ?? null;
    if (this.#failed.rows > 0) await this.#errors.finish();
    return { rows: this.#rows, main, challenger, errors: { ...this.#failed }, counts: storeCounts(this.#window) };
  }

  async abort(): Promise<void> {
    await Promise.all([this.#main.abort(), this.#challenger?.abort(), this.#errors.abort()]);
  }

  /** Where the clock stands still during a run, a pause shows how long it took: one run of a range gets one. */
  async #noteRun(role: ModelRole, rows: number, fromMs: number, toMs: number): Promise<void> {
    const { usage } = this.#window;
    if (clockRuns(fromMs, toMs)) addUsage(usage, role, { measuredMs: toMs - fromMs, measuredRows: rows });
    else if (usageOf(usage, role, "measuredRows") === 0) {
      await scheduler.wait(0);
      addUsage(usage, role, { measuredMs: Date.now() - fromMs, measuredRows: rows });
    }
  }

  #count(plan: FoldPlan, said: AnsweredBatch, invalid: InvalidCounts): void {
    countMain(plan, { rows: said.rows, main: said.main, calls: 0, invalid }, this.#window);
    if (said.challenger) countChallenger(plan, { main: said.main, calls: 0 }, said.challenger, this.#window);
  }

  async #writeLines(
    batch: CsvBatch,
    from: number,
    firstRow: number,
    places: readonly number[],
    { main, challenger }: AnsweredBatch,
  ): Promise<void> {
    const { tolerance } = this.#ports.plan;
    const differs = (index: number): boolean =>
      challenger?.states[index] === "ok" &&
      agree(main.predictions[index] ?? null, challenger.predictions[index] ?? null, tolerance) === false;
    const at = places.map((place, index) => ({ index, batchRow: from + place, row: firstRow + place }));
    const disagreements = at.filter(({ index }) => differs(index)).length;
    await this.#main.write(batch, at, main, disagreements);
    if (!challenger) return;
    const answered = at.filter(({ index }) => challenger.states[index] === "ok");
    await this.#challenger?.write(batch, answered, challenger, disagreements);
  }

  async #writeErrors(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const bytes = new TextEncoder().encode(lines.join(""));
    this.#failed.rows += lines.length;
    this.#failed.bytes += bytes.length;
    await this.#errors.write(bytes);
  }
}

/** The lines of a range for the result file of one model. */
class ModelLines {
  readonly #runId: string;
  readonly #range: number;
  readonly #sourceColumns: readonly string[];
  readonly #lines: ResultLines;
  readonly #writer: ObjectWriter;
  readonly #said: RangeLines = { rows: 0, bytes: 0, blocks: [], shape: null };

  constructor(store: R2Bucket, { runId, index, staged }: RangeJob, role: ModelRole, source: PassedSource) {
    this.#runId = runId;
    this.#range = index;
    this.#sourceColumns = staged.columns;
    this.#lines = new ResultLines(source);
    this.#writer = new ObjectWriter(store, rangeKey(runId, index, role));
  }

  async write(
    batch: CsvBatch,
    rows: readonly { index: number; batchRow: number; row: number }[],
    answers: Omit<Answers, "count">,
    disagreements: number,
  ): Promise<void> {
    const [first] = rows;
    if (!first) return;
    const shape = answerShape(answers, this.#said.shape);
    this.#said.shape = shape;
    const extra = addedColumns(shape, this.#sourceColumns)
      .filter(({ role }) => role === "extra")
      .map(({ name }) => name);
    this.#lines.clear();
    for (const { index, batchRow, row } of rows)
      this.#lines.add(batch, batchRow, batchPredictionId(this.#runId, row), answers, index, extra);
    const { bytes } = this.#lines;
    const said = this.#said;
    said.blocks.push({
      range: this.#range,
      offset: said.bytes,
      length: bytes.length,
      rows: rows.length,
      firstRow: first.row,
      disagreements,
    });
    said.rows += rows.length;
    said.bytes += bytes.length;
    await this.#writer.write(bytes);
  }

  async finish(): Promise<RangeLines> {
    if (this.#said.rows > 0) await this.#writer.finish();
    return this.#said;
  }

  abort(): Promise<void> {
    return this.#writer.abort();
  }
}

/** Numbers that are not written plainly leave with a point and without groups; what tensors of strings read stays as it is. */
function passedSource(staged: RangeJob["staged"], spec: ServingSpec): PassedSource {
  const { columns, delimiter, cells } = staged;
  const features = new Map(spec.features.map((feature) => [feature.name, feature]));
  const marks = marksOf(staged);
  const rewritten = columns.flatMap((name, column) => {
    const feature = features.get(name);
    const isNumber = feature ? !readsStrings(feature) : isNumeric({ type: cells?.[column]?.type ?? "text" });
    return isNumber && (marks[column] !== "point" || cells?.[column]?.grouped) ? [column] : [];
  });
  return { columns: columns.length, delimiter, rewritten: new Set(rewritten) };
}

function readsStrings({ mainTensors, challengerTensors }: ServedFeature): boolean {
  return mainTensors.includes("string") || challengerTensors.includes("string");
}
