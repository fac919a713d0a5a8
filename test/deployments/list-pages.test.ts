import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { deployments } from "../../src/deployments/schema.ts";
import { addExperiment, browserOf, memberBrowser, startSite } from "../experiments/pages-fixtures.ts";
import { callApi, createUser, type Instance, startInstance } from "../support/instance.ts";
import { type PagePart, readPage } from "../support/page-dom.ts";
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
function names(page: PagePart): string[] {
  return page.allByRole("rowheader").map(({ text }) => text);
}

describe("a project without deployments", () => {
  it("leads to the experiments first, then to deploying one, and tells a viewer who can", async () => {
    const empty = await startSite();
    const path = `/projects/${empty.slug}/deployments`;
    const before = (await empty.browser.page(path)).byRole("main");
    expect(before.text).toContain("No deployments yet");
    expect(before.links).toContain(`/projects/${empty.slug}/experiments`);
    expect(before.text).toContain("Start with an experiment");
    await addExperiment(empty);
    const after = await empty.browser.page(path);
    expect(after.text).toContain("Choose a model of an experiment");
    expect(after.text).not.toContain("Start with an experiment");
    const viewed = await (await memberBrowser(empty, "viewer")).page(path);
    expect(viewed.text).toContain("Contributors of the project can deploy");
    expect(viewed.text).not.toContain("Deploy a new experiment");
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
    const page = await site.browser.page(list);
    const row = page.row("Listed <one>");
    expect(row.cell("URL").links).toEqual([`/f/${slug}`]);
    expect(row.byRole("group", "Actions for Listed <one>").links).toEqual(
      expect.arrayContaining([`/docs/${slug}`, `/deployments/${slug}/delete`]),
    );
    expect(["Deployed", "Running", "Creator"].map((header) => row.cell(header).text)).toEqual([
      "Deployed",
      "Running",
      "A user",
    ]);
    expect(page.all("[hx-trigger]")).toEqual([]);
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
    const { links } = await browser.page(list);
    expect(links).toContain(`/deployments/${own}/delete`);
    expect(links).not.toContain(`/deployments/${others}/delete`);
    expect((await browser.get(`/deployments/${others}/delete`)).status).toBe(403);
    const both = [`/deployments/${own}/delete`, `/deployments/${others}/delete`];
    expect((await site.browser.page(list)).links).toEqual(expect.arrayContaining(both));
  });

  it("asks again while one is being built, and is answered only when that has changed", async () => {
    const slug = await deployed(site, "Slow to build");
    await instance.db.update(deployments).set({ deployed: "building" }).where(eq(deployments.slug, slug));
    const part = (await site.browser.page(list)).css("#deployment-list");
    expect(part.attribute("hx-trigger")).toBe("every 2s");
    const poll = part.attribute("hx-get") ?? "";
    expect([(await fragment(site, poll)).status, await (await fragment(site, poll)).text()]).toEqual([204, ""]);
    await instance.db.update(deployments).set({ deployed: "deployed" }).where(eq(deployments.slug, slug));
    const changed = await fragment(site, poll);
    const swapped = await readPage(changed);
    expect([changed.status, swapped.ids]).toEqual([200, ["deployment-list"]]);
    expect(swapped.all("[hx-trigger]")).toEqual([]);
    expect(names(swapped)).toContain("Slow to build");
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
    const pageWith = (query: string) => many.browser.page(`${path}${query}`);
    const newest = await pageWith("");
    expect(names(newest)).toHaveLength(20);
    expect(names(newest)[0]).toBe("Batch 23");
    expect(newest.text).toContain("1 to 20 of 25 deployments");
    const second = await pageWith("?page=2");
    expect(names(second)).toEqual(["Batch 03", "Batch 02", "Batch 01", "Batch 00", "Sample 100%"]);
    const sorted = await pageWith("?sort=name&direction=ascending&page=2");
    expect(names(sorted)).toEqual(["Batch 20", "Batch 21", "Batch 22", "Batch 23", "Sample 100%"]);
    expect(names(await pageWith("?q=ATCH+1"))).toHaveLength(10);
    expect(names(await pageWith("?q=%25"))).toEqual(["Sample 100%"]);
    expect((await pageWith("?q=nowhere")).text).toContain("No matching deployments");
    expect((await pageWith("?page=9")).text).toContain("This page is empty");
    expect((await many.browser.get(`${path}?page=-1&sort=colour`)).status).toBe(200);
  }, 60_000);
});
