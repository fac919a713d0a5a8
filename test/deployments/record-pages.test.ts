import { beforeAll, describe, expect, it } from "vitest";
import { memberBrowser } from "../experiments/pages-fixtures.ts";
import { startInstance } from "../support/instance.ts";
import type { PagePart } from "../support/page-dom.ts";
import { challengerDone, deployed, type ModelledSite, predict, startModelledSite } from "./pages-fixtures.ts";

let site: ModelledSite;

beforeAll(async () => {
  await startInstance();
  site = await startModelledSite();
});

/** The answers of main and challenger and whether they agree, row by row. */
function answersOf(page: PagePart): string[][] {
  return page.rows.map((cells) => cells.slice(2, 5));
}

describe("the recorded predictions", () => {
  it("lead to the form while there are none", async () => {
    const slug = await deployed(site, "Unused");
    const page = await site.browser.page(`/deployments/${slug}/predictions`);
    expect(page.text).toContain("No predictions yet");
    expect(page.links).toContainEqual(expect.stringMatching(new RegExp(`/f/${slug}$`)));
  });

  it("come newest first with both answers, and can be narrowed to disagreements", async () => {
    const slug = await deployed(site, "Two minds");
    const path = `/deployments/${slug}/predictions`;
    await predict(site, slug, [5, 15, 30]);
    await challengerDone(site, slug);
    // Sharp says yes above 20, Early above 10, both with 0.9.
    expect(answersOf(await site.browser.page(path))).toEqual([
      ["yes 90%", "yes 90%", "Agrees"],
      ["no 90%", "yes 90%", "Differs"],
      ["no 90%", "no 90%", "Agrees"],
    ]);
    expect(answersOf(await site.browser.page(`${path}?disagree=true`))).toEqual([["no 90%", "yes 90%", "Differs"]]);
    expect((await site.browser.page(`${path}?version=1`)).rows).toHaveLength(3);
    expect((await site.browser.page(`${path}?version=2`)).text).toContain("No matching predictions");
  });

  it("say so where the two never differed", async () => {
    const slug = await deployed(site, "One mind");
    await predict(site, slug, [5]);
    await challengerDone(site, slug);
    const page = await site.browser.page(`/deployments/${slug}/predictions?disagree=true`);
    expect(page.text).toContain("No recorded disagreements");
  });

  it("have no column for a challenger that is not there", async () => {
    const slug = await deployed(site, "Single mind", { challenger: false });
    await predict(site, slug, [30]);
    const page = await site.browser.page(`/deployments/${slug}/predictions`);
    expect(page.has("columnheader", "Challenger")).toBe(false);
    expect(page.text).not.toContain("Disagreements");
    expect(page.rows).toHaveLength(1);
  });

  it("are read page by page without a gap or a repetition", async () => {
    const slug = await deployed(site, "Many pages", { challenger: false });
    const path = `/deployments/${slug}/predictions`;
    for (const area of [1, 2, 3, 4, 5]) await predict(site, slug, [area]);
    const ids: string[] = [];
    let next: string | null = `${path}?limit=2`;
    while (next !== null) {
      const page = await site.browser.page(next);
      ids.push(...page.byRole("table").links);
      next = page.has("link", "Older") ? `${page.link("Older").href}&limit=2` : null;
    }
    expect(ids).toHaveLength(5);
    expect(new Set(ids).size).toBe(5);
    expect((await site.browser.get(`${path}?cursor=x`)).status).toBe(422);
  });

  it("show the features and both answers of one", async () => {
    const slug = await deployed(site, "Looked into");
    const path = `/deployments/${slug}/predictions`;
    const answer = await predict(site, slug, [15]);
    await challengerDone(site, slug);
    const page = await site.browser.page(`${path}/${answer.text("predictions.0.prediction_id")}`);
    expect(page.rows).toEqual([
      ["area", "15"],
      ["rooms", "2"],
    ]);
    expect(page.text).toContain("Sharp, version 1 of the experiment");
    expect(page.text).toContain("Early, version 1 of the experiment");
    const bars = (list: string) =>
      page
        .byRole("list", list)
        .allByRole("listitem")
        .map(({ text }) => text);
    expect(bars("Probabilities, Main")).toEqual(["no 90%", "yes 10%"]);
    expect(bars("Probabilities, Challenger")).toEqual(["yes 90%", "no 10%"]);
    expect(page.text).toContain("Differs");
    const beyond = answer.text("predictions.0.prediction_id").replace(/-[0-9a-z]+-0$/, "-zz-0");
    expect((await site.browser.get(`${path}/${beyond}`)).status).toBe(404);
    expect((await site.browser.get(`${path}/nonsense`)).status).toBe(404);
  });

  it("are for viewers, not for end users", async () => {
    const slug = await deployed(site, "Private", { access: "public" });
    const path = `/deployments/${slug}/predictions`;
    expect((await (await memberBrowser(site, "viewer")).get(path)).status).toBe(200);
    expect((await (await memberBrowser(site, "end_user")).get(path)).status).toBe(403);
  });
});
