import uPlot from "uplot";
import { type ChartData, hasValues, timeSpan } from "../../ui/chart-data.ts";
import { chartColours } from "./chart-colours.ts";
import { bindKeys, showAll } from "./chart-keys.ts";
import { liveLegend } from "./live-legend.ts";
import { plotOptions } from "./plot-options.ts";
import { plotSeries } from "./plot-series.ts";

/** A chart that answers to pointer and keys, in the place of the picture that the server drew. */
export interface LiveChart {
  /** What it was made from. */
  json: string;
  /** False when something else has taken its place, such as a swap. */
  isIn: (element: HTMLElement) => boolean;
  /** Draws again with the colours of the present theme. */
  recolour: () => void;
  /** Puts the picture back. */
  destroy: () => void;
}

/** Chart id -> the time that was zoomed into, for a chart that comes back by a swap. */
const zooms = new Map<string, { min: number; max: number }>();

/** Brings the chart of `element` (src/ui/chart.tsx) to life; null, and nothing done, where it has no values. */
export function liveChart(element: HTMLElement, json: string): LiveChart | null {
  const data: ChartData = JSON.parse(json);
  const figure = element.closest("figure");
  const picture = element.querySelector<HTMLElement>(".plain-chart");
  if (!figure || !picture || !hasValues(data)) return null;
  const { times } = data;
  const span = timeSpan(data);
  const frame = frameIn(element, figure.querySelector(".chart-title")?.textContent ?? "Chart");
  picture.hidden = true;
  const say = liveLegend(figure, data, element.dataset.precision === "date" ? "date" : "minutes");
  let colours = chartColours(element);
  const size = () => ({ width: Math.max(1, frame.clientWidth), height: Math.max(1, frame.clientHeight) });
  const { hooks, ...options } = plotOptions(data, getComputedStyle(element).fontFamily, () => colours);
  const { series, values } = plotSeries(data, span.stepMs, () => colours);
  const reset = figure.querySelector<HTMLElement>("[data-chart-reset]");
  const noteZoom = ({ scales }: uPlot, key: string): void => {
    if (key !== "x") return;
    const { min = span.from, max = span.to } = scales["x"] ?? {};
    const isZoomed = min > span.from || max < span.to;
    if (reset) reset.hidden = !isZoomed;
    if (isZoomed) zooms.set(element.id, { min, max });
    else zooms.delete(element.id);
  };
  const zoom = zooms.get(element.id);
  const plot = new uPlot(
    {
      ...options,
      ...size(),
      series,
      hooks: { ...hooks, setCursor: [({ cursor }) => say(cursor.idx ?? times.length - 1)], setScale: [noteZoom] },
    },
    values,
    frame,
  );
  if (zoom && zoom.max > span.from && zoom.min < span.to) plot.setScale("x", zoom);
  bindKeys(frame, plot, times, span, say);
  readAloud(frame, figure.querySelector("[data-chart-legend]"));
  const endZoom = (): void => {
    showAll(plot, times);
    // The button disappears: whoever pressed it stays at the chart.
    frame.focus({ preventScroll: true });
  };
  reset?.addEventListener("click", endZoom);
  const sizes = new ResizeObserver(() => plot.setSize(size()));
  sizes.observe(frame);
  return {
    json,
    isIn: (place) => frame.parentNode === place,
    recolour: () => {
      colours = chartColours(element);
      plot.redraw(false);
    },
    destroy: () => {
      sizes.disconnect();
      reset?.removeEventListener("click", endZoom);
      plot.destroy();
      frame.remove();
      picture.hidden = false;
    },
  };
}

function frameIn(element: HTMLElement, title: string): HTMLElement {
  const frame = document.createElement("div");
  frame.className = "chart-live";
  frame.tabIndex = 0;
  frame.setAttribute("role", "application");
  frame.setAttribute("aria-roledescription", "chart");
  frame.setAttribute("aria-label", `${title}. Use the left and right arrow keys to read the values.`);
  element.append(frame);
  return frame;
}

/** While the keys move the cursor, a screen reader reads the legend. */
function readAloud(frame: HTMLElement, legend: Element | null): void {
  frame.addEventListener("focus", () => legend?.setAttribute("aria-live", "polite"));
  frame.addEventListener("blur", () => legend?.removeAttribute("aria-live"));
}
