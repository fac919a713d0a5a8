import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueSlots, nextSlots } from "../../../src/pipelines/schedules/schedule.ts";
import { slotsFrom } from "../../../src/pipelines/schedules/slots.ts";
import type { Schedule } from "../../../src/pipelines/schema.ts";
import { rounds } from "../../support/thorough.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const at = (text: string) => Date.parse(text);
const texts = (slots: readonly number[]) => slots.map((ms) => new Date(ms).toISOString().slice(0, 16));

/** The slots of a schedule on a day, given by its beginning and its hours. */
function slotsOf(cron: string, timezone: string, from: string, length: number): string[] {
  return texts(nextSlots({ cron, timezone }, at(from) - 1, 200).filter((ms) => ms < at(from) + length * 3_600_000));
}

// Times of changes as the IANA database has them.
describe("on the day on which the clock jumps", () => {
  const cases: [string, string, string, string[]][] = [
    // Paris: from 02:00 to 03:00 on 28 March 2027, at 01:00 UTC.
    ["30 2,14 * * *", "Europe/Paris", "2027-03-27T23:00Z", ["2027-03-28T01:00", "2027-03-28T12:30"]],
    ["0,30 2 * * *", "Europe/Paris", "2027-03-27T23:00Z", ["2027-03-28T01:00", "2027-03-28T01:30"]],
    ["15,45 2 * * *", "Europe/Paris", "2027-03-27T23:00Z", ["2027-03-28T01:00", "2027-03-28T01:30"]],
    [
      "*/10 2 * * *",
      "Europe/Paris",
      "2027-03-27T23:00Z",
      [0, 10, 20, 30, 40, 50].map((minute) => `2027-03-28T01:${String(minute).padStart(2, "0")}`),
    ],
    [
      "0 2,8,14,20 * * *",
      "Europe/Paris",
      "2027-03-27T23:00Z",
      ["2027-03-28T01:00", "2027-03-28T06:00", "2027-03-28T12:00", "2027-03-28T18:00"],
    ],
    ["30 1-3 * * *", "Europe/Paris", "2027-03-27T23:00Z", ["2027-03-28T00:30", "2027-03-28T01:00", "2027-03-28T01:30"]],
    // The second time is another slot's already.
    ["0 2,3 * * *", "Europe/Paris", "2027-03-27T23:00Z", ["2027-03-28T01:00"]],
    // New York: from 02:00 to 03:00 on 14 March 2027, at 07:00 UTC.
    ["30 2,13 * * *", "America/New_York", "2027-03-14T05:00Z", ["2027-03-14T07:00", "2027-03-14T17:30"]],
    // Cairo: from 00:00 to 01:00 on 30 April 2027, at 22:00 UTC the day before.
    ["30 0,12 * * *", "Africa/Cairo", "2027-04-29T22:00Z", ["2027-04-29T22:00", "2027-04-30T09:30"]],
    // Lord Howe: from 02:00 to 02:30 on 4 October 2026, at 15:30 UTC the day before.
    ["0,15,45 2 * * *", "Australia/Lord_Howe", "2026-10-03T13:30Z", ["2026-10-03T15:30", "2026-10-03T15:45"]],
    ["0 0 * * *", "America/Sao_Paulo", "2017-10-15T00:00Z", ["2017-10-15T03:00"]],
    // By the hours that pass: nothing is put off.
    ["30 * * * *", "Europe/Paris", "2027-03-27T23:30Z", hours("2027-03-27T23:30Z", 23)],
    ["0 * * * *", "Europe/Paris", "2027-03-27T23:00Z", hours("2027-03-27T23:00Z", 23)],
  ];

  it.each(cases)("%s in %s comes once", (cron, timezone, from, expected) => {
    expect(slotsOf(cron, timezone, from, 23)).toEqual(expected);
  });
});

