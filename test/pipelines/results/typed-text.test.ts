import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysOf, isoDate, isWrittenDate, microsOf, unscaledOf } from "../../../src/pipelines/results/typed-text.ts";

describe("a date that was written by somebody", () => {
  it.each([
    ["01/02/2024", "2024-02-01", "2024-01-02"],
    ["1.2.24", "2024-02-01", "2024-01-02"],
    ["13-02-2024 08:30", "2024-02-13 08:30", null],
    ["29/02/2023", null, null],
  ])("%s is %s with the day first and %s with the month first", (text, dayFirst, monthFirst) => {
    expect([isWrittenDate(text), isoDate(text, "day_first"), isoDate(text, "month_first")]).toEqual([
      true,
      dayFirst,
      monthFirst,
    ]);
  });

  it("is none in ISO 8601", () => {
    for (const text of ["2024-02-01", "2024-02-01T10:00:00Z", "1.5", "a/b/2024"])
      expect(isWrittenDate(text)).toBe(false);
  });
});

describe("a moment", () => {
  it("is the microseconds that the clock counts", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0001-01-01"), max: new Date("9999-01-01"), noInvalidDate: true }),
        (date) => {
          expect(microsOf(date.toISOString())).toBe(BigInt(date.getTime()) * 1_000n);
          expect(daysOf(date.toISOString().slice(0, 10))).toBe(Math.floor(date.getTime() / 86_400_000));
        },
      ),
    );
    expect(microsOf("2024-01-01 10:00:00.123456+02:30")).toBe(
      BigInt(Date.parse("2024-01-01T07:30:00Z")) * 1_000n + 123_456n,
    );
    for (const text of ["2024-13-01T00:00:00Z", "2024-01-01", "infinity", ""]) expect(microsOf(text)).toBeNull();
  });
});

describe("a decimal", () => {
  it("is a whole number of its smallest units", () => {
    expect([
      unscaledOf("-12.5", 2),
      unscaledOf("7", 2),
      unscaledOf("0.10", 1),
      unscaledOf("0.125", 2),
      unscaledOf("NaN", 2),
    ]).toEqual([-1250n, 700n, 1n, null, null]);
  });
});
