import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compareColumn } from "../../src/monitoring/drift/compare-column.ts";
import { METHODS } from "../../src/monitoring/drift/methods.ts";
import { binnedNumbers, bucketCounts } from "../../src/monitoring/drift/counts.ts";
import { judgeColumns } from "../../src/monitoring/drift/judge-columns.ts";
import { populationStabilityIndex } from "../../src/monitoring/drift/methods/psi.ts";
import type { ReferenceColumn, Tally } from "../../src/windows/reference-column.ts";
import { emptyTally } from "../../src/windows/tally.ts";
import { countRows, DRIFT_SETS, type DriftSetName, readDriftSet } from "./drift-zoo-data.ts";
import raw from "./drift-zoo-reference.json";
import { isThorough } from "../support/thorough.ts";

const ZOO_DIR = resolve(import.meta.dirname, "../..", process.env["ZOO_DIR"] ?? "../shared/zoo");
const isHere = existsSync(resolve(ZOO_DIR, "golden"));

// What docs/drift.md states. Measured: 0.0047.
const KS_LOST_MAX = 0.005;
// Wasserstein and means, in standard deviations of the reference. Measured: 0.025 for columns that are 0.2 apart or less, 0.40 for others.
const NEAR = 0.2;
const NEAR_LOST_MAX = 0.03;
const FAR_LOST_MAX = 0.42;
// Measured: half of the distance, for two values at the far ends of two bins.
const FEW_VALUES_LOST_SHARE_MAX = 0.501;
// What the table of `auto` compares by Wasserstein.
const FEW_VALUES_MAX = 5;
// Measured: 0.078 of 5.2, and 0.032 where the index is below 5.
const PSI_LOST_MAX = 0.1;

interface Raw {
  ks: number;
  wasserstein: number;
  mean_shift: number;
  psi: number | null;
  psi_over: string;
}

/** What the counts of about 100 bins say of a column, less what scipy says of its rows. */
interface Difference {
  column: ReferenceColumn;
  raw: Raw;
  ks: number;
  wasserstein: number;
  mean: number;
  psiOverValues: number | null;
  psiOverDeciles: number | null;
  /** Of the index over all bins, which is what is judged, against that over the deciles. */
  psiOverBins: number | null;
}

const table: Record<string, Record<string, string>> = {};

// The rows are not ours to pass on, so where the folder is missing there is nothing to compare.
describe.skipIf(!isHere || !isThorough)(
  "what the bins of a window say is close to what scipy says of its rows:",
  () => {
    afterAll(() => console.table(table));

    it.each(DRIFT_SETS)("%s", (name) => {
      const differences = differencesIn(name);
      expect(differences.length).toBe(Object.keys(raw.sets[name]).length);
      for (const one of differences) checkDifference(one);
      const few = differences.filter(hasFewValues);
      const many = differences.filter((one) => !hasFewValues(one));
      table[name] = {
        columns: String(differences.length),
        ks: largest(differences, ({ ks }) => ks),
        wasserstein: largest(many, ({ wasserstein }) => wasserstein),
        "up to 5 values": largest(few, ({ wasserstein }) => wasserstein),
        mean: largest(many, ({ mean }) => mean),
        "both, up to 0.2": largest(many.filter(isNear), ({ wasserstein, mean }) =>
          Math.abs(mean) > Math.abs(wasserstein) ? mean : wasserstein,
        ),
        "psi, few values": largest(differences, ({ psiOverValues }) => psiOverValues),
        "psi, deciles": largest(differences, ({ psiOverDeciles }) => psiOverDeciles),
        "psi of all bins": largest(differences, ({ psiOverBins }) => psiOverBins),
      };
    });

    it.each(DRIFT_SETS)("the distance of the rows would give the same states: %s", (name) => {
      const set = readDriftSet(ZOO_DIR, name);
      const known: Record<string, Raw> = raw.sets[name];
      const counted = countRows(set.columns, set.current);
      const judged = judgeColumns(
        set.columns.map((column, index) => ({ column, current: counted[index] ?? emptyTally(column.binning) })),
        { preset: "tiltyard" },
      );
      for (const [index, { method, state, threshold }] of judged.entries()) {
        const column = set.columns[index]?.name ?? "";
        if (method !== "wasserstein") continue;
        expect((known[column]?.wasserstein ?? Number.NaN) >= threshold, column).toBe(state === "drift");
      }
    });
  },
);

