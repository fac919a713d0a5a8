import { metricHint, metricLabel } from "../../../experiments/metrics/metric-facts.ts";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { Chart } from "../../../ui/chart.tsx";
import type { ChartSeries } from "../../../ui/chart-data.ts";
import { SelectField } from "../../../ui/forms.tsx";
import type { PerformanceView } from "./view.ts";
import type { PerformancePoint } from "../../../monitoring/performance/measure-performance.ts";
import type { ModelRole } from "../../../windows/answer-counts.ts";
import { addressWith, choiceParams, POINT_ROWS_MIN, versionMarkers } from "../span-view.ts";

/** One metric of both models by the time of the prediction, beside how many rows it rests on. */
export function MetricTimeCard({ view }: { view: PerformanceView }) {
  const { metric, report, times, points, chosen, path, versions } = view;
  if (metric === null) return null;
  const { bucket } = chosen.span;
  const precision = bucket === "day" ? "date" : "minutes";
  const csv = addressWith(`${path}/performance.csv`, choiceParams(chosen.choice));
  const markers = versionMarkers(versions);
  const series: ChartSeries[] = [
    { label: "Main", tone: "main", values: points.map((point) => drawn(point, "main", metric)) },
  ];
  if (report.challenger !== null) {
    const values = points.map((point) => drawn(point, "challenger", metric));
    series.push({ label: "Challenger", tone: "challenger", values });
  }
  return (
    <Card
      id="over-time"
      title="Over time"
      description={`Per ${bucket} of the prediction, not of its label. With fewer than ${POINT_ROWS_MIN} labelled rows, ${bucket === "hour" ? "an hour" : "a day"} draws no line.`}
    >
      <div class="stack">
        <MetricForm view={view} metric={metric} />
        <div class="columns">
          <Chart
            id="metric-over-time"
            title={metricLabel(metric)}
            precision={precision}
            csvHref={csv}
            note={metricHint(metric)}
            data={{
              kind: "line",
              unit: metric === "mape" ? "rate" : "number",
              times,
              scale: "data",
              series,
              markers,
            }}
          />
          <Chart
            id="labelled-over-time"
            title={`Labelled rows per ${bucket}`}
            precision={precision}
            csvHref={csv}
            note="Labels arrive late, so the newest rows often have no label yet."
            data={{
              kind: "bars",
              unit: "count",
              times,
              series: [{ label: "Labelled rows", tone: "reference", values: points.map((point) => point?.n ?? 0) }],
              markers,
            }}
          />
        </div>
      </div>
    </Card>
  );
}

function drawn(point: PerformancePoint | undefined, role: ModelRole, metric: string): number | null {
  return point && (point.answered[role] ?? 0) >= POINT_ROWS_MIN ? (point[role]?.[metric] ?? null) : null;
}

function MetricForm({ view, metric }: { view: PerformanceView; metric: string }) {
  return (
    <form class="span-picker-form" method="get" action={`${view.path}/performance#over-time`}>
      {choiceParams(view.chosen.choice).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <SelectField
        name="metric"
        label="Metric"
        options={view.metrics.map((name) => ({ value: name, label: metricLabel(name) }))}
        value={metric}
        markOptional={false}
      />
      <Button type="submit">Show</Button>
    </form>
  );
}
