import { Card } from "../../../ui/card.tsx";
import { Chart } from "../../../ui/chart.tsx";
import type { ChartThreshold } from "../../../ui/chart-data.ts";
import type { Span } from "../../../windows/window-log.ts";
import { METHODS } from "../../../monitoring/drift/methods.ts";
import type { FeatureDrift, ReportedDrift } from "../../../monitoring/drift-report.ts";
import { worstFirst } from "../../../monitoring/answer-drift.ts";
import { effectsOver } from "./view.ts";
import { driftParams, type DriftView } from "../view.ts";
import { addressWith } from "../span-view.ts";
import { DRIFT_ROWS_MIN } from "../../../monitoring/drift/thresholds.ts";

const CHARTS_MAX = 5;

/** The effects of the features that are furthest off, or were asked for: one chart each, because each has its own scale and threshold. */
export function DriftTimeCard({ view }: { view: DriftView }) {
  const charts = shownFeatures(view).map((feature) => ({
    feature,
    values: effectsOver(view.points, ({ effects }) => effects.features[feature.name]),
  }));
  const bucket = view.chosen.span.bucket;
  const isEmpty = charts.every(({ values }) => values.every((value) => value === null));
  return (
    <Card
      title="Drift over time"
      description={`${charts.length === 1 ? "The feature" : `The ${charts.length} features`} with the most drift. ${fewRowsWords(bucket)} An effect above the threshold is drift where it is beyond chance: with few rows, chance alone often comes that far.`}
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

/** From where on the values drift, and what calm windows stay below. */
export function thresholdsOf(drift: ReportedDrift, of = ""): ChartThreshold[] {
  const { checks, calm_threshold: calm } = drift;
  const values = checks.find((check) => check.of === "values");
  const lines: ChartThreshold[] = [];
  if (values && values.p_value !== null) lines.push({ label: `Drift from${of}`, value: values.threshold });
  if (calm !== null) lines.push({ label: `Calm windows stay below${of}`, value: calm, tone: "neutral" });
  return lines;
}
