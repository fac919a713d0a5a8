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
import { attribute, html, tags } from "./html.ts";

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
    expect(markup.indexOf("<title>Telco churn · Tiltyard</title>")).toBeLessThan(markup.indexOf("</head>"));
    expect(markup.match(/<title>Telco/g)).toHaveLength(1);
  });

  it("loads its files in order and by version", async () => {
    const scripts = tags(await html(shell), "script");
    expect(scripts.map((tag) => attribute(tag, "src"))).toEqual([
      "/static/preferences.js?v=7",
      "/static/vendor/htmx.min.js?v=7",
      "/static/charts.js?v=7",
      "/static/app.js?v=7",
    ]);
    expect(scripts.map((tag) => tag.includes("defer"))).toEqual([false, true, true, true]);
  });

  it("shows the sections that the caller names and marks the present one", async () => {
    const items = tags(await html(shell), "a").filter((tag) => attribute(tag, "class") === "nav-item");
    expect(items.map((tag) => [attribute(tag, "href"), attribute(tag, "aria-current")])).toEqual([
      ["/projects/demo/deployments", "page"],
      ["/projects/demo/experiments", undefined],
    ]);
  });

  it("signs out by POST, so that no link can do it", async () => {
    const form = tags(await html(shell), "form").find((tag) => attribute(tag, "action") === "/sign-out");
    expect(attribute(form, "method")).toBe("post");
  });

  it("has controls that open something that exists", async () => {
    const markup = await html(shell);
    const targets = tags(markup, "button")
      .map((tag) => attribute(tag, "popovertarget"))
      .filter((id) => id !== undefined);
    expect(targets).toEqual(expect.arrayContaining(["sidebar", "project-menu", "user-menu"]));
    for (const id of targets) expect(markup.match(new RegExp(` id="${id}"`, "g"))).toHaveLength(1);
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
    const inline = tags(markup, "script").filter((tag) => attribute(tag, "src") === undefined);
    expect(inline.map((tag) => attribute(tag, "type"))).toEqual(["application/json"]);
  });
});

describe("a page without navigation", () => {
  it("has one main area and neither sidebar nor account", async () => {
    const markup = await html(<BarePage title="Sign in" assetVersion="7" />);
    expect(tags(markup, "main")).toHaveLength(1);
    expect(markup).not.toContain("sidebar");
    expect(markup).not.toContain("/sign-out");
  });

  it("names the error and the request to quote, escaped", async () => {
    const markup = await html(
      <ErrorPage assetVersion="7" status={404} title="Nothing <here>" message="Gone" requestId="r1" />,
    );
    expect(markup).toContain("<h1");
    expect(markup).toContain("Nothing &lt;here&gt;");
    expect(markup).toContain("<code>r1</code>");
  });
});
