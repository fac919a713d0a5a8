import { describe, expect, it } from "vitest";
import { sequenceHalfWidth, sequenceRho } from "../../../src/monitoring/performance/confidence-sequence.ts";
import { rowsAt } from "../../../src/monitoring/performance/labelled-rows.ts";
import { NORMAL_QUANTILE } from "../../../src/monitoring/performance/intervals.ts";
import { verdict } from "../../../src/monitoring/performance/verdict.ts";
import reference from "./performance-reference.json" with { type: "json" };
import { binaryRows, rowsThatDifferBy } from "./rows.ts";

/** `mean` on average, one standard deviation up and down in turn. */
function alternating(count: number, mean: number): Float64Array {
  return new Float64Array(count).map((_, row) => mean + (row % 2 === 0 ? 1 : -1));
}

// Worked out from arXiv 2103.06476 for n = 1000, sd = 1, alpha = 0.05, n* = 500.
describe("the confidence sequence", () => {
  it("has the constants of its paper", () => {
    expect(sequenceRho(0.05, 500)).toBeCloseTo(0.125985, 6);
    expect(sequenceHalfWidth(1000)).toBeCloseTo(0.096812, 6);
    expect(NORMAL_QUANTILE / Math.sqrt(1000)).toBeCloseTo(0.06198, 6);
  });
});

describe("the verdict", () => {
  it.each(reference.sequences)("is that of numpy, prefix by prefix: $name", (sequence) => {
    const { differences, mean, interval, decided_at } = sequence;
    const found = verdict(rowsThatDifferBy(Float64Array.from(differences)));
    expect(found).toMatchObject({ metric: "mse", n: differences.length, decided_at });
    expect(found.difference).toBeCloseTo(mean, 9);
    expect(found.interval?.[0]).toBeCloseTo(interval[0] ?? 0, 9);
    expect(found.interval?.[1]).toBeCloseTo(interval[1] ?? 0, 9);
  });

  it("says better for a challenger with smaller losses, worse for one with larger", () => {
    const states = reference.sequences.map(
      ({ differences }) => verdict(rowsThatDifferBy(Float64Array.from(differences))).state,
    );
    expect(states).toEqual(["undecided", "challenger_better", "challenger_worse"]);
  });

  it("falls with the pair that it names, and not before", () => {
    const differences = Float64Array.from(reference.sequences[1]?.differences ?? []);
    const at = verdict(rowsThatDifferBy(differences)).decided_at ?? 0;
    expect(verdict(rowsThatDifferBy(differences.subarray(0, at - 1)))).toMatchObject({
      state: "undecided",
      decided_at: null,
    });
    expect(verdict(rowsThatDifferBy(differences.subarray(0, at)))).toMatchObject({
      state: "challenger_better",
      decided_at: at,
    });
  });

  it("says nothing for fewer than 30 pairs, however clear they are", () => {
    const clear = Float64Array.from({ length: 30 }, (_, row) => 5 + (row % 2));
    expect(verdict(rowsThatDifferBy(clear.subarray(1)))).toEqual({
      state: "undecided",
      metric: "mse",
      difference: expect.closeTo(5.5, 1),
      interval: null,
      n: 29,
      differing: 29,
      rows_needed: null,
      decided_at: null,
    });
    expect(verdict(rowsThatDifferBy(clear)).state).toBe("challenger_better");
  });

  it("is withdrawn, and says so, when the average over all pairs is no longer beyond chance", () => {
    const differences = Float64Array.of(...alternating(400, 0.5), ...alternating(4000, -0.05));
    const found = verdict(rowsThatDifferBy(differences));
    expect(found.state).toBe("undecided");
    // The average, (400 * 0.5 - 4000 * 0.05) / 4400 = 0, in the middle of its interval.
    expect(found.difference).toBeCloseTo(0, 9);
    expect((found.interval?.[0] ?? 1) + (found.interval?.[1] ?? 1)).toBeCloseTo(0, 9);
    expect(found.decided_at).toBeLessThan(400);
    const turned = Float64Array.of(...alternating(400, 0.5), ...alternating(8000, -0.5));
    expect(verdict(rowsThatDifferBy(turned)).state).toBe("challenger_worse");
  });

  it("has no interval while nearly all pairs are alike", () => {
    const few = new Float64Array(400).map((_, row) => (row % 45 === 0 ? 1 : 0));
    expect(verdict(rowsThatDifferBy(few))).toMatchObject({ n: 400, differing: 9, interval: null, state: "undecided" });
    const enough = new Float64Array(451).map((_, row) => (row % 45 === 0 ? 1 : 0));
    expect(verdict(rowsThatDifferBy(enough)).interval).not.toBeNull();
  });

  // A deviation of 0 would make the interval the value itself.
  it("has an interval of some width where all differences are the same", () => {
    const { state, interval } = verdict(rowsThatDifferBy(new Float64Array(60).fill(4)));
    expect(state).toBe("challenger_better");
    expect(interval?.[0]).toBeLessThan(4);
    expect(interval?.[1]).toBeGreaterThan(4);
  });

  // numpy: with mean 0.1 and deviation 1.00001 the half-width first is below the mean at 935 rows.
  it("says how many rows more would settle it", () => {
    expect(verdict(rowsThatDifferBy(alternating(400, 0.1))).rows_needed).toBe(535);
    expect(verdict(rowsThatDifferBy(alternating(400, 0))).rows_needed).toBeNull();
    expect(verdict(rowsThatDifferBy(alternating(400, 0.0001))).rows_needed).toBeNull();
    expect(verdict(rowsThatDifferBy(alternating(400, 0.9))).rows_needed).toBeNull();
  });

  it("is undecided for models that answer alike, for no challenger and for no rows", () => {
    const alike = { state: "undecided", difference: 0, interval: null, n: 100, differing: 0, rows_needed: null };
    expect(verdict(rowsThatDifferBy(new Float64Array(100)))).toMatchObject(alike);
    expect(verdict(rowsThatDifferBy(new Float64Array()))).toMatchObject({ state: "undecided", difference: null, n: 0 });
    expect(verdict({ ...rowsThatDifferBy(new Float64Array(9)), challenger: null })).toMatchObject({
      n: 0,
      interval: null,
    });
  });

  it("is undecided, without numbers that JSON cannot hold, where a loss is beyond float64", () => {
    const rows = rowsThatDifferBy(alternating(100, 3));
    rows.main.prediction[50] = 1e200;
    expect(verdict(rows)).toMatchObject({ state: "undecided", difference: null, interval: null, n: 100 });
  });
});

