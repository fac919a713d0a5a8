import { describe, expect, it } from "vitest";
import { timeTicks } from "../../src/client/charts/time-ticks.ts";
import { DAY_MS, HOUR_MS } from "../../src/lib/time.ts";

const evening = Date.parse("2026-12-31T18:00:00Z");

function ticks(steps: number, stepMs: number): string[] {
  return timeTicks(
    Array.from({ length: steps }, (_, index) => evening + index * stepMs),
    stepMs,
  );
}

describe("the labels of a time axis", () => {
  it("have the day below the hours where one begins", () => {
    expect(ticks(3, 6 * HOUR_MS)).toEqual(["18:00\n31 Dec", "00:00\n1 Jan", "06:00"]);
  });

  it("have the year below the days and months where one begins", () => {
    expect(ticks(3, DAY_MS)).toEqual(["31 Dec\n2026", "1 Jan\n2027", "2 Jan"]);
    expect(ticks(3, 30 * DAY_MS)).toEqual(["Dec\n2026", "Jan\n2027", "Mar"]);
    expect(ticks(2, 366 * DAY_MS)).toEqual(["2026", "2028"]);
  });

  it("are as fine as the steps", () => {
    expect(ticks(2, 30_000)).toEqual(["18:00:00\n31 Dec", "18:00:30"]);
    expect(ticks(2, 500)).toEqual(["18:00:00.000\n31 Dec", "18:00:00.500"]);
  });
});
