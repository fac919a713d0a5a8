import { beforeAll, describe, expect, it } from "vitest";
import { csvText } from "../../src/pages/monitoring/csv-view.ts";
import { memberBrowser, pageText } from "../experiments/pages-fixtures.ts";
import {
  challengerDone,
  deployed,
  fragment,
  type ModelledSite,
  predict,
  startModelledSite,
} from "../deployments/pages-fixtures.ts";
import { startInstance } from "../support/instance.ts";
import { attribute, tags } from "../ui/html.ts";

let site: ModelledSite;

beforeAll(async () => {
  await startInstance();
  site = await startModelledSite();
});

/** Text as a person reads it. */
function read(markup: string): string {
  return markup
    .replaceAll(/<script[^]*?<\/script>/g, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll(/\s+/g, " ");
}

/** The rows of the table of drift, as a person reads them. */
function rowsOf(page: string): string[] {
  const table = page.match(/<caption[^>]*>Drift of predictions[^]*?<\/table>/)?.[0] ?? "";
  return (table.match(/<tbody[^]*<\/tbody>/)?.[0] ?? "")
    .split("</tr>")
    .map(read)
    .filter((row) => row.trim() !== "");
}

/** `count` areas of the training data over and over: no drift. */
function usual(count: number): number[] {
  return Array.from({ length: count }, (_, row) => (row % 40) + 1);
}

describe("the Monitoring section", () => {
  it("says what would be there while nothing was predicted, and how to get it", async () => {
    const slug = await deployed(site, "Silent");
    const page = read(await pageText(site.browser, `/deployments/${slug}/monitoring`));
    expect(page).toContain("No rows in this time");
    expect(page).toContain("compared with the 40 rows that the main model was trained on");
    expect(page).not.toContain("OK");
  });

  it("judges nothing from 37 rows, and says so in every row", async () => {
    const slug = await deployed(site, "Few rows");
    await predict(site, slug, usual(37));
    const page = await pageText(site.browser, `/deployments/${slug}/monitoring`);
    expect(read(page)).toContain("Not enough data (37/100) 37 rows are too few to judge");
    const states = rowsOf(page);
    // Labels and probabilities of both models stand before the features.
    expect(states.slice(4)).toHaveLength(2);
    for (const row of states) expect(row).toMatch(/Not enough data \(\d+\/100\)/);
    expect(page).not.toMatch(/data-tone="ok"[^>]*><span class="badge-dot"/);
  });

  it("calls rows like those of training OK, with n, the reference and how p-values are corrected", async () => {
    const slug = await deployed(site, "Usual rows", { challenger: false });
    await predict(site, slug, usual(200));
    const page = await pageText(site.browser, `/deployments/${slug}/monitoring`);
    // rooms is 2 in every row, of 1 to 4 in training: it drifts, area does not.
    expect(read(page)).toMatch(
      /1 of 2 features drifted: 200 rows compared with the training reference of version 1 of the experiment \(40 rows\); p-values are corrected over 9 checks \(Benjamini-Hochberg\)/,
    );
    const [main, score, worst, next] = rowsOf(page);
    expect(main).toMatch(/Predictions of main Compared with its answers to 40 training rows \(seen in training\) OK/);
    expect(score).toMatch(/^ Probability of no, main .*OK/);
    expect(worst).toMatch(
      /^ rooms The share of values from 2 went from 25 % to 100 % .*Drift Largest change of a share/,
    );
    expect(next).toMatch(/^ area Numbers OK Wasserstein distance/);
  });

  it("shows the worst feature in detail unless another is asked for, and judges it by the method that is chosen", async () => {
    const slug = await deployed(site, "In detail");
    const path = `/deployments/${slug}/monitoring`;
    await predict(site, slug, usual(120));
    expect(headingOf(await pageText(site.browser, path))).toBe("rooms");
    expect(headingOf(await pageText(site.browser, `${path}?feature=area`))).toBe("area");
    expect(headingOf(await pageText(site.browser, `${path}?feature=none`))).toBe("rooms");
    const chosen = await pageText(site.browser, `${path}?feature=area&method_of=area&method=psi`);
    expect(rowsOf(chosen).find((row) => row.startsWith(" area"))).toContain("Population stability index");
    // Links and forms carry it on.
    const kept = tags(chosen, "input").find((tag) => attribute(tag, "name") === "methods");
    expect(attribute(kept, "value")).toBe('{"area":"psi"}');
    const again = `${path}?feature=rooms&methods=${encodeURIComponent('{"area":"psi","rooms":"nonsense"}')}`;
    expect(rowsOf(await pageText(site.browser, again)).find((row) => row.startsWith(" area"))).toContain(
      "Population stability index",
    );
    expect((await site.browser.get(`${path}?methods={`)).status).toBe(200);
  });

  it("answers htmx with the card of one feature alone", async () => {
    const slug = await deployed(site, "A part");
    await predict(site, slug, usual(120));
    const part = await (await fragment(site, `/deployments/${slug}/monitoring?feature=area`)).text();
    expect(part).toMatch(/^<section class="card" id="feature">/);
    expect(part).not.toContain("<html");
  });

  it("keeps a wrong choice of days in its fields, says what is wrong, and shows seven days", async () => {
    const slug = await deployed(site, "Wrong days");
    const page = await pageText(
      site.browser,
      `/deployments/${slug}/monitoring?span=custom&from=2026-03-04&to=2026-02-01`,
    );
    expect(read(page)).toContain("The first day must be before the end. The last 7 days are shown.");
    expect(page).toContain('value="2026-03-04"');
    expect(
      (await site.browser.get(`/deployments/${slug}/monitoring?span=never&bucket=x&version=y&source=z`)).status,
    ).toBe(200);
  });

  it("is for viewers, not for end users", async () => {
    const slug = await deployed(site, "Private monitoring", { access: "public" });
    const paths = ["", "/comparison", "/drift.csv", "/distributions.csv?feature=area"];
    const viewer = await memberBrowser(site, "viewer");
    const endUser = await memberBrowser(site, "end_user");
    for (const path of paths) {
      expect((await viewer.get(`/deployments/${slug}/monitoring${path}`)).status).toBe(200);
      expect((await endUser.get(`/deployments/${slug}/monitoring${path}`)).status).toBe(403);
    }
  });

  it("counts a prediction that was made a moment ago", async () => {
    const slug = await deployed(site, "At once");
    await predict(site, slug, [1]);
    await predict(site, slug, [2]);
    expect(read(await pageText(site.browser, `/deployments/${slug}/monitoring`))).toContain("2 rows are too few");
  });
});

describe("what the charts show, as a file", () => {
  it("has the statistics of each bucket, empty where too few rows came", async () => {
    const slug = await deployed(site, "Drift file");
    await predict(site, slug, usual(120));
    const csv = await pageText(site.browser, `/deployments/${slug}/monitoring/drift.csv?bucket=day`);
    const [header, last] = [csv.split("\r\n")[0], csv.trimEnd().split("\r\n").at(-1) ?? ""];
    expect(header).toBe("at,rows,state,area,rooms,prediction of main,prediction of challenger");
    expect(last).toMatch(/^\d{4}-\d\d-\d\dT00:00:00.000Z,120,drift,[\d.e-]+,[\d.e-]+,[\d.e-]+,[\d.e-]*$/);
    const few = await deployed(site, "Short drift file");
    await predict(site, few, [1]);
    const short = await pageText(site.browser, `/deployments/${few}/monitoring/drift.csv?bucket=day&feature=area`);
    expect(short.trimEnd().split("\r\n").at(-1)).toMatch(/Z,1,not_enough_data,,,$/);
  });

  it("has the rows of each bin, those outside among them, and of both models", async () => {
    const slug = await deployed(site, "Distribution file");
    const path = `/deployments/${slug}/monitoring/distributions.csv`;
    await predict(site, slug, [1, 15, 30, 99]);
    await challengerDone(site, slug);
    const area = (await pageText(site.browser, `${path}?feature=area`)).trimEnd().split("\r\n");
    expect(area[0]).toBe("bin,from,to,reference,current");
    expect(area.find((line) => line.startsWith("(above)"))).toBe("(above),,,0,1");
    expect(area.slice(1).reduce((sum, line) => sum + Number(line.split(",")[3]), 0)).toBe(40);
    // Sharp says yes above 20, Early above 10; of the training rows 20 are above 20.
    expect(await pageText(site.browser, path)).toBe(
      "category,reference,main,challenger\r\nno,20,2,1\r\nyes,20,2,3\r\n(missing),0,0,0\r\n(unseen),0,0,0\r\n",
    );
    expect((await site.browser.get(`${path}?feature=colour`)).status).toBe(404);
  });
});

it("a file defuses texts that a spreadsheet would run, and leaves numbers as they are", () => {
  expect(csvText([["=1+1", "-x", "@a", 'a "b", c', -2.5, 1e-7, null]])).toBe(
    `'=1+1,'-x,'@a,"a ""b"", c",-2.5,1e-7,\r\n`,
  );
});

function headingOf(page: string): string {
  return page.match(/id="feature">[^]*?<h2 class="card-title">([^<]*)</)?.[1] ?? "";
}
