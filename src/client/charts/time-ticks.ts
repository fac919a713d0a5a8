import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../lib/time.ts";

const MONTH_MS = 28 * DAY_MS;
const YEAR_MS = 365 * DAY_MS;

/** Distances between the ticks of a time axis. uPlot places whole months from 28 days on, and whole years from 365. */
export const TIME_STEPS_MS: readonly number[] = [
  ...[1, 5, 15, 30, 60, 300, 900, 1800].map((seconds) => seconds * 1000),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 3, 5, 10, 15, 30, 60, 90, 180].map((days) => days * DAY_MS),
  ...[1, 2, 5, 10, 25, 50, 100].map((years) => years * YEAR_MS),
];

/** Labels of a time axis in UTC. What changes seldom (the day, the year) is on a second line, where it begins. */
export function timeTicks(times: number[], stepMs: number): string[] {
  return times.map((at, index) => {
    const iso = isoOf(at);
    const before = times[index - 1];
    const isNew = (length: number): boolean =>
      before === undefined || isoOf(before).slice(0, length) !== iso.slice(0, length);
    if (stepMs < DAY_MS) {
      const clock = iso.slice(11, stepMs < 1000 ? 23 : stepMs < MINUTE_MS ? 19 : 16);
      return isNew(10) ? `${clock}\n${dayOf(at)}` : clock;
    }
    const year = iso.slice(0, 4);
    if (stepMs >= YEAR_MS) return year;
    const name = stepMs < MONTH_MS ? dayOf(at) : monthOf(at);
    return isNew(4) ? `${name}\n${year}` : name;
  });
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}

function dayOf(at: number): string {
  return `${new Date(at).getUTCDate()} ${monthOf(at)}`;
}

function monthOf(at: number): string {
  return new Date(at).toLocaleString("en-GB", { month: "short", timeZone: "UTC" });
}
