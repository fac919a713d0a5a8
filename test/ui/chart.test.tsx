import { describe, expect, it } from "vitest";
import { Chart, jsonForScript } from "../../src/ui/chart.tsx";
import { type ChartData, formatInUnit } from "../../src/ui/chart-data.ts";
import { CHART_FILES } from "../../src/ui/chart-files.ts";
import { BarePage } from "../../src/ui/layout.tsx";
import { attribute, html, tags } from "./html.ts";

const hostile = `"><img src=x onerror=alert(1)></script>`;
const HOUR = 3_600_000;
const start = Date.parse("2026-11-22T10:00:00Z");

const data: ChartData = {
  kind: "line",
  unit: "number",
  times: [start, start + HOUR, start + 2 * HOUR],
  series: [{ label: hostile, tone: "main", values: [0, null, 2] }],
  bands: [{ label: "95% interval", tone: "main", low: [-1, null, 1.5], high: [0.5, null, 2.5] }],
  thresholds: [
    { label: "Drift from", value: 0.2 },
    { label: "Mean + 3σ", value: [null, 0.1, 0.3], tone: "neutral" },
  ],
  markers: [
    { at: start + 1.5 * HOUR, label: "v2" },
    { at: start + 2.5 * HOUR, label: "v3" },
    { at: start + 9 * HOUR, label: "v4" },
  ],
};

function rowsOf(markup: string): string[][] {
  return [...markup.matchAll(/<tr[^>]*>(.*?)<\/tr>/g)].map(([, row = ""]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = ""]) => cell.replaceAll(/<[^>]*>/g, "")),
  );
}

describe("a chart", () => {
  it("hands charts.ts what it was given, whatever the labels hold", async () => {
    const markup = await html(<Chart id="drift" title="Drift" data={data} />);
    const json = markup.match(/<script type="application\/json">(.*?)<\/script>/)?.[1] ?? "";
    expect(JSON.parse(json)).toEqual(data);
    expect(markup).not.toContain("<img");
    expect(jsonForScript("</script><!--")).not.toContain("<");
  });

  it("has the same numbers as a table in UTC: intervals, thresholds that move, and what happened", async () => {
    const [head, ...rows] = rowsOf(await html(<Chart id="drift" title="Drift" data={data} />));
    expect(head?.slice(2)).toEqual(["95% interval, low", "95% interval, high", "Mean + 3σ", "Event"]);
    expect(rows).toEqual([
      ["2026-11-22 10:00 UTC", "0", "-1", "0.5", "–", ""],
      ["2026-11-22 11:00 UTC", "–", "–", "–", "0.1", "v2"],
      ["2026-11-22 12:00 UTC", "2", "1.5", "2.5", "0.3", "v3"],
    ]);
  });

  it("keeps days of UTC as they are, which are other days elsewhere", async () => {
    const markup = await html(<Chart id="drift" title="Drift" data={data} precision="date" />);
    expect(rowsOf(markup)[1]?.[0]).toBe("2026-11-22");
    expect(markup).not.toContain("data-local");
  });

  it("names its marks with their latest values, in the order that charts.ts counts on", async () => {
    const markup = await html(<Chart id="drift" title="Drift" data={data} />);
    const legend = markup.match(/data-chart-legend.*?<\/ul>/)?.[0] ?? "";
    expect(legend).toContain("2026-11-22 12:00 UTC · v3</p>");
    expect([...legend.matchAll(/legend-value">([^<]*)</g)].map((match) => match[1])).toEqual([
      "2",
      "1.5 to 2.5",
      "0.2",
      "0.3",
    ]);
    expect(tags(legend, "li").map((tag) => [attribute(tag, "data-mark"), attribute(tag, "data-tone")])).toEqual([
      ["line", undefined],
      ["band", undefined],
      ["threshold", "bad"],
      ["threshold", "neutral"],
    ]);
  });

  it("offers its numbers as a file where there is one", async () => {
    const file = tags(await html(<Chart id="drift" title="Drift" data={data} csvHref="/drift.csv?a=1&b=2" />), "a");
    expect(file.map((tag) => attribute(tag, "href"))).toEqual(["/drift.csv?a=1&b=2"]);
    expect(tags(await html(<Chart id="drift" title="Drift" data={data} />), "a")).toEqual([]);
  });

  it("gives way when no series has a value, or says so itself", async () => {
    const nothing: ChartData = { ...data, times: [start], series: [{ label: "A", tone: "main", values: [null] }] };
    expect(await html(<Chart id="drift" title="Drift" data={nothing} empty={<p>No calls yet</p>} />)).toBe(
      "<p>No calls yet</p>",
    );
    expect(await html(<Chart id="drift" title="Drift" data={nothing} />)).toContain("No values in this time.");
    expect(await html(<Chart id="drift" title="Drift" data={{ ...data, times: [], series: [] }} />)).toContain(
      "No values in this time.",
    );
  });
});

describe("a page with charts", () => {
  it("loads what brings them to life before what is on all pages", async () => {
    const scripts = tags(await html(<BarePage title="Charts" assetVersion="7" {...CHART_FILES} />), "script");
    expect(scripts.map((tag) => attribute(tag, "src")).slice(2)).toEqual([
      "/static/charts.js?v=7",
      "/static/app.js?v=7",
    ]);
  });
});

describe("a value of a chart", () => {
  it("is said in its unit, below zero too", () => {
    expect(formatInUnit(1500, "ms")).toBe("1.5 s");
    expect(formatInUnit(-1500, "ms")).toBe("-1.5 s");
    expect(formatInUnit(-42_000_000, "bytes")).toBe("-42 MB");
    expect(formatInUnit(-0.25, "rate")).toBe("-25%");
    expect(formatInUnit(-0.00001, "rate")).toBe("> -0.1%");
    expect(formatInUnit(-1234, "count")).toBe("-1,234");
  });

  it("is a dash where there is none", () => {
    for (const value of [null, undefined, Number.NaN, Infinity]) expect(formatInUnit(value, "number")).toBe("–");
  });
});
