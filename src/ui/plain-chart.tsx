import { type ChartData, type ChartSeries, formatInUnit } from "./chart-data.ts";
import { formatUtc } from "./format.ts";

// The plot's own coordinates; it is stretched to the place it gets, lines keep their width.
const width = 1000;
const height = 200;

/** A chart without JavaScript: lines or bars, three gridlines, the first and the last time. */
export function PlainChart({ data, label }: { data: ChartData; label: string }) {
  const top = niceCeiling(
    Math.max(0, data.threshold?.value ?? 0, ...data.series.flatMap(({ values }) => values.map((value) => value ?? 0))),
  );
  const first = data.times[0];
  const last = data.times.at(-1);
  const upright = (value: number) => height - (value / top) * height;
  return (
    <div class="plain-chart">
      <div class="plain-chart-scale" aria-hidden="true">
        {[top, top / 2, 0].map((value) => (
          <span>{formatInUnit(value, data.unit)}</span>
        ))}
      </div>
      <svg
        class="plain-chart-plot"
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {[0, 0.5, 1].map((share) => (
          <path class="plain-chart-grid" d={`M0 ${share * height}H${width}`} />
        ))}
        {first !== undefined &&
          last !== undefined &&
          data.markers
            ?.filter(({ at }) => at >= first && at <= last)
            .map((marker) => (
              <path
                class="plain-chart-marker"
                d={`M${last === first ? 0 : round(((marker.at - first) / (last - first)) * width)} 0V${height}`}
              >
                <title>{marker.label}</title>
              </path>
            ))}
        {data.threshold && (
          <path class="plain-chart-threshold" d={`M0 ${round(upright(data.threshold.value))}H${width}`}>
            <title>{data.threshold.label}</title>
          </path>
        )}
        {data.series.map((series, index) =>
          data.kind === "line" ? (
            <path class="plain-chart-line" data-series={series.tone} d={linePath(series, data.times, upright)} />
          ) : (
            <path
              class="plain-chart-bars"
              data-series={series.tone}
              d={barsPath(series, index, data.series.length, upright)}
            />
          ),
        )}
      </svg>
      {first !== undefined && last !== undefined && (
        <p class="plain-chart-times" aria-hidden="true">
          <span>{formatUtc(first)}</span>
          <span>{formatUtc(last)}</span>
        </p>
      )}
    </div>
  );
}

/** A line in little, without scale: how a number went. Null values are gaps. */
export function Sparkline({
  label,
  values,
  tone = "main",
}: {
  label: string;
  values: (number | null)[];
  tone?: ChartSeries["tone"] | undefined;
}) {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  const upright = (value: number) => (span === 0 ? height / 2 : height * (0.95 - (0.9 * (value - low)) / span));
  const places = values.map((_, index) => index);
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path class="plain-chart-line" data-series={tone} d={linePath({ values }, places, upright)} />
    </svg>
  );
}

/** The pieces of a line between gaps; a value alone between gaps becomes a dot (a line of no length, with round ends). */
function linePath(
  { values }: Pick<ChartSeries, "values">,
  times: number[],
  upright: (value: number) => number,
): string {
  const first = times[0] ?? 0;
  const span = (times.at(-1) ?? 0) - first;
  let path = "";
  let open = false;
  for (const [index, value] of values.entries()) {
    const time = times[index];
    if (value === null || time === undefined || !Number.isFinite(value)) {
      open = false;
      continue;
    }
    const x = span === 0 ? width / 2 : ((time - first) / span) * width;
    const point = `${round(x)} ${round(upright(value))}`;
    path += open ? `L${point}` : `M${point}L${point}`;
    open = true;
  }
  return path;
}

function barsPath(
  { values }: ChartSeries,
  index: number,
  seriesCount: number,
  upright: (value: number) => number,
): string {
  const slot = width / Math.max(1, values.length);
  const bar = (slot * 0.8) / seriesCount;
  return values
    .map((value, place) => {
      if (value === null || value <= 0) return "";
      const left = place * slot + slot * 0.1 + index * bar;
      return `M${round(left)} ${height}V${round(upright(value))}H${round(left + bar)}V${height}Z`;
    })
    .join("");
}

/** The least of 1, 2, 2.5, 5 times a power of ten that is not below `value`; 1 for nothing. */
function niceCeiling(value: number): number {
  if (!Number.isFinite(value) || value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= value) ?? 10;
  return step * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
