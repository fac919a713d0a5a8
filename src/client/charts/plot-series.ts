import type uPlot from "uplot";
import { type ChartData, isDrawn } from "../../ui/chart-data.ts";
import type { ChartColours } from "./chart-colours.ts";
import { DASHES } from "./draw-marks.ts";

const BAR_WIDTH_MAX = 56;
// With more values in sight, the line has no dots.
const DOTS_MAX = 16;

const UNSEEN: uPlot.Series = { paths: () => null, points: { show: false, filter: () => null } };

type Values = (number | null)[];

/** What uPlot draws as series, with their values: the series, the edges of bands (for the scale alone), thresholds that move. */
export function plotSeries(
  { kind, times, series, bands = [], thresholds = [] }: ChartData,
  stepMs: number,
  colours: () => ChartColours,
): { series: uPlot.Series[]; values: uPlot.AlignedData } {
  const marks = series.map(({ tone, values }, place): [uPlot.Series, Values] => {
    const colour = (): string => colours().series[tone];
    const dash = tone === "challenger" ? [6, 3] : undefined;
    return [
      kind === "bars" ? bars(place, series.length, stepMs, colour) : line(values, colour, 1.75, dash, true),
      values,
    ];
  });
  const edges = bands.flatMap(({ low, high }): [uPlot.Series, Values][] => [
    [UNSEEN, low],
    [UNSEEN, high],
  ]);
  const moving = thresholds.flatMap(({ value, tone = "bad" }): [uPlot.Series, Values][] => {
    if (typeof value === "number") return [];
    return [[line(value, () => colours().threshold[tone], 1.5, DASHES[tone]), value]];
  });
  const all = [...marks, ...edges, ...moving];
  return { series: [{}, ...all.map(([look]) => look)], values: [times, ...all.map(([, values]) => values)] };
}

/** A line; dots where they are few, and where a value stands alone between gaps. */
function line(values: Values, stroke: () => string, width: number, dash?: number[], hasDots = false): uPlot.Series {
  const alone = [...values.keys()].filter(
    (index) => isDrawn(values[index]) && !isDrawn(values[index - 1]) && !isDrawn(values[index + 1]),
  );
  return {
    stroke,
    width,
    ...(dash && { dash }),
    points: {
      show: (_plot, _series, from, to) => hasDots && to - from < DOTS_MAX,
      filter: (_plot, _series, isShown) => (isShown ? null : alone),
      size: 5,
      width: 0,
      fill: stroke,
    },
  };
}

/** A bar for each value, up or down from zero, beside those of the other series at the same time. */
function bars(place: number, of: number, stepMs: number, colour: () => string): uPlot.Series {
  const paths: uPlot.Series.PathBuilder = (plot, series, from, to) => {
    const fill = new Path2D();
    const [times] = plot.data;
    const x = (at: number): number => plot.valToPos(at, "x", true);
    const [first = 0] = times;
    const step = x(first + stepMs) - x(first);
    const width = Math.min(BAR_WIDTH_MAX * devicePixelRatio, Math.max(1, (step * 0.8) / of));
    const gap = width > 6 ? 1 : 0;
    const base = plot.valToPos(0, "y", true);
    for (let index = from; index <= to; index += 1) {
      const at = times[index];
      const value = plot.data[series]?.[index];
      if (!isDrawn(value) || at === undefined) continue;
      const end = plot.valToPos(value, "y", true);
      const left = x(at) - (width * of) / 2 + place * width;
      fill.rect(left, Math.min(base, end), width - gap, Math.abs(base - end));
    }
    return { fill, stroke: null, clip: null, band: null, flags: 0 };
  };
  return { ...UNSEEN, fill: colour, stroke: colour, width: 0, paths };
}
