import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNumberIn } from "../../src/lib/csv-number.ts";
import { isMissingMarker, type NumberMarks, readNumber, readNumberCell, readTruth } from "../../src/lib/read-cell.ts";
import { rounds } from "../support/thorough.ts";

const MARKS: NumberMarks[] = ["point", "point+groups", "comma", "comma+groups"];

function readBytes(text: string, marks: NumberMarks): number | null {
  const bytes = new TextEncoder().encode(text);
  return readNumberIn(bytes, 0, bytes.length, marks);
}

describe("a number", () => {
  test.each<[string, number | null, number | null, number | null, number | null]>([
    // By the marks: point, point+groups, comma, comma+groups.
    ["1234", 1234, 1234, 1234, 1234],
    ["1.5", 1.5, 1.5, null, null],
    ["1,5", null, null, 1.5, 1.5],
    ["1.234", 1.234, 1.234, null, 1234],
    ["1,234", null, 1234, 1.234, 1.234],
    ["0,234", null, null, 0.234, 0.234],
    ["0.234", 0.234, 0.234, null, null],
    ["1,234.50", 1234.5, 1234.5, null, null],
    ["-12.345.678,5", null, null, -12345678.5, -12345678.5],
    ["1,234,567", 1234567, 1234567, null, null],
    ["1.234.567", null, null, 1234567, 1234567],
    ["1 234 567.5", 1234567.5, 1234567.5, null, null],
    ["1\u00a0100,5", null, null, 1100.5, 1100.5],
    ["\u00a012\u202f500\u00a0", 12500, 12500, 12500, 12500],
    ["1'234.5", 1234.5, 1234.5, null, null],
    ["1’234", 1234, 1234, 1234, 1234],
    ["1e999", Infinity, Infinity, Infinity, Infinity],
    ["-1e999", -Infinity, -Infinity, -Infinity, -Infinity],
    ["12,34.5", null, null, null, null],
    ["1,2345", null, null, 1.2345, 1.2345],
    ["1.234 567", null, null, null, null],
    ["$1234.50", null, null, null, null],
    ["5 %", null, null, null, null],
    ["inf", null, null, null, null],
    ["NaN", null, null, null, null],
    ["0x10", null, null, null, null],
    ["192.168.1.1", null, null, null, null],
    ["2024-01-02", null, null, null, null],
    ["01.02.2024", null, null, null, null],
    ["", null, null, null, null],
    [" ", null, null, null, null],
    [".", null, null, null, null],
  ])("%j is read by the marks of its column", (text, ...expected) => {
    expect(MARKS.map((marks) => readNumber(text, marks))).toEqual(expected);
    expect(MARKS.map((marks) => readBytes(text, marks))).toEqual(expected);
  });

  test("is the same whether it is read as a text or in place, whatever stands there", () => {
    const character = fc.constantFrom(...Array.from("0123456789.,-+eE '’\u00a0\u202fx"));
    const texts = fc.oneof(fc.string({ unit: character, maxLength: 14 }), fc.string({ maxLength: 10 }));
    fc.assert(
      fc.property(texts, fc.constantFrom(...MARKS), (text, marks) => {
        expect(readBytes(text, marks)).toEqual(readNumber(text, marks));
      }),
      { numRuns: rounds(20_000, 2_000) },
    );
  });

  test("comes back from every way in which programs write it", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 1, max: 99 }), (whole, hundredths) => {
        const value = Number(`${whole}.${String(hundredths).padStart(2, "0")}`);
        const written = (locale: string) => value.toLocaleString(locale, { minimumFractionDigits: 2 });
        expect(readNumber(written("en-US"), "point")).toBe(value);
        for (const locale of ["de-DE", "fr-FR", "pl-PL"])
          expect(readNumber(written(locale).replace("−", "-"), "comma")).toBe(value);
        expect(readNumber(written("de-CH").replace("−", "-"), "point")).toBe(value);
      }),
      { numRuns: rounds(2_000, 300) },
    );
  });
});

describe("a cell of a column of numbers", () => {
  test.each([
    "NA",
    "n/a",
    "NaN",
    "nan",
    "null",
    "NULL",
    "None",
    "?",
    "-",
    " ",
    "#N/A",
    "<NA>",
    "\u00a0",
    " ".repeat(30),
  ])("%j is missing", (text) => {
    expect(isMissingMarker(text)).toBe(true);
    expect(readNumberCell(text)).toBeNaN();
  });

  test.each(["0", "no", "nada", "--", "unknown"])("%j is not missing", (text) => {
    expect(isMissingMarker(text)).toBe(false);
  });

  test("is 1 and 0 for true and false, and nothing for other words", () => {
    expect(["true", "FALSE", " True ", "yes", "t", "on"].map((text) => readNumberCell(text))).toEqual([
      1,
      0,
      1,
      null,
      null,
      null,
    ]);
  });

  test("is 1 and 0 for every word that says yes or no in a column of booleans, and nothing for other numbers", () => {
    const texts = [
      "true",
      "Yes",
      "y",
      "T",
      "on",
      "1",
      "1.0",
      "false",
      "NO",
      "n",
      "f",
      "off",
      "0",
      "0.0",
      "2",
      "maybe",
      "NA",
    ];
    expect(texts.map((text) => readNumberCell(text, "point", true))).toEqual([
      ...Array.from({ length: 7 }, () => 1),
      ...Array.from({ length: 7 }, () => 0),
      null,
      null,
      Number.NaN,
    ]);
    expect(["yes", "0.0", "2", ""].map((text) => readTruth(text))).toEqual([true, false, null, null]);
  });
});
