import { beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../support/browser.ts";
import { ADMIN, callApi, createUser, startInstance, type TestUser } from "../support/instance.ts";
import { parsePage, readPage } from "../support/page-dom.ts";

let owner: TestUser;
let member: TestUser;
let project: string;

beforeAll(async () => {
  await startInstance();
  [owner, member] = [await createUser(), await createUser()];
  const made = await callApi("POST", "/api/v1/projects", { name: `=1+1, "quoted" <b>` }, owner.token);
  project = made.text("id");
  const path = `/api/v1/projects/${project}`;
  await callApi("PUT", `${path}/members/${member.id}`, { role: "viewer" }, owner.token);
  await callApi("PUT", `${path}/members/${member.id}`, { role: "contributor" }, owner.token);
  const browser = await browserOf(owner);
  await browser.post(`/projects/${project}/settings`, { name: "Renamed", description: "" });
});

async function browserOf(user: { email: string; password: string }): Promise<Browser> {
  const browser = new Browser();
  await browser.signIn(user);
  return browser;
}

describe("the page of the audit log", () => {
  it("reads as sentences, with names as they were written and nothing of them as HTML", async () => {
    const browser = await browserOf(owner);
    const markup = await (await browser.get(`/projects/${project}/audit`)).text();
    expect(markup).toContain("Created the project =1+1, &quot;quoted&quot; &lt;b&gt;");
    expect(markup).not.toContain("quoted&quot; <b>");
    const page = parsePage(markup);
    expect(page.text).toContain(`Gave a role to ${member.email}`);
    expect(page.text).toContain("role viewer → contributor");
    expect(page.text).toContain("in a browser");
    expect(page.links).toContainEqual(expect.stringContaining("/audit/export?format=csv"));
  });

  it("keeps its filter in the fields, the next page and the downloads", async () => {
    const browser = await browserOf(owner);
    const page = await browser.page(`/projects/${project}/audit?action=member&limit=1`);
    expect(page.byLabel("Action").value).toBe("member");
    expect(page.link("Older").href).toMatch(/\/audit\?action=member&cursor=\d+\.aud_\w+$/);
    expect(page.links).toContainEqual(expect.stringContaining("/audit/export?action=member&format=ndjson"));
    expect(page.text).not.toContain("Created the project");
  });

  it("says at the field what is wrong with a filter", async () => {
    const response = await (await browserOf(owner)).get(`/projects/${project}/audit?from=soon`);
    expect(response.status).toBe(422);
    expect((await readPage(response)).byLabel("From").problem).toContain("Give a date such as 2026-11-22");
  });

  it("of the instance names the projects and links to users and log from every page", async () => {
    const browser = await browserOf(ADMIN);
    const page = await browser.page("/audit");
    expect(page.text).toContain("Renamed");
    expect(page.links).toEqual(expect.arrayContaining(["/users", "/audit"]));
    expect((await (await browserOf(owner)).page("/projects")).links).not.toContain("/audit");
  });
});
