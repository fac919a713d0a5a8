import { describe, expect, it } from "vitest";
import { isAppError } from "../../../src/errors.ts";
import { checkSchedule, dueSlots, MISSED_SLOTS_MAX, nextSlots } from "../../../src/pipelines/schedules/schedule.ts";
import type { Schedule } from "../../../src/pipelines/schema.ts";

const paris = (cron: string, bounds: Partial<Schedule> = {}): Schedule => ({
  cron,
  timezone: "Europe/Paris",
  ...bounds,
});

function slots(schedule: Schedule, after: string, count: number): string[] {
  return nextSlots(schedule, Date.parse(after), count).map((ms) => new Date(ms).toISOString().slice(0, 16));
}

function refusedPath(schedule: Schedule): string | undefined {
  try {
    checkSchedule(schedule);
    return undefined;
  } catch (error) {
    return isAppError(error) ? error.details?.errors?.[0]?.path : String(error);
  }
}

// In Paris the clock goes from 2:00 to 3:00 on 29 March 2026, and from 3:00 back to 2:00 on 25 October 2026.
describe("a schedule", () => {
  it("is about the clock on the wall: each Monday at six in Paris is five or four in UTC", () => {
    expect(slots(paris("0 6 * * 1"), "2026-03-20T00:00:00Z", 2)).toEqual(["2026-03-23T05:00", "2026-03-30T04:00"]);
  });

  it("runs once for a time that the clock jumps over", () => {
    expect(slots(paris("30 2 * * *"), "2026-03-28T00:00:00Z", 3)).toEqual([
      "2026-03-28T01:30",
      "2026-03-29T01:00",
      "2026-03-30T00:30",
    ]);
  });

  it("runs once for a time that comes twice", () => {
    expect(slots(paris("30 2 * * *"), "2026-10-24T00:00:00Z", 3)).toEqual([
      "2026-10-24T00:30",
      "2026-10-25T00:30",
      "2026-10-26T01:30",
    ]);
  });

  it("that runs each half hour goes on through both", () => {
    expect(slots(paris("*/30 * * * *"), "2026-10-25T00:00:00Z", 4)).toEqual([
      "2026-10-25T00:30",
      "2026-10-25T01:00",
      "2026-10-25T01:30",
      "2026-10-25T02:00",
    ]);
  });

  it("begins and ends when it is told to", () => {
    const bounded = paris("0 6 * * *", { starts_at: "2026-05-03T00:00:00Z", ends_at: "2026-05-05T12:00:00Z" });
    expect(slots(bounded, "2026-05-01T00:00:00Z", 10)).toEqual([
      "2026-05-03T04:00",
      "2026-05-04T04:00",
      "2026-05-05T04:00",
    ]);
  });

  it.each([
    [paris("0 6 * *"), "schedule.cron"],
    [paris("0 0 6 * * 1"), "schedule.cron"],
    [paris("61 6 * * 1"), "schedule.cron"],
    [paris("every monday at six"), "schedule.cron"],
    [paris("0 0 31 2 *"), "schedule.cron"],
    [{ cron: "0 6 * * 1", timezone: "Europe/Lutetia" }, "schedule.timezone"],
    [{ cron: "0 6 * * 1", timezone: "+02:00" }, "schedule.timezone"],
    // What the runtime takes for Dhaka, and somebody in London means otherwise.
    [{ cron: "0 6 * * 1", timezone: "BST" }, "schedule.timezone"],
    [{ cron: "0 6 * * 1", timezone: "SystemV/PST8" }, "schedule.timezone"],
    [{ cron: "0 6 * * 1", timezone: "Etc/GMT-2" }, undefined],
    [{ cron: "0 6 * * 1", timezone: "Asia/Calcutta" }, undefined],
    [{ cron: "0 6 * * 1", timezone: "CET" }, undefined],
    [paris("0 6 * * 1", { starts_at: "2026-05-03T00:00:00Z", ends_at: "2026-05-03T00:00:00Z" }), "schedule.ends_at"],
    [paris("0 6 * * MON"), undefined],
  ])("%j is refused at %s", (schedule, path) => {
    expect(refusedPath(schedule)).toBe(path);
  });
});

describe("what is due", () => {
  const daily = paris("0 6 * * *");
  const at = (text: string) => Date.parse(text);
  const first = at("2026-06-01T04:00:00Z");

  it("is nothing before the slot", () => {
    expect(dueSlots(daily, first, first - 1)).toEqual({ run: null, skipped: [], next: first });
  });

  it("is the slot from its moment on, and the next one follows", () => {
    expect(dueSlots(daily, first, first)).toEqual({ run: first, skipped: [], next: at("2026-06-02T04:00:00Z") });
  });

  it("is the newest of those that were missed; the others are skipped", () => {
    expect(dueSlots(daily, first, at("2026-06-04T12:00:00Z"))).toEqual({
      run: at("2026-06-04T04:00:00Z"),
      skipped: [first, at("2026-06-02T04:00:00Z"), at("2026-06-03T04:00:00Z")],
      next: at("2026-06-05T04:00:00Z"),
    });
  });

  it("after a long pause names the newest of the skipped", () => {
    const { run, skipped } = dueSlots(paris("* * * * *"), first, first + 24 * 3_600_000);
    expect(run).toBe(first + 24 * 3_600_000);
    expect(skipped).toHaveLength(MISSED_SLOTS_MAX);
    expect(skipped.at(-1)).toBe(first + 24 * 3_600_000 - 60_000);
  });

  it("is the last slot of a schedule that has ended, and none follows", () => {
    const ended = { ...daily, ends_at: "2026-06-02T12:00:00Z" };
    expect(dueSlots(ended, first, at("2026-06-10T00:00:00Z"))).toEqual({
      run: at("2026-06-02T04:00:00Z"),
      skipped: [first],
      next: null,
    });
  });
});
