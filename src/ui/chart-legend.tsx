import { type ChartData, eventsAt, formatInUnit } from "./chart-data.ts";
import { formatUtc } from "../lib/format.ts";

/**
 * Names the marks of a chart and says what they are worth at its last time; charts.js then says it for the time under the
 * cursor. Entries are in the order of the data: series, bands, thresholds.
 */
export function ChartLegend({ data, precision }: { data: ChartData; precision: "date" | "minutes" }) {
  const last = data.times.length - 1;
  const at = data.times[last];
  const words = (value: number | null | undefined) => formatInUnit(value, data.unit);
  const interval = (low: number | null, high: number | null) =>
    low === null && high === null ? words(null) : `${words(low)} to ${words(high)}`;
  return (
    <div class="chart-legend" data-chart-legend aria-atomic="true">
      <p class="chart-time" data-chart-time data-events={data.markers?.length ? "" : undefined}>
        {at === undefined ? "" : [formatUtc(at, precision), ...eventsAt(data, last)].join(" · ")}
      </p>
      <ul class="legend">
        {data.series.map(({ label, tone, values }) => (
          <Entry
            label={label}
            value={words(values[last])}
            series={tone}
            mark={data.kind === "bars" ? "area" : "line"}
          />
        ))}
        {data.bands?.map(({ label, tone, low, high }) => (
          <Entry label={label} value={interval(low[last] ?? null, high[last] ?? null)} series={tone} mark="band" />
        ))}
        {data.thresholds?.map(({ label, value, tone = "bad" }) => (
          <Entry
            label={label}
            value={words(typeof value === "number" ? value : value[last])}
            tone={tone}
            mark="threshold"
          />
        ))}
      </ul>
    </div>
  );
}

type EntryProps = {
  label: string;
  value: string;
  mark: "line" | "area" | "band" | "threshold";
  series?: string | undefined;
  tone?: string | undefined;
};

function Entry({ label, value, mark, series, tone }: EntryProps) {
  return (
    <li class="legend-entry" data-mark={mark} data-series={series} data-tone={tone}>
      <span class="legend-label">{label}</span> <span class="legend-value">{value}</span>
    </li>
  );
}
