import { DAY_MS } from "../../lib/time.ts";

/** The abbreviations among the names of the IANA database. Others that a runtime takes mean several zones: BST is Dhaka to it. */
const ABBREVIATIONS = new Set("CET EET EST GMT HST MET MST PRC ROC ROK UCT UTC WET".split(" "));

/** Whether the IANA database has a time zone of this name: an offset such as +02:00 is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name) || /^SystemV\//i.test(name)) return false;
  if (/^[A-Za-z]{3}$/.test(name) && !ABBREVIATIONS.has(name.toUpperCase())) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** The offsets around a day: the same before and after, or changed at a moment. All in ms; the moment in UTC, to the second. */
export interface OffsetChange {
  atMs: number;
  before: number;
  after: number;
}

/** By how much the clock on the wall of a time zone is ahead of UTC. Throws RangeError where there is no such zone. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;
  /** The last answer: times are asked for in their order. */
  #last: { day: number; change: OffsetChange } | null = null;

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
    });
  }

  offsetMs(atMs: number): number {
    const parts = this.#format.formatToParts(atMs);
    const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value);
    const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
    return wall - Math.floor(atMs / 1_000) * 1_000;
  }

  /** The offsets that a time on the wall may have; `wallMs` is that time as if it were UTC. */
  changeNear(wallMs: number): OffsetChange {
    const day = Math.floor(wallMs / DAY_MS);
    if (this.#last?.day === day) return this.#last.change;
    // No zone is a whole day away from UTC.
    const change = this.#changeWithin((day - 1) * DAY_MS, (day + 2) * DAY_MS);
    this.#last = { day, change };
    return change;
  }

  #changeWithin(fromMs: number, toMs: number): OffsetChange {
    const [before, after] = [this.offsetMs(fromMs), this.offsetMs(toMs)];
    let [unchanged, atMs] = [fromMs, toMs];
    while (before !== after && atMs - unchanged > 1_000) {
      const middle = Math.floor((unchanged + atMs) / 2_000) * 1_000;
      if (this.offsetMs(middle) === before) unchanged = middle;
      else atMs = middle;
    }
    return { atMs, before, after };
  }
}
