import { describe, expect, it } from "vitest";
import { StatusBadge } from "../../src/ui/badge.tsx";
import { BarList } from "../../src/ui/bar-list.tsx";
import { ConfirmDialog, ConfirmLink } from "../../src/ui/confirm.tsx";
import { Histogram } from "../../src/ui/histogram.tsx";
import { MenuAction, MenuLink, RowMenu } from "../../src/ui/menu.tsx";
import { Pagination } from "../../src/ui/pagination.tsx";
import { ReportList, reportSummary } from "../../src/ui/report-list.tsx";
import { type Column, Table } from "../../src/ui/table.tsx";
import { Timestamp } from "../../src/ui/time.tsx";
import { attribute, html, tags } from "./html.ts";

type Row = { name: string; calls: number };
const columns: Column<Row>[] = [
  { key: "name", header: "Name", primary: true, sortable: true, cell: (row) => row.name },
  { key: "calls", header: "Calls", align: "end", sortable: true, cell: (row) => row.calls },
];
const hostile = `"><img src=x onerror=alert(1)></script>`;

describe("a table", () => {
  it("says how it is sorted, and its links sort the other way or anew", async () => {
    const markup = await html(
      <Table
        caption="Deployments"
        columns={columns}
        rows={[{ name: "A", calls: 1 }]}
        sort={{ key: "name", direction: "ascending" }}
        sortHref={(key, direction) => `?${key}=${direction}`}
      />,
    );
    expect(
      tags(markup, "th")
        .slice(0, 2)
        .map((tag) => attribute(tag, "aria-sort")),
    ).toEqual(["ascending", undefined]);
    expect(tags(markup, "a").map((tag) => attribute(tag, "href"))).toEqual(["?name=descending", "?calls=ascending"]);
  });

  it("labels each fact for stacked rows and escapes what rows hold", async () => {
    const markup = await html(<Table caption="Deployments" columns={columns} rows={[{ name: hostile, calls: 12 }]} />);
    expect(attribute(tags(markup, "td")[0], "data-label")).toBe("Calls");
    expect(markup).not.toContain("<img");
  });

  it("gives way to the empty state when it has no rows", async () => {
    expect(await html(<Table caption="Deployments" columns={columns} rows={[]} empty={<p>Nothing yet</p>} />)).toBe(
      "<p>Nothing yet</p>",
    );
  });
});

describe("menus and dialogs", () => {
  it("open by their button, without JavaScript", async () => {
    const markup = await html(
      <RowMenu id="menu-1" label="Actions for A">
        <MenuLink href="/a/delete" danger dialog="delete-a">
          Delete
        </MenuLink>
        <MenuAction action="/a/promote">Promote</MenuAction>
      </RowMenu>,
    );
    expect(attribute(tags(markup, "button")[0], "popovertarget")).toBe("menu-1");
    expect(attribute(tags(markup, "button")[0], "aria-label")).toBe("Actions for A");
    expect(tags(markup, "div").find((tag) => attribute(tag, "id") === "menu-1")).toContain('popover="auto"');
    expect(attribute(tags(markup, "form")[0], "method")).toBe("post");
  });

  it("lead to a page of their own where there is no JavaScript", async () => {
    const markup = await html(
      <>
        <ConfirmLink dialog="delete-a" href="/a/delete">
          Delete
        </ConfirmLink>
        <ConfirmDialog id="delete-a" title="Delete A?" action="/a/delete" name="A" verb="Delete" cancelHref="/a" />
      </>,
    );
    const link = tags(markup, "a")[0];
    expect([attribute(link, "href"), attribute(link, "data-dialog")]).toEqual(["/a/delete", "delete-a"]);
    expect(attribute(tags(markup, "dialog")[0], "id")).toBe("delete-a");
  });
});

describe("bars", () => {
  it("are as long as the share, within the frame", async () => {
    const markup = await html(
      <BarList
        label="Probabilities"
        items={[
          { label: "Yes", share: 0.75, emphasized: true },
          { label: "No", share: 1.2 },
          { label: "Odd", share: Number.NaN },
        ]}
      />,
    );
    const fills = tags(markup, "rect").filter((tag) => attribute(tag, "class") === "bar-fill");
    expect(fills.map((tag) => attribute(tag, "width"))).toEqual(["75%", "100%", "0%"]);
    expect(markup).toContain("75%</span>");
  });

  it("compare series by share, the tallest filling the height", async () => {
    // Shares 0.25, 0.75 and 0.5, 0.5; over 0.75 that is 1/3, 1, 2/3, 2/3.
    const markup = await html(
      <Histogram
        label="Age"
        series={[
          { label: "Reference", tone: "reference", counts: [100, 300] },
          { label: "Current", tone: "main", counts: [2, 2] },
        ]}
        bins={["0 – 10", "10 – 20"]}
      />,
    );
    const bars = tags(markup, "rect").filter((tag) => attribute(tag, "class") === "histogram-bar");
    expect(bars.map((tag) => attribute(tag, "height"))).toEqual(["33.33%", "66.67%", "100%", "66.67%"]);
    expect(markup).toContain("10 – 20 · Reference 75% (300) · Current 50% (2)");
  });

  it("lie flat when nothing was counted", async () => {
    const bars = tags(
      await html(<Histogram label="Age" series={[{ label: "Current", tone: "main", counts: [0, 0] }]} />),
      "rect",
    );
    expect(
      bars.filter((tag) => attribute(tag, "class") === "histogram-bar").map((tag) => attribute(tag, "height")),
    ).toEqual(["0%", "0%"]);
  });
});

describe("words about things", () => {
  it("name a state and its detail", async () => {
    const markup = await html(<StatusBadge status="not_enough_data" detail="37/100" />);
    expect(markup).toContain("Not enough data");
    expect(markup).toContain("37/100");
  });

  it("put the gravest findings of an import first", async () => {
    const items = [
      { level: "info", code: "signature", message: "One input." },
      { level: "repaired", code: "zipmap_removed", message: "ZipMap out." },
      { level: "error", code: "operator_unsupported", message: "No such operator." },
      { level: "repaired", code: "fixed_batch", message: "Batch of 1." },
    ] as const;
    const markup = await html(<ReportList items={[...items]} />);
    expect([...markup.matchAll(/<code[^>]*>(.*?)<\/code>/g)].map((match) => match[1])).toEqual([
      "operator_unsupported",
      "zipmap_removed",
      "fixed_batch",
      "signature",
    ]);
    expect(reportSummary([...items])).toBe("1 error, 2 repairs");
    expect(reportSummary([])).toBe("Nothing to report");
  });

  it("give a moment in UTC that app.ts may rewrite", async () => {
    const markup = await html(<Timestamp atMs={Date.parse("2026-11-22T10:33:00Z")} />);
    expect(attribute(markup, "datetime")).toBe("2026-11-22T10:33:00.000Z");
    expect(markup).toContain("2026-11-22 10:33 UTC</time>");
  });

  it("lead to the pages that there are", async () => {
    expect(await html(<Pagination />)).toBe("");
    expect(tags(await html(<Pagination nextHref="?cursor=b" />), "a").map((tag) => attribute(tag, "href"))).toEqual([
      "?cursor=b",
    ]);
  });
});
