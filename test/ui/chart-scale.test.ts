import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChartUnit } from "../../src/ui/chart-data.ts";
import { chartScale, formatTick } from "../../src/ui/chart-scale.ts";
import { rounds } from "../support/thorough.ts";

const units: ChartUnit[] = ["number", "count", "ms", "bytes", "rate"];
const MINUTE = 60_000;

function ticksOf(low: number, high: number, unit: ChartUnit, from?: "zero" | "data"): string[] {
  const scale = chartScale({ low, high }, unit, from);
  return scale.ticks.map((tick) => formatTick(tick, scale, unit));
}

describe("a scale", () => {
  it("goes in steps that a person would choose", () => {
    expect(ticksOf(0, 0.24, "number")).toEqual(["0.0", "0.1", "0.2", "0.3"]);
    expect(ticksOf(0, 3, "count")).toEqual(["0", "1", "2", "3"]);
    expect(ticksOf(0, 970, "count")).toEqual(["0", "250", "500", "750", "1,000"]);
    expect(ticksOf(-3, 8, "number")).toEqual(["-5", "0", "5", "10"]);
  });

  it("has one unit along it, and decimals as the steps need", () => {
    expect(ticksOf(0, 0.8, "ms")).toEqual(["0 ms", "200 µs", "400 µs", "600 µs", "800 µs"]);
    expect(ticksOf(0, 1900, "ms")).toEqual(["0 ms", "0.5 s", "1.0 s", "1.5 s", "2.0 s"]);
    expect(ticksOf(0, 3e6, "bytes")).toEqual(["0 B", "1 MB", "2 MB", "3 MB"]);
    expect(ticksOf(0, 0.0012, "rate")).toEqual(["0.00%", "0.05%", "0.10%", "0.15%"]);
  });

  it("counts long durations in minutes, hours and days", () => {
    expect(ticksOf(0, 50 * MINUTE, "ms")).toEqual(["0 ms", "15 min", "30 min", "45 min", "1 h"]);
    expect(ticksOf(0, 300 * 60 * MINUTE, "ms")).toEqual(["0 ms", "5 d", "10 d", "15 d"]);
  });

  it("begins near the data when told, and never beyond all and none of a rate", () => {
    expect(ticksOf(0.91, 0.953, "rate", "data")).toEqual(["90%", "92%", "94%", "96%"]);
    expect(ticksOf(0.97, 0.999, "rate", "data").at(-1)).toBe("100%");
    expect(ticksOf(1, 1, "rate", "data").at(-1)).toBe("100%");
  });

  it("has no parts of what is whole", () => {
    expect(ticksOf(0, 1, "count")).toEqual(["0", "1"]);
    expect(ticksOf(0, 0, "bytes")).toEqual(["0 B", "1 B"]);
  });

  it("covers any values in two to five ticks at equal distances, with zero among them unless told otherwise", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e15, max: 1e15, noNaN: true }),
        fc.double({ min: -1e15, max: 1e15, noNaN: true }),
        fc.constantFrom(...units),
        fc.constantFrom("zero" as const, "data" as const),
        (one, other, unit, from) => {
          const [low, high] = [Math.min(one, other), Math.max(one, other)];
          const scale = chartScale({ low, high }, unit, from);
          // Twelve digits are kept.
          const dust = Math.max(Math.abs(low), Math.abs(high), 1e-300) * 1e-11;
          expect(scale.low).toBeLessThanOrEqual(low + dust);
          expect(scale.high).toBeGreaterThanOrEqual(high - dust);
          expect(scale.low).toBeLessThan(scale.high);
          expect(scale.ticks.length).toBeGreaterThanOrEqual(2);
          expect(scale.ticks.length).toBeLessThanOrEqual(5);
          if (from === "zero") expect(scale.ticks.some((tick) => tick === 0)).toBe(true);
          expect(scale.ticks.every((tick) => formatTick(tick, scale, unit).length > 0)).toBe(true);
        },
      ),
      { numRuns: rounds(500, 100) },
    );
  });
});
