import type { ModelRole } from "../../windows/answer-counts.ts";
import { answeredLabels, answeredNumbers, rowsAt } from "./labelled-rows.ts";
import type { LabelledRows } from "./labelled-rows.ts";
import { metricEstimates, metricValues } from "./model-metrics.ts";
import type { MetricEstimates, MetricValues } from "./model-metrics.ts";
import { positiveLabel } from "./positive-label.ts";

/** How many of the labelled rows each model answered: what its metrics are over. */
export interface AnsweredCounts {
  main: number;
  /** Null: there is no challenger. */
  challenger: number | null;
}

export interface Performance {
  labelled: number;
  answered: AnsweredCounts;
  main: MetricEstimates;
  challenger: MetricEstimates | null;
}

/** How well both models did on labelled rows: see metricEstimates. The same rows give the same numbers. */
export function measurePerformance(rows: LabelledRows): Performance {
  const positive = rows.task === "regression" ? undefined : positiveLabel(rows);
  return {
    labelled: rows.at.length,
    answered: answeredCounts(rows),
    main: metricEstimates(rows, "main", positive) ?? {},
    challenger: metricEstimates(rows, "challenger", positive),
  };
}

const BUCKET_MS = { hour: 3_600_000, day: 86_400_000 } as const;

/** The performance on the rows that were predicted in one hour or day. */
export interface PerformancePoint {
  /** Start of the bucket, ISO 8601; hours and days are of UTC. */
  at: string;
  /** Labelled rows. */
  n: number;
  answered: AnsweredCounts;
  main: MetricValues;
  challenger: MetricValues | null;
}

/** Performance by the time of the prediction, in ascending order; a bucket without labelled rows is left out. */
export function performanceOverTime(rows: LabelledRows, bucket: keyof typeof BUCKET_MS): PerformancePoint[] {
  const positive = rows.task === "regression" ? undefined : positiveLabel(rows);
  const buckets = Map.groupBy(rows.at.keys(), (row) => Math.floor((rows.at[row] ?? 0) / BUCKET_MS[bucket]));
  return [...buckets]
    .toSorted(([one], [other]) => one - other)
    .map(([number, positions]) => {
      const part = rowsAt(rows, positions);
      return {
        at: new Date(number * BUCKET_MS[bucket]).toISOString(),
        n: positions.length,
        answered: answeredCounts(part),
        main: metricValues(part, "main", positive) ?? {},
        challenger: metricValues(part, "challenger", positive),
      };
    });
}

function answeredCounts(rows: LabelledRows): AnsweredCounts {
  return { main: answeredCount(rows, "main") ?? 0, challenger: answeredCount(rows, "challenger") };
}

function answeredCount(rows: LabelledRows, role: ModelRole): number | null {
  const answered = rows.task === "regression" ? answeredNumbers(rows, role) : answeredLabels(rows, role);
  return answered && answered.actual.length;
}
