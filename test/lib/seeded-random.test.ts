import { describe, expect, it } from "vitest";
import { binomialDraw, multinomialDraw, normalDraw, seededRandom } from "../../src/lib/seeded-random.ts";

const DRAWS = 20_000;

function momentsOf(draw: () => number): { mean: number; variance: number } {
  const values = Array.from({ length: DRAWS }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / DRAWS;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DRAWS };
}

describe("seeded random numbers", () => {
  it("are the same for a seed, others for another, and lie in [0, 1)", () => {
    const take = (seed: number) => Array.from({ length: 1000 }, seededRandom(seed));
    expect(take(3)).toEqual(take(3));
    expect(take(3)).not.toEqual(take(4));
    expect(Math.max(...take(0), ...take(-1))).toBeLessThan(1);
    expect(Math.min(...take(0), ...take(-1))).toBeGreaterThanOrEqual(0);
    expect(new Set(take(-1)).size).toBeGreaterThan(990);
  });

  // Of 20,000 draws the mean is known to 0.7 % of a standard deviation, the variance to about 1 %: five times that.
  it("have the moments of their distributions", () => {
    const random = seededRandom(1);
    const even = momentsOf(random);
    expect(even.mean).toBeCloseTo(1 / 2, 1.5);
    expect(even.variance).toBeCloseTo(1 / 12, 2);
    const normal = momentsOf(() => normalDraw(random));
    expect(Math.abs(normal.mean)).toBeLessThan(0.036);
    expect(Math.abs(normal.variance - 1)).toBeLessThan(0.05);
  });

  it.each([
    [10, 0.3],
    [1, 0.5],
    [5000, 0.002],
    [60, 0.5],
    [5000, 0.4],
    [5000, 0.98],
    [200, 0.995],
  ])("draw the hits of %d trials of %d", (trials, probability) => {
    const random = seededRandom(2);
    const variance = trials * probability * (1 - probability);
    const found = momentsOf(() => binomialDraw(random, trials, probability));
    expect(Math.abs(found.mean - trials * probability)).toBeLessThan(0.036 * Math.sqrt(variance) + 1e-9);
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.07);
  });

  it("draw no hits of nothing, and all of what is certain", () => {
    const random = seededRandom(2);
    expect([binomialDraw(random, 0, 0.5), binomialDraw(random, 9, 0), binomialDraw(random, 9, 1)]).toEqual([0, 0, 9]);
  });

  it("draw as many rows over cells as there were, never from an empty cell", () => {
    const random = seededRandom(6);
    const cells = [40, 0, 7, 1, 0, 900, 0];
    const sums = cells.map(() => 0);
    for (let round = 0; round < 2000; round++) {
      const draw = multinomialDraw(random, cells);
      expect(draw.reduce((sum, count) => sum + count, 0)).toBe(948);
      draw.forEach((count, cell) => (sums[cell] = (sums[cell] ?? 0) + count / 2000));
    }
    cells.forEach((count, cell) =>
      expect(Math.abs((sums[cell] ?? 0) - count)).toBeLessThan(0.12 * Math.sqrt(count) + 1e-9),
    );
  });
});
