import { sliceAnswers } from "../../engine/predict-rows.ts";
import { sliceRows } from "../../engine/rows.ts";
import { RECORD_BYTES_MAX } from "../../config.ts";
import { AppError } from "../../errors.ts";
import { decodeSegment, encodeSegment, type Segment } from "./segment.ts";
import type { ServedFeature } from "../spec/serving-spec.ts";

/** Where the rows of one batch have been recorded: row i of the batch is `index` of `segment` for the piece that holds it. */
export interface RecordedPiece {
  segment: number;
  rows: number;
}

/** What is recorded of a batch. */
export type Batch = Pick<Segment, "rows" | "calls" | "latencyMs" | "main" | "invalid">;

/** The records of one host: segments of whole batches, in the order in which they were answered. */
export class RecordLog {
  readonly #sql: SqlStorage;
  readonly #features: readonly ServedFeature[];
  #nextId: number;

  constructor(sql: SqlStorage, features: readonly ServedFeature[]) {
    this.#sql = sql;
    this.#features = features;
    // Numbers of archived segments are never used again: prediction ids are made of them.
    const last = sql
      .exec<{ id: number | null }>(
        "select max(id) as id from (select id from segments union all select last_segment from archives)",
      )
      .one().id;
    this.#nextId = (last ?? 0) + 1;
  }

  get lastId(): number {
    return this.#nextId - 1;
  }

  /**
   * Writes one batch. Pieces are returned in the order of the rows: one, unless the batch
   * is larger than a row of storage may be. Throws AppError `too_large` when a single row is.
   */
  append(at: number, batch: Batch): RecordedPiece[] {
    const { rows, calls, latencyMs, main, invalid } = batch;
    const stored = encodeSegment(this.#features, batch);
    if (sizeOf(stored) > RECORD_BYTES_MAX && rows.count > 1) {
      const half = Math.ceil(rows.count / 2);
      const part = (from: number, to: number, ofCalls: number, ofInvalid: Batch["invalid"]): Batch => ({
        rows: sliceRows(rows, from, to),
        calls: ofCalls,
        latencyMs: latencyMs.slice(from, to),
        main: sliceAnswers(main, from, to),
        ...(ofInvalid && { invalid: ofInvalid }),
      });
      return [
        ...this.append(at, part(0, half, calls, invalid)),
        ...this.append(at, part(half, rows.count, 0, invalid && [])),
      ];
    }
    if (sizeOf(stored) > RECORD_BYTES_MAX) {
      throw new AppError(
        "too_large",
        "One row and its answer together are larger than 1 MB and cannot be recorded. Send smaller values.",
      );
    }
    const id = this.#nextId;
    this.#sql.exec(
      "insert into segments (id, at, source, rows, body, numbers) values (?, ?, 'online', ?, ?, ?)",
      id,
      at,
      rows.count,
      stored.body,
      stored.numbers,
    );
    this.#nextId += 1;
    return [{ segment: id, rows: rows.count }];
  }

  /** One segment; null when there is none under that id. */
  read(id: number): Segment | null {
    const [row] = this.#sql.exec<SegmentRow>("select id, at, source, body, numbers from segments where id = ?", id);
    return row ? this.#decode(row) : null;
  }

  /** The number of rows of a segment; 0 when there is none under that id. */
  rowsOf(id: number): number {
    const [row] = this.#sql.exec<{ rows: number }>("select rows from segments where id = ?", id);
    return row?.rows ?? 0;
  }

  /** Segments after `afterId`, oldest first: up to about `rowsMax` rows, about as much as one segment may take, and at least one. */
  readAfter(afterId: number, rowsMax: number): Segment[] {
    const segments: Segment[] = [];
    let rows = 0;
    let size = 0;
    for (const row of this.#sql.exec<SegmentRow>(
      "select id, at, source, body, numbers from segments where id > ? order by id",
      afterId,
    )) {
      const segment = this.#decode(row);
      rows += segment.rows.count;
      size += sizeOf(row);
      if (segments.length > 0 && (rows > rowsMax || size > RECORD_BYTES_MAX)) break;
      segments.push(segment);
    }
    return segments;
  }

  /**
   * Segments answered in [fromMs, toMs) with an id up to `lastId`, newest first, read one by one as they are asked for. Nothing may be
   * written meanwhile.
   */
  *newestFirst(fromMs: number, toMs: number, lastId: number): Generator<Segment> {
    const last = Math.min(lastId, this.#idBefore(toMs));
    for (const row of this.#sql.exec<SegmentRow>(
      "select id, at, source, body, numbers from segments where id <= ? order by id desc",
      last,
    )) {
      // Later segments were answered later, so that nothing behind this one belongs either.
      if (row.at < fromMs) return;
      yield this.#decode(row);
    }
  }

  /** The id behind which all segments were answered at `ms` or later, found by halving: a log may have millions. */
  #idBefore(ms: number): number {
    if (ms > Date.now()) return this.lastId;
    let low = 0;
    let high = this.lastId;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const [row] = this.#sql.exec<{ at: number }>("select at from segments where id >= ? order by id limit 1", middle);
      if (row !== undefined && row.at < ms) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #decode(row: SegmentRow): Segment {
    return {
      id: row.id,
      at: row.at,
      source: row.source === "batch" ? "batch" : "online",
      ...decodeSegment(this.#features, row),
    };
  }
}

/** Bytes; an upper bound while that is small enough anyhow, because encoding a text only to measure it costs more than the rest. */
function sizeOf({ body, numbers }: Pick<SegmentRow, "body" | "numbers">): number {
  const bound = body.length * BYTES_PER_CHAR_MAX + (numbers?.byteLength ?? 0);
  return bound <= RECORD_BYTES_MAX ? bound : utf8.encode(body).byteLength + (numbers?.byteLength ?? 0);
}

/** Of UTF-8 over UTF-16. */
const BYTES_PER_CHAR_MAX = 3;
const utf8 = new TextEncoder();

type SegmentRow = { id: number; at: number; source: string; body: string; numbers: ArrayBuffer | null };
