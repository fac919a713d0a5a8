import { METHODS } from "../../../monitoring/drift/methods.ts";
import { Card } from "../../../ui/card.tsx";
import { Chart } from "../../../ui/chart.tsx";
import type { ChartSeries } from "../../../ui/chart-data.ts";
import { DistributionChart } from "../../../ui/distribution-chart.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { PREDICTION } from "../../../windows/reference.ts";
import { referenceWords } from "./now-card.tsx";
import { NoBucketJudged, thresholdsOf } from "./time-card.tsx";
import type { DriftPoint, PredictionDrift } from "../../../monitoring/drift-report.ts";
import { effectsOver } from "./view.ts";
import { binsFor, distributionOf } from "./feature-view.ts";
import { answersOver, driftParams, type DriftView } from "../view.ts";
import { addressWith, versionMarkers } from "../span-view.ts";

/** What both models predicted: beside what main answered to its reference rows, and how far each went from its own over time. */
export function PredictionsCard({ view }: { view: DriftView }) {
  const { report, monitored } = view;
  const { main, challenger } = report.prediction;
  const counted = answersOver(view, "main");
  if (!counted) {
    return (
      <Card title="Predictions" id="predictions">
        <EmptyState title="Predictions without a distribution" icon="monitoring">
          The main model answers several numbers per row, or nothing comparable with its reference.
        </EmptyState>
      </Card>
    );
  }
  const { column, current } = counted;
  const shadow = answersOver(view, "challenger", "main");
  const challengerRows = monitored.challenger?.reference?.column?.rows ?? 0;
  const csv = addressWith(`${view.path}/distributions.csv`, [...driftParams(view), ["feature", PREDICTION]]);
  return (
    <Card title="Predictions" id="predictions" description={`Main: ${lower(referenceWords(main, column.rows))}.`}>
      <div class="chart-grid is-filled">
        <DistributionChart
          id="prediction-distribution"
          title="Predictions, reference and now"
          bins={binsFor(column)}
          series={[
            distributionOf(column, column.tally, { label: "Main on its reference", tone: "reference" }),
            distributionOf(column, current, { label: "Main now", tone: "main" }),
            ...(shadow
              ? [distributionOf(column, shadow.current, { label: "Challenger now", tone: "challenger" })]
              : []),
          ]}
          csvHref={csv}
        />
        <PredictionDriftCharts view={view} />
      </div>
      {challenger && <p class="muted small">Of the challenger: {lower(referenceWords(challenger, challengerRows))}.</p>}
    </Card>
  );
}

/** The drift of both models in one chart where it is measured alike, else each in its own: their scales have nothing in common. */
function PredictionDriftCharts({ view }: { view: DriftView }) {
  const { main, challenger } = view.report.prediction;
  const ofMain = lineOf("Main", "main", main, view, ({ effects }) => effects.main);
  if (!challenger) return <DriftChart id="main-drift" title="Drift of the predictions" view={view} lines={[ofMain]} />;
  const ofChallenger = lineOf("Challenger", "challenger", challenger, view, ({ effects }) => effects.challenger);
  if (challenger.method === main.method) {
    return <DriftChart id="main-drift" title="Drift of the predictions" view={view} lines={[ofMain, ofChallenger]} />;
  }
  return (
    <>
      <DriftChart id="main-drift" title="Drift of main's predictions" view={view} lines={[ofMain]} />
      <DriftChart
        id="challenger-drift"
        title="Drift of the challenger's predictions"
        view={view}
        lines={[ofChallenger]}
      />
    </>
  );
}

interface Line {
  drift: PredictionDrift;
  series: ChartSeries;
}

function lineOf(
  label: string,
  tone: ChartSeries["tone"],
  drift: PredictionDrift,
  { points }: DriftView,
  read: (point: DriftPoint) => number | null,
): Line {
  return { drift, series: { label, tone, values: effectsOver(points, read) } };
}

type DriftChartProps = { id: string; title: string; view: DriftView; lines: [Line, Line?] };

function DriftChart({ id, title, view, lines: [first, second] }: DriftChartProps) {
  const { bucket } = view.chosen.span;
  // Two thresholds that are as good as one would only hide one another.
  const isApart = second && Math.abs(second.drift.threshold - first.drift.threshold) > 0.02 * first.drift.threshold;
  const thresholds = thresholdsOf(first.drift, isApart ? " of main" : "");
  const [other] = isApart ? thresholdsOf(second.drift, " of the challenger") : [];
  if (other) thresholds.push({ ...other, tone: "warning" });
  return (
    <Chart
      id={id}
      title={title}
      precision={bucket === "day" ? "date" : "minutes"}
      csvHref={addressWith(`${view.path}/drift.csv`, driftParams(view))}
      note={`${METHODS[first.drift.method].label}, by ${bucket}.`}
      empty={<NoBucketJudged bucket={bucket} />}
      data={{
        kind: "line",
        unit: "number",
        times: view.times,
        series: second ? [first.series, second.series] : [first.series],
        thresholds,
        markers: versionMarkers(view.versions),
      }}
    />
  );
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
