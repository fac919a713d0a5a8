import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { deployments, deploymentVersions } from "../../src/deployments/schema.ts";
import {
  challengerDone,
  deployed,
  type ModelledSite,
  predict,
  startModelledSite,
} from "../deployments/pages-fixtures.ts";
import { memberBrowser } from "../experiments/pages-fixtures.ts";
import { type Instance, startInstance } from "../support/instance.ts";
import type { PagePart } from "../support/page-dom.ts";

let instance: Instance;
let site: ModelledSite;

beforeAll(async () => {
  instance = await startInstance();
  site = await startModelledSite();
});

/** The rows of the disagreements. */
function rowsOf(page: PagePart): PagePart[] {
  return page.byRole("table", /^Rows on which main and challenger differ/).all("tbody tr");
}

/** A deployment whose models were asked about areas of 5, 12, 15 and 30. Sharp says yes above 20, Early above 10, both with 0.9. */
async function compared(name: string): Promise<string> {
  const slug = await deployed(site, name);
  await predict(site, slug, [5, 12, 15, 30]);
  await challengerDone(site, slug);
  return `/deployments/${slug}/monitoring/comparison`;
}

describe("the comparison of main and challenger", () => {
  it("says what a challenger is where there is none, and leads to deploying one who may", async () => {
    const slug = await deployed(site, "Alone", { challenger: false });
    const path = `/deployments/${slug}/monitoring/comparison`;
    const page = await site.browser.page(path);
    const deploying = `/deployments/${slug}/versions/new`;
    expect(page.text).toContain("No challenger to compare with");
    expect(page.links).toContain(deploying);
    expect((await (await memberBrowser(site, "viewer")).page(path)).links).not.toContain(deploying);
  });

  it("says that nothing was compared before the first call", async () => {
    const slug = await deployed(site, "Unasked");
    const page = await site.browser.page(`/deployments/${slug}/monitoring/comparison`);
    expect(page.text).toContain("Nothing to compare in this time");
  });

  it("counts how often they agree and how far the scores are apart", async () => {
    const page = await site.browser.page(await compared("Compared"));
    // Of four rows two get another label, and on these the probability of yes is 0.9 instead of 0.1.
    expect(page.text).toContain("Agreement 50% Of 4 rows that both answered");
    expect(page.fact("Score shift")).toBe("+0.4");
    expect(["Answered", "Errors", "Skipped", "Pending"].map((term) => page.fact(term))).toEqual(["4", "0", "0", "0"]);
    expect(page.text).toContain("not which is better");
  });

  it("lists the rows on which they differ, with both answers, the features, and a link to the record", async () => {
    const rows = rowsOf(await site.browser.page(await compared("Listed")));
    expect(rows).toHaveLength(2);
    for (const { cells } of rows) {
      expect(cells[0]).toMatch(/^area 1[25] rooms 2 /);
      expect(cells.slice(1)).toEqual(["no 90%", "yes 90%", "0.8"]);
    }
    expect((await site.browser.get(rows[0]?.links[0] ?? "")).status).toBe(200);
  });

  it("finds rows by the value of a feature, exactly or within bounds", async () => {
    const path = await compared("Filtered");
    const pageWith = (query: string) => site.browser.page(`${path}?feature=area&${query}`);
    const found = async (query: string) => rowsOf(await pageWith(query)).length;
    expect(await found("equals=12&min=&max=")).toBe(1);
    expect(await found("equals=&min=13&max=")).toBe(1);
    expect(await found("min=11&max=16")).toBe(2);
    expect(await found("equals=&min=&max=")).toBe(2);
    expect((await pageWith("equals=7")).text).toContain("No disagreement on these rows");
  });

  it("says since when and why the challenger is suspended", async () => {
    const path = await compared("Suspended here");
    const row = await instance.db.select().from(deployments).where(eq(deployments.name, "Suspended here")).get();
    await instance.db
      .update(deploymentVersions)
      .set({ challengerSuspendedAt: Date.UTC(2026, 4, 6, 7, 8), challengerSuspendedReason: "It failed ten times." })
      .where(eq(deploymentVersions.deploymentId, row?.id ?? ""));
    expect((await site.browser.page(path)).text).toContain("Since 2026-05-06 07:08 UTC: It failed ten times.");
  });
});
