import uPlot from "uplot";
import { type ChartData, extentOf, timeSpan } from "../../ui/chart-data.ts";
import { chartScale, formatTick } from "../../ui/chart-scale.ts";
import type { ChartColours } from "./chart-colours.ts";
import { drawBands, drawMarkers, drawThresholds, drawZero } from "./draw-marks.ts";
import { TIME_STEPS_MS, timeTicks } from "./time-ticks.ts";

const FONT_PX = 11;

/** How uPlot draws a chart: its axes and scales, the cursor, and what is beside the series. */
export function plotOptions(
  data: ChartData,
  fontFamily: string,
  colours: () => ChartColours,
): Omit<uPlot.Options, "width" | "height" | "series"> {
  const font = (pixels: number): string => `${pixels}px ${fontFamily}`;
  const canvasFont = (): string => font(FONT_PX * devicePixelRatio);
  const axis: uPlot.Axis = { font: font(FONT_PX), stroke: () => colours().axis, ticks: { show: false } };
  return {
    ms: 1,
    tzDate: (at) => uPlot.tzDate(new Date(at), "UTC"),
    legend: { show: false },
    padding: [data.markers?.length ? 20 : 8, 20, 0, 2],
    cursor: {
      y: false,
      drag: { x: true, y: false, dist: 5 },
      points: {
        ...(data.kind === "bars" && { show: false }),
        size: 8,
        width: 2,
        fill: (_plot, index) => {
          const series = data.series[index - 1];
          return series ? colours().series[series.tone] : "transparent";
        },
        stroke: (_plot, index) => (index <= data.series.length ? colours().surface : "transparent"),
      },
    },
    ...scalesAndAxes(data, axis, () => colours().grid, canvasFont),
    hooks: {
      drawAxes: [(plot) => drawZero(plot, colours()), (plot) => drawBands(plot, data, colours())],
      draw: [
        (plot) => drawThresholds(plot, data, colours()),
        (plot) => drawMarkers(plot, data, colours(), canvasFont()),
      ],
    },
  };
}

function scalesAndAxes(
  data: ChartData,
  axis: uPlot.Axis,
  gridColour: () => string,
  canvasFont: () => string,
): Pick<uPlot.Options, "scales" | "axes"> {
  const { times, unit, thresholds = [] } = data;
  const { from, to, stepMs } = timeSpan(data);
  const constant = thresholds.flatMap(({ value }) => (typeof value === "number" ? [value] : []));
  const scaleOf = (low: number | null, high: number | null) =>
    chartScale(extentOf([low, high, ...constant]), unit, data.kind === "bars" ? "zero" : data.scale);
  let scale = scaleOf(null, null);
  /** At least two steps wide, and within what there is. */
  const rangeX: uPlot.Range.Function = (_plot, min, max) => {
    if (min === times[0] && max === times.at(-1)) return [from, to];
    const half = Math.min((to - from) / 2, Math.max((max - min) / 2, stepMs));
    const middle = Math.min(to - half, Math.max(from + half, (min + max) / 2));
    return [middle - half, middle + half];
  };
  const rangeY: uPlot.Range.Function = (_plot, min, max) => {
    scale = scaleOf(min, max);
    return [scale.low, scale.high];
  };
  const widest: Exclude<uPlot.Axis.Size, number> = (plot, labels) => {
    plot.ctx.font = canvasFont();
    const widths = (labels ?? []).map((label) => plot.ctx.measureText(label).width);
    return Math.ceil(Math.max(0, ...widths) / devicePixelRatio) + 10;
  };
  return {
    scales: { x: { range: rangeX }, y: { range: rangeY } },
    axes: [
      {
        ...axis,
        size: 36,
        gap: 6,
        space: 72,
        // Never finer than the data: between its times there is nothing.
        incrs: TIME_STEPS_MS.filter((step) => step >= stepMs * 0.99),
        grid: { show: false },
        values: (_plot, splits, _axis, _space, step) => timeTicks(splits, step),
      },
      {
        ...axis,
        gap: 8,
        grid: { stroke: gridColour, width: 1 },
        size: widest,
        splits: () => scale.ticks,
        values: (_plot, splits) => splits.map((tick) => formatTick(tick, scale, unit)),
      },
    ],
  };
}
