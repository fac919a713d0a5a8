import { type ChartData, extentOf, formatInUnit, hasValues, isDrawn, timeSpan, valueExtent } from "./chart-data.ts";
import { barsPath, bandPath, linePath, PLOT_HEIGHT, PLOT_WIDTH, type Plot, round } from "./chart-paths.ts";
import { chartScale, formatTick } from "./chart-scale.ts";
import { formatUtc } from "../lib/format.ts";
import type { SeriesTone } from "./tone.ts";

export type PlainChartProps = {
  data: ChartData;
  label: string;
  precision?: "date" | "minutes" | undefined;
};

/** A chart without JavaScript: bands, lines or bars, thresholds, markers, a scale, the first and the last time. */
export function PlainChart({ data, label, precision = "minutes" }: PlainChartProps) {
  const scale = chartScale(valueExtent(data), data.unit, data.kind === "bars" ? "zero" : data.scale);
  const plot = plotOf(data, scale);
  const first = data.times[0];
  const last = data.times.at(-1);
  return (
    <div class="plain-chart">
      <div class="plain-chart-scale" aria-hidden="true">
        {scale.ticks.toReversed().map((tick) => (
          <span>{formatTick(tick, scale, data.unit)}</span>
        ))}
      </div>
      <svg
        class="plain-chart-plot"
        viewBox={`0 0 ${PLOT_WIDTH} ${PLOT_HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={describeChart(data, label)}
      >
        {scale.ticks.map((tick) => (
          <path
            class={tick === 0 ? "plain-chart-grid is-zero" : "plain-chart-grid"}
            d={`M0 ${round(plot.y(tick))}H${PLOT_WIDTH}`}
          />
        ))}
        <Marks data={data} plot={plot} />
      </svg>
      {first !== undefined && last !== undefined && (
        <p class="plain-chart-times" aria-hidden="true">
          <span>{formatUtc(first, precision)}</span>
          {last !== first && <span>{formatUtc(last, precision)}</span>}
        </p>
      )}
    </div>
  );
}

/** Where times and values lie in the plot's own coordinates. */
function plotOf(data: ChartData, { low, high }: { low: number; high: number }): Plot {
  const { from, to, stepMs } = timeSpan(data);
  const x = (at: number) => (to === from ? PLOT_WIDTH / 2 : ((at - from) / (to - from)) * PLOT_WIDTH);
  const y = (value: number) => PLOT_HEIGHT - ((value - low) / (high - low)) * PLOT_HEIGHT;
  return { times: data.times, x, y, step: to === from ? PLOT_WIDTH : (stepMs / (to - from)) * PLOT_WIDTH };
}

function Marks({ data, plot }: { data: ChartData; plot: Plot }) {
  const { from, to } = timeSpan(data);
  return (
    <>
      {data.bands?.map((band) => (
        <path class="plain-chart-band" data-series={band.tone} d={bandPath(band, plot)}>
          <title>{band.label}</title>
        </path>
      ))}
      {data.series.map(({ tone, values }, index) =>
        data.kind === "line" ? (
          <path class="plain-chart-line" data-series={tone} d={linePath(values, plot)} />
        ) : (
          <path
            class="plain-chart-bars"
            data-series={tone}
            d={barsPath(values, plot, { place: index, of: data.series.length })}
          />
        ),
      )}
      {data.thresholds?.map(({ label, value, tone = "bad" }) => (
        <path
          class="plain-chart-threshold"
          data-tone={tone}
          d={typeof value === "number" ? `M0 ${round(plot.y(value))}H${PLOT_WIDTH}` : linePath(value, plot)}
        >
          <title>{label}</title>
        </path>
      ))}
      {data.markers
        ?.filter(({ at }) => at >= from && at <= to)
        .map(({ at, label }) => (
          <path class="plain-chart-marker" d={`M${round(plot.x(at))} 0V${PLOT_HEIGHT}`}>
            <title>{label}</title>
          </path>
        ))}
    </>
  );
}

/** What a picture says to those who do not see it: of each series the last, the lowest and the highest value. */
function describeChart(data: ChartData, label: string): string {
  const { unit, series } = data;
  if (!hasValues(data)) return `${label}. No values.`;
  const sentences = series.map(({ label: name, values }) => {
    const extent = extentOf(values);
    if (!extent) return `${name}: no values.`;
    const [last, low, high] = [values.findLast(isDrawn), extent.low, extent.high].map((value) =>
      formatInUnit(value, unit),
    );
    return `${name}: ${last} last, ${low} lowest, ${high} highest.`;
  });
  return [`${label}.`, ...sentences].join(" ");
}

/** A line in little, without scale: how a number went. Null values are gaps. */
export function Sparkline({
  label,
  values,
  tone = "main",
}: {
  label: string;
  values: (number | null)[];
  tone?: SeriesTone | undefined;
}) {
  const { low, high } = extentOf(values) ?? { low: 0, high: 0 };
  const plot: Plot = {
    times: values.map((_, index) => index),
    x: (index) => (values.length < 2 ? PLOT_WIDTH / 2 : (index / (values.length - 1)) * PLOT_WIDTH),
    y: (value) => (high === low ? PLOT_HEIGHT / 2 : PLOT_HEIGHT * (0.95 - (0.9 * (value - low)) / (high - low))),
    step: PLOT_WIDTH,
  };
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${PLOT_WIDTH} ${PLOT_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path class="plain-chart-line" data-series={tone} d={linePath(values, plot)} />
    </svg>
  );
}
