import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { deployments } from "../../src/deployments/schema.ts";
import { addExperiment, browserOf, memberBrowser, pageText, startSite } from "../experiments/pages-fixtures.ts";
import { callApi, createUser, type Instance, startInstance } from "../support/instance.ts";
import { attribute, tags } from "../ui/html.ts";
import { deployed, fragment, type ModelledSite, startModelledSite } from "./pages-fixtures.ts";

let instance: Instance;
let site: ModelledSite;
let list: string;

beforeAll(async () => {
  instance = await startInstance();
  site = await startModelledSite();
  list = `/projects/${site.slug}/deployments`;
});

/** The names in the list, from top to bottom. */
function names(page: string): string[] {
  return [...page.matchAll(/role="rowheader"[^>]*><a href="[^"]*">([^<]*)</g)].map((match) => match[1] ?? "");
}

describe("a project without deployments", () => {
  it("leads to the experiments first, then to deploying one, and tells a viewer who can", async () => {
    const empty = await startSite();
    const path = `/projects/${empty.slug}/deployments`;
    const before = await pageText(empty.browser, path);
    expect(before).toContain("No deployments yet");
    expect(before).toMatch(new RegExp(`<a class="button"[^>]* href="/projects/${empty.slug}/experiments"`));
    expect(before).toContain("Start with an experiment");
    await addExperiment(empty);
    const after = await pageText(empty.browser, path);
    expect(after).toContain("Choose a model of an experiment");
    expect(after).not.toContain("Start with an experiment");
    const viewed = await pageText(await memberBrowser(empty, "viewer"), path);
    expect(viewed).toContain("Contributors of the project can deploy");
    expect(viewed).not.toContain("Deploy a new experiment");
  });

  it("is not shown to who is no member", async () => {
    const stranger = await startSite();
    expect((await stranger.browser.get(list)).status).toBe(404);
    expect((await (await memberBrowser(site, "end_user")).get(list)).status).toBe(403);
  });
});

describe("the list of deployments", () => {
  it("shows each with its version, states, form, creator and menu", async () => {
    const slug = await deployed(site, "Listed <one>");
    const page = await pageText(site.browser, list);
    expect(names(page)).toContain("Listed &lt;one&gt;");
    expect(page).toContain(`href="/f/${slug}"`);
    expect(page).toContain(`href="/docs/${slug}"`);
    expect(page).toContain(`href="/deployments/${slug}/delete"`);
    expect(page).toMatch(/data-label="Deployed">.*Deployed<.*data-label="Running">.*Running</);
    expect(page).toContain('data-label="Creator">A user<');
    expect(page).not.toContain("hx-trigger");
  });

  it("offers Delete to contributors for what they made only", async () => {
    const contributor = await createUser();
    await callApi(
      "PUT",
      `/api/v1/projects/${site.slug}/members/${contributor.id}`,
      { role: "contributor" },
      site.owner.token,
    );
    const own = await deployed(site, "Made by a contributor", { token: contributor.token });
    const others = await deployed(site, "Made by the owner");
    const browser = await browserOf(contributor);
    const page = await pageText(browser, list);
    expect(page).toContain(`/deployments/${own}/delete`);
    expect(page).not.toContain(`/deployments/${others}/delete`);
    expect((await browser.get(`/deployments/${others}/delete`)).status).toBe(403);
    const all = await pageText(site.browser, list);
    expect([all.includes(`/deployments/${own}/delete`), all.includes(`/deployments/${others}/delete`)]).toEqual([
      true,
      true,
    ]);
  });

  it("asks again while one is being built, and is answered only when that has changed", async () => {
    const slug = await deployed(site, "Slow to build");
    await instance.db.update(deployments).set({ deployed: "building" }).where(eq(deployments.slug, slug));
    const page = await pageText(site.browser, list);
    const part = tags(page, "div").find((tag) => attribute(tag, "id") === "deployment-list");
    expect(attribute(part, "hx-trigger")).toBe("every 2s");
    const poll = attribute(part, "hx-get") ?? "";
    expect([(await fragment(site, poll)).status, await (await fragment(site, poll)).text()]).toEqual([204, ""]);
    await instance.db.update(deployments).set({ deployed: "deployed" }).where(eq(deployments.slug, slug));
    const changed = await fragment(site, poll);
    const markup = await changed.text();
    expect(changed.status).toBe(200);
    expect(markup).toMatch(/^<div class="stack" id="deployment-list">/);
    expect(markup).toContain("Slow to build");
  });
});

describe("a long list", () => {
  it("has pages of 20, is searched by a part of the name as it is written, and sorted", async () => {
    const many = await startModelledSite();
    const path = `/projects/${many.slug}/deployments`;
    await deployed(many, "Sample 100%", { challenger: false });
    for (let number = 0; number < 24; number += 1) {
      await deployed(many, `Batch ${String(number).padStart(2, "0")}`, { challenger: false });
    }
    const newest = await pageText(many.browser, path);
    expect(names(newest)).toHaveLength(20);
    expect(names(newest)[0]).toBe("Batch 23");
    expect(newest).toContain("1 to 20 of 25 deployments");
    const second = await pageText(many.browser, `${path}?page=2`);
    expect(names(second)).toEqual(["Batch 03", "Batch 02", "Batch 01", "Batch 00", "Sample 100%"]);
    const sorted = await pageText(many.browser, `${path}?sort=name&direction=ascending&page=2`);
    expect(names(sorted)).toEqual(["Batch 20", "Batch 21", "Batch 22", "Batch 23", "Sample 100%"]);
    expect(names(await pageText(many.browser, `${path}?q=ATCH+1`))).toHaveLength(10);
    expect(names(await pageText(many.browser, `${path}?q=%25`))).toEqual(["Sample 100%"]);
    expect(await pageText(many.browser, `${path}?q=nowhere`)).toContain("No matching deployments");
    expect(await pageText(many.browser, `${path}?page=9`)).toContain("This page is empty");
    expect((await many.browser.get(`${path}?page=-1&sort=colour`)).status).toBe(200);
  }, 60_000);
});
