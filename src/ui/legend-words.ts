import { type ChartData, eventsAt, formatInUnit } from "./chart-data.ts";
import { formatUtc } from "../lib/format.ts";

/** Of times on a chart: "date" for steps of a day or more. */
export type LegendPrecision = "date" | "minutes";

/** What a chart's legend says at one of its times, in the order of its entries: series, bands, thresholds. */
export function legendValues({ unit, series, bands = [], thresholds = [] }: ChartData, index: number): string[] {
  const words = (value: number | null | undefined): string => formatInUnit(value, unit);
  return [
    ...series.map(({ values }) => words(values[index])),
    ...bands.map(({ low, high }) =>
      isGap(low[index]) && isGap(high[index]) ? words(null) : `${words(low[index])} to ${words(high[index])}`,
    ),
    ...thresholds.map(({ value }) => words(typeof value === "number" ? value : value[index])),
  ];
}

/** The time, and the events between it and the next one: "2026-11-22 12:00 UTC · v3". Empty for a chart without times. */
export function legendTime(data: ChartData, index: number, precision: LegendPrecision): string {
  const at = data.times[index];
  return at === undefined ? "" : [formatUtc(at, precision), ...eventsAt(data, index)].join(" · ");
}

function isGap(value: number | null | undefined): boolean {
  return value === null || value === undefined;
}
