import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

// In a plain object, a column, output or field called __proto__ is lost by assignment: keyedByText, Object.fromEntries and Map keep it.
it("no plain object is made to be filled by keys that users choose", () => {
  const made = /(?:const|let) \w+: .*Record<string,[^=;]*>>? = \{\}|\bextra: \{\}/;
  const files = globSync("src/**/*.{ts,tsx}");
  expect(files.length).toBeGreaterThan(500);
  expect(files.filter((file) => made.test(readFileSync(file, "utf8")))).toEqual([]);
});
