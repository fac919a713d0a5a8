import { describe, expect, it } from "vitest";
import { DistributionChart, type DistributionChartProps } from "../../src/ui/distribution-chart.tsx";
import { type PagePart, parsePage } from "../support/page-dom.ts";
import { html } from "./html.ts";

const numbers: DistributionChartProps = {
  id: "age",
  title: "Age",
  bins: { kind: "numbers", edges: [0, 10, 20] },
  series: [
    { label: "Reference", tone: "reference", counts: [300, 100] },
    { label: "Current", tone: "main", counts: [1, 2], missing: 3, above: 4 },
  ],
};

const categories: DistributionChartProps = {
  id: "city",
  title: "City",
  bins: { kind: "categories", names: ["Paris", "Rome"] },
  series: [
    { label: "Reference", tone: "reference", counts: [75, 25] },
    { label: "Current", tone: "main", counts: [5, 10], unseen: 4, missing: 1 },
  ],
};

const draw = async (props: DistributionChartProps) => parsePage(await html(<DistributionChart {...props} />));
const texts = (chart: PagePart, selector: string) => chart.all(selector).map(({ text }) => text);

describe("a distribution of numbers", () => {
  it("lays the current rows as an outline over the reference, in shares of each one's own rows", async () => {
    const chart = await draw(numbers);
    const outlines = chart.all('path[class^="distribution-"]');
    // Reference 0.75 and 0.25, current 0.1 and 0.2 (of ten rows); the scale ends at 80%, the plot is 1000 by 200.
    expect(outlines.map((path) => [path.attribute("class"), path.attribute("d")])).toEqual([
      ["distribution-area", "M0 200V12.5H500V137.5H1000V200"],
      ["distribution-outline", "M0 200V175H500V150H1000V200"],
    ]);
    expect(chart.text).toContain("Reference, 400 rows");
    expect(texts(chart, "title")).toContain("10 to 20: Reference 25% (100), Current 20% (2)");
  });

  it("names the edges, the last one always", async () => {
    const edges = Array.from({ length: 20 }, (_, index) => index * 5);
    const counts = edges.slice(1).map(() => 1);
    const series = [{ label: "Reference", tone: "reference" as const, counts }];
    const chart = await draw({ ...numbers, bins: { kind: "numbers", edges }, series });
    expect(texts(chart, "text")).toEqual(["0", "15", "30", "45", "60", "75", "95"]);
  });

  it("sets apart what is out of range and missing, where there is some", async () => {
    const names = async (props: DistributionChartProps) => texts(await draw(props), '[class$="apart-name"]');
    expect(await names(numbers)).toEqual(["above 20", "(missing)"]);
    const below = [{ label: "Current", tone: "main" as const, counts: [1, 1], below: 1 }];
    expect(await names({ ...numbers, series: below })).toEqual(["below 0"]);
  });

  it("has all of it as a table, none included", async () => {
    expect((await draw(numbers)).rows).toEqual([
      ["below 0", "0", "0%", "0", "0%"],
      ["0 to 10", "300", "75%", "1", "10%"],
      ["10 to 20", "100", "25%", "2", "20%"],
      ["above 20", "0", "0%", "4", "40%"],
      ["(missing)", "0", "0%", "3", "30%"],
    ]);
  });

  it("draws a reference without any value, and series without any row", async () => {
    const nothing = [{ label: "Reference", tone: "reference" as const, counts: [], missing: 5 }];
    const chart = await draw({ ...numbers, bins: { kind: "numbers", edges: [] }, series: nothing });
    expect(chart.rows).toEqual([["(missing)", "5", "100%"]]);
    const empty = [{ label: "Reference", tone: "reference" as const, counts: [0, 0] }];
    expect(await html(<DistributionChart {...numbers} series={empty} />)).not.toMatch(/NaN|Infinity/);
    expect(await html(<DistributionChart {...numbers} series={empty} empty={<p>No rows yet</p>} />)).toBe(
      "<p>No rows yet</p>",
    );
  });
});

describe("a distribution of categories", () => {
  it("has a bar for each series and category, the longest filling the width", async () => {
    const bars = (await draw(categories)).all("rect.histogram-bar");
    // Shares .75 .25 (Paris), .25 .5 (Rome), 0 .2 (unseen), 0 .05 (missing), over .75.
    expect(bars.map((bar) => bar.attribute("width"))).toEqual([
      "100%",
      "33.33%",
      "33.33%",
      "66.67%",
      "0%",
      "26.67%",
      "0%",
      "6.67%",
    ]);
  });

  it("sets apart what the reference does not know and what is missing", async () => {
    const chart = await draw(categories);
    expect(texts(chart, ".distribution-name")).toEqual(["Paris", "Rome", "(unseen)", "(missing)"]);
    const rows = chart.all("li.distribution-row");
    expect(rows.map((row) => row.attribute("data-apart"))).toEqual([null, null, "first", ""]);
    const known = await draw({ ...categories, series: categories.series.slice(0, 1) });
    expect(texts(known, ".distribution-name")).toEqual(["Paris", "Rome"]);
  });

  it("draws those of many that matter in either series, and counts the others together", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `C${index}`);
    const reference = names.map((_, index) => 40 - index);
    const current = names.map((_, index) => (index === 35 ? 50 : 1));
    const chart = await draw({
      ...categories,
      bins: { kind: "categories", names },
      series: [
        { label: "Reference", tone: "reference", counts: reference },
        { label: "Current", tone: "main", counts: current },
      ],
    });
    expect(texts(chart, ".distribution-name")).toEqual([
      "C0",
      "C1",
      "C2",
      "C3",
      "C4",
      "C5",
      "C6",
      "C7",
      "C8",
      "C9",
      "C35",
      "29 other categories",
    ]);
    // 820 - (40 + 39 + … + 31) - 5 = 460 of 820 rows: 56.1%; 29 of 89: 32.6%.
    const others = chart.all("li").at(-1);
    expect(others?.attribute("title")).toBe("29 other categories: Reference 56.1% (460), Current 32.6% (29)");
    expect(chart.rows).toHaveLength(42);
  });

  it("shows nothing of what names hold but their text", async () => {
    const names = [`"><img src=x onerror=alert(1)>`, "Rome"];
    expect(await html(<DistributionChart {...categories} bins={{ kind: "categories", names }} />)).not.toContain(
      "<img",
    );
  });
});
