import { DAY_MS } from "../../lib/time.ts";
import { isTimeZone, TimeZone } from "./time-zone.ts";

/** The clock on the wall of a time zone as a form's field takes it: `2026-05-04T06:00`, with seconds where there are any. */
export function wallClock(atMs: number, timezone: string): string {
  const shifted = new Date(atMs + new TimeZone(timezone).offsetMs(atMs)).toISOString();
  return shifted.slice(0, shifted.slice(17, 19) === "00" ? 16 : 19);
}

/**
 * When the clock on the wall of a time zone shows `2026-05-04T06:00`, UTC ms; null for what is no such time, or no time zone. Of a time
 * that comes twice it is the first, and one that is jumped over counts as if the clock had not jumped.
 */
export function wallClockMs(text: string, timezone: string): number | null {
  const asUtc = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  if (Number.isNaN(asUtc) || !isTimeZone(timezone)) return null;
  const zone = new TimeZone(timezone);
  // The offset before and the one after a change of the clock: one of both is right.
  const candidates = [-DAY_MS, DAY_MS].map((away) => asUtc - zone.offsetMs(asUtc + away));
  const found = candidates.filter((at) => at + zone.offsetMs(at) === asUtc);
  return Math.min(...(found.length > 0 ? found : candidates.slice(0, 1)));
}

/** A moment on the wall of a time zone, for people: `Mon, 4 May 2026, 06:00`. */
export function wallClockText(atMs: number, timezone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(atMs);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("weekday")}, ${part("day")} ${part("month")} ${part("year")}, ${part("hour")}:${part("minute")}`;
}

/** The names of time zones, UTC first, for suggestions. */
export function timeZoneNames(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC")];
}
