import type { FeatureKind } from "../experiments/training/feature.ts";
import type { CheckOf } from "./drift/checks.ts";
import type { DriftMethodId } from "./drift/methods.ts";
import type { ReferenceChoice } from "./settings.ts";

/**
 * `minor`: beyond chance, but small; it alarms nobody. `warning`: beyond chance, and above what calm windows stay below. `drift`: beyond
 * chance, and large. `not_enough_data`: fewer rows than drift is judged on, whatever they look like.
 */
export type DriftState = "ok" | "minor" | "warning" | "drift" | "not_enough_data";

/** One of the comparisons that a column is judged by. */
export interface DriftCheck {
  of: CheckOf;
  effect: number;
  /** The effects from which a change beyond chance is drift, and minor. */
  threshold: number;
  minor_threshold: number;
  /** Corrected; null where there are too few rows. */
  p_value: number | null;
  state: DriftState;
}

/** How one column compares with its reference. */
export interface ColumnDrift {
  method: DriftMethodId;
  /** Null where there is nothing to compare: no value in the reference or in the window. */
  statistic: number | null;
  /**
   * How large the change is, as it is held against the threshold: of the check that decides, else of the values. Null where nothing can
   * be compared.
   */
  effect: number | null;
  /** The effect from which a change beyond chance is drift. */
  threshold: number;
  /** Of the same check, corrected over all checks that were judged together (Benjamini-Hochberg); null where there is none. */
  p_value: number | null;
  /** Rows of the window, missing ones included. */
  n: number;
  state: DriftState;
  checks: DriftCheck[];
}

/** A column's drift with the second threshold of calm windows: mean + 3 standard deviations; null for fewer than six of them. */
export type ReportedDrift = ColumnDrift & { calm_threshold: number | null };

export interface FeatureDrift extends AnswerDrift {
  name: string;
  kind: FeatureKind;
  /** By the settings: it counts for no state and no alert. */
  muted: boolean;
  /** Rows of the window. */
  missing: number;
  /** Of the missing ones, those in which a value was sent that could not be read; null where nobody counted them. */
  invalid: number | null;
  unseen: number;
  out_of_range: number;
}

/** The same with its reason: in a sentence, what made the state what it is; null for ok and not_enough_data. */
export type AnswerDrift = ReportedDrift & { reason: string | null };

/** The drift of a model's answers: the worst of labels and scores. */
export type PredictionDrift = AnswerDrift & {
  /** The rows whose answers are compared with; null where there are none that compare. */
  source: "holdout" | "training" | null;
  /** Of the labels; null where it answers none. */
  label: AnswerDrift | null;
  /**
   * Of the probabilities, the class that moved most, and each; of an anomaly detector its score. Null where it answers none or they were
   * not kept.
   */
  score: (AnswerDrift & { class: string | null; classes: (AnswerDrift & { class: string | null })[] }) | null;
};

export interface DriftPoint {
  /** Start of the bucket, ISO 8601. */
  at: string;
  rows: number;
  state: DriftState;
  features: Record<string, number | null>;
  /** Effects of the values of each feature, and of the predictions, beside the statistics. */
  effects: { features: Record<string, number | null>; main: number | null; challenger: number | null };
  prediction: { main: number | null; challenger: number | null };
}

/** The answer of GET .../monitoring/drift. */
export interface DriftReport {
  /** The rows compared with: of the training data, or of those recorded from and to a time (ISO 8601). */
  reference: { version: number; rows: number; kind: ReferenceChoice["kind"]; from: string | null; to: string | null };
  /**
   * The references that the rows of the span are compared with, the one of this report first: the others only where all versions are
   * asked for.
   */
  references: {
    version: number;
    rows: number;
    deployment_versions: number[];
    window: { rows: number };
    state: DriftState;
  }[];
  window: { rows: number; from: string; to: string };
  state: DriftState;
  features: FeatureDrift[];
  prediction: { main: PredictionDrift; challenger: PredictionDrift | null };
  series: DriftPoint[];
  /** False when a host could not be asked for its newest counts. */
  complete: boolean;
}