describe("the losses of a verdict", () => {
  const actual = Array.from({ length: 60 }, (_, row) => row % 2);
  const sure = actual.map((label) => (label === 1 ? 0.8 : 0.2));
  const unsure = actual.map((label) => (label === 1 ? 0.6 : 0.4));

  // ln(0.8) - ln(0.6) on each row.
  it("are log losses where both give probabilities", () => {
    const found = verdict(binaryRows(actual, unsure, sure));
    expect(found).toMatchObject({ state: "challenger_better", metric: "log_loss", n: 60 });
    expect(found.difference).toBeCloseTo(Math.log(0.8 / 0.6), 9);
  });

  it("are wrong labels where one gives none, or where they are of anomalies", () => {
    const rows = binaryRows(actual, unsure, sure);
    const bare = { ...rows, main: { ...rows.main, probabilities: null } };
    expect(verdict(bare)).toMatchObject({ state: "undecided", metric: "error_rate", difference: 0, n: 60 });
    expect(verdict({ ...rows, task: "anomaly_detection" }).metric).toBe("error_rate");
    const wrong = { ...bare, main: { ...bare.main, prediction: bare.main.prediction.map(() => "no") } };
    expect(verdict(wrong)).toMatchObject({ state: "challenger_better", difference: 0.5 });
  });

  it("are paired: a row that one of the two did not answer does not count", () => {
    const some = sure.map((score, row) => (row % 3 === 0 ? null : score));
    expect(verdict(binaryRows(actual, unsure, some)).n).toBe(40);
    const bare = binaryRows(actual, unsure, some);
    expect(verdict({ ...bare, main: { ...bare.main, probabilities: null } }).n).toBe(40);
    const numbers = rowsThatDifferBy(alternating(40, 0));
    numbers.main.prediction[3] = Number.NaN;
    numbers.challenger?.prediction.fill(Number.NaN, 3, 6);
    expect(verdict(numbers).n).toBe(37);
  });

  it("count in the order in which labels arrived, whatever the time of the prediction", () => {
    const rows = rowsThatDifferBy(Float64Array.from(reference.sequences[1]?.differences ?? []));
    const shuffled = { ...rows, at: rows.at.map((_, row) => -row) };
    expect(verdict(shuffled)).toEqual(verdict(rows));
    const positions = [...rows.at.keys()].toReversed();
    expect(verdict(rowsAt(rows, positions)).decided_at).not.toBe(verdict(rows).decided_at);
  });
});
