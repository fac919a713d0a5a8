import { formatRelative, formatUtc } from "../../lib/format.ts";

const DATE: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric" };
const MINUTES: Intl.DateTimeFormatOptions = { ...DATE, hour: "2-digit", minute: "2-digit" };
const SECONDS: Intl.DateTimeFormatOptions = { ...MINUTES, second: "2-digit" };

/** Says the times in `scope`, which the server wrote in UTC, in the reader's time zone, and brings relative ones up to date. */
export function showLocalTimes(scope: ParentNode): void {
  for (const time of scope.querySelectorAll<HTMLTimeElement>("time[data-local]")) {
    const atMs = Date.parse(time.dateTime);
    if (Number.isNaN(atMs)) continue;
    time.textContent = localText(atMs, time.dataset.local);
    time.title = `${format(atMs, SECONDS)} · ${formatUtc(atMs, "seconds")}`;
  }
}

function localText(atMs: number, precision: string | undefined): string {
  switch (precision) {
    case "relative":
      return formatRelative(atMs, Date.now(), (at) => format(at, DATE));
    case "date":
      return format(atMs, DATE);
    case "seconds":
      return format(atMs, SECONDS);
    default:
      return format(atMs, MINUTES);
  }
}

function format(atMs: number, style: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(undefined, style).format(atMs);
}
