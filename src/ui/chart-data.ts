import { formatBytes, formatCount, formatDuration, formatNumber, formatPercent } from "../lib/format.ts";
import { HOUR_MS } from "../lib/time.ts";
import type { SeriesTone, Tone } from "./tone.ts";

export type ChartUnit = "number" | "count" | "ms" | "bytes" | "rate";

export type ChartSeries = { label: string; tone: SeriesTone; values: (number | null)[] };

/** An interval around a series, filled from `low` to `high`; null on either side is a gap. */
export type ChartBand = { label: string; tone: SeriesTone; low: (number | null)[]; high: (number | null)[] };

export type ChartThreshold = {
  label: string;
  /** One number for the whole time, or one for each of the chart's times. */
  value: number | (number | null)[];
  /** "bad" unless told. Beside another threshold, "neutral" or "warning" tells them apart; dashes differ too. */
  tone?: Extract<Tone, "bad" | "warning" | "neutral"> | undefined;
};

/** What charts.ts reads from a chart's JSON. */
export type ChartData = {
  kind: "line" | "bars";
  unit: ChartUnit;
  /** UTC ms, ascending; every list of values has one (null: none) for each. */
  times: number[];
  series: ChartSeries[];
  bands?: ChartBand[] | undefined;
  /** Dashed lines across, such as where drift begins. */
  thresholds?: ChartThreshold[] | undefined;
  /** Upright lines, such as version switches. */
  markers?: { at: number; label: string }[] | undefined;
  /** "data" lets the scale begin near the smallest value, for lines far from zero; else it has its zero. */
  scale?: "zero" | "data" | undefined;
};

/** A chart's value in words; null, undefined and what is not finite are an en dash. */
export function formatInUnit(value: number | null | undefined, unit: ChartUnit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  // Durations and sizes have no words below zero, but a difference of two has.
  if (value < 0) return `-${formatInUnit(-value, unit)}`.replace("-< ", "> -");
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

/** False where a chart would be empty. */
export function hasValues({ series }: ChartData): boolean {
  return series.some(({ values }) => values.some(isDrawn));
}

/** What can be drawn: neither a gap nor, say, a division by zero. */
export function isDrawn(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** The lowest and highest of all that a chart draws, thresholds and bands included; null for nothing. */
export function valueExtent({ series, bands = [], thresholds = [] }: ChartData): { low: number; high: number } | null {
  const lists = [
    ...series.map(({ values }) => values),
    ...bands.flatMap(({ low, high }) => [low, high]),
    ...thresholds.map(({ value }) => (typeof value === "number" ? [value] : value)),
  ];
  return extentOf(lists.flat());
}

/** The lowest and the highest of values; null without any. */
export function extentOf(values: (number | null)[]): { low: number; high: number } | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!isDrawn(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? null : { low, high };
}

/** The intervals of a band from gap to gap, so that each list is one area. */
export function bandRuns(
  times: number[],
  { low, high }: Pick<ChartBand, "low" | "high">,
): { at: number; low: number; high: number }[][] {
  const runs: { at: number; low: number; high: number }[][] = [[]];
  for (const [index, at] of times.entries()) {
    const [bottom, top] = [low[index], high[index]];
    if (isDrawn(bottom) && isDrawn(top)) runs.at(-1)?.push({ at, low: bottom, high: top });
    else runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

/**
 * The time from left to right. Bars and a single point get half a step of room on both sides; a marker up to a step
 * before the first or behind the last time is in it, because a switch may fall into the step that has just begun.
 */
export function timeSpan({ kind, times, markers = [] }: Pick<ChartData, "kind" | "times" | "markers">): {
  from: number;
  to: number;
  /** Between neighbouring times where they are nearest; an hour where there are no two. */
  stepMs: number;
} {
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? first;
  let stepMs = Infinity;
  for (let index = 1; index < times.length; index += 1) {
    const distance = (times[index] ?? 0) - (times[index - 1] ?? 0);
    if (distance > 0) stepMs = Math.min(stepMs, distance);
  }
  if (stepMs === Infinity) stepMs = HOUR_MS;
  const room = kind === "bars" || first === last ? stepMs / 2 : 0;
  const near = markers.map(({ at }) => at).filter((at) => at > first - stepMs && at < last + stepMs);
  return { from: Math.min(first - room, ...near), to: Math.max(last + room, ...near), stepMs };
}

/** Labels of the markers from a time up to the next one; the first and the last time have those beyond, as far as drawn. */
export function eventsAt(data: ChartData, index: number): string[] {
  const { from, to } = timeSpan(data);
  const start = index === 0 ? from : (data.times[index] ?? to);
  const end = data.times[index + 1] ?? Infinity;
  return (data.markers ?? []).filter(({ at }) => at >= start && at < end && at <= to).map(({ label }) => label);
}