function checkDifference(one: Difference): void {
  const { name } = one.column;
  // Between the edges of a bin the largest gap can be missed, never exceeded.
  expect(one.ks, name).toBeLessThanOrEqual(1e-12);
  expect(one.ks, name).toBeGreaterThan(-KS_LOST_MAX);
  for (const difference of [one.wasserstein, one.mean]) {
    if (hasFewValues(one)) {
      expect(Math.abs(difference), name).toBeLessThanOrEqual(FEW_VALUES_LOST_SHARE_MAX * one.raw.wasserstein + 1e-12);
    } else expect(Math.abs(difference), name).toBeLessThan(isNear(one) ? NEAR_LOST_MAX : FAR_LOST_MAX);
  }
  if (one.psiOverValues !== null) expect(Math.abs(one.psiOverValues), name).toBeLessThan(1e-9);
  if (one.psiOverDeciles !== null) expect(Math.abs(one.psiOverDeciles), name).toBeLessThan(PSI_LOST_MAX);
}

function isNear({ raw: { wasserstein } }: Difference): boolean {
  return wasserstein <= NEAR;
}

function hasFewValues({ column }: Difference): boolean {
  return column.distinct !== null && column.distinct <= FEW_VALUES_MAX;
}

function differencesIn(name: DriftSetName): Difference[] {
  const set = readDriftSet(ZOO_DIR, name);
  const counted = countRows(set.columns, set.current);
  const known: Record<string, Raw> = raw.sets[name];
  return set.columns.flatMap((column, index) => {
    const current = counted[index];
    const of = known[column.name];
    return current && of ? [differenceOf(column, current, of)] : [];
  });
}

function differenceOf(column: ReferenceColumn, current: Tally, of: Raw): Difference {
  const compare = (method: "ks" | "wasserstein" | "psi"): number =>
    compareColumn(column, current, METHODS[method], "tiltyard").statistic ?? Number.NaN;
  const isOverDeciles = of.psi_over === "deciles";
  const psi = of.psi === null ? null : compare("psi") - of.psi;
  return {
    column,
    raw: of,
    ks: compare("ks") - of.ks,
    wasserstein: compare("wasserstein") - of.wasserstein,
    mean: (meanOf(column, current) - meanOf(column, column.tally)) / Math.max(column.std ?? 0, 0.001) - of.mean_shift,
    psiOverValues: isOverDeciles ? null : psi,
    psiOverDeciles: isOverDeciles && of.psi !== null ? psiOverDeciles(column, current) - of.psi : null,
    psiOverBins: isOverDeciles ? psi : null,
  };
}

/** The mean of numbers that are spread evenly inside their bins, and outside of them as far as they are known to be. */
function meanOf({ binning }: ReferenceColumn, tally: Tally): number {
  const { edges } = binning;
  const { bins, below, above, belowBy, aboveBy } = binnedNumbers(binning, tally);
  let sum = below * (edges[0] ?? 0) - belowBy + above * (edges.at(-1) ?? 0) + aboveBy;
  let count = below + above;
  for (const [bin, rows] of bins.entries()) {
    sum += (rows * ((edges[bin] ?? 0) + (edges[bin + 1] ?? 0))) / 2;
    count += rows;
  }
  return sum / count;
}

/** The stability index over ten groups of neighbouring bins: a group ends with the bin in which the reference reaches the next tenth. */
function psiOverDeciles(column: ReferenceColumn, current: Tally): number {
  const from = bucketCounts(column.binning, column.tally, { withMissing: false });
  const to = bucketCounts(column.binning, current, { withMissing: false });
  const reference = [0];
  const window = [0];
  let reached = 0;
  let tenths = 1;
  for (const [bucket, count] of from.entries()) {
    reference[reference.length - 1] = (reference.at(-1) ?? 0) + count;
    window[window.length - 1] = (window.at(-1) ?? 0) + (to[bucket] ?? 0);
    reached += count;
    if (tenths === 10 || reached < (tenths / 10) * column.rows) continue;
    while (tenths < 10 && reached >= (tenths / 10) * column.rows) tenths += 1;
    reference.push(0);
    window.push(0);
  }
  return populationStabilityIndex(Float64Array.from(reference), Float64Array.from(window)) ?? Number.NaN;
}

/** The largest difference, with its sign and its column. */
function largest(differences: readonly Difference[], of: (one: Difference) => number | null): string {
  let worst = { value: 0, name: "-" };
  for (const one of differences) {
    const value = of(one);
    if (value !== null && Math.abs(value) >= Math.abs(worst.value)) worst = { value, name: one.column.name };
  }
  return worst.name === "-" ? "-" : `${worst.value.toPrecision(2)} (${worst.name})`;
}
