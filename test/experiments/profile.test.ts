import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StatedSchema, Target } from "../../src/experiments/training/feature.ts";
import { inferSchema } from "../../src/experiments/training/infer-schema.ts";
import { distanceBins, niceBins, quantileBins, sumsOfPlaces } from "../../src/experiments/training/profile-bins.ts";
import { profileNumbers } from "../../src/experiments/training/profile-numeric.ts";
import { profileTable } from "../../src/experiments/training/profile.ts";
import type { FeatureProfile, NumericProfile, ReferenceProfile } from "../../src/experiments/training/profile.ts";
import { readTrainingTable } from "../../src/experiments/training/training-table.ts";
import reference from "./profile-reference.json";

function profileOf(csv: string, target: Target | null = null, stated: StatedSchema = {}): ReferenceProfile {
  const bytes = new TextEncoder().encode(csv);
  return profileTable(readTrainingTable(bytes, inferSchema(bytes, target, stated).schema));
}

function numeric(profile: FeatureProfile | undefined): NumericProfile {
  if (profile?.kind !== "numeric") throw new Error("The feature is not numeric.");
  return profile;
}

/** Counts by the definition of a bin, value by value. */
function recount(values: number[], edges: number[]): number[] {
  return edges.slice(1).map((upper, bin) => {
    const lower = edges[bin] ?? Number.NaN;
    const isLast = bin === edges.length - 2;
    return values.filter((value) => value >= lower && (value < upper || (isLast && value === upper))).length;
  });
}

describe("a numeric column has the numbers that numpy computes", () => {
  test.each(Object.entries(reference.columns))("%s", (name, { cells, expected }) => {
    const csv = `other,${name}\n${cells.map((cell) => `1,${cell}`).join("\n")}\n`;
    const profile = numeric(profileOf(csv).features[1]);
    const { mean, std, quantiles, values, ...exact } = expected;
    expect(profile).toMatchObject({ name, rows: cells.length, ...exact });
    expect(relativeError(profile.mean, mean)).toBeLessThan(1e-12);
    expect(relativeError(profile.std, std)).toBeLessThan(1e-9);
    for (const [key, value] of Object.entries(quantiles)) {
      expect(relativeError(profile.quantiles?.[key as keyof typeof quantiles], value)).toBeLessThan(1e-12);
    }
    expect(profile.values?.map(({ value, count }) => [value, count]) ?? null).toEqual(values);
  });

  test.each(Object.entries(reference.columns))("%s: bins hold what they say", (_name, { cells }) => {
    const values = cells.filter((cell) => cell !== "").map(Number);
    const profile = profileNumbers(
      Float64Array.from(cells, (cell) => (cell === "" ? Number.NaN : Number(cell))),
      true,
    );
    expect(profile.counts).toEqual(recount(values, profile.edges ?? []));
    expect(profile.display?.counts).toEqual(recount(values, profile.display?.edges ?? []));
    expect(profile.counts?.length).toBeGreaterThanOrEqual(Math.min(100, new Set(values).size));
    expect(profile.counts?.length).toBeLessThanOrEqual(160);
    expect(profile.display?.counts.length).toBeLessThanOrEqual(40);
  });
});

function relativeError(actual: number | null | undefined, expected: number): number {
  if (actual === null || actual === undefined) return Number.POSITIVE_INFINITY;
  return Math.abs(actual - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE);
}

