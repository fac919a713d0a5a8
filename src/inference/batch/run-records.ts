import { DurableObject } from "cloudflare:workers";
import { database } from "../../db.ts";
import { parseRunName } from "../../deployments/host-name.ts";
import { AppError } from "../../errors.ts";
import { runStorageSteps, type StorageStep } from "../../lib/storage-steps.ts";
import { ActualsLog, type SentActual, type StoredActual } from "../records/actuals-log.ts";
import {
  type Disagreement,
  type DisagreementFilter,
  findDisagreements,
  furthest,
} from "../records/find-disagreements.ts";
import { findLabelled, type LabelledFilter, type LabelledRecords } from "../records/labelled-records.ts";
import { loadServingSpec } from "../spec/load-serving-spec.ts";
import {
  findRecords,
  type Logs,
  type RecordFilter,
  type RecordPage,
  readRecord,
  type StoredRecord,
} from "../records/records.ts";
import type { ServingSpec } from "../spec/serving-spec.ts";
import { type BlockRecords, readBlock } from "./result-block.ts";
import { readRunResult, type RunResult } from "./run-result.ts";

/** The storage of RunRecords. Append-only. */
export const RUN_STORAGE_STEPS: readonly StorageStep[] = [
  {
    id: "create-actuals",
    // `if not exists`: the first version made it at each start and stored no steps.
    sql: `create table if not exists actuals (
     segment integer primary key,
     body text not null
   )`,
  },
];

/** Blocks that are looked at for the rows that are furthest apart: as many rows as of a host. */
const BLOCKS_LOOKED_AT = 20;

interface OpenedRun {
  spec: ServingSpec;
  result: RunResult;
  actuals: ActualsLog;
}

/** A block in the form in which the records of hosts are looked through, and where its rows stand in the source. */
interface OpenedBlock {
  logs: Logs;
  rowNumbers: number[];
}

/**
 * The records of one batch run: they are in its files, of which blocks are read as they are asked for. What it stores itself are the
 * actuals. A record's place is its row among those of the source, from 0, in segment 0.
 */
export class RunRecords extends DurableObject<Env> {
  #opened: Promise<OpenedRun | null> | null = null;

  /** Records that fit the filter, the last row first. */
  async records(filter: RecordFilter): Promise<RecordPage> {
    const run = await this.#open();
    const found: StoredRecord[] = [];
    if (!run || !fits(run.result, filter)) return { records: found, more: false };
    const { blocks } = run.result.main;
    const before = filter.before?.index ?? Number.POSITIVE_INFINITY;
    for (let ordinal = blocks.length - 1; ordinal >= 0; ordinal -= 1) {
      const block = blocks[ordinal];
      if (!block || block.firstRow >= before || (filter.disagree && block.disagreements === 0)) continue;
      const opened = await this.#block(run, ordinal);
      const index = opened.rowNumbers.filter((row) => row < before).length;
      const part = { ...filter, limit: filter.limit - found.length, before: { segment: ordinal + 1, index } };
      const page = findRecords(opened.logs, part);
      found.push(...page.records.map((record) => placed(record, opened)));
      if (page.more) return { records: found, more: true };
    }
    return { records: found, more: false };
  }

  /** The record of a row; null when the run has none. */
  async record(row: number): Promise<StoredRecord | null> {
    const run = await this.#open();
    const ordinal = run ? ordinalOf(run.result, row) : -1;
    if (!run || ordinal < 0) return null;
    const opened = await this.#block(run, ordinal);
    const index = opened.rowNumbers.indexOf(row);
    const record = index < 0 ? null : readRecord(opened.logs, ordinal + 1, index);
    return record && placed(record, opened);
  }

  /** Records on which both models differ most, the furthest apart first: of the blocks in which they differ most often. */
  async disagreements(filter: DisagreementFilter): Promise<{ found: Disagreement[]; isAll: boolean }> {
    const run = await this.#open();
    if (!run || filter.source === "online" || !fits(run.result, filter)) return { found: [], isAll: true };
    const differing = run.result.main.blocks
      .map(({ disagreements }, ordinal) => ({ disagreements, ordinal }))
      .filter(({ disagreements }) => disagreements > 0)
      .sort((one, other) => other.disagreements - one.disagreements);
    const found: Disagreement[] = [];
    for (const { ordinal } of differing.slice(0, BLOCKS_LOOKED_AT)) {
      const opened = await this.#block(run, ordinal);
      const part = findDisagreements(opened.logs, filter).found;
      found.push(...part.map((record) => ({ ...placed(record, opened), distance: record.distance })));
    }
    return { found: furthest(found, filter.limit), isAll: differing.length <= BLOCKS_LOOKED_AT };
  }