describe("on the day on which the clock is put back", () => {
  const cases: [string, string, string, string[]][] = [
    // Paris: from 03:00 to 02:00 on 31 October 2027, at 01:00 UTC.
    ["30 2,14 * * *", "Europe/Paris", "2027-10-30T22:00Z", ["2027-10-31T00:30", "2027-10-31T13:30"]],
    ["0,30 2 * * *", "Europe/Paris", "2027-10-30T22:00Z", ["2027-10-31T00:00", "2027-10-31T00:30"]],
    ["15,45 2 * * *", "Europe/Paris", "2027-10-30T22:00Z", ["2027-10-31T00:15", "2027-10-31T00:45"]],
    ["30 1-3 * * *", "Europe/Paris", "2027-10-30T22:00Z", ["2027-10-30T23:30", "2027-10-31T00:30", "2027-10-31T02:30"]],
    // New York: from 02:00 to 01:00 on 7 November 2027, at 06:00 UTC.
    ["30 1,13 * * *", "America/New_York", "2027-11-07T04:00Z", ["2027-11-07T05:30", "2027-11-07T18:30"]],
    // Cairo: from 24:00 to 23:00 on 28 October 2027, at 21:00 UTC.
    ["30 11,23 * * *", "Africa/Cairo", "2027-10-27T21:00Z", ["2027-10-28T08:30", "2027-10-28T20:30"]],
    // By the hours that pass: nothing is left out.
    ["30 * * * *", "Europe/Paris", "2027-10-30T22:30Z", hours("2027-10-30T22:30Z", 25)],
    ["0 0-23 * * *", "Europe/Paris", "2027-10-30T22:00Z", hours("2027-10-30T22:00Z", 25)],
  ];

  it.each(cases)("%s in %s comes once", (cron, timezone, from, expected) => {
    expect(slotsOf(cron, timezone, from, 25)).toEqual(expected);
  });
});

function hours(from: string, count: number): string[] {
  return texts(Array.from({ length: count }, (_, hour) => at(from) + hour * 3_600_000));
}

/** Zones, and a day near which their clocks are changed. */
const CHANGES: [string, string][] = [
  ["Europe/Paris", "2027-03-28"],
  ["Europe/Paris", "2027-10-31"],
  ["America/New_York", "2027-03-14"],
  ["America/New_York", "2027-11-07"],
  ["Africa/Cairo", "2027-04-30"],
  ["Africa/Cairo", "2027-10-28"],
  ["Australia/Lord_Howe", "2026-10-04"],
  ["Australia/Lord_Howe", "2027-04-04"],
  ["America/Sao_Paulo", "2017-10-15"],
  ["America/Sao_Paulo", "2018-02-18"],
  // At one minute past midnight, back into the day before.
  ["America/St_Johns", "2006-04-02"],
  ["America/St_Johns", "2006-10-29"],
  // From 23:00 to midnight.
  ["America/Scoresbysund", "2027-03-28"],
  // A whole day that was never.
  ["Pacific/Apia", "2011-12-30"],
  ["UTC", "2027-03-28"],
];

interface Scan {
  zone: string;
  from: number;
  to: number;
  /** What the clock shows at each minute, as if that were UTC, and when it does. */
  shown: Map<number, number[]>;
  /** When the clock has jumped. */
  jump: number;
}

/** Reads the clock minute by minute. */
function scanned(zone: string, day: string): Scan {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const [from, to] = [at(`${day}T00:00Z`) - 2 * DAY_MS, at(`${day}T00:00Z`) + 2 * DAY_MS];
  const shown = new Map<number, number[]>();
  let [before, jump] = [Number.NaN, Number.NaN];
  for (let moment = from; moment < to; moment += MINUTE_MS) {
    const wall = at(`${format.format(moment).replace(" ", "T")}Z`);
    shown.set(wall, [...(shown.get(wall) ?? []), moment]);
    if (wall - before > MINUTE_MS) jump = moment;
    before = wall;
  }
  return { zone, from, to, shown, jump };
}

const some = (max: number, count: number) =>
  fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: count });

