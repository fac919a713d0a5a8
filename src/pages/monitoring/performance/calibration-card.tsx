import { ConfusionCard } from "../../experiments/model/confusion-card.tsx";
import type { ReliabilityBin } from "../../../experiments/metrics/metrics-calibration.ts";
import { Card } from "../../../ui/card.tsx";
import { ChartNumbers } from "../../../ui/chart.tsx";
import { DistributionChart } from "../../../ui/distribution-chart.tsx";
import { linePath, PLOT_HEIGHT, PLOT_WIDTH, type Plot, round } from "../../../ui/chart-paths.ts";
import { formatCount, formatPercent, plural } from "../../../lib/format.ts";
import { Legend } from "../../../ui/histogram.tsx";
import { type Column, Table } from "../../../ui/table.tsx";
import type { ModelRole } from "../../../windows/answer-counts.ts";
import type { PerformanceView } from "./view.ts";

const ROLES = ["main", "challenger"] as const;
const LABELS: Record<ModelRole, string> = { main: "Main", challenger: "Challenger" };

interface Curve {
  role: ModelRole;
  bins: ReliabilityBin[];
}

/** Of classifiers: whether what they are sure of comes true as often, and which classes they take for which. */
export function CalibrationCards({ view }: { view: PerformanceView }) {
  const { calibration } = view.report;
  const curves = ROLES.flatMap((role): Curve[] => {
    const bins = calibration[role]?.reliability;
    return bins?.some(({ rows }) => rows > 0) ? [{ role, bins }] : [];
  });
  const matrices = ROLES.flatMap((role) => {
    const confusion = calibration[role]?.confusion;
    return confusion && confusion.labels.length > 0 ? [{ role, confusion }] : [];
  });
  return (
    <>
      {curves.length > 0 && <ReliabilityCard view={view} curves={curves} />}
      {matrices.length > 0 && (
        <div class="columns">
          {matrices.map(({ role, confusion }) => (
            <ConfusionCard confusion={confusion} of={LABELS[role].toLowerCase()} />
          ))}
        </div>
      )}
    </>
  );
}

function ReliabilityCard({ view, curves }: { view: PerformanceView; curves: Curve[] }) {
  const about = view.deployment.task === "binary_classification" ? "the positive class" : "the label it chose";
  const edges = curves[0]?.bins.map(({ from }) => from) ?? [];
  return (
    <Card
      title="Calibration"
      description={`How often predictions came true, by the probability the model gave: ${about}. On the dotted line, the model is as sure as it is right. Below the line, it is too sure.`}
    >
      <div class="columns">
        <figure class="chart-figure" aria-labelledby="calibration-title">
          <figcaption class="chart-caption">
            <span class="chart-title" id="calibration-title">
              Came true, by probability
            </span>
            <Legend
              entries={curves.map(({ role, bins }) => ({
                label: `${LABELS[role]}, ${plural(rowsIn(bins), "row")}`,
                tone: role,
              }))}
            />
          </figcaption>
          <div class="chart">
            <ReliabilityPlot curves={curves} />
          </div>
          <p class="chart-note">In ten bins of equal width, each at its mean probability.</p>
          <ChartNumbers title="Calibration">
            <ReliabilityTable curves={curves} />
          </ChartNumbers>
        </figure>
        <DistributionChart
          id="calibration-rows"
          title="Rows, by probability"
          bins={{ kind: "numbers", edges: [...edges, 1] }}
          series={curves.map(({ role, bins }) => ({
            label: LABELS[role],
            tone: role,
            counts: bins.map(({ rows }) => rows),
          }))}
          note="A bin with few rows says little."
        />
      </div>
    </Card>
  );
}

const TICKS = [0, 0.25, 0.5, 0.75, 1];

function ReliabilityPlot({ curves }: { curves: Curve[] }) {
  return (
    <div class="plain-chart">
      <div class="plain-chart-scale" aria-hidden="true">
        {TICKS.toReversed().map((tick) => (
          <span>{formatPercent(tick)}</span>
        ))}
      </div>
      <svg
        class="plain-chart-plot"
        viewBox={`0 0 ${PLOT_WIDTH} ${PLOT_HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={describe(curves)}
      >
        {TICKS.map((tick) => (
          <path
            class={tick === 0 ? "plain-chart-grid is-zero" : "plain-chart-grid"}
            d={`M0 ${round((1 - tick) * PLOT_HEIGHT)}H${PLOT_WIDTH}`}
          />
        ))}
        <path class="plain-chart-threshold" data-tone="neutral" d={`M0 ${PLOT_HEIGHT}L${PLOT_WIDTH} 0`}>
          <title>As sure as it is right</title>
        </path>
        {curves.map(({ role, bins }) => (
          <path class="plain-chart-line" data-series={role} d={curvePath(bins)} />
        ))}
      </svg>
      <p class="plain-chart-times" aria-hidden="true">
        <span>Probability 0%</span>
        <span>100%</span>
      </p>
    </div>
  );
}

/** From bin to bin, over those without rows. */
function curvePath(bins: readonly ReliabilityBin[]): string {
  const filled = bins.filter(({ rows }) => rows > 0);
  const plot: Plot = {
    times: filled.map(({ meanConfidence }) => meanConfidence ?? 0),
    x: (confidence) => confidence * PLOT_WIDTH,
    y: (outcome) => (1 - outcome) * PLOT_HEIGHT,
    step: PLOT_WIDTH / bins.length,
  };
  return linePath(
    filled.map(({ meanOutcome }) => meanOutcome),
    plot,
  );
}

function describe(curves: Curve[]): string {
  const sentences = curves.map(({ role, bins }) => {
    const points = bins.flatMap(({ rows, meanConfidence, meanOutcome }) =>
      rows === 0 ? [] : [`${formatPercent(meanConfidence ?? 0)} came true in ${formatPercent(meanOutcome ?? 0)}`],
    );
    return `${LABELS[role]}: ${points.join(", ")}.`;
  });
  return ["Calibration.", ...sentences].join(" ");
}

function ReliabilityTable({ curves }: { curves: Curve[] }) {
  const columns: Column<number>[] = [
    {
      key: "range",
      header: "Probability",
      primary: true,
      nowrap: true,
      cell: (bin) => rangeText(curves[0]?.bins[bin]),
    },
  ];
  for (const { role, bins } of curves) {
    const share = (value: number | null | undefined) =>
      value === null || value === undefined ? <span class="muted">–</span> : formatPercent(value);
    columns.push(
      {
        key: `${role}-rows`,
        header: `${LABELS[role]}, rows`,
        align: "end",
        cell: (bin) => formatCount(bins[bin]?.rows ?? 0),
      },
      {
        key: `${role}-mean`,
        header: "Mean probability",
        align: "end",
        cell: (bin) => share(bins[bin]?.meanConfidence),
      },
      { key: `${role}-true`, header: "Came true", align: "end", cell: (bin) => share(bins[bin]?.meanOutcome) },
    );
  }
  const rows = (curves[0]?.bins ?? []).map((_, bin) => bin);
  return <Table caption="Calibration of both models" narrow="scroll" rows={rows} columns={columns} />;
}

function rangeText(bin: ReliabilityBin | undefined): string {
  return bin ? `${formatPercent(bin.from)} to ${formatPercent(bin.to)}` : "";
}

function rowsIn(bins: readonly ReliabilityBin[]): number {
  return bins.reduce((sum, { rows }) => sum + rows, 0);
}
