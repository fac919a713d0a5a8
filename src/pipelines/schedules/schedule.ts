import { AppError, type FieldError } from "../../errors.ts";
import type { Schedule } from "../schema.ts";
import { cronOnTheWall, slotsFrom } from "./slots.ts";
import { isTimeZone } from "./time-zone.ts";

/** Slots that were missed and are told of one by one; of a longer pause only the newest are. */
export const MISSED_SLOTS_MAX = 100;
const FIELDS = 5;

/** What is due of a schedule: the slot to run for, and those before it that nobody will run for any more. */
export interface DueSlots {
  /** UTC ms; null when none is due. */
  run: number | null;
  /** Ascending, UTC ms. */
  skipped: number[];
  /** The first slot after now, UTC ms; null when the schedule has ended. */
  next: number | null;
}

/**
 * Throws 422 `invalid_input` that names what is wrong: an expression that is none of five fields, or that never comes true; a time
 * zone that is not known; an end that is not after the start.
 */
export function checkSchedule(schedule: Schedule): void {
  const errors: FieldError[] = [];
  const refuse = (field: string, message: string) => errors.push({ path: `schedule.${field}`, message });
  if (schedule.cron.trim().split(/\s+/).length !== FIELDS) {
    refuse("cron", 'must have five fields: minute, hour, day of the month, month, day of the week, as in "0 6 * * 1"');
  }
  if (!isTimeZone(schedule.timezone)) refuse("timezone", "must be a time zone of the IANA database, as Europe/Paris");
  const { starts_at: startsAt, ends_at: endsAt } = schedule;
  if (startsAt !== undefined && endsAt !== undefined && Date.parse(endsAt) <= Date.parse(startsAt)) {
    refuse("ends_at", "must be after starts_at");
  }
  if (errors.length === 0) {
    try {
      if (!cronOnTheWall(schedule.cron).nextRun()) refuse("cron", "never occurs: no month has this day");
    } catch {
      refuse("cron", "cannot be read as a cron expression");
    }
  }
  const [first] = errors;
  if (first)
    throw new AppError("invalid_input", `The schedule cannot be kept: ${first.path} ${first.message}.`, { errors });
}

/** The next slots after a moment, UTC ms, ascending, as `slotsFrom` says them: fewer where the schedule ends. */
export function nextSlots(schedule: Schedule, afterMs: number, count: number): number[] {
  const slots: number[] = [];
  for (const slot of slotsFrom(schedule, afterMs + 1)) {
    if (slots.push(slot) >= count) break;
  }
  return slots;
}

/**
 * What is due at `nowMs` when `nextSlot` is the first slot that has not been started: of several that were missed, one run for the newest
 * slot, because the rows of today are what is wanted, and not the same ones many times.
 */
export function dueSlots(schedule: Schedule, nextSlot: number, nowMs: number): DueSlots {
  if (nextSlot > nowMs) return { run: null, skipped: [], next: nextSlot };
  let due = [nextSlot];
  let next: number | null = null;
  for (const slot of slotsFrom(schedule, nextSlot + 1)) {
    if (slot > nowMs) {
      next = slot;
      break;
    }
    due.push(slot);
    if (due.length > 2 * MISSED_SLOTS_MAX) due = due.slice(-MISSED_SLOTS_MAX - 1);
  }
  const run = due.at(-1) ?? null;
  return { run, skipped: due.slice(0, -1).slice(-MISSED_SLOTS_MAX), next };
}
