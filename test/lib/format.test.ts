import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  formatRelative,
  formatUtc,
  plural,
} from "../../src/lib/format.ts";

// Expected texts were written by hand from the decimal (SI) definitions of the units.
describe("numbers for people", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [6_300_000, "6.3 MB"],
    [104_000_000, "104 MB"],
    [999_700, "1 MB"],
    [5_000_000_000, "5 GB"],
    [-1, "–"],
    [Number.NaN, "–"],
  ])("writes %d bytes as %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0, "0"],
    [1234567.8, "1,234,568"],
    [0.123456, "0.1235"],
    [-12.5, "-12.5"],
    [70.35, "70.35"],
    [0.00001234, "1.234e-5"],
    [3e12, "3.000e+12"],
    [Number.POSITIVE_INFINITY, "–"],
  ])("writes %d as %s", (value, text) => expect(formatNumber(value)).toBe(text));

  it.each([
    [0, "0%"],
    [1, "100%"],
    [0.7312, "73.1%"],
    [0.0001, "< 0.1%"],
    [0.99999, "> 99.9%"],
  ])("writes the rate %d as %s", (rate, text) => expect(formatPercent(rate)).toBe(text));

  it("separates thousands and knows one from many", () => {
    expect(formatCount(1294401)).toBe("1,294,401");
    expect(plural(1, "row")).toBe("1 row");
    expect(plural(1200, "row")).toBe("1,200 rows");
    expect(plural(2, "entry", "entries")).toBe("2 entries");
  });
});

describe("times for people", () => {
  it.each([
    [0, "0 ms"],
    [0.031, "31 µs"],
    [3.2, "3.2 ms"],
    [250, "250 ms"],
    [1400, "1.4 s"],
    [59_990, "1 min"],
    [125_000, "2 min 5 s"],
    [11_400_000, "3 h 10 min"],
    [352_800_000, "4 d 2 h"],
  ])("writes %d ms as %s", (durationMs, text) => expect(formatDuration(durationMs)).toBe(text));

  it("writes moments in UTC and says so", () => {
    const atMs = Date.parse("2026-11-22T10:33:07.500Z");
    expect(formatUtc(atMs)).toBe("2026-11-22 10:33 UTC");
    expect(formatUtc(atMs, "seconds")).toBe("2026-11-22 10:33:07 UTC");
    expect(formatUtc(atMs, "date")).toBe("2026-11-22");
  });

  it("writes distances in both directions, and the date when it is far", () => {
    const nowMs = Date.parse("2026-11-22T10:00:00Z");
    expect(formatRelative(nowMs - 10_000, nowMs)).toBe("just now");
    expect(formatRelative(nowMs - 300_000, nowMs)).toBe("5 min ago");
    expect(formatRelative(nowMs + 7_200_000, nowMs)).toBe("in 2 h");
    expect(formatRelative(nowMs - 3 * 86_400_000, nowMs)).toBe("3 d ago");
    const january = Date.parse("2026-01-05T00:00:00Z");
    expect(formatRelative(january, nowMs)).toBe("2026-01-05");
    expect(formatRelative(january, nowMs, () => "5 Jan 2026")).toBe("5 Jan 2026");
  });
});
