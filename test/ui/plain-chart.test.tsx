import { describe, expect, it } from "vitest";
import type { ChartData } from "../../src/ui/chart-data.ts";
import { PlainChart, Sparkline } from "../../src/ui/plain-chart.tsx";
import { type PagePart, parsePage } from "../support/page-dom.ts";
import { html } from "./html.ts";

// The plot is 1000 wide and 200 high; paths below were worked out by hand from that.
const line: ChartData = {
  kind: "line",
  unit: "number",
  times: [0, 1000, 2000, 3000, 4000],
  series: [{ label: "Main", tone: "main", values: [0, 1, null, 2, 0.5] }],
  thresholds: [{ label: "Drift", value: 0.2 }],
};

function paths(chart: PagePart, className: string): (string | null)[] {
  return chart.all(`path[class="${className}"]`).map((path) => path.attribute("d"));
}

const scale = (chart: PagePart) => chart.all(".plain-chart-scale > span").map(({ text }) => text);

const markupOf = (data: Partial<ChartData>) => html(<PlainChart data={{ ...line, ...data }} label="Drift" />);
const draw = async (data: Partial<ChartData>) => parsePage(await markupOf(data));

describe("a chart without JavaScript", () => {
  it("draws a gap where a value is missing", async () => {
    // Scale 0 to 2: 1 lies half way, 0.5 three quarters down.
    expect(paths(await draw({}), "plain-chart-line")).toEqual(["M0 200L0 200L250 100M750 0L750 0L1000 150"]);
  });

  it("has room below zero for what is negative, and zero where it belongs", async () => {
    const chart = await draw({ series: [{ label: "Main", tone: "main", values: [-1, 1, null, 0, -2] }] });
    // Scale -2 to 1: a third of 200 is 66.7.
    expect(scale(chart)).toEqual(["1", "0", "-1", "-2"]);
    expect(paths(chart, "plain-chart-line")).toEqual(["M0 133.3L0 133.3L250 0M750 66.7L750 66.7L1000 200"]);
    expect(paths(chart, "plain-chart-grid is-zero")).toEqual(["M0 66.7H1000"]);
  });

  it("lets bars go up and down from zero, side by side", async () => {
    const chart = await draw({
      kind: "bars",
      times: [0, 1000],
      series: [{ label: "Main", tone: "main", values: [1, -1] }],
      thresholds: [],
    });
    // Half a step of room on both sides: bars at 250 and 750, 60 wide at most.
    expect(paths(chart, "plain-chart-bars")).toEqual(["M220 100V0H280V100ZM720 100V200H780V100Z"]);
  });

  it("puts a single point in the middle", async () => {
    const chart = await draw({ times: [5000], series: [{ label: "Main", tone: "main", values: [2] }] });
    expect(paths(chart, "plain-chart-line")).toEqual(["M500 0L500 0"]);
    expect(chart.text.split("1970-01-01 00:00 UTC")).toHaveLength(2);
  });

  it("draws two points from edge to edge", async () => {
    const chart = await draw({ times: [0, 10], series: [{ label: "Main", tone: "main", values: [2, 1] }] });
    expect(paths(chart, "plain-chart-line")).toEqual(["M0 0L0 0L1000 100"]);
  });

  it("draws a thousand points, whatever they are, without a number that is none", async () => {
    const times = Array.from({ length: 1000 }, (_, index) => index * 60_000);
    for (const value of [0, 7, -7, 1e-12, 1e300, -1e300, null, Number.NaN, Infinity]) {
      for (const kind of ["line", "bars"] as const) {
        const values = times.map(() => value);
        const markup = await markupOf({ kind, times, series: [{ label: "Main", tone: "main", values }] });
        expect(markup).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
  });

  it("gives equal values a scale that shows them", async () => {
    const values = [7, 7, 7, 7, 7];
    expect(scale(await draw({ series: [{ label: "Main", tone: "main", values }] }))).toEqual(["8", "6", "4", "2", "0"]);
    const near = await draw({ scale: "data", thresholds: [], series: [{ label: "Main", tone: "main", values }] });
    expect(scale(near)).toEqual(["7.4", "7.2", "7.0", "6.8", "6.6"]);
  });

  it("shows an empty scale and no line where all is missing, or there is no time at all", async () => {
    const values = [null, null, null, null, null];
    const missing = await draw({ thresholds: [], series: [{ label: "Main", tone: "main", values }] });
    expect(paths(missing, "plain-chart-line")).toEqual([""]);
    expect(missing.has("img", "Drift. No values.")).toBe(true);
    expect(await markupOf({ times: [], series: [{ label: "Main", tone: "main", values: [] }] })).not.toMatch(
      /NaN|Infinity/,
    );
  });

  it("fills intervals between their gaps, also one that stands alone", async () => {
    const chart = await draw({
      bands: [{ label: "Interval", tone: "main", low: [0, 1, null, 0, null], high: [1, 2, null, 1, 2] }],
    });
    expect(paths(chart, "plain-chart-band")).toEqual(["M0 100L250 0L250 100L0 200ZM746 200V100H754V200Z"]);
  });

  it("makes room for the ends of intervals and for thresholds", async () => {
    const tall = await draw({ bands: [{ label: "I", tone: "main", low: [0], high: [7] }] });
    expect(scale(tall)[0]).toBe("8");
    expect(scale(await draw({ thresholds: [{ label: "T", value: 30 }] }))[0]).toBe("30");
  });

  it("draws thresholds across, or along with the time", async () => {
    const chart = await draw({
      thresholds: [
        { label: "Drift", value: 1 },
        { label: "Mean + 3σ", value: [null, 1, 2, 2, 2], tone: "neutral" },
      ],
    });
    expect(paths(chart, "plain-chart-threshold")).toEqual(["M0 100H1000", "M250 100L250 100L500 0L750 0L1000 0"]);
  });

  it("draws markers in its time, and the one in the step that has just begun, but none from another time", async () => {
    const chart = await draw({
      markers: [
        { at: -9000, label: "v1" },
        { at: 2500, label: "v2" },
        { at: 4999, label: "v3" },
        { at: 9000, label: "v4" },
      ],
    });
    // 0 to 4999: 2500 lies half way.
    expect(paths(chart, "plain-chart-marker")).toEqual(["M500.1 0V200", "M1000 0V200"]);
  });

  it("tells those who do not see it the last, the lowest and the highest value", async () => {
    expect((await draw({})).has("img", "Drift. Main: 0.5 last, 0 lowest, 2 highest.")).toBe(true);
  });
});

describe("a sparkline", () => {
  it("draws anything, a single value and none at all included", async () => {
    const d = async (values: (number | null)[]) =>
      paths(parsePage(await html(<Sparkline label="Calls" values={values} />)), "plain-chart-line")[0];
    // Five hundredths of room above and below.
    expect(await d([0, null, 5, 10])).toBe("M0 190L0 190M666.7 100L666.7 100L1000 10");
    expect(await d([3])).toBe("M500 100L500 100");
    expect(await d([])).toBe("");
    expect(await d([null, Number.NaN])).toBe("");
  });
});
