import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { timeZoneNames, wallClock, wallClockMs, wallClockText } from "../../../src/pipelines/schedules/wall-clock.ts";
import { rounds } from "../../support/thorough.ts";

const at = (text: string) => Date.parse(text);

describe("the clock on the wall", () => {
  // Offsets as the IANA database has them: Paris +1 and +2, New York -5 and -4, Kathmandu +5:45 all year.
  it.each([
    ["2026-01-10T06:00", "Europe/Paris", "2026-01-10T05:00:00Z"],
    ["2026-07-04T06:00", "Europe/Paris", "2026-07-04T04:00:00Z"],
    ["2026-07-04T06:00:30", "America/New_York", "2026-07-04T10:00:30Z"],
    ["2026-05-04T00:00", "Asia/Kathmandu", "2026-05-03T18:15:00Z"],
    ["2026-05-04T06:00", "UTC", "2026-05-04T06:00:00Z"],
  ])("shows %s in %s at %s", (text, timezone, moment) => {
    expect(wallClockMs(text, timezone)).toBe(at(moment));
    expect(wallClock(at(moment), timezone)).toBe(text);
  });

  it("counts the first of a time that comes twice, and jumps with the clock", () => {
    // In 2026 the clocks of Paris change on 29 March at 02:00 and on 25 October at 03:00.
    expect(wallClockMs("2026-10-25T02:30", "Europe/Paris")).toBe(at("2026-10-25T00:30:00Z"));
    expect(wallClockMs("2026-03-29T02:30", "Europe/Paris")).toBe(at("2026-03-29T01:30:00Z"));
    expect(wallClock(at("2026-03-29T01:30:00Z"), "Europe/Paris")).toBe("2026-03-29T03:30");
  });

  it("is read back as it was shown, wherever and whenever", () => {
    const zones = fc.constantFrom("UTC", "Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia");
    const minutes = fc.integer({ min: at("2000-01-01") / 60_000, max: at("2060-01-01") / 60_000 });
    fc.assert(
      fc.property(minutes, zones, (minute, zone) => {
        const text = wallClock(minute * 60_000, zone);
        const ms = wallClockMs(text, zone) ?? Number.NaN;
        expect(wallClock(ms, zone)).toBe(text);
        expect(ms).toBeLessThanOrEqual(minute * 60_000);
        expect(minute * 60_000 - ms).toBeLessThanOrEqual(3_600_000);
      }),
      { numRuns: rounds(300, 100) },
    );
  });

  it("is not read from what is no time, or of what is no zone", () => {
    for (const text of ["", "tomorrow", "2026-05-04", "2026-13-04T06:00", "2026-05-04T06:00Z"])
      expect(wallClockMs(text, "UTC")).toBeNull();
    expect(wallClockMs("2026-05-04T06:00", "Mars/Olympus")).toBeNull();
  });

  it("is said with its day", () => {
    expect(wallClockText(at("2026-05-04T04:00:00Z"), "Europe/Paris")).toBe("Mon, 4 May 2026, 06:00");
    expect(wallClockText(at("2026-05-03T22:00:00Z"), "Europe/Paris")).toBe("Mon, 4 May 2026, 00:00");
  });

  it("has the zones of the IANA database to choose from, UTC first", () => {
    const names = timeZoneNames();
    expect(names[0]).toBe("UTC");
    expect(names).toContain("Europe/Paris");
    expect(new Set(names).size).toBe(names.length);
  });
});
