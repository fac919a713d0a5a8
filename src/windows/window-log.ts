import { DAY_MS, HOUR_MS } from "../lib/time.ts";
import { addWindow, decodeCounts, emptyWindow, encodeCounts, type Window } from "./counts.ts";
import { computeMs } from "./usage-counts.ts";

export type RecordSource = "online" | "batch";
export type Span = "hour" | "day";

/** A window as it travels and is stored: counts are texts. */
export interface WindowRow {
  span: Span;
  start: number;
  source: RecordSource;
  referenceId: string;
  rows: number;
  computeMs: number;
  features: string;
  answers: string;
  usage: string;
  revision: number;
}

/** Up to which segment records have been counted: all of a record but the challenger's side, and that. */
export interface Watermarks {
  main: number;
  challenger: number;
}

/** The hourly windows of one host, and how far it has counted. Days are made of the hours when they are asked for. */
export class WindowLog {
  readonly #storage: DurableObjectStorage;
  readonly #referenceId: string;
  /** The hours of the last fold, as they are stored. */
  #hours = new Map<string, Hour>();

  constructor(storage: DurableObjectStorage, referenceId: string) {
    this.#storage = storage;
    this.#referenceId = referenceId;
  }

  watermarks(): Watermarks {
    const [row] = this.#storage.sql.exec<{ main: number; challenger: number }>(
      "select main, challenger from watermarks where id = 1",
    );
    return { main: row?.main ?? 0, challenger: row?.challenger ?? 0 };
  }

  /**
   * Has `count` add to windows, and keeps these with the watermarks, in one transaction: a crash loses nothing and counts nothing
   * twice. `count` gets the window of an hour by any time within it.
   */
  fold(watermarks: Watermarks, count: (windowAt: (atMs: number, source: RecordSource) => Window) => void): void {
    const touched = new Map<string, Hour>();
    try {
      this.#storage.transactionSync(() => {
        count((atMs, source) => {
          const start = floorTo(atMs, HOUR_MS);
          const key = hourKey(start, source);
          const hour = touched.get(key) ?? this.#hour(start, source);
          touched.set(key, hour);
          return hour.window;
        });
        for (const hour of touched.values()) this.#write(hour);
        this.#storage.sql.exec(
          `insert into watermarks (id, main, challenger) values (1, ?, ?)
           on conflict (id) do update set main = excluded.main, challenger = excluded.challenger`,
          watermarks.main,
          watermarks.challenger,
        );
      });
      // Only hours that are counted into are worth their memory.
      this.#hours = touched;
    } catch (error) {
      // What was added in memory has not been kept: the store is read again.
      this.#hours.clear();
      throw error;
    }
  }

  /** Hours and their days that have changed since they were pushed; those of hours that end after `closedAtMs` only when `open` is true. */
  unpushed(closedAtMs: number, open: boolean): WindowRow[] {
    const changed = this.#storage.sql
      .exec<{ start: number; source: RecordSource }>(
        "select start, source from windows where revision > pushed and (? or start + ? <= ?) order by start",
        open ? 1 : 0,
        HOUR_MS,
        closedAtMs,
      )
      .toArray();
    const days = new Map(changed.map(({ start, source }) => [hourKey(floorTo(start, DAY_MS), source), source]));
    return [
      ...changed.map(({ start, source }) => this.#row("hour", start, source, [this.#hour(start, source)])),
      ...[...days].map(([key, source]) => {
        const start = Number(key.split(" ")[0]);
        return this.#row("day", start, source, this.#hoursOfDay(start, source));
      }),
    ];
  }

  /** Whether there is anything that `unpushed` would give, open hours included. */
  hasUnpushed(): boolean {
    return this.#storage.sql.exec("select 1 from windows where revision > pushed limit 1").toArray().length > 0;
  }

  /** Notes that rows of `unpushed` have arrived. */
  markPushed(rows: readonly WindowRow[]): void {
    for (const { span, start, source, revision } of rows) {
      if (span !== "hour") continue;
      this.#storage.sql.exec(
        "update windows set pushed = max(pushed, ?) where start = ? and source = ?",
        revision,
        start,
        source,
      );
    }
  }

  /**
   * Forgets the hours of days that ended a day before `atMs` or more, when all of them have been pushed: nothing is counted into them any
   * more.
   */
  prune(atMs: number): void {
    const before = floorTo(atMs, DAY_MS) - DAY_MS;
    this.#storage.sql.exec(
      `delete from windows where start < ?
       and not exists (select 1 from windows as other where other.start < ? and other.revision > other.pushed)`,
      before,
      before,
    );
  }

  #hour(start: number, source: RecordSource): Hour {
    const present = this.#hours.get(hourKey(start, source));
    if (present) return present;
    const [row] = this.#storage.sql.exec<HourRow>(
      "select rows, features, answers, usage, revision from windows where start = ? and source = ?",
      start,
      source,
    );
    return row
      ? {
          start,
          source,
          revision: row.revision,
          window: {
            rows: row.rows,
            features: decodeCounts(row.features),
            answers: decodeCounts(row.answers),
            usage: decodeCounts(row.usage),
          },
        }
      : { start, source, revision: 0, window: emptyWindow() };
  }

  #write(hour: Hour): void {
    hour.revision += 1;
    const { start, source, window, revision } = hour;
    this.#storage.sql.exec(
      `insert into windows (start, source, rows, features, answers, usage, revision) values (?, ?, ?, ?, ?, ?, ?)
       on conflict (start, source) do update set rows = excluded.rows, features = excluded.features,
         answers = excluded.answers, usage = excluded.usage, revision = excluded.revision`,
      start,
      source,
      window.rows,
      encodeCounts(window.features),
      encodeCounts(window.answers),
      encodeCounts(window.usage),
      revision,
    );
  }

  #hoursOfDay(day: number, source: RecordSource): Hour[] {
    return this.#storage.sql
      .exec<{ start: number }>(
        "select start from windows where start >= ? and start < ? and source = ?",
        day,
        day + DAY_MS,
        source,
      )
      .toArray()
      .map(({ start }) => this.#hour(start, source));
  }

  #row(span: Span, start: number, source: RecordSource, hours: readonly Hour[]): WindowRow {
    const window = emptyWindow();
    let revision = 0;
    for (const hour of hours) {
      addWindow(window, hour.window);
      revision += hour.revision;
    }
    return windowRow({ span, start, source, referenceId: this.#referenceId, revision }, window);
  }
}

