import fc from "fast-check";
import { expect, test } from "vitest";
import { packNumbers, unpackNumbers } from "../../src/lib/pack-numbers.ts";

const number = fc.oneof(
  fc.constant(0),
  fc.nat(40),
  fc.maxSafeNat(),
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
);

test("packed numbers come back as they were", () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 60 }), (list) => {
      const values = Float64Array.from(list, (value) => value + 0);
      expect([...unpackNumbers(packNumbers(values))]).toEqual([...values]);
    }),
  );
});

test("runs of zeros and small numbers take a character or two", () => {
  expect(packNumbers(Float64Array.of(0, 0, 0, 7, 31, 32))).toBe(".DHfgB");
  expect([...unpackNumbers(".DHfgB")]).toEqual([0, 0, 0, 7, 31, 32]);
  expect(packNumbers(new Float64Array(1000))).toBe(".of");
});
