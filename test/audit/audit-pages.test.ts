import { beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../support/browser.ts";
import { ADMIN, callApi, createUser, startInstance, type TestUser } from "../support/instance.ts";

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
    const page = await (await browser.get(`/projects/${project}/audit`)).text();
    expect(page).toContain("Created the project =1+1, &quot;quoted&quot; &lt;b&gt;");
    expect(page).not.toContain("quoted&quot; <b>");
    expect(page).toContain(`Gave a role to ${member.email}`);
    expect(page).toMatch(/role<\/span> viewer → contributor/);
    expect(page).toContain("in a browser");
    expect(page).toContain("/audit/export?format=csv");
  });

  it("keeps its filter in the fields, the next page and the downloads", async () => {
    const browser = await browserOf(owner);
    const page = await (await browser.get(`/projects/${project}/audit?action=member&limit=1`)).text();
    expect(page).toMatch(/name="action"[^>]*value="member"|value="member"[^>]*name="action"/);
    expect(page).toMatch(/href="[^"]*\/audit\?action=member&amp;cursor=\d+\.aud_\w+"/);
    expect(page).toContain("/audit/export?action=member&amp;format=ndjson");
    expect(page).not.toContain("Created the project");
  });

  it("says at the field what is wrong with a filter", async () => {
    const response = await (await browserOf(owner)).get(`/projects/${project}/audit?from=soon`);
    expect(response.status).toBe(422);
    expect(await response.text()).toContain("Give a date such as 2026-11-22");
  });

  it("of the instance names the projects and links to users and log from every page", async () => {
    const browser = await browserOf(ADMIN);
    const page = await (await browser.get("/audit")).text();
    expect(page).toContain("Renamed");
    expect(page).toContain('href="/users"');
    expect(page).toContain('href="/audit"');
    expect(await (await (await browserOf(owner)).get("/projects")).text()).not.toContain('href="/audit"');
  });
});