/** A window as it is stored. */
export function windowRow(
  place: Pick<WindowRow, "span" | "start" | "source" | "referenceId" | "revision">,
  window: Window,
): WindowRow {
  return {
    ...place,
    rows: window.rows,
    computeMs: (computeMs(window.usage, "main") ?? 0) + (computeMs(window.usage, "challenger") ?? 0),
    features: encodeCounts(window.features),
    answers: encodeCounts(window.answers),
    usage: encodeCounts(window.usage),
  };
}

/** Rows that were all counted at one time, as the hour and the day that they belong to. */
export function windowsOfMoment(
  atMs: number,
  place: Pick<WindowRow, "source" | "referenceId">,
  window: Window,
): WindowRow[] {
  const hour = windowRow({ ...place, span: "hour", start: floorTo(atMs, HOUR_MS), revision: 1 }, window);
  const day = windowRow({ ...place, span: "day", start: floorTo(atMs, DAY_MS), revision: 1 }, window);
  return [hour, day];
}

interface Hour {
  start: number;
  source: RecordSource;
  revision: number;
  window: Window;
}

type HourRow = { rows: number; features: string; answers: string; usage: string; revision: number };

function hourKey(start: number, source: RecordSource): string {
  return `${start} ${source}`;
}

function floorTo(ms: number, span: number): number {
  return Math.floor(ms / span) * span;
}
