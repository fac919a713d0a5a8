import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseNumber } from "../../src/lib/csv.ts";
import { rounds } from "../support/thorough.ts";

describe("parseNumber", () => {
  test.each([
    ["1", 1],
    ["-1.50", -1.5],
    ["+.5", 0.5],
    ["5.", 5],
    ["007", 7],
    ["\t1e3 ", 1000],
    ["2.5E-3", 0.0025],
    ["0.1234567890123456789", 0.12345678901234568],
    ["123456789012345678901234567890", 1.2345678901234568e29],
    ["4.9e-324", 5e-324],
  ])("takes %j", (text, expected) => {
    expect(parseNumber(text)).toBe(expected);
  });

  test.each([
    "",
    " ",
    "-",
    ".",
    "e5",
    "1e",
    "1e+",
    "0x10",
    "1_000",
    "1,5",
    "1 2",
    "NaN",
    "Infinity",
    "-inf",
    "1e999",
    "12a",
    "١٢",
    "1.2.3",
    "--1",
    "\u00a01",
  ])("does not take %j", (text) => {
    expect(parseNumber(text)).toBeNull();
  });

  test("reads a decimal comma, and then no decimal point", () => {
    expect(parseNumber("-1,25e2", true)).toBe(-125);
    expect(parseNumber("0,1234567890123456789", true)).toBe(0.12345678901234568);
    expect(parseNumber("1.25", true)).toBeNull();
    expect(parseNumber("1,2,3", true)).toBeNull();
  });

  test("has one zero", () => {
    expect(Object.is(parseNumber("-0"), 0)).toBe(true);
    expect(Object.is(parseNumber("-0.0e10"), 0)).toBe(true);
  });

  test("gives the double that JavaScript reads, to the last bit", () => {
    const decimal = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 17n }), fc.nat(17)).map(([digits, decimals]) => {
      const text = digits.toString().padStart(decimals + 1, "0");
      return `${text.slice(0, text.length - decimals)}.${text.slice(text.length - decimals)}`;
    });
    fc.assert(
      fc.property(decimal, (text) => parseNumber(text) === Number(text)),
      { numRuns: rounds(2000, 100) },
    );
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(fc.property(double, (value) => parseNumber(String(value)) === value));
  });
});