describe("the slots of a schedule around a change of the clock", () => {
  const scans = CHANGES.map(([zone, day]) => scanned(zone, day));

  /** All times on the wall between the ends of a scan at which one of the minutes of one of the hours is. */
  function intended({ shown }: Scan, minutes: readonly number[], ofHours: readonly number[]): number[] {
    const walls = [...shown.keys()];
    const [first, last] = [Math.min(...walls), Math.max(...walls)];
    const found: number[] = [];
    for (let wall = first; wall <= last; wall += MINUTE_MS) {
      const time = new Date(wall);
      if (minutes.includes(time.getUTCMinutes()) && ofHours.includes(time.getUTCHours())) found.push(wall);
    }
    return found;
  }

  const upTo = (schedule: Schedule, { from, to }: Scan) => {
    const found: number[] = [];
    for (const slot of slotsFrom(schedule, from)) {
      if (slot >= to) break;
      found.push(slot);
    }
    return found;
  };

  const increasing = (slots: readonly number[]) =>
    slots.every((slot, index) => index === 0 || slot > (slots[index - 1] ?? 0));

  it("are each time that was meant, once, in their order", () => {
    fc.assert(
      fc.property(fc.constantFrom(...scans), some(59, 6), some(23, 23), (scan, minutes, ofHours) => {
        const schedule = { cron: `${minutes.join(",")} ${ofHours.join(",")} * * *`, timezone: scan.zone };
        const walls = intended(scan, minutes, ofHours);
        const jumped = walls.filter((wall) => !scan.shown.has(wall));
        const expected = new Set([
          ...walls.flatMap((wall) => scan.shown.get(wall)?.slice(0, 1) ?? []),
          ...jumped.map((wall) => scan.jump + wall - (jumped[0] ?? 0)),
        ]);
        const slots = upTo(schedule, scan);
        expect(increasing(slots)).toBe(true);
        expect(texts(slots)).toEqual(texts([...expected].filter((ms) => ms < scan.to).sort((a, b) => a - b)));
      }),
      { numRuns: rounds(300, 100) },
    );
  });

  it("are each moment at which the clock shows the minute, where every hour is meant", () => {
    const step = fc
      .constantFrom(1, 5, 10, 15, 20, 30)
      .map((size): [string, number[]] => [`*/${size}`, Array.from({ length: 60 / size }, (_, index) => index * size)]);
    const list = some(59, 4).map((minutes): [string, number[]] => [minutes.join(","), minutes]);
    const everyHour = Array.from({ length: 24 }, (_, hour) => hour);
    fc.assert(
      fc.property(fc.constantFrom(...scans), fc.oneof(step, list), (scan, [field, minutes]) => {
        const slots = upTo({ cron: `${field} * * * *`, timezone: scan.zone }, scan);
        const expected = intended(scan, minutes, everyHour).flatMap((wall) => scan.shown.get(wall) ?? []);
        expect(increasing(slots)).toBe(true);
        expect(slots).toEqual(expected.sort((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });

  it("begin at the start of a period and are over at its end, and what was missed are the same ones", () => {
    const minute = fc.integer({ min: 0, max: 4 * 24 * 60 - 1 });
    fc.assert(
      fc.property(
        fc.constantFrom(...scans),
        some(59, 4),
        some(23, 23),
        minute,
        minute,
        (scan, minutes, of, one, two) => {
          const unbounded: Schedule = { cron: `${minutes.join(",")} ${of.join(",")} * * *`, timezone: scan.zone };
          const all = upTo(unbounded, scan);
          const [start, end] = [Math.min(one, two), Math.max(one, two)].map((m) => scan.from + m * MINUTE_MS);
          if (start === undefined || end === undefined) throw new Error("no bounds");
          const bounds = { starts_at: new Date(start).toISOString(), ends_at: new Date(end).toISOString() };
          const within = all.filter((ms) => ms >= start && ms < end);
          expect(nextSlots({ ...unbounded, ...bounds }, scan.from - 1, 1_000)).toEqual(within);
          const [first] = within;
          if (first === undefined) return;
          const { run, skipped, next } = dueSlots({ ...unbounded, ...bounds }, first, end);
          expect(next).toBeNull();
          expect([...skipped, run]).toEqual(within.slice(-101));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("of a rare day are found years ahead", () => {
    const schedule = { cron: "0 12 29 2 *", timezone: "America/New_York" };
    expect(texts(nextSlots(schedule, at("2096-03-01T00:00Z"), 2))).toEqual(["2104-02-29T17:00", "2108-02-29T17:00"]);
  });
});