describe("bins", () => {
  const numbers = fc.array(
    fc.oneof(fc.integer({ min: -5, max: 60 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
    {
      minLength: 1,
      maxLength: 300,
    },
  );

  test("of equal count cover every value once, are as many as can be, and never tear a value apart", () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 40 }), (list, binsMax) => {
        const values = list.map((value) => (value === 0 ? 0 : value));
        const { edges, counts } = quantileBins(Float64Array.from(values).sort(), binsMax);
        expect(counts).toEqual(recount(values, edges));
        expect(counts).toHaveLength(Math.min(binsMax, new Set(values).size));
        expect(edges).toEqual([...new Set(edges)].sort((a, b) => a - b));
        expect(edges[0]).toBe(Math.min(...values));
      }),
    );
  });

  test("for distances are those of equal count, cut where tails and gaps are wide, and know where their values lie", () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 2, max: 40 }), (list, binsMax) => {
        const sorted = Float64Array.from(list, (value) => (value === 0 ? 0 : value)).sort();
        const bins = distanceBins(sorted, binsMax, 1);
        expect(bins.counts).toEqual(recount([...sorted], bins.edges));
        expect(bins.edges).toEqual([...new Set(bins.edges)].sort((a, b) => a - b));
        const coarse = quantileBins(sorted, binsMax);
        expect(bins.edges).toEqual(expect.arrayContaining(coarse.edges));
        if (new Set(sorted).size <= binsMax) expect(bins.edges).toEqual(coarse.edges);
        const sums = sumsOfPlaces(sorted, bins);
        sums.forEach((sum, bin) => {
          expect(sum).toBeGreaterThanOrEqual(0);
          expect(sum).toBeLessThanOrEqual(255 * (bins.counts[bin] ?? 0));
        });
      }),
    );
  });

  test("for distances halve a long tail", () => {
    const values = Float64Array.from({ length: 1_600 }, (_, index) => 1.01 ** index);
    const { counts } = distanceBins(values, 100, null);
    expect(counts.slice(-3)).toEqual([4, 2, 2]);
    expect(counts.slice(0, 3)).toEqual([2, 2, 4]);
  });

  test("of equal width cover every value once", () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const values = list.map((value) => (value === 0 ? 0 : value));
        const { edges, counts } = niceBins(Float64Array.from(values).sort(), 20, values.every(Number.isInteger));
        expect(counts).toEqual(recount(values, edges));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
        expect(edges).toEqual([...new Set(edges)].sort((a, b) => a - b));
        expect(counts.length).toBeLessThanOrEqual(41);
      }),
    );
  });

  test("give a frequent value a bin of its own and share the others out evenly", () => {
    const values = [...Array.from({ length: 900 }, () => 0), ...Array.from({ length: 990 }, (_, index) => index + 1)];
    const { counts } = quantileBins(Float64Array.from(values), 100);
    expect(counts[0]).toBe(900);
    expect(counts.slice(1)).toEqual(Array.from({ length: 99 }, () => 10));
  });

  test("have short edges", () => {
    const { edges } = quantileBins(Float64Array.of(0.123456789, 1.23456789, 2.3456789, 3.456789), 4);
    expect(edges).toEqual([0.123456789, 0.7, 2, 3, 3.456789]);
  });

  test("tell neighbouring doubles apart", () => {
    const next = 1 + Number.EPSILON;
    const { edges, counts } = quantileBins(Float64Array.of(1, next), 100);
    expect(edges.slice(0, 2)).toEqual([1, next]);
    expect(counts).toEqual([1, 1]);
    expect(edges[2]).toBeGreaterThan(next);
  });

  test("for charts have round widths, and whole ones for integers", () => {
    expect(niceBins(Float64Array.of(0.11, 1.95), 20, false).edges).toHaveLength(20);
    expect(niceBins(Float64Array.of(0.11, 1.95), 20, false).edges.slice(0, 3)).toEqual([0.1, 0.2, 0.3]);
    expect(niceBins(Float64Array.of(1, 2, 2, 3), 20, true)).toEqual({ edges: [1, 2, 3, 4], counts: [1, 2, 1] });
    expect(niceBins(Float64Array.of(5), 20, true)).toEqual({ edges: [5, 6], counts: [1] });
  });

  test("of a constant hold it, and nothing beside it", () => {
    const { edges, counts } = quantileBins(Float64Array.of(3, 3), 100);
    expect(edges).toHaveLength(2);
    expect(edges[0]).toBe(3);
    expect(edges[1]).toBeGreaterThan(3);
    expect(edges[1]).toBeLessThan(3 + 2e-15);
    expect(counts).toEqual([2]);
  });
});

