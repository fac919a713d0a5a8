import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eq } from "drizzle-orm";
import { users } from "../../src/access/schema.ts";
import { Browser } from "../support/browser.ts";
import { callApi, createUser, type Instance, startInstance, type TestUser } from "../support/instance.ts";
import { parsePage, readPage } from "../support/page-dom.ts";

let instance: Instance;
let owner: TestUser;
let browser: Browser;
let slug: string;

beforeAll(async () => {
  instance = await startInstance();
});

beforeEach(async () => {
  owner = await createUser();
  browser = await browserOf(owner);
  slug = (await callApi("POST", "/api/v1/projects", { name: "People" }, owner.token)).text("slug");
});

async function browserOf(user: TestUser): Promise<Browser> {
  const signedIn = new Browser();
  await signedIn.signIn(user);
  return signedIn;
}

async function member(role: string): Promise<TestUser> {
  const user = await createUser();
  await callApi("PUT", `/api/v1/projects/${slug}/members/${user.id}`, { role }, owner.token);
  return user;
}

async function roles(): Promise<Map<unknown, unknown>> {
  const list = await callApi("GET", `/api/v1/projects/${slug}/members`, undefined, owner.token);
  return new Map(list.each("user.id").map((id, index) => [id, list.each("role")[index]]));
}

const text = async (path: string, as = browser): Promise<string> => (await as.get(path)).text();

describe("the members page", () => {
  it("adds by email, changes a role, and removes after asking", async () => {
    const user = await createUser();
    const here = `/projects/${slug}/members`;
    const added = await browser.post(here, { email: ` ${user.email.toUpperCase()} `, role: "viewer" });
    expect([added.status, added.headers.get("location")]).toEqual([303, here]);
    expect((await roles()).get(user.id)).toBe("viewer");
    expect(await text(here)).toContain(user.email);

    expect((await browser.post(`${here}/${user.id}`, { role: "contributor" })).status).toBe(303);
    expect((await roles()).get(user.id)).toBe("contributor");

    expect(await text(`${here}/${user.id}/remove`)).toContain("is contributor of People");
    expect((await roles()).get(user.id)).toBe("contributor");
    expect((await browser.post(`${here}/${user.id}/remove`, {})).headers.get("location")).toBe(here);
    expect((await roles()).has(user.id)).toBe(false);
    expect((await browser.get(`${here}/${user.id}/remove`)).status).toBe(404);
  });

  it("says at the field what is wrong, and keeps what was typed", async () => {
    const here = `/projects/${slug}/members`;
    const unknown = await browser.post(here, { email: "nobody@tiltyard.test", role: "viewer" });
    const page = await readPage(unknown);
    expect(unknown.status).toBe(404);
    expect(page.text).toContain("User not found.");
    expect(page.byLabel("Email").value).toBe("nobody@tiltyard.test");
    expect((await browser.post(here, { email: "not an address", role: "viewer" })).status).toBe(422);
    expect((await browser.post(here, { email: owner.email, role: "king" })).status).toBe(422);
    const last = await browser.post(`${here}/${owner.id}`, { role: "viewer" });
    expect([last.status, await last.text()]).toEqual([409, expect.stringContaining("at least one active admin")]);
    const leave = await browser.post(`${here}/${owner.id}/remove`, {});
    expect([leave.status, await leave.text()]).toEqual([409, expect.stringContaining("at least one active admin")]);
  });

  it("shows viewers who is in the project, without a way to change it", async () => {
    const user = await member("viewer");
    const name = `Ada "the <b>Countess</b>" O'Neil`;
    await instance.db.update(users).set({ name, deactivatedAt: null }).where(eq(users.id, owner.id));
    const viewer = await browserOf(user);
    const markup = await text(`/projects/${slug}/members`, viewer);
    expect(markup).toContain("Ada &quot;the &lt;b&gt;Countess&lt;/b&gt;&quot; O&#39;Neil");
    expect(markup).not.toContain("<b>Countess");
    expect(parsePage(markup).has("combobox")).toBe(false);
    expect(markup).not.toContain("/remove");
    for (const path of ["", `/${user.id}`, `/${owner.id}/remove`]) {
      const fields = { email: user.email, role: "admin" };
      expect((await viewer.post(`/projects/${slug}/members${path}`, fields)).status).toBe(403);
    }
    expect((await viewer.get(`/projects/${slug}/members/${owner.id}/remove`)).status).toBe(403);
    expect((await (await browserOf(await member("end_user"))).get(`/projects/${slug}/members`)).status).toBe(403);
    expect((await (await browserOf(await createUser())).get(`/projects/${slug}/members`)).status).toBe(404);
  });

  it("marks who is deactivated, and leads who steps down to their projects", async () => {
    const user = await member("admin");
    await instance.db.update(users).set({ deactivatedAt: 1 }).where(eq(users.id, user.id));
    expect(await text(`/projects/${slug}/members`)).toContain("Deactivated");
    await instance.db.update(users).set({ deactivatedAt: null }).where(eq(users.id, user.id));
    const stepped = await browser.post(`/projects/${slug}/members/${owner.id}`, { role: "end_user" });
    expect([stepped.status, stepped.headers.get("location")]).toEqual([303, "/projects"]);
  });
});

describe("the settings page", () => {
  it("changes name and description for admins, and keeps what is refused", async () => {
    const here = `/projects/${slug}/settings`;
    const saved = await browser.post(here, { name: "People & more", description: "All of them" });
    expect([saved.status, saved.headers.get("location")]).toEqual([303, here]);
    expect(await text(here)).toContain("People &amp; more");
    const refused = await browser.post(here, { name: " ", description: "Kept as it was" });
    const page = await refused.text();
    expect([refused.status, page.includes("Give a name."), page.includes("Kept as it was")]).toEqual([422, true, true]);
    expect((await callApi("GET", `/api/v1/projects/${slug}`, undefined, owner.token)).at("name")).toBe("People & more");
  });

  it("is for reading to viewers", async () => {
    const viewer = await browserOf(await member("viewer"));
    const page = await text(`/projects/${slug}/settings`, viewer);
    expect(page).toContain("People");
    expect(page).not.toContain(`/projects/${slug}/delete`);
    expect((await viewer.post(`/projects/${slug}/settings`, { name: "Mine" })).status).toBe(403);
    expect((await viewer.get(`/projects/${slug}/delete`)).status).toBe(403);
    expect((await viewer.post(`/projects/${slug}/delete`, { confirm: "People" })).status).toBe(403);
  });
});

describe("the sidebar", () => {
  it("has the sections of a project for whoever may read it", async () => {
    const sections = async (as: Browser) =>
      (await as.page(`/projects/${slug}/members`)).byRole("navigation", "Main").links;
    const names = [
      "deployments",
      "experiments",
      "pipelines",
      "connections",
      "datasets",
      "members",
      "audit",
      "settings",
    ];
    const all = names.map((name) => `/projects/${slug}/${name}`);
    expect(await sections(browser)).toEqual(all);
    const contributor = await browserOf(await member("contributor"));
    expect(await sections(contributor)).toEqual(all);
  });
});
