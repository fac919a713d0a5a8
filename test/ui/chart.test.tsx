import { describe, expect, it } from "vitest";
import { Chart, type ChartProps, jsonForScript } from "../../src/ui/chart.tsx";
import { type ChartData, formatInUnit } from "../../src/ui/chart-data.ts";
import { CHART_FILES } from "../../src/ui/chart-files.ts";
import { BarePage } from "../../src/ui/layout.tsx";
import { parsePage } from "../support/page-dom.ts";
import { html } from "./html.ts";

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

const draw = async (props: Partial<ChartProps> = {}) =>
  parsePage(await html(<Chart id="drift" title="Drift" data={data} {...props} />));

describe("a chart", () => {
  it("hands charts.ts what it was given, whatever the labels hold", async () => {
    const markup = await html(<Chart id="drift" title="Drift" data={data} />);
    expect(JSON.parse(parsePage(markup).css("#drift > script").source)).toEqual(data);
    expect(markup).not.toContain("<img");
    expect(jsonForScript("</script><!--")).not.toContain("<");
  });

  it("has the same numbers as a table in UTC: intervals, thresholds that move, and what happened", async () => {
    const table = (await draw()).byRole("table", "Drift");
    expect(table.css("thead").cells.slice(2)).toEqual([
      "95% interval, low",
      "95% interval, high",
      "Mean + 3σ",
      "Event",
    ]);
    expect(table.rows).toEqual([
      ["2026-11-22 10:00 UTC", "0", "-1", "0.5", "–", ""],
      ["2026-11-22 11:00 UTC", "–", "–", "–", "0.1", "v2"],
      ["2026-11-22 12:00 UTC", "2", "1.5", "2.5", "0.3", "v3"],
    ]);
  });

  it("keeps days of UTC as they are, which are other days elsewhere", async () => {
    const chart = await draw({ precision: "date" });
    expect(chart.rows[0]?.[0]).toBe("2026-11-22");
    expect(chart.all("[data-local]")).toEqual([]);
  });

  it("names its marks with their latest values, in the order that charts.ts counts on", async () => {
    const legend = (await draw()).css("[data-chart-legend]");
    expect(legend.css("p").text).toBe("2026-11-22 12:00 UTC · v3");
    const marks = legend
      .all("li")
      .map((mark) => [mark.css(".legend-value").text, mark.attribute("data-mark"), mark.attribute("data-tone")]);
    expect(marks).toEqual([
      ["2", "line", null],
      ["1.5 to 2.5", "band", null],
      ["0.2", "threshold", "bad"],
      ["0.3", "threshold", "neutral"],
    ]);
  });

  it("offers its numbers as a file where there is one", async () => {
    const file = (await draw({ csvHref: "/drift.csv?a=1&b=2" })).byRole("link");
    expect([file.text, file.href]).toEqual(["Download CSV: Drift", "/drift.csv?a=1&b=2"]);
    expect((await draw()).links).toEqual([]);
  });

  it("gives way when no series has a value, or says so itself", async () => {
    const nothing: ChartData = { ...data, times: [start], series: [{ label: "A", tone: "main", values: [null] }] };
    expect(await html(<Chart id="drift" title="Drift" data={nothing} empty={<p>No calls yet</p>} />)).toBe(
      "<p>No calls yet</p>",
    );
    for (const none of [nothing, { ...data, times: [], series: [] }])
      expect((await draw({ data: none })).text).toContain("No values in this time.");
  });
});

describe("a page with charts", () => {
  it("loads what brings them to life before what is on all pages", async () => {
    const page = parsePage(await html(<BarePage title="Charts" assetVersion="7" {...CHART_FILES} />));
    expect(
      page
        .all("script")
        .map((script) => script.attribute("src"))
        .slice(2),
    ).toEqual(["/static/charts.js?v=7", "/static/app.js?v=7"]);
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
