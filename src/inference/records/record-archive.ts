import { hostPlace, type HostName } from "../../deployments/host-name.ts";
import { recordsPrefix } from "../../deployments/record-files.ts";
import { DAY_MS } from "../../lib/time.ts";
import type { Watermarks } from "../../windows/window-log.ts";
import { type Logs, readRecord, type StoredRecord } from "./records.ts";

/** Rows of one object: small enough to be read whole when a single record is asked for. */
const ROWS_PER_OBJECT = 2_000;

export interface ArchivePorts {
  store: R2Bucket;
  storage: DurableObjectStorage;
  host: HostName;
  logs: Logs;
  /** Days that records stay in the host. */
  keptDays: number;
}

/**
 * Brings records that are older than they are kept to R2, as NDJSON, one record a line, and takes them out of the host. They are found by
 * their id as before; lists, previews and actuals no longer have them.
 */
export class RecordArchive {
  readonly #ports: ArchivePorts;

  constructor(ports: ArchivePorts) {
    this.#ports = ports;
  }

  /** When the oldest record is due, UTC ms; null where there is none. */
  dueAt(): number | null {
    const { storage, keptDays } = this.#ports;
    const [oldest] = storage.sql.exec<{ at: number }>("select at from segments order by id limit 1");
    return oldest ? oldest.at + keptDays * DAY_MS : null;
  }

  /**
   * Archives what is due of the segments that have been counted whole, object by object. First the object, then the host's side: what is
   * interrupted is done again, with the same bytes under the same key.
   */
  async archiveDue(nowMs: number, counted: Watermarks): Promise<void> {
    const last = Math.min(counted.main, counted.challenger);
    for (;;) {
      const segments = this.#due(nowMs, last);
      const [first] = segments;
      const end = segments.at(-1);
      if (!first || !end) return;
      const key = await this.#write(first.id, end.id, segments);
      this.#forget(first.id, end.id, key, segments);
    }
  }

  /** A record that has been archived; null when none is at that place. */
  async find(segment: number, index: number): Promise<StoredRecord | null> {
    const { storage, store } = this.#ports;
    const [row] = storage.sql.exec<{ key: string; last: number }>(
      `select key, last_segment as last from archives where first_segment <= ? order by first_segment desc limit 1`,
      segment,
    );
    if (!row || row.last < segment) return null;
    const object = await store.get(row.key);
    if (!object) throw new Error(`the archive ${row.key} is missing from the store`);
    const records = (await object.text()).split("\n").filter((line) => line !== "");
    const found = records.map((line) => JSON.parse(line) as StoredRecord);
    return found.find((record) => record.segment === segment && record.index === index) ?? null;
  }

  #due(nowMs: number, lastCounted: number): { id: number; rows: number }[] {
    const { storage, keptDays } = this.#ports;
    const segments: { id: number; rows: number }[] = [];
    let rows = 0;
    for (const { id, at, rows: own } of storage.sql.exec<{ id: number; at: number; rows: number }>(
      "select id, at, rows from segments where id <= ? order by id",
      lastCounted,
    )) {
      rows += own;
      if (at >= nowMs - keptDays * DAY_MS || (segments.length > 0 && rows > ROWS_PER_OBJECT)) break;
      segments.push({ id, rows: own });
    }
    return segments;
  }

  async #write(first: number, last: number, segments: readonly { id: number; rows: number }[]): Promise<string> {
    const { host, logs, store } = this.#ports;
    const lines = segments.flatMap(({ id, rows }) =>
      Array.from({ length: rows }, (_, index) => `${JSON.stringify(readRecord(logs, id, index))}\n`),
    );
    const name = `${String(first).padStart(12, "0")}-${String(last).padStart(12, "0")}.ndjson`;
    const key = `${recordsPrefix(host.deploymentId)}${host.version}/${hostPlace(host)}/${name}`;
    await store.put(key, lines.join(""), { httpMetadata: { contentType: "application/x-ndjson" } });
    return key;
  }

  #forget(first: number, last: number, key: string, segments: readonly { rows: number }[]): void {
    const { storage } = this.#ports;
    const rows = segments.reduce((sum, segment) => sum + segment.rows, 0);
    storage.transactionSync(() => {
      storage.sql.exec(
        "insert or replace into archives (first_segment, last_segment, key, rows) values (?, ?, ?, ?)",
        first,
        last,
        key,
        rows,
      );
      storage.sql.exec("delete from segments where id between ? and ?", first, last);
      storage.sql.exec("delete from actuals where segment between ? and ?", first, last);
      // The last one stays: it says how far the challenger has come.
      storage.sql.exec(
        `delete from challenger_outputs where last_segment <= ?
         and first_segment < (select max(first_segment) from challenger_outputs)`,
        last,
      );
    });
  }
}
