import { Cron } from "croner";
import { HOUR_MS } from "../../lib/time.ts";
import type { Schedule } from "../schema.ts";
import { type OffsetChange, TimeZone } from "./time-zone.ts";

/**
 * The slots of a schedule from a moment on, UTC ms, ascending, no two at the same moment: from `starts_at` on and before `ends_at`.
 * Throws where expression or time zone cannot be read.
 *
 * An expression that names hours means times of the clock on the wall, each once: of one that comes twice the first counts, and the first
 * of those that the clock jumps over comes when it has jumped, the others as long after it as they would have; where another slot is
 * already, both are one. An expression for every hour goes by the hours that pass: each moment at which the clock shows such a time.
 */
export function* slotsFrom(schedule: Schedule, fromMs: number): Generator<number, void, undefined> {
  const { starts_at: startsAt, ends_at: endsAt } = schedule;
  const start = startsAt === undefined ? fromMs : Math.max(fromMs, Date.parse(startsAt));
  const end = endsAt === undefined ? Infinity : Date.parse(endsAt);
  const cron = cronOnTheWall(schedule.cron);
  const zone = new TimeZone(schedule.timezone);
  const momentsOf = hasEveryHour(schedule.cron)
    ? allMoments
    : (wall: number, change: OffsetChange) => [oneMoment(wall, change, cron)];
  // Around a change of the clock, times on the wall are not in the order of their moments.
  let waiting: number[] = [];
  for (const wall of timesOnTheWall(cron, firstOnTheWall(zone, start))) {
    const change = zone.changeNear(wall);
    // Nothing that follows comes before this.
    const settled = wall - Math.max(change.before, change.after);
    yield* waiting.filter((moment) => moment < settled);
    if (settled >= end) return;
    const moments = momentsOf(wall, change).filter((moment) => moment >= start && moment < end);
    waiting = ascending([...waiting.filter((moment) => moment >= settled), ...moments]);
  }
  yield* waiting;
}

/** The times of an expression, as if the clock on the wall showed UTC and were never changed. Throws where it cannot be read. */
export function cronOnTheWall(cron: string): Cron {
  return new Cron(cron, { mode: "5-part", utcOffset: 0 });
}

function* timesOnTheWall(cron: Cron, fromMs: number): Generator<number, void, undefined> {
  for (let next = cron.nextRun(new Date(fromMs - 1)); next !== null; next = cron.nextRun(next)) yield next.getTime();
}

/** The earliest that the clock shows from a moment on, changes at that time included. */
function firstOnTheWall(zone: TimeZone, fromMs: number): number {
  const { before, after } = zone.changeNear(fromMs);
  return fromMs + Math.min(before, after);
}

function hasEveryHour(cron: string): boolean {
  const [, hour = ""] = cron.trim().split(/\s+/);
  const day = cronOnTheWall(`0 ${hour} * * *`).nextRuns(24, new Date(0));
  return day.at(-1)?.getTime() === 24 * HOUR_MS;
}

/** When the clock shows a time: twice where it is put back, never where it jumps. */
function allMoments(wall: number, { atMs, before, after }: OffsetChange): number[] {
  if (before === after) return [wall - before];
  return [...(wall < atMs + before ? [wall - before] : []), ...(wall >= atMs + after ? [wall - after] : [])];
}

function oneMoment(wall: number, { atMs, before, after }: OffsetChange, cron: Cron): number {
  if (before === after || wall < atMs + before) return wall - before;
  if (wall >= atMs + after) return wall - after;
  const firstJumped = cron.nextRun(new Date(atMs + before - 1))?.getTime() ?? wall;
  return atMs + (wall - firstJumped);
}

function ascending(moments: readonly number[]): number[] {
  return [...new Set(moments)].sort((one, other) => one - other);
}
