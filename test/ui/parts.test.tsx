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
import { parsePage } from "../support/page-dom.ts";
import { html } from "./html.ts";

const draw = async (node: unknown) => parsePage(await html(node));

type Row = { name: string; calls: number };
const columns: Column<Row>[] = [
  { key: "name", header: "Name", primary: true, sortable: true, cell: (row) => row.name },
  { key: "calls", header: "Calls", align: "end", sortable: true, cell: (row) => row.calls },
];
const hostile = `"><img src=x onerror=alert(1)></script>`;

describe("a table", () => {
  it("says how it is sorted, and its links sort the other way or anew", async () => {
    const table = await draw(
      <Table
        caption="Deployments"
        columns={columns}
        rows={[{ name: "A", calls: 1 }]}
        sort={{ key: "name", direction: "ascending" }}
        sortHref={(key, direction) => `?${key}=${direction}`}
      />,
    );
    const headers = table.allByRole("columnheader");
    expect(headers.map((header) => header.attribute("aria-sort"))).toEqual(["ascending", null]);
    expect(table.links).toEqual(["?name=descending", "?calls=ascending"]);
  });

  it("labels each fact for stacked rows and escapes what rows hold", async () => {
    const markup = await html(<Table caption="Deployments" columns={columns} rows={[{ name: hostile, calls: 12 }]} />);
    expect(parsePage(markup).byRole("cell", "12").attribute("data-label")).toBe("Calls");
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
    const menu = await draw(
      <RowMenu id="menu-1" label="Actions for A">
        <MenuLink href="/a/delete" danger dialog="delete-a">
          Delete
        </MenuLink>
        <MenuAction action="/a/promote">Promote</MenuAction>
      </RowMenu>,
    );
    expect(menu.byRole("button", "Actions for A").attribute("popovertarget")).toBe("menu-1");
    expect(menu.byRole("group", "Actions for A").is('#menu-1[popover="auto"]')).toBe(true);
    expect(menu.form("/a/promote").attribute("method")).toBe("post");
  });

  it("lead to a page of their own where there is no JavaScript", async () => {
    const part = await draw(
      <>
        <ConfirmLink dialog="delete-a" href="/a/delete">
          Delete
        </ConfirmLink>
        <ConfirmDialog id="delete-a" title="Delete A?" action="/a/delete" name="A" verb="Delete" cancelHref="/a" />
      </>,
    );
    const link = part.link("Delete");
    expect([link.href, link.attribute("data-dialog")]).toEqual(["/a/delete", "delete-a"]);
    expect(part.css("dialog").attribute("id")).toBe("delete-a");
  });
});

describe("bars", () => {
  it("are as long as the share, within the frame", async () => {
    const list = await draw(
      <BarList
        label="Probabilities"
        items={[
          { label: "Yes", share: 0.75, emphasized: true },
          { label: "No", share: 1.2 },
          { label: "Odd", share: Number.NaN },
        ]}
      />,
    );
    const bars = list.byRole("list", "Probabilities").allByRole("listitem");
    expect(bars.map((bar) => bar.css(".bar-fill").attribute("width"))).toEqual(["75%", "100%", "0%"]);
    expect(bars[0]?.text).toBe("Yes 75%");
  });

  it("compare series by share, the tallest filling the height", async () => {
    // Shares 0.25, 0.75 and 0.5, 0.5; over 0.75 that is 1/3, 1, 2/3, 2/3.
    const histogram = await draw(
      <Histogram
        label="Age"
        series={[
          { label: "Reference", tone: "reference", counts: [100, 300] },
          { label: "Current", tone: "main", counts: [2, 2] },
        ]}
        bins={["0 – 10", "10 – 20"]}
      />,
    );
    const bars = histogram.all("rect.histogram-bar");
    expect(bars.map((bar) => bar.attribute("height"))).toEqual(["33.33%", "66.67%", "100%", "66.67%"]);
    expect(histogram.text).toContain("10 – 20 · Reference 75% (300) · Current 50% (2)");
  });

  it("lie flat when nothing was counted", async () => {
    const histogram = await draw(
      <Histogram label="Age" series={[{ label: "Current", tone: "main", counts: [0, 0] }]} />,
    );
    const bars = histogram.all("rect.histogram-bar");
    expect(bars.map((bar) => bar.attribute("height"))).toEqual(["0%", "0%"]);
  });
});

describe("words about things", () => {
  it("name a state and its detail", async () => {
    expect((await draw(<StatusBadge status="not_enough_data" detail="37/100" />)).text).toBe("Not enough data 37/100");
  });

  it("put the gravest findings of an import first", async () => {
    const items = [
      { level: "info", code: "signature", message: "One input." },
      { level: "repaired", code: "zipmap_removed", message: "ZipMap out." },
      { level: "error", code: "operator_unsupported", message: "No such operator." },
      { level: "repaired", code: "fixed_batch", message: "Batch of 1." },
    ] as const;
    const report = await draw(<ReportList items={[...items]} />);
    expect(report.all("code").map(({ text }) => text)).toEqual([
      "operator_unsupported",
      "zipmap_removed",
      "fixed_batch",
      "signature",
    ]);
    expect(reportSummary([...items])).toBe("1 error, 2 repairs");
    expect(reportSummary([])).toBe("Nothing to report");
  });

  it("give a moment in UTC that app.ts may rewrite", async () => {
    const time = (await draw(<Timestamp atMs={Date.parse("2026-11-22T10:33:00Z")} />)).css("time");
    expect([time.attribute("datetime"), time.text]).toEqual(["2026-11-22T10:33:00.000Z", "2026-11-22 10:33 UTC"]);
  });

  it("lead to the pages that there are", async () => {
    expect(await html(<Pagination />)).toBe("");
    expect((await draw(<Pagination nextHref="?cursor=b" />)).links).toEqual(["?cursor=b"]);
  });
});
