import { type LiveChart, liveChart } from "./charts/live-chart.ts";

// Brings the charts of a page to life: those that it comes with, and those that a swap brings or changes.
const live = new Map<HTMLElement, LiveChart>();

function refresh(): void {
  for (const element of live.keys()) if (!element.isConnected) remove(element);
  for (const element of document.querySelectorAll<HTMLElement>("[data-chart]")) {
    const json = element.querySelector("script[type='application/json']")?.textContent;
    const present = live.get(element);
    if (!json || (present?.json === json && present.isIn(element))) continue;
    remove(element);
    const chart = liveChart(element, json);
    if (chart) live.set(element, chart);
  }
}

function remove(element: HTMLElement): void {
  live.get(element)?.destroy();
  live.delete(element);
}

function recolour(): void {
  for (const chart of live.values()) chart.recolour();
}

refresh();
// Swaps by htmx and by app.ts alike, whichever way they change the page.
new MutationObserver(refresh).observe(document.documentElement, { childList: true, subtree: true });
new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ["data-theme"] });
for (const feature of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(forced-colors: active)"]) {
  matchMedia(feature).addEventListener("change", recolour);
}
