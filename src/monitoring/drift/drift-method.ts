import type { ReferenceColumn, Tally } from "../../windows/reference-column.ts";

/** `evidently`: its own rules, for those who compare. */
export type DriftPreset = "tiltyard" | "evidently";

/** A statistic and the chance of one as large, or larger, without any drift. */
export interface TestResult {
  statistic: number;
  pValue: number;
}

/** How far a window is from its reference. */
export interface Measure {
  /** As the method is known elsewhere. */
  statistic: number;
  /** What is held against the thresholds: it does not grow with the number of rows. */
  effect: number;
}

/** How Evidently judges by a method: a distance alarms from its threshold on, a test by its p-value. */
interface EvidentlyRule {
  alarmsFrom: "distance" | "p_value_at" | "p_value_below";
  /** Null where the reference or the window has nothing to compare. */
  compare: (column: ReferenceColumn, current: Tally) => { statistic: number; pValue: number | null } | null;
}

/** A way to say how far the values of a window are from those of the reference. Whether chance explains it is not for the method to say. */
export interface DriftMethod<Id extends string = string> {
  /** As the API calls it. */
  id: Id;
  /** As pages call it. */
  label: string;
  /** What its effect is called at the beginning of a sentence. */
  effectLabel: string;
  /** Whether a column can be judged by it. */
  suits: (column: ReferenceColumn) => boolean;
  /** The effects from which a change beyond chance is minor, and drift. */
  thresholds: { minor: number; drift: number };
  /** Null where the reference or the window has nothing to compare. */
  measure: (column: ReferenceColumn, current: Tally) => Measure | null;
  /** Null for methods that Evidently does not have. */
  evidently: EvidentlyRule | null;
}