  /** Keeps actuals of rows that were predicted (their place is in `index`), and says which positions of `sent` name none. */
  async putActuals(sent: readonly SentActual[]): Promise<number[]> {
    const run = await this.#open();
    if (!run) return sent.map(({ position }) => position);
    const unknown: number[] = [];
    const byBlock = Map.groupBy(sent, ({ index }) => ordinalOf(run.result, index));
    for (const [ordinal, actuals] of byBlock) {
      const rows = ordinal < 0 ? new Set<number>() : await this.#rowsOf(run, ordinal);
      const known = actuals.filter(({ index }) => rows.has(index));
      unknown.push(...actuals.filter(({ index }) => !rows.has(index)).map(({ position }) => position));
      run.actuals.put(
        known.map((one) => ({ ...one, segment: ordinal + 1 })),
        Date.now(),
      );
    }
    return unknown;
  }

  /** Rows whose actual is known. */
  async labelled(filter: LabelledFilter): Promise<LabelledRecords> {
    const run = await this.#open();
    const found: LabelledRecords = { rows: [], classLabels: { main: null, challenger: null }, more: false };
    if (!run || filter.source === "online" || !fits(run.result, filter)) return found;
    for (const segment of run.actuals.segments()) {
      if (found.rows.length >= filter.limit) return { ...found, more: true };
      const { logs } = await this.#block(run, segment - 1);
      const part = findLabelled(logs, filter);
      found.rows.push(...part.rows);
      found.classLabels.main ??= part.classLabels.main;
      found.classLabels.challenger ??= part.classLabels.challenger;
    }
    return found;
  }

  /** Forgets everything: part of the removal of a deployment. Repeating is safe. */
  async destroy(): Promise<void> {
    await this.ctx.storage.deleteAll();
    this.#opened = null;
  }

  /** Null until the files of the run are whole: until then it has no records. */
  async #open(): Promise<OpenedRun | null> {
    this.#opened ??= this.#openOnce();
    try {
      const opened = await this.#opened;
      if (!opened) this.#opened = null;
      return opened;
    } catch (error) {
      this.#opened = null;
      throw error;
    }
  }

  async #openOnce(): Promise<OpenedRun | null> {
    const name = parseRunName(this.ctx.id.name ?? "");
    if (!name) throw new Error("the records of a run are reached by its name");
    const result = await readRunResult(this.env.STORE, name.runId);
    if (!result) return null;
    const spec = await loadServingSpec(database(this.env), name.deploymentId, name.version);
    if (!spec) throw new AppError("not_found", "The deployment was deleted.");
    const { storage } = this.ctx;
    runStorageSteps(storage, RUN_STORAGE_STEPS);
    return { spec, result, actuals: new ActualsLog(storage) };
  }

  async #block({ spec, result, actuals }: OpenedRun, ordinal: number): Promise<OpenedBlock> {
    const read = await readBlock(this.env.STORE, spec, result, ordinal);
    if (!read) throw new Error(`the run ${result.runId} has no block ${ordinal}`);
    return { logs: logsOf(spec, read, actuals), rowNumbers: read.rowNumbers };
  }

  /** The rows of a block, by their place in the source. Where none has failed, they need not be read to be known. */
  async #rowsOf(run: OpenedRun, ordinal: number): Promise<ReadonlySet<number>> {
    const { blocks } = run.result.main;
    const block = blocks[ordinal];
    if (!block) return new Set();
    const next = blocks[ordinal + 1]?.firstRow ?? run.result.rows;
    if (block.firstRow + block.rows === next)
      return new Set(Array.from({ length: block.rows }, (_, index) => block.firstRow + index));
    return new Set((await this.#block(run, ordinal)).rowNumbers);
  }
}

function fits({ at }: RunResult, { fromMs, toMs }: { fromMs: number; toMs: number }): boolean {
  return at >= fromMs && at < toMs;
}

/** The block in which a row would be; -1: there is none. */
function ordinalOf({ main: { blocks }, rows }: RunResult, row: number): number {
  if (row >= rows) return -1;
  return blocks.findLastIndex(({ firstRow }) => firstRow <= row);
}

function placed(record: StoredRecord, { rowNumbers }: OpenedBlock): StoredRecord {
  return { ...record, segment: 0, index: rowNumbers[record.index] ?? -1 };
}

function logsOf(spec: ServingSpec, { segment, outputs, rowNumbers }: BlockRecords, actuals: ActualsLog): Logs {
  // Actuals are kept by the place in the source, records stand in the order of the block.
  const places = new Map(rowNumbers.map((row, index) => [row, index]));
  const read = (): Map<number, StoredActual> =>
    new Map([...actuals.read(segment.id)].map(([row, actual]) => [places.get(row) ?? -1, actual]));
  return {
    spec,
    log: {
      *newestFirst() {
        yield segment;
      },
      read: () => segment,
    },
    challengerLog: { read: () => outputs },
    actuals: { read, segments: () => [segment.id] },
  };
}
