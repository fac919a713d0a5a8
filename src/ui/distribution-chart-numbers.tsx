import { PLOT_HEIGHT, PLOT_WIDTH, round } from "./chart-paths.ts";
import { type ChartScale, chartScale, formatTick } from "./chart-scale.ts";
import { type Bucket, describeBucket, type DistributionSeries } from "./distribution-chart-data.ts";
import { formatNumber, plural } from "../lib/format.ts";

export type NumberBinsProps = { title: string; edges: number[]; buckets: Bucket[]; series: DistributionSeries[] };

/** The first series as filled bins, the others as outlines over it; what is in no bin stands beside, with a name. */
export function NumberBins({ title, edges, buckets, series }: NumberBinsProps) {
  const inside = buckets.filter(({ isApart }) => !isApart);
  const middle = buckets.findIndex(({ isApart }) => !isApart);
  const isShown = ({ isApart, counts }: Bucket) => isApart && counts.some((count) => count > 0);
  const scale = chartScale({ low: 0, high: Math.max(0, ...buckets.flatMap(({ shares }) => shares)) }, "rate");
  const apart = (bucket: Bucket) => <Apart bucket={bucket} series={series} scale={scale} />;
  return (
    <div class="distribution-numbers">
      <div class="plain-chart-scale" aria-hidden="true">
        {scale.ticks.toReversed().map((tick) => (
          <span>{formatTick(tick, scale, "rate")}</span>
        ))}
      </div>
      {buckets.slice(0, Math.max(0, middle)).filter(isShown).map(apart)}
      <div class="distribution-bins">
        <Plot
          label={`${title}. ${plural(inside.length, "bin")} from ${formatNumber(edges[0] ?? 0)} to ${formatNumber(edges.at(-1) ?? 0)}.`}
          scale={scale}
        >
          {series.map(({ tone }, index) => (
            <Outline
              shares={inside.map(({ shares }) => shares[index] ?? 0)}
              tone={tone}
              scale={scale}
              isFilled={index === 0}
            />
          ))}
          {inside.map((bucket, index) => (
            <rect
              class="histogram-hit"
              x={round((index / inside.length) * PLOT_WIDTH)}
              width={round(PLOT_WIDTH / inside.length)}
              height={PLOT_HEIGHT}
            >
              <title>{describeBucket(bucket, series)}</title>
            </rect>
          ))}
        </Plot>
        <Edges edges={edges} />
      </div>
      {buckets.slice(Math.max(0, middle)).filter(isShown).map(apart)}
    </div>
  );
}

type PlotProps = { label: string; scale: ChartScale; width?: number; children?: unknown };

function Plot({ label, scale, width = PLOT_WIDTH, children }: PlotProps) {
  return (
    <svg
      class="plain-chart-plot"
      viewBox={`0 0 ${width} ${PLOT_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {scale.ticks.map((tick) => (
        <path class="plain-chart-grid" d={`M0 ${round(upright(tick, scale))}H${width}`} />
      ))}
      {children}
    </svg>
  );
}

type OutlineProps = { shares: number[]; tone: string; scale: ChartScale; isFilled: boolean };

function Outline({ shares, tone, scale, isFilled }: OutlineProps) {
  const steps = shares.map(
    (share, index) => `V${round(upright(share, scale))}H${round(((index + 1) / shares.length) * PLOT_WIDTH)}`,
  );
  return (
    <path
      class={isFilled ? "distribution-area" : "distribution-outline"}
      data-series={tone}
      d={`M0 ${PLOT_HEIGHT}${steps.join("")}V${PLOT_HEIGHT}`}
    />
  );
}

const APART_WIDTH = 100;

function Apart({ bucket, series, scale }: { bucket: Bucket; series: DistributionSeries[]; scale: ChartScale }) {
  const slot = (APART_WIDTH * 0.8) / series.length;
  return (
    <div class="distribution-apart" title={describeBucket(bucket, series)}>
      <Plot label={describeBucket(bucket, series)} scale={scale} width={APART_WIDTH}>
        {series.map(({ tone }, index) => {
          const left = round(APART_WIDTH * 0.1 + index * slot);
          const top = round(upright(bucket.shares[index] ?? 0, scale));
          return (
            <path
              class="plain-chart-bars"
              data-series={tone}
              d={`M${left} ${PLOT_HEIGHT}V${top}H${round(left + slot)}V${PLOT_HEIGHT}Z`}
            />
          );
        })}
      </Plot>
      <p class="distribution-apart-name">{bucket.name}</p>
    </div>
  );
}

const EDGES_NAMED_MAX = 8;

/** Some of the edges in words, where they are: not stretched with the plot. On narrow places every other one is hidden. */
function Edges({ edges }: { edges: number[] }) {
  const bins = edges.length - 1;
  if (bins < 1) return null;
  const stride = Math.ceil(bins / EDGES_NAMED_MAX);
  // The last edge always has its name, and room before it.
  const named = edges
    .map((edge, index) => ({ edge, index }))
    .filter(({ index }) => index === bins || (index % stride === 0 && index <= bins - stride * 0.7));
  const last = named.length - 1;
  const isMinor = (place: number) => place !== last && (place % 2 === 1 || (place > 0 && place === last - 1));
  return (
    <svg class="distribution-edges" width="100%" height="18" aria-hidden="true">
      {named.map(({ edge, index }, place) => (
        <text
          class={isMinor(place) ? "is-minor" : undefined}
          x={`${round((index / bins) * 100)}%`}
          y="14"
          text-anchor={index === 0 ? "start" : index === bins ? "end" : "middle"}
        >
          {formatNumber(edge)}
        </text>
      ))}
    </svg>
  );
}

function upright(share: number, { low, high }: ChartScale): number {
  return PLOT_HEIGHT - ((share - low) / (high - low)) * PLOT_HEIGHT;
}
