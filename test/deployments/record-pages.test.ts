import { beforeAll, describe, expect, it } from "vitest";
import { memberBrowser, pageText } from "../experiments/pages-fixtures.ts";
import { startInstance } from "../support/instance.ts";
import { attribute, tags } from "../ui/html.ts";
import { challengerDone, deployed, type ModelledSite, predict, startModelledSite } from "./pages-fixtures.ts";

let site: ModelledSite;

beforeAll(async () => {
  await startInstance();
  site = await startModelledSite();
});

/** The rows of the table, cells parted by bars. */
function rowsOf(page: string): string[] {
  const body = page.match(/<tbody[^]*?<\/tbody>/)?.[0] ?? "";
  return body
    .split("</tr>")
    .map((row) => row.replaceAll(/<\/t[dh]>/g, "|").replaceAll(/<[^>]*>/g, ""))
    .filter((row) => row !== "");
}

/** The answers of main and challenger and whether they agree, row by row. */
function answersOf(page: string): string[] {
  return rowsOf(page).map((row) => row.split("|").slice(2, 5).join(" "));
}

describe("the recorded predictions", () => {
  it("lead to the form while there are none", async () => {
    const slug = await deployed(site, "Unused");
    const page = await pageText(site.browser, `/deployments/${slug}/predictions`);
    expect(page).toContain("No predictions yet");
    expect(page).toContain(`/f/${slug}"`);
  });

  it("come newest first with both answers, and can be narrowed to disagreements", async () => {
    const slug = await deployed(site, "Two minds");
    const path = `/deployments/${slug}/predictions`;
    await predict(site, slug, [5, 15, 30]);
    await challengerDone(site, slug);
    // Sharp says yes above 20, Early above 10, both with 0.9.
    expect(answersOf(await pageText(site.browser, path))).toEqual([
      "yes 90% yes 90% Agrees",
      "no 90% yes 90% Differs",
      "no 90% no 90% Agrees",
    ]);
    expect(answersOf(await pageText(site.browser, `${path}?disagree=true`))).toEqual(["no 90% yes 90% Differs"]);
    expect(rowsOf(await pageText(site.browser, `${path}?version=1`))).toHaveLength(3);
    expect(await pageText(site.browser, `${path}?version=2`)).toContain("No matching predictions");
  });

  it("say so where the two never differed", async () => {
    const slug = await deployed(site, "One mind");
    await predict(site, slug, [5]);
    await challengerDone(site, slug);
    expect(await pageText(site.browser, `/deployments/${slug}/predictions?disagree=true`)).toContain(
      "No recorded disagreements",
    );
  });

  it("have no column for a challenger that is not there", async () => {
    const slug = await deployed(site, "Single mind", { challenger: false });
    await predict(site, slug, [30]);
    const page = await pageText(site.browser, `/deployments/${slug}/predictions`);
    expect(page).not.toContain('data-label="Challenger"');
    expect(page).not.toContain("Disagreements");
    expect(rowsOf(page)).toHaveLength(1);
  });

  it("are read page by page without a gap or a repetition", async () => {
    const slug = await deployed(site, "Many pages", { challenger: false });
    const path = `/deployments/${slug}/predictions`;
    for (const area of [1, 2, 3, 4, 5]) await predict(site, slug, [area]);
    const ids: string[] = [];
    let next: string | undefined = `${path}?limit=2`;
    while (next !== undefined) {
      const page = await pageText(site.browser, next);
      ids.push(...[...page.matchAll(/class="mono" href="[^"]*\/(p[^"/]*)"/g)].map((match) => match[1] ?? ""));
      const older = attribute(
        tags(page, "a").find((tag) => attribute(tag, "rel") === "next"),
        "href",
      );
      next = older && `${older}&limit=2`;
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
    const page = await pageText(site.browser, `${path}/${answer.text("predictions.0.prediction_id")}`);
    expect(rowsOf(page)).toEqual(["area|15|", "rooms|2|"]);
    expect(page).toContain("Sharp, version 1 of the experiment");
    expect(page).toContain("Early, version 1 of the experiment");
    const bars = [...page.matchAll(/<ul class="bar-list" aria-label="([^"]*)"[^]*?<\/ul>/g)];
    expect(
      bars.map(([list, label]) => [
        label,
        [...list.matchAll(/bar-label">([^<]*)<.*?bar-text">([^<]*)</g)].map((bar) => bar.slice(1)),
      ]),
    ).toEqual([
      [
        "Probabilities, Main",
        [
          ["no", "90%"],
          ["yes", "10%"],
        ],
      ],
      [
        "Probabilities, Challenger",
        [
          ["yes", "90%"],
          ["no", "10%"],
        ],
      ],
    ]);
    expect(page).toContain("Differs");
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
