import type uPlot from "uplot";
import { bandRuns, type ChartData } from "../../ui/chart-data.ts";
import type { ChartColours, ThresholdTone } from "./chart-colours.ts";

export const DASHES: Record<ThresholdTone, number[]> = { bad: [6, 4], warning: [2, 3], neutral: [2, 3] };

const LABEL_LENGTH_MAX = 24;
// Half the width of an interval that stands alone between gaps.
const ALONE = 4;

/** Calls `draw` with the canvas clipped to the plot and the room above it. */
function inPlot(plot: uPlot, draw: (ctx: CanvasRenderingContext2D, box: uPlot.BBox) => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - devicePixelRatio, 0, bbox.width + 2 * devicePixelRatio, bbox.top + bbox.height);
  ctx.clip();
  draw(ctx, bbox);
  ctx.restore();
}

function drawLine(ctx: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void {
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}

/** A line at zero, where a scale goes below it. */
export function drawZero(plot: uPlot, colours: ChartColours): void {
  const { min = 0, max = 0 } = plot.scales["y"] ?? {};
  if (min >= 0 || max <= 0) return;
  inPlot(plot, (ctx, { left, width }) => {
    const y = Math.round(plot.valToPos(0, "y", true)) + 0.5;
    ctx.strokeStyle = colours.zero;
    ctx.lineWidth = devicePixelRatio;
    drawLine(ctx, left, y, left + width, y);
  });
}

export function drawBands(plot: uPlot, { times, bands = [] }: ChartData, colours: ChartColours): void {
  const x = (at: number): number => plot.valToPos(at, "x", true);
  const y = (value: number): number => plot.valToPos(value, "y", true);
  inPlot(plot, (ctx) => {
    for (const band of bands) {
      ctx.fillStyle = colours.band[band.tone];
      for (const run of bandRuns(times, band)) {
        const [only] = run;
        ctx.beginPath();
        if (run.length === 1 && only) {
          ctx.rect(x(only.at) - ALONE, y(only.high), 2 * ALONE, y(only.low) - y(only.high));
        } else {
          for (const { at, high } of run) ctx.lineTo(x(at), y(high));
          for (const { at, low } of run.toReversed()) ctx.lineTo(x(at), y(low));
        }
        ctx.fill();
      }
    }
  });
}

/** Thresholds with one value for the whole time; uPlot draws the others as series. */
export function drawThresholds(plot: uPlot, { thresholds = [] }: ChartData, colours: ChartColours): void {
  inPlot(plot, (ctx, { left, width }) => {
    ctx.lineWidth = 1.5 * devicePixelRatio;
    for (const { value, tone = "bad" } of thresholds) {
      if (typeof value !== "number") continue;
      const y = Math.round(plot.valToPos(value, "y", true));
      ctx.strokeStyle = colours.threshold[tone];
      ctx.setLineDash(DASHES[tone].map((length) => length * devicePixelRatio));
      drawLine(ctx, left, y, left + width, y);
    }
  });
}

export function drawMarkers(plot: uPlot, { markers = [] }: ChartData, colours: ChartColours, font: string): void {
  inPlot(plot, (ctx, { left, top, width, height }) => {
    let free = left;
    ctx.lineWidth = devicePixelRatio;
    ctx.font = font;
    ctx.textBaseline = "bottom";
    ctx.textAlign = "left";
    for (const { at, label } of markers) {
      const x = Math.round(plot.valToPos(at, "x", true)) + 0.5;
      if (x < left - 1 || x > left + width + 1) continue;
      ctx.strokeStyle = colours.zero;
      ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      drawLine(ctx, x, top - 2 * devicePixelRatio, x, top + height);
      // A label that would overlap the one before is left out: the table has it.
      const text = label.length > LABEL_LENGTH_MAX ? `${label.slice(0, LABEL_LENGTH_MAX - 1)}…` : label;
      const room = ctx.measureText(text).width;
      const start = Math.max(left, Math.min(x - room / 2, left + width - room));
      if (start < free) continue;
      ctx.fillStyle = colours.marker;
      ctx.fillText(text, start, top - 4 * devicePixelRatio);
      free = start + room + 8 * devicePixelRatio;
    }
  });
}
