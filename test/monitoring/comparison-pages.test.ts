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
import { memberBrowser, pageText } from "../experiments/pages-fixtures.ts";
import { type Instance, startInstance } from "../support/instance.ts";

let instance: Instance;
let site: ModelledSite;

beforeAll(async () => {
  instance = await startInstance();
  site = await startModelledSite();
});

function read(markup: string): string {
  return markup
    .replaceAll(/<script[^]*?<\/script>/g, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
}

/** The disagreements, as a person reads them. */
function rowsOf(page: string): string[] {
  const table = page.match(/<caption[^>]*>Rows on which main[^]*?<\/table>/)?.[0] ?? "";
  return (table.match(/<tbody[^]*<\/tbody>/)?.[0] ?? "")
    .split("</tr>")
    .map(read)
    .filter((row) => row.trim() !== "");
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
    const page = await pageText(site.browser, path);
    expect(page).toContain("No challenger to compare with");
    expect(page).toContain(`href="/deployments/${slug}/versions/new"`);
    expect(await pageText(await memberBrowser(site, "viewer"), path)).not.toContain(`/versions/new"`);
  });

  it("says that nothing was compared before the first call", async () => {
    const slug = await deployed(site, "Unasked");
    const page = await pageText(site.browser, `/deployments/${slug}/monitoring/comparison`);
    expect(page).toContain("Nothing to compare in this time");
  });

  it("counts how often they agree and how far the scores are apart", async () => {
    const page = read(await pageText(site.browser, await compared("Compared")));
    // Of four rows two get another label, and on these the probability of yes is 0.9 instead of 0.1.
    expect(page).toContain("Agreement 50% Of 4 rows that both answered");
    expect(page).toContain("Score shift +0.4");
    expect(page).toMatch(/Answered 4 .*Errors 0 .*Skipped 0 .*Pending 0/);
    expect(page).toContain("not which is better");
  });

  it("lists the rows on which they differ, with both answers, the features, and a link to the record", async () => {
    const page = await pageText(site.browser, await compared("Listed"));
    const rows = rowsOf(page);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatch(/area 1[25] rooms 2 .* no 90% yes 90% 0\.8/);
    const href = page.match(/href="(\/deployments\/[^"/]*\/predictions\/p[^"]*)"/)?.[1] ?? "";
    expect((await site.browser.get(href)).status).toBe(200);
  });

  it("finds rows by the value of a feature, exactly or within bounds", async () => {
    const path = await compared("Filtered");
    const found = async (query: string) => rowsOf(await pageText(site.browser, `${path}?feature=area&${query}`)).length;
    expect(await found("equals=12&min=&max=")).toBe(1);
    expect(await found("equals=&min=13&max=")).toBe(1);
    expect(await found("min=11&max=16")).toBe(2);
    expect(await found("equals=&min=&max=")).toBe(2);
    expect(await pageText(site.browser, `${path}?feature=area&equals=7`)).toContain("No disagreement on these rows");
  });

  it("says since when and why the challenger is suspended", async () => {
    const path = await compared("Suspended here");
    const row = await instance.db.select().from(deployments).where(eq(deployments.name, "Suspended here")).get();
    await instance.db
      .update(deploymentVersions)
      .set({ challengerSuspendedAt: Date.UTC(2026, 4, 6, 7, 8), challengerSuspendedReason: "It failed ten times." })
      .where(eq(deploymentVersions.deploymentId, row?.id ?? ""));
    expect(read(await pageText(site.browser, path))).toContain("Since 2026-05-06 07:08 UTC : It failed ten times.");
  });
});
