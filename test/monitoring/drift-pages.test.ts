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
import { type PagePart, readPage } from "../support/page-dom.ts";

let site: ModelledSite;

beforeAll(async () => {
  await startInstance();
  site = await startModelledSite();
});

/** The rows of the table of drift. */
function rowsOf(page: PagePart): PagePart[] {
  return page.byRole("table", /^Drift of predictions and features/).all("tbody tr");
}

/** `count` areas of the training data over and over: no drift. */
function usual(count: number): number[] {
  return Array.from({ length: count }, (_, row) => (row % 40) + 1);
}

describe("the Monitoring section", () => {
  it("says what would be there while nothing was predicted, and how to get it", async () => {
    const slug = await deployed(site, "Silent");
    const page = (await site.browser.page(`/deployments/${slug}/monitoring`)).text;
    expect(page).toContain("No rows in this time");
    expect(page).toContain("compared with the 40 rows that the main model was trained on");
    expect(page).not.toContain("OK");
  });

  it("judges nothing from 37 rows, and says so in every row", async () => {
    const slug = await deployed(site, "Few rows");
    await predict(site, slug, usual(37));
    const page = await site.browser.page(`/deployments/${slug}/monitoring`);
    expect(page.text).toContain("Not enough data (37/100) 37 rows are too few to judge");
    const states = rowsOf(page).map((row) => row.cell("State").text);
    // Labels and probabilities of both models stand before the features.
    expect(states.slice(4)).toHaveLength(2);
    for (const state of states) expect(state).toMatch(/^Not enough data \(\d+\/100\)$/);
    expect(page.all('.badge[data-tone="ok"]')).toEqual([]);
  });

  it("calls rows like those of training OK, with n, the reference and how p-values are corrected", async () => {
    const slug = await deployed(site, "Usual rows", { challenger: false });
    await predict(site, slug, usual(200));
    const page = await site.browser.page(`/deployments/${slug}/monitoring`);
    // rooms is 2 in every row, of 1 to 4 in training: it drifts, area does not.
    expect(page.text).toMatch(
      /1 of 2 features drifted: 200 rows compared with the training reference of version 1 of the experiment \(40 rows\); p-values are corrected over 9 checks \(Benjamini-Hochberg\)/,
    );
    const [main, score, worst, next] = rowsOf(page).map(({ text }) => text);
    expect(main).toMatch(/Predictions of main Compared with its answers to 40 training rows \(seen in training\) OK/);
    expect(score).toMatch(/^Probability of no, main .*OK/);
    expect(worst).toMatch(/^rooms The share of values from 2 went from 25 % to 100 % .*Drift Change of a share/);
    expect(next).toMatch(/^area Numbers OK Wasserstein distance/);
  });

  it("shows the worst feature in detail unless another is asked for, and judges it by the method that is chosen", async () => {
    const slug = await deployed(site, "In detail");
    const path = `/deployments/${slug}/monitoring`;
    await predict(site, slug, usual(120));
    const detailed = async (query: string) =>
      (await site.browser.page(`${path}${query}`)).css("#feature").byRole("heading").text;
    expect(await detailed("")).toBe("rooms");
    expect(await detailed("?feature=area")).toBe("area");
    expect(await detailed("?feature=none")).toBe("rooms");
    const chosen = await site.browser.page(`${path}?feature=area&method_of=area&method=psi`);
    expect(chosen.row(/^area /).cell("Method").text).toBe("Population stability index");
    // Links and forms carry it on.
    for (const kept of chosen.all('[name="methods"]')) expect(kept.value).toBe('{"area":"psi"}');
    const again = `${path}?feature=rooms&methods=${encodeURIComponent('{"area":"psi","rooms":"nonsense"}')}`;
    expect((await site.browser.page(again)).row(/^area /).cell("Method").text).toBe("Population stability index");
    expect((await site.browser.get(`${path}?methods={`)).status).toBe(200);
  });

  it("answers htmx with the card of one feature alone", async () => {
    const slug = await deployed(site, "A part");
    await predict(site, slug, usual(120));
    const part = await readPage(await fragment(site, `/deployments/${slug}/monitoring?feature=area`));
    expect([part.isWhole, part.ids]).toEqual([false, ["feature"]]);
  });

  it("keeps a wrong choice of days in its fields, says what is wrong, and shows seven days", async () => {
    const slug = await deployed(site, "Wrong days");
    const page = await site.browser.page(`/deployments/${slug}/monitoring?span=custom&from=2026-03-04&to=2026-02-01`);
    expect(page.text).toContain("The first day must be before the end. The last 7 days are shown.");
    expect(page.byLabel("From (UTC)").value).toBe("2026-03-04");
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
    expect((await site.browser.page(`/deployments/${slug}/monitoring`)).text).toContain("2 rows are too few");
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
