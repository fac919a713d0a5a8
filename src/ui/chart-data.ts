import { formatBytes, formatCount, formatDuration, formatNumber, formatPercent } from "./format.ts";
import type { SeriesTone } from "./tone.ts";

export type ChartUnit = "number" | "count" | "ms" | "bytes" | "rate";

export type ChartSeries = { label: string; tone: SeriesTone; values: (number | null)[] };

/** What charts.js reads from a chart's JSON. */
export type ChartData = {
  kind: "line" | "bars";
  unit: ChartUnit;
  /** UTC ms, ascending; every series has one value (null: none) for each. */
  times: number[];
  series: ChartSeries[];
  /** A dashed line across, such as where drift begins. */
  threshold?: { value: number; label: string };
  /** Upright lines, such as version switches. */
  markers?: { at: number; label: string }[];
};

/** A chart's value in words; null and undefined are an en dash. */
export function formatInUnit(value: number | null | undefined, unit: ChartUnit): string {
  if (value === null || value === undefined) return "–";
  switch (unit) {
    case "count":
      return formatCount(value);
    case "ms":
      return formatDuration(value);
    case "bytes":
      return formatBytes(value);
    case "rate":
      return formatPercent(value);
    case "number":
      return formatNumber(value);
  }
}
