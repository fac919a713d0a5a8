import type { Database } from "../db.ts";
import type { Deployment } from "../deployments/queries.ts";
import type { Measured } from "./measured.ts";
import type { RecentCalls } from "./recent-calls.ts";

/** What a look at a deployment has to go by. */
export interface Look {
  env: Env;
  db: Database;
  nowMs: number;
  deployment: Deployment;
  /** Read once, whoever asks for them. */
  calls: () => Promise<RecentCalls>;
}

/** The ways in which a value may be one that an alert fires at, and how people say them. */
export const COMPARISONS = {
  at_least: { holds: (value, threshold) => value >= threshold, words: (threshold) => `${threshold} or more` },
  above: { holds: (value, threshold) => value > threshold, words: (threshold) => `above ${threshold}` },
  below: { holds: (value, threshold) => value < threshold, words: (threshold) => `below ${threshold}` },
} satisfies Record<
  string,
  { holds: (value: number, threshold: number) => boolean; words: (threshold: string) => string }
>;

/** Something that a deployment can be watched for. */
export interface AlertKind {
  label: string;
  description: string;
  /** Whether each alert of this kind is about a metric; `metric` is null for all others. */
  hasMetric: boolean;
  threshold: {
    /** What it is of, and its unit, for who writes a call. */
    help: string;
    /** For those who name none; null: no value suits all. */
    default: number | null;
    isFit: (threshold: number) => boolean;
    /** What one that is fit is: "a number of minutes from 1 to 10080". */
    says: string;
  };
  fires: (metric: string | null) => keyof typeof COMPARISONS;
  /** A value in the unit of the threshold. */
  valueText: (value: number, metric: string | null) => string;
  /** Measures a deployment as it is now. Throws what the store and the hosts throw. */
  measure: (look: Look, metric: string | null) => Promise<Measured>;
}
