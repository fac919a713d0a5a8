import type { OutputValue } from "../../engine/read-answers.ts";

/** What the challenger said of one row, or why it said nothing. */
export type ChallengerState = "ok" | "error" | "skipped";

/** The challenger's outputs for the rows of one segment. Rows that are not `ok` have null at their place. */
export interface SegmentOutputs {
  segment: number;
  states: ChallengerState[];
  reasons: (string | null)[];
  predictions: OutputValue[];
  probabilities: (number | null)[] | null;
  classLabels: string[] | null;
  extra: Record<string, OutputValue[]>;
}

/** Bytes of the outputs that are written together; a row of storage may have 2 MB. */
const BODY_BYTES_MAX = 1_900_000;
const utf8 = new TextEncoder();

export interface ChallengerHealth {
  consecutiveFailures: number;
  suspendedAt: number | null;
  suspendedReason: string | null;
}

/** The challenger's side of a host's storage: outputs for runs of segments, and how well it has been doing. */
export class ChallengerLog {
  readonly #sql: SqlStorage;
  /** The outputs that were read last: whoever goes through segments in order asks for the same ones many times. */
  #last: { first: number; outputs: SegmentOutputs[] } | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The last segment that the challenger is done with, attempts included. */
  lastSegment(): number {
    return (
      this.#sql.exec<{ last: number | null }>("select max(last_segment) as last from challenger_outputs").one().last ??
      0
    );
  }

  /** Marks that the challenger is about to run over these segments, so that a crash tells who did it; counts repetitions. */
  beginAttempt(first: number, last: number): void {
    this.#sql.exec(
      `insert into challenger_outputs (first_segment, last_segment, state) values (?, ?, 'attempt')
       on conflict (first_segment) do update set last_segment = excluded.last_segment, attempts = attempts + 1`,
      first,
      last,
    );
  }

  /** Writes the outputs of an attempt; false, and nothing is written, when they are more than a row of storage holds. */
  finish(first: number, outputs: readonly SegmentOutputs[]): boolean {
    const body = JSON.stringify(outputs);
    // A character has up to three bytes, so most bodies need not be encoded to be measured.
    if (body.length * 3 > BODY_BYTES_MAX && utf8.encode(body).byteLength > BODY_BYTES_MAX) return false;
    this.#sql.exec("update challenger_outputs set state = 'done', body = ? where first_segment = ?", body, first);
    return true;
  }

  /** Writes outputs of segments that were never attempted, such as those skipped. */
  skip(first: number, last: number, outputs: readonly SegmentOutputs[]): void {
    this.#sql.exec(
      "insert into challenger_outputs (first_segment, last_segment, state, body) values (?, ?, 'done', ?)",
      first,
      last,
      JSON.stringify(outputs),
    );
  }

  /** Attempts that never ended: the object died in the middle of them. */
  unfinished(): { first: number; last: number; attempts: number }[] {
    return this.#sql
      .exec<{ first: number; last: number; attempts: number }>(
        `select first_segment as first, last_segment as last, attempts from challenger_outputs
         where state = 'attempt' order by first_segment`,
      )
      .toArray();
  }

  /** The outputs for one segment; null while they are pending. */
  read(segment: number): SegmentOutputs | null {
    const [row] = this.#sql.exec<{ first: number; last: number; isDone: number }>(
      `select first_segment as first, last_segment as last, body is not null as isDone from challenger_outputs
       where first_segment <= ? order by first_segment desc limit 1`,
      segment,
    );
    if (!row || row.last < segment || !row.isDone) return null;
    return this.#outputsOf(row.first).find((candidate) => candidate.segment === segment) ?? null;
  }

  /** The outputs for segments `first` to `last`, by segment; those that are pending are left out. */
  between(first: number, last: number): Map<number, SegmentOutputs> {
    const found = new Map<number, SegmentOutputs>();
    const rows = this.#sql.exec<{ first: number }>(
      `select first_segment as first from challenger_outputs
       where first_segment <= ? and last_segment >= ? and body is not null order by first_segment`,
      last,
      first,
    );
    for (const row of rows.toArray()) {
      for (const outputs of this.#outputsOf(row.first)) {
        if (outputs.segment >= first && outputs.segment <= last) found.set(outputs.segment, outputs);
      }
    }
    return found;
  }

  /** The outputs that were written together, which never change. */
  #outputsOf(first: number): SegmentOutputs[] {
    if (this.#last?.first === first) return this.#last.outputs;
    const { body } = this.#sql
      .exec<{ body: string }>("select body from challenger_outputs where first_segment = ?", first)
      .one();
    this.#last = { first, outputs: JSON.parse(body) as SegmentOutputs[] };
    return this.#last.outputs;
  }

  health(): ChallengerHealth {
    const [row] = this.#sql.exec<{ failures: number; at: number | null; reason: string | null }>(
      "select consecutive_failures as failures, suspended_at as at, suspended_reason as reason from challenger_health",
    );
    return {
      consecutiveFailures: row?.failures ?? 0,
      suspendedAt: row?.at ?? null,
      suspendedReason: row?.reason ?? null,
    };
  }

  saveHealth(health: ChallengerHealth): void {
    this.#sql.exec(
      `insert into challenger_health (id, consecutive_failures, suspended_at, suspended_reason) values (1, ?, ?, ?)
       on conflict (id) do update set consecutive_failures = excluded.consecutive_failures,
         suspended_at = excluded.suspended_at, suspended_reason = excluded.suspended_reason`,
      health.consecutiveFailures,
      health.suspendedAt,
      health.suspendedReason,
    );
  }
}
