import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { deployed, type ModelledSite, predict, startModelledSite } from "../deployments/pages-fixtures.ts";
import { startInstance } from "../support/instance.ts";

let site: ModelledSite;

beforeAll(async () => {
  await startInstance();
  site = await startModelledSite();
});

describe("drift since the deployment, on the General page", () => {
  it("is not judged from too few rows", async () => {
    const slug = await deployed(site, "Too few");
    expect((await site.browser.page(`/deployments/${slug}`)).text).toContain("Not enough data (0/100)");
    await predict(site, slug, [1, 2, 3]);
    const page = (await site.browser.page(`/deployments/${slug}`)).text;
    expect(page).toContain("Not enough data (3/100)");
    expect(page).toContain("3 predictions are recorded.");
  });

  it("is charted beside the predictions from 100 rows on, with n and the reference", async () => {
    const slug = await deployed(site, "Charted", { challenger: false });
    await predict(
      site,
      slug,
      Array.from({ length: 160 }, (_, row) => (row % 40) + 1),
    );
    const page = await site.browser.page(`/deployments/${slug}`);
    const { text } = page;
    expect(text).toContain("160 rows against the 40 rows that the main model was trained on.");
    // rooms is 2 in every row.
    expect(text).toContain("1 of 2 features drifts over the whole time.");
    expect(page.all("#drift-since-deployed")).toHaveLength(1);
    expect(text).toContain("Reference, 40 rows Main, 160 rows");
    expect(text).toContain("the main model's answers to its training rows");
    expect(page.all('script[src^="/static/charts.js"]')).toHaveLength(1);
    expect(text).not.toContain("Not enough data");
  });

  it("is missing where it cannot be read, and the page is not", async () => {
    const slug = await deployed(site, "Unreadable");
    await env.DB.exec("alter table monitoring_windows rename to monitoring_windows_gone");
    const response = await site.browser.get(`/deployments/${slug}`);
    await env.DB.exec("alter table monitoring_windows_gone rename to monitoring_windows");
    const page = await response.text();
    expect([response.status, page.includes("Temporarily unknown"), page.includes("API keys")]).toEqual([
      200,
      true,
      true,
    ]);
  });
});
