import { addressWith, choiceParams, versionMarkers } from "../monitoring/span-view.ts";
import { Card } from "../../ui/card.tsx";
import { Chart } from "../../ui/chart.tsx";
import type { ChartData, ChartSeries } from "../../ui/chart-data.ts";
import { bothOver, type UsageView } from "./view.ts";

/** What callers asked, what failed, and how long they waited. */
export function CallsCard({ view }: { view: UsageView }) {
  const { report, points, chosen } = view;
  const { measured } = report;
  const [ofMain] = bothOver(view, ({ calls }) => calls, 0);
  const hasErrors = report.total.main.errors + (report.total.challenger?.errors ?? 0) > 0;
  const latency = (label: string, tone: ChartSeries["tone"], q: "p50" | "p95" | "p99"): ChartSeries => ({
    label,
    tone,
    values: points.map((point) => point?.main.latency_ms[q] ?? null),
  });
  return (
    <Card title="Calls" description={`By ${chosen.span.bucket}.`}>
      <div class="columns">
        <UsageChart
          view={view}
          id="calls"
          title="Calls"
          note={measured.calls}
          data={{ kind: "bars", unit: "count", series: ofMain ? [ofMain] : [] }}
        />
        <UsageChart
          view={view}
          id="rows"
          title="Rows answered"
          note={measured.rows}
          data={{ kind: "bars", unit: "count", series: bothOver(view, ({ rows }) => rows, 0) }}
        />
        <UsageChart
          view={view}
          id="latency"
          title="Latency"
          note={measured.latency_ms}
          data={{
            kind: "line",
            unit: "ms",
            series: [
              latency("Median", "main", "p50"),
              latency("95% below", "reference", "p95"),
              latency("99% below", "warning", "p99"),
            ],
          }}
        />
        {hasErrors ? (
          <UsageChart
            view={view}
            id="errors"
            title="Errors"
            note={measured.errors}
            data={{ kind: "bars", unit: "count", series: bothOver(view, ({ errors }) => errors, 0) }}
          />
        ) : (
          <WithoutChart title="Errors" text="None in this time." note={measured.errors} />
        )}
      </div>
    </Card>
  );
}

/** What the models took, and the whole instance where that is known. */
export function TakenCard({ view }: { view: UsageView }) {
  const { report, points, chosen } = view;
  const { measured } = report;
  const ofInstance = (label: string, read: "cpu_ms" | "memory_bytes"): ChartSeries[] => [
    { label, tone: "reference", values: points.map((point) => point?.instance?.[read] ?? null) },
  ];
  return (
    <Card title="What it took" description={`By ${chosen.span.bucket}.`}>
      <div class="columns">
        <UsageChart
          view={view}
          id="compute"
          title="Compute time"
          note={measured.compute_ms}
          data={{ kind: "bars", unit: "ms", series: bothOver(view, ({ compute_ms: value }) => value) }}
        />
        <UsageChart
          view={view}
          id="memory"
          title="Memory"
          note={measured.memory_bytes}
          data={{ kind: "line", unit: "bytes", series: bothOver(view, ({ memory_bytes: value }) => value) }}
        />
        <UsageChart
          view={view}
          id="cpu"
          title="CPU"
          note={measured.cpu_ms}
          data={{ kind: "bars", unit: "ms", series: bothOver(view, ({ cpu_ms: value }) => value) }}
        />
        {points.some((point) => point?.instance) && (
          <>
            <UsageChart
              view={view}
              id="instance-cpu"
              title="CPU of the whole instance"
              note={`Sampled every minute from outside, for all deployments and pages. Shown for each ${chosen.span.bucket} in which this deployment was called.`}
              data={{ kind: "bars", unit: "ms", series: ofInstance("Instance", "cpu_ms") }}
            />
            <UsageChart
              view={view}
              id="instance-memory"
              title="Memory of the whole instance"
              note="Resident memory of its process: the mean of samples taken every minute from outside."
              data={{ kind: "line", unit: "bytes", series: ofInstance("Instance", "memory_bytes") }}
            />
          </>
        )}
      </div>
    </Card>
  );
}

interface UsageChartProps {
  view: UsageView;
  id: string;
  title: string;
  /** How it was measured. */
  note: string;
  data: Omit<ChartData, "times" | "markers">;
}

function UsageChart({ view, id, title, note, data }: UsageChartProps) {
  const { times, versions, chosen, path } = view;
  return (
    <Chart
      id={`usage-${id}`}
      title={title}
      precision={chosen.span.bucket === "day" ? "date" : "minutes"}
      csvHref={addressWith(`${path}.csv`, choiceParams(chosen.choice))}
      note={note}
      empty={<WithoutChart title={title} text="Not known in this time." note={note} />}
      data={{ ...data, times, markers: versionMarkers(versions) }}
    />
  );
}

/** In the place of a chart that has nothing to draw: an empty plot does not say whether it is zero, or not known. */
function WithoutChart({ title, text, note }: { title: string; text: string; note: string }) {
  return (
    <div class="chart-figure">
      <p class="chart-title">{title}</p>
      <p class="muted">{text}</p>
      <p class="chart-note">{note}</p>
    </div>
  );
}
