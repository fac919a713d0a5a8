import type { FeatureKind } from "../experiments/training/feature.ts";
import type { DriftMethodId } from "./drift/methods.ts";

/** `not_enough_data`: fewer rows than drift is judged on, whatever they look like. */
export type DriftState = "ok" | "warning" | "drift" | "not_enough_data";

/** How one column compares with its reference. */
export interface ColumnDrift {
  method: DriftMethodId;
  /** Null where there is nothing to compare: no value in the reference or in the window. */
  statistic: number | null;
  /** The statistic above which (for methods with a p-value: the p-value below which) the column alarms. */
  threshold: number;
  /** Corrected over the columns that were judged together (Benjamini-Hochberg); null for methods without one. */
  p_value: number | null;
  /** Rows of the window, missing ones included. */
  n: number;
  state: DriftState;
}

/** A column's drift with the second threshold of calm windows: mean + 3 standard deviations; null for fewer than six of them. */
export type ReportedDrift = ColumnDrift & { calm_threshold: number | null };

export interface FeatureDrift extends ReportedDrift {
  name: string;
  kind: FeatureKind;
  /** Rows of the window. */
  missing: number;
  /** Of the missing ones, those in which a value was sent that could not be read; null where nobody counted them. */
  invalid: number | null;
  unseen: number;
  out_of_range: number;
  /** In a sentence, what made the state what it is; null for ok and not_enough_data. */
  reason: string | null;
}

/** `source`: the rows whose answers are compared with; null where there are none that compare. */
export type PredictionDrift = ReportedDrift & {
  source: "holdout" | "training" | null;
  /** As of a feature. */
  reason: string | null;
};

export interface DriftPoint {
  /** Start of the bucket, ISO 8601. */
  at: string;
  rows: number;
  state: DriftState;
  features: Record<string, number | null>;
  prediction: { main: number | null; challenger: number | null };
}

/** The answer of GET .../monitoring/drift. */
export interface DriftReport {
  reference: { version: number; rows: number };
  window: { rows: number; from: string; to: string };
  state: DriftState;
  features: FeatureDrift[];
  prediction: { main: PredictionDrift; challenger: PredictionDrift | null };
  series: DriftPoint[];
  /** False when a host could not be asked for its newest counts. */
  complete: boolean;
}