describe("other columns", () => {
  test("categories come by falling count, with what is missing", () => {
    const profile = profileOf("c,x\nred,1\nblue,1\n,1\nblue,1\n").features[0];
    expect(profile).toMatchObject({
      kind: "categorical",
      rows: 4,
      missing: 1,
      categories: [
        { value: "blue", count: 2 },
        { value: "red", count: 1 },
      ],
      other: 0,
      others: 0,
      example: "blue",
    });
  });

  test("at most 1,000 categories are listed; the rest is counted", () => {
    const cells = Array.from({ length: 6005 }, (_, index) => `c${index % 1201},1`);
    const profile = profileOf(`c,x\n${cells.join("\n")}`, null, { kinds: { c: "categorical" } }).features[0];
    expect(profile).toMatchObject({ other: 1005, others: 201, once: 0, example: "c0" });
    expect(profile?.kind === "categorical" && profile.categories).toHaveLength(1000);
  });

  test("of codes that seldom repeat, the first 50 are listed and those that occur five times", () => {
    const cells = Array.from({ length: 2100 }, (_, index) => `c${index < 900 ? index % 100 : index},1`);
    const profile = profileOf(`c,x\n${cells.join("\n")}`, null, { kinds: { c: "categorical" } }).features[0];
    expect(profile).toMatchObject({ other: 1200, others: 1200, once: 1200, twice: 0, example: "c0" });
    expect(profile?.kind === "categorical" && profile.categories).toHaveLength(100);
  });

  test("booleans are counted and keep their spelling", () => {
    expect(profileOf("b,x\nTrue,1\nFalse,1\nFalse,1\n,1\n").features[0]).toEqual({
      name: "b",
      kind: "boolean",
      rows: 4,
      missing: 1,
      true: 1,
      false: 2,
      categories: [
        { value: "False", count: 2 },
        { value: "True", count: 1 },
      ],
      example: false,
    });
  });

  test("texts have the profile of their lengths and a typical example of at most 200 characters", () => {
    const texts = ["é", "🚲🚲🚲", "four", "x".repeat(1000)];
    const csv = `t,x\n${texts.map((text) => `${text},1`).join("\n")}\n,1\n`;
    const profile = profileOf(csv, null, { kinds: { t: "text" } }).features[0];
    expect(profile).toMatchObject({ kind: "text", rows: 5, missing: 1, length: { min: 1, max: 1000, distinct: 4 } });
    expect(profile?.example).toBe("🚲🚲🚲");
    const long = profileOf(`t,x\n${"🚲".repeat(5000)},1\n`, null, { kinds: { t: "text" } }).features[0];
    expect(long?.example).toBe("🚲".repeat(200));
  });

  test("a column without values has no numbers", () => {
    const profile = profileOf("a,x\n,1\nNA,1\n").features[0];
    expect(profile).toMatchObject({ missing: 2, min: null, mean: null, quantiles: null, distinct: 0, example: null });
    expect(profile).toMatchObject({ edges: [], counts: [], display: { edges: [], counts: [] }, values: [] });
  });

  test("examples are values of whole columns, and rounded within the range of others", () => {
    const fractions = Array.from({ length: 99 }, (_, index) => 1.23456 + index / 1000);
    const csv = `whole,fraction\n${fractions.map((value, index) => `${index},${value}`).join("\n")}`;
    expect(profileOf(csv).features.map((feature) => feature.example)).toEqual([49, 1.28]);
    const narrow = Float64Array.from({ length: 30 }, (_, index) => 1.00001 + index * 1e-7);
    expect(profileNumbers(narrow, true).example).toBe(narrow[14]);
  });
});

describe("the target", () => {
  test("has its classes by falling count", () => {
    const { target } = profileOf("x,y\n1,0\n2,1.0\n3,1\n4,\n", { name: "y", kind: "label" });
    expect(target).toEqual({
      name: "y",
      kind: "label",
      rows: 4,
      missing: 1,
      classes: [
        { value: "1", count: 2 },
        { value: "0", count: 1 },
      ],
    });
  });

  test("of a regression is profiled as a number", () => {
    const { target } = profileOf("x,y\n1,2\n2,4\n", { name: "y", kind: "numeric" });
    expect(target).toMatchObject({ kind: "numeric", mean: 3, std: 1 });
  });
});

test("wide tables have bins for the first 500 features only, and stay small", () => {
  const width = 700;
  const header = Array.from({ length: width }, (_, index) => `c${index}`).join();
  const rows = Array.from({ length: 150 }, (_, row) =>
    Array.from({ length: width }, (_cell, index) => Math.sin(row * 7.3 + index).toString()).join(),
  );
  const profile = profileOf(`${header}\n${rows.join("\n")}`);
  expect(numeric(profile.features[499]).counts).toHaveLength(100);
  expect(profile.features[500]).toMatchObject({ edges: null, counts: null, display: null });
  expect(JSON.stringify(profile.features[0]).length).toBeLessThan(3000);
  expect(JSON.stringify(profile.features[500]).length).toBeLessThan(700);
  expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
});
