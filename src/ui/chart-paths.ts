import { bandRuns, type ChartBand, isDrawn } from "./chart-data.ts";

/** The plot's own coordinates; it is stretched to the place it gets, lines keep their width. */
export const PLOT_WIDTH = 1000;
export const PLOT_HEIGHT = 200;

/** Where things lie in a plot. */
export type Plot = {
  times: number[];
  x: (at: number) => number;
  y: (value: number) => number;
  /** The width that one of the times has. */
  step: number;
};

/** The pieces of a line between gaps; a value alone between gaps becomes a dot (a line of no length, with round ends). */
export function linePath(values: (number | null)[], { times, x, y }: Plot): string {
  let path = "";
  let open = false;
  for (const [index, value] of values.entries()) {
    const time = times[index];
    if (!isDrawn(value) || time === undefined) {
      open = false;
      continue;
    }
    const point = `${round(x(time))} ${round(y(value))}`;
    path += open ? `L${point}` : `M${point}L${point}`;
    open = true;
  }
  return path;
}

// A few bars must not become wide blocks.
const BAR_MAX = 60;

/** A bar for each value, up or down from zero, beside those of the other series at the same time. */
export function barsPath(
  values: (number | null)[],
  { times, x, y, step }: Plot,
  { place, of }: { place: number; of: number },
): string {
  const width = Math.min(BAR_MAX, (step * 0.8) / of);
  const base = round(y(0));
  return values
    .map((value, index) => {
      const time = times[index];
      if (!isDrawn(value) || value === 0 || time === undefined) return "";
      const left = x(time) - (width * of) / 2 + place * width;
      return `M${round(left)} ${base}V${round(y(value))}H${round(left + width)}V${base}Z`;
    })
    .join("");
}

// Half the width of an interval that stands alone between gaps.
const ALONE = 4;

/** The areas of a band between its gaps. */
export function bandPath(band: Pick<ChartBand, "low" | "high">, { times, x, y }: Plot): string {
  return bandRuns(times, band)
    .map((run) => {
      const [only] = run;
      if (run.length === 1 && only) {
        const [left, right, bottom] = [x(only.at) - ALONE, x(only.at) + ALONE, round(y(only.low))];
        return `M${round(left)} ${bottom}V${round(y(only.high))}H${round(right)}V${bottom}Z`;
      }
      const top = run.map(({ at, high }) => `${round(x(at))} ${round(y(high))}`);
      const bottom = run.toReversed().map(({ at, low }) => `${round(x(at))} ${round(y(low))}`);
      return `M${[...top, ...bottom].join("L")}Z`;
    })
    .join("");
}

/** To a tenth: finer than a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
