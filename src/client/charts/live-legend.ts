import type { ChartData } from "../../ui/chart-data.ts";
import { type LegendPrecision, legendTime, legendValues } from "../../ui/legend-words.ts";

/** A function that makes the legend of a figure say what the chart has at a time's index. */
export function liveLegend(figure: HTMLElement, data: ChartData, precision: LegendPrecision): (index: number) => void {
  const time = figure.querySelector("[data-chart-time]");
  const values = [...figure.querySelectorAll<HTMLElement>("[data-chart-legend] .legend-value")];
  const words = data.times.map((_, index) => legendValues(data, index));
  // As wide as the longest, so that entries stay where they are while the cursor moves.
  for (const [place, element] of values.entries()) {
    const longest = Math.max(...words.map((list) => list[place]?.length ?? 0));
    element.style.minInlineSize = `${longest}ch`;
  }
  return (index) => {
    if (time) write(time, legendTime(data, index, precision));
    for (const [place, element] of values.entries()) write(element, words[index]?.[place] ?? "–");
  };
}

/** Rewrites a text node and does not replace it, so that observers of the page's elements are not told. */
function write(element: Element, text: string): void {
  if (element.firstChild) element.firstChild.nodeValue = text;
  else element.textContent = text;
}
