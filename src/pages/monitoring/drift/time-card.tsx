import { Card } from "../../../ui/card.tsx";
import { Chart } from "../../../ui/chart.tsx";
import type { ChartThreshold } from "../../../ui/chart-data.ts";
import type { Span } from "../../../windows/window-log.ts";
import { METHODS } from "../../../monitoring/drift/methods.ts";
import type { FeatureDrift, ReportedDrift } from "../../../monitoring/drift-report.ts";
import { statisticsOver, worstFirst } from "./view.ts";
import { driftParams, type DriftView } from "../view.ts";
import { addressWith } from "../span-view.ts";
import { DRIFT_ROWS_MIN } from "../../../monitoring/drift/thresholds.ts";

const CHARTS_MAX = 5;

/** The statistics of the features that are furthest off, or were asked for: one chart each, because each has its own scale and threshold. */
export function DriftTimeCard({ view }: { view: DriftView }) {
  const charts = shownFeatures(view).map((feature) => ({
    feature,
    values: statisticsOver(view.points, ({ features }) => features[feature.name]),
  }));
  const bucket = view.chosen.span.bucket;
  const isEmpty = charts.every(({ values }) => values.every((value) => value === null));
  return (
    <Card
      title="Drift over time"
      description={`${charts.length === 1 ? "The feature" : `The ${charts.length} features`} with the most drift. ${fewRowsWords(bucket)} The threshold is that of the whole time. Fewer rows have a higher threshold.`}
    >
      {isEmpty ? (
        <NoBucketJudged bucket={bucket} />
      ) : (
        <div class="chart-grid">
          {charts.map(({ feature, values }, index) => (
            <Chart
              id={`drift-${index}`}
              title={feature.name}
              precision={bucket === "day" ? "date" : "minutes"}
              csvHref={addressWith(`${view.path}/drift.csv`, [...driftParams(view), ["feature", feature.name]])}
              data={{
                kind: "line",
                unit: "number",
                times: view.times,
                series: [{ label: METHODS[feature.method].label, tone: "main", values }],
                thresholds: thresholdsOf(feature),
              }}
            />
          ))}
        </div>
      )}
    </Card>
  );
}

function fewRowsWords(bucket: Span): string {
  return `${bucket === "hour" ? "An hour" : "A day"} with fewer than ${DRIFT_ROWS_MIN} rows is not judged and is left out.`;
}

/** Stands where no bucket has rows enough. */
export function NoBucketJudged({ bucket }: { bucket: Span }) {
  return (
    <p class="muted">
      No {bucket} has {DRIFT_ROWS_MIN} rows yet.
      {bucket === "hour" && " Choose days as buckets to see more rows at once."}
    </p>
  );
}

/** Several that were asked for, else the worst, with the one that was asked for among them. */
function shownFeatures({ report, asked }: DriftView): FeatureDrift[] {
  const worst = worstFirst(report.features);
  const wanted = worst.filter(({ name }) => asked.includes(name));
  if (wanted.length > 1) return wanted.slice(0, CHARTS_MAX);
  const others = worst.filter(({ name }) => !asked.includes(name)).slice(0, CHARTS_MAX - wanted.length);
  return worstFirst([...wanted, ...others]);
}

/** Where a distance drifts, and what calm windows stay below. A test has no threshold of its statistic: it alarms by the p-value. */
export function thresholdsOf(drift: ReportedDrift, of = ""): ChartThreshold[] {
  const { method, threshold, calm_threshold: calm, state } = drift;
  const lines: ChartThreshold[] = [];
  if (METHODS[method].kind === "distance" && state !== "not_enough_data")
    lines.push({ label: `Threshold${of}`, value: threshold });
  if (calm !== null) lines.push({ label: `Calm windows stay below${of}`, value: calm, tone: "neutral" });
  return lines;
}
