import { describe, expect, it } from "vitest";
import { BarList } from "../../src/ui/bar-list.tsx";
import { Callout } from "../../src/ui/callout.tsx";
import { Chart } from "../../src/ui/chart.tsx";
import { CopyField } from "../../src/ui/code-block.tsx";
import { ConfirmDialog } from "../../src/ui/confirm.tsx";
import { ErrorPage } from "../../src/ui/error-page.tsx";
import { FileField, UploadProgress } from "../../src/ui/file-field.tsx";
import { Histogram } from "../../src/ui/histogram.tsx";
import { AppShell, BarePage, type Frame } from "../../src/ui/layout.tsx";
import { parsePage } from "../support/page-dom.ts";
import { html } from "./html.ts";

const frame: Frame = {
  assetVersion: "7",
  nav: [
    { section: "deployments", href: "/projects/demo/deployments" },
    { section: "experiments", href: "/projects/demo/experiments" },
  ],
  project: { name: "Demo" },
  projects: [{ name: "Demo", href: "/projects/demo/deployments", current: true }],
  user: { name: "Ada Lovelace", email: "ada@example.com" },
};

const shell = (
  <AppShell
    frame={frame}
    title="Telco churn"
    section="deployments"
    scripts={["/static/charts.js"]}
    breadcrumb={[{ label: "Deployments", href: "/d" }, { label: "Telco churn" }]}
  >
    <p>Content</p>
  </AppShell>
);

describe("a page", () => {
  it("is a whole document whose title stands in its head", async () => {
    const markup = await html(shell);
    expect(markup.startsWith("<!doctype html><html")).toBe(true);
    const titles = parsePage(markup).all("title:not(svg title)");
    expect(titles.map((title) => [title.text, title.is("head > title")])).toEqual([["Telco churn · Tiltyard", true]]);
  });

  it("loads its files in order and by version", async () => {
    const scripts = parsePage(await html(shell)).all("script");
    expect(scripts.map((script) => script.attribute("src"))).toEqual([
      "/static/preferences.js?v=7",
      "/static/vendor/htmx.min.js?v=7",
      "/static/charts.js?v=7",
      "/static/app.js?v=7",
    ]);
    expect(scripts.map((script) => script.is("[defer]"))).toEqual([false, true, true, true]);
  });

  it("shows the sections that the caller names and marks the present one", async () => {
    const items = parsePage(await html(shell))
      .byRole("navigation", "Main")
      .allByRole("link");
    expect(items.map((link) => [link.text, link.href, link.attribute("aria-current")])).toEqual([
      ["Deployments", "/projects/demo/deployments", "page"],
      ["Experiments", "/projects/demo/experiments", null],
    ]);
  });

  it("signs out by POST, so that no link can do it", async () => {
    const form = parsePage(await html(shell)).form("/sign-out");
    expect([form.attribute("method"), form.has("button", "Sign out")]).toEqual(["post", true]);
  });

  it("has controls that open something that exists", async () => {
    const page = parsePage(await html(shell));
    const targets = page.all("button[popovertarget]").map((button) => button.attribute("popovertarget"));
    expect(targets).toEqual(expect.arrayContaining(["sidebar", "project-menu", "user-menu"]));
    for (const id of targets) expect(page.all(`[id="${id}"]`)).toHaveLength(1);
  });
});

describe("the content security policy", () => {
  it("finds nothing inline to forbid: no style, no handler, no code in the page", async () => {
    const markup = await html(
      <AppShell frame={frame} title="All">
        <Callout level="warning" title="Careful" />
        <BarList label="Bars" items={[{ label: "A", share: 0.5 }]} />
        <Histogram label="Age" legend series={[{ label: "A", tone: "main", counts: [1, 2] }]} />
        <Chart
          id="c"
          title="C"
          data={{
            kind: "bars",
            unit: "count",
            times: [0, 1],
            series: [{ label: "A", tone: "main", values: [1, 2] }],
          }}
        />
        <FileField name="file" label="File" />
        <UploadProgress />
        <CopyField id="key" label="Key" value="secret" />
        <ConfirmDialog id="d" title="Delete?" action="/x" name="A" verb="Delete" cancelHref="/" />
      </AppShell>,
    );
    expect(markup).not.toMatch(/<style|\sstyle=|\son[a-z]+=|hx-on|javascript:/i);
    const inline = parsePage(markup).all("script:not([src])");
    expect(inline.map((script) => script.attribute("type"))).toEqual(["application/json"]);
  });
});

describe("a page without navigation", () => {
  it("has one main area and neither sidebar nor account", async () => {
    const markup = await html(<BarePage title="Sign in" assetVersion="7" />);
    expect(parsePage(markup).allByRole("main")).toHaveLength(1);
    expect(markup).not.toContain("sidebar");
    expect(markup).not.toContain("/sign-out");
  });

  it("names the error and the request to quote, escaped", async () => {
    const markup = await html(
      <ErrorPage assetVersion="7" status={404} title="Nothing <here>" message="Gone" requestId="r1" />,
    );
    const page = parsePage(markup);
    expect(page.byRole("heading", "Nothing <here>").is("h1")).toBe(true);
    expect(page.css("code").text).toBe("r1");
    expect(markup).toContain("Nothing &lt;here&gt;");
  });
});
