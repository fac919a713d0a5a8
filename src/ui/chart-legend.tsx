import type { ChartData } from "./chart-data.ts";
import { type LegendPrecision, legendTime, legendValues } from "./legend-words.ts";

/**
 * Names the marks of a chart and gives their values at its last time; charts.ts then gives those at the time under the cursor. Entries
 * are in the order of legendValues.
 */
export function ChartLegend({ data, precision }: { data: ChartData; precision: LegendPrecision }) {
  const { kind, times, series, bands = [], thresholds = [], markers } = data;
  const last = times.length - 1;
  const values = legendValues(data, last);
  const entries: Omit<EntryProps, "value">[] = [
    ...series.map(({ label, tone }) => ({ label, series: tone, mark: kind === "bars" ? "area" : "line" }) as const),
    ...bands.map(({ label, tone }) => ({ label, series: tone, mark: "band" }) as const),
    ...thresholds.map(({ label, tone = "bad" }) => ({ label, tone, mark: "threshold" }) as const),
  ];
  return (
    <div class="chart-legend" data-chart-legend aria-atomic="true">
      <p class="chart-time" data-chart-time data-events={markers?.length ? "" : undefined}>
        {legendTime(data, last, precision)}
      </p>
      <ul class="legend">
        {entries.map((entry, place) => (
          <Entry {...entry} value={values[place] ?? "–"} />
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
