import { columnFold } from "../src/windows/fold-column.ts";
import { encodeCounts, countsAt, emptyWindow } from "../src/windows/counts.ts";
import { answersName, countAnswers } from "../src/windows/answer-counts.ts";
import type { ReferenceColumn } from "../src/windows/reference-column.ts";
import { emptyTally } from "../src/windows/tally.ts";
import { profileNumbers } from "../src/experiments/training/profile-numeric.ts";
import { decodeSegment, encodeSegment } from "../src/inference/records/segment.ts";
import type { ServedFeature } from "../src/inference/spec/serving-spec.ts";
import { table } from "./figures.ts";

const ROWS = 1_000_000;
const FEATURES = 20;
/** The rows that a host counts at a time. */
const SLICE = 500;
const GOAL_MS = 2_000;

/**
 * How long counting a million rows of 20 numeric features takes on one core: the counting alone, and everything a host does for it
 * (reading segments back, counting features and answers, writing the window of the hour after each slice).
 */
export function measureFolding(): string {
  const columns = Array.from({ length: FEATURES }, (_, index) => referenceColumn(`f${index}`));
  const rows = { count: SLICE, columns: new Map(columns.map(({ name }) => [name, { numbers: normals(SLICE) }])) };
  const main = {
    count: SLICE,
    predictions: Array.from(normals(SLICE)),
    probabilities: null,
    classLabels: null,
    extra: {},
  };
  const folds = columns.map((column) => ({
    name: column.name,
    slots: emptyTally(column.binning).length,
    fold: columnFold(column),
  }));
  const features = columns.map(({ name }) => servedFeature(name));
  const latencyMs = Array.from({ length: SLICE }, () => 1);
  const stored = encodeSegment(features, { rows, calls: SLICE, latencyMs, main });
  const answers = { column: referenceColumn("@prediction"), scores: [], source: "holdout" as const, calibration: null };

  const count = (window: ReturnType<typeof emptyWindow>, given: typeof rows.columns) => {
    for (const { name, slots, fold } of folds) {
      const column = given.get(name);
      if (column) fold(column, countsAt(window.features, name, slots));
    }
  };
  const whole = (window: ReturnType<typeof emptyWindow>) => {
    const segment = decodeSegment(features, stored);
    for (const { name, slots, fold } of folds) {
      const column = segment.rows.columns.get(name);
      if (column) fold(column, countsAt(window.features, name, slots));
    }
    countAnswers(answersName("main", "m"), answers, segment.main, window.answers);
    encodeCounts(window.features);
    encodeCounts(window.answers);
  };
  const lines = [
    ["counting", timeOf((window) => count(window, rows.columns))],
    ["everything a host does for it", timeOf(whole)],
  ] as const;
  return `${table(
    ["1,000,000 rows x 20 features", "time", "rows/s", "goal"],
    lines.map(([name, ms]) => [
      name,
      `${(ms / 1_000).toFixed(2)} s`,
      `${Math.round((ROWS / ms) * 1_000).toLocaleString("en")}`,
      `${(ms / GOAL_MS).toFixed(2)} of 2 s`,
    ]),
  )}`;
}

function timeOf(slice: (window: ReturnType<typeof emptyWindow>) => void): number {
  const run = (): number => {
    const window = emptyWindow();
    const startedAt = performance.now();
    for (let done = 0; done < ROWS; done += SLICE) slice(window);
    return performance.now() - startedAt;
  };
  run();
  return Math.min(run(), run(), run());
}

function referenceColumn(name: string): ReferenceColumn {
  const profile = profileNumbers(normals(10_000), true);
  const binning = {
    kind: "numbers" as const,
    edges: profile.edges ?? [],
    displayEdges: profile.display?.edges ?? [],
    categories: [],
    hasSums: true,
    tail: null,
    words: null,
  };
  return {
    name,
    kind: "numeric",
    binning,
    rows: 10_000,
    tally: emptyTally(binning),
    distinct: null,
    std: profile.std,
    rare: null,
    unseenWordRate: null,
  };
}

function servedFeature(name: string): ServedFeature {
  const reference = {
    rows: 0,
    missing: 0,
    example: null,
    min: null,
    max: null,
    mean: null,
    std: null,
    median: null,
    integer: false,
    categories: null,
    other: 0,
  };
  const summary = { name, kind: "numeric" as const, numericCategories: false, reference };
  return { name, kind: "numeric", summary, mainTensors: ["float32"], challengerTensors: [] };
}

function normals(count: number): Float64Array {
  return Float64Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()),
  );
}
