import type { ReferenceColumn, Tally } from "../../windows/reference-column.ts";

/** `evidently`: its own rules, for those who compare. */
export type DriftPreset = "tiltyard" | "evidently";

/** A statistic and the chance of one as large, or larger, without any drift. */
export interface TestResult {
  statistic: number;
  pValue: number;
}

interface MethodFacts<Id extends string> {
  /** As the API calls it. */
  id: Id;
  /** As pages call it. */
  label: string;
  /** What its statistic is called at the beginning of a sentence. */
  statisticLabel: string;
  /** Whether a column can be judged by it. */
  suits: (column: ReferenceColumn) => boolean;
  /** Shares of a column that it does not look at: they are judged beside it. */
  blindTo: readonly ("missing" | "unseen" | "outside")[];
}

/** What a distance is for windows without any drift: see `nullQuantile`. */
interface WithoutDrift {
  /** It falls with the number of rows to this power. */
  power: number;
  /** Whether it is the distance's square that has moments like those of a gamma distribution. */
  isSquared: boolean;
  /** The shares from which windows are drawn, and the distance of a drawn window from the reference. */
  simulate: (column: ReferenceColumn) => { weights: Float64Array; distance: (drawn: Float64Array) => number | null };
}

/** A method that says how far a window is from its reference, and alarms from a distance on. */
export interface DistanceMethod<Id extends string = string> extends MethodFacts<Id> {
  kind: "distance";
  /** The conventional values from which on it is a warning, and drift. */
  thresholds: { warning: number; drift: number };
  /** Null where the reference or the window has nothing to compare. */
  compare: (column: ReferenceColumn, current: Tally, preset: DriftPreset) => number | null;
  /** How many rows, or numbers, of a tally it compares. */
  comparedRows: (column: ReferenceColumn, tally: Tally) => number;
  withoutDrift: WithoutDrift;
}

/** A method that says how likely a window would be without drift, and alarms below a p-value. */
export interface TestMethod<Id extends string = string> extends MethodFacts<Id> {
  kind: "test";
  /** Null where the reference or the window has nothing to compare. */
  compare: (column: ReferenceColumn, current: Tally, preset: DriftPreset) => TestResult | null;
  /** Whether Evidently takes a p-value of exactly its threshold as drift. */
  evidentlyAlarmsAt: "threshold" | "below";
}
