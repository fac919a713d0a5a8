import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { entryOf } from "../../src/audit/audit.ts";
import { auditEntries } from "../../src/audit/schema.ts";
import type { Answer } from "../support/answer.ts";
import { Browser } from "../support/browser.ts";
import {
  callApi,
  createUser,
  fetchInstance,
  type Instance,
  startInstance,
  type TestUser,
} from "../support/instance.ts";

const PROJECT_NAME = `=1+1, "quoted" <b>`;

let instance: Instance;
let owner: TestUser;
let member: TestUser;
let project: string;
let path: string;

beforeAll(async () => {
  instance = await startInstance();
  [owner, member] = [await createUser(), await createUser()];
  project = (await callApi("POST", "/api/v1/projects", { name: PROJECT_NAME }, owner.token)).text("id");
  path = `/api/v1/projects/${project}`;
  const browser = await browserOf(owner);
  await callApi("PUT", `${path}/members/${member.id}`, { role: "viewer" }, owner.token);
  await callApi("PUT", `${path}/members/${member.id}`, { role: "viewer" }, owner.token);
  await callApi("PUT", `${path}/members/${member.id}`, { role: "contributor" }, owner.token);
  await browser.post(`/projects/${project}/settings`, { name: PROJECT_NAME, description: "Now it has one" });
  await callApi("PATCH", path, { name: PROJECT_NAME }, owner.token);
});

async function browserOf(user: { email: string; password: string }): Promise<Browser> {
  const browser = new Browser();
  await browser.signIn(user);
  return browser;
}

const read = (query = "", token = owner.token): Promise<Answer> =>
  callApi("GET", `${path}/audit${query}`, undefined, token);

describe("the audit log of a project", () => {
  it("says who did what to what, how and from where, newest first, and nothing where nothing changed", async () => {
    const answer = await read();
    expect([answer.status, answer.at("next_cursor")]).toEqual([200, null]);
    expect(answer.each("action")).toEqual(["project.update", "member.set", "member.set", "project.create"]);
    expect(answer.at("items.0")).toMatchObject({
      actor: { kind: "user", id: owner.id, name: owner.email },
      via: "session",
      object: { kind: "project", id: project, name: PROJECT_NAME },
      before: { description: "" },
      after: { description: "Now it has one" },
    });
    expect(answer.at("items.1")).toMatchObject({
      via: "token",
      object: { kind: "member", id: member.id, name: member.email },
      before: { role: "viewer" },
      after: { role: "contributor" },
      address: expect.stringMatching(/^\w{10}$/),
    });
    expect(answer.at("items.2.before")).toBeNull();
    expect(Date.parse(answer.text("items.3.at"))).toBeLessThanOrEqual(Date.now());
  });

  it("has an entry for each member who is taken out", async () => {
    const user = await createUser();
    await callApi("PUT", `${path}/members/${user.id}`, { role: "viewer" }, owner.token);
    await callApi("DELETE", `${path}/members/${user.id}`, undefined, owner.token);
    await callApi("DELETE", `${path}/members/${user.id}`, undefined, owner.token);
    const answer = await read(`?object=${user.id}`);
    expect(answer.each("action")).toEqual(["member.remove", "member.set"]);
    expect(answer.at("items.0.before")).toEqual({ role: "viewer" });
  });

  it("has none for what was refused", async () => {
    const [before, stranger] = [(await read("?limit=500")).each("id"), await createUser()];
    await callApi("PATCH", path, { name: "Mine" }, stranger.token);
    await callApi("PATCH", path, { name: "Mine" }, member.token);
    await callApi("PUT", `${path}/members/${owner.id}`, { role: "viewer" }, owner.token);
    await callApi("DELETE", `${path}/members/${owner.id}`, undefined, owner.token);
    expect((await read("?limit=500")).each("id")).toEqual(before);
  });

  it("holds no token, no key and no password", async () => {
    const text = JSON.stringify((await callApi("GET", "/api/v1/audit?limit=500", undefined, instance.adminToken)).body);
    for (const secret of [owner.token, member.token, instance.adminToken, owner.password]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe("filters of the audit log", () => {
  it.each([
    ["action=member.set", 2],
    ["action=project", 2],
    ["action=proj", 0],
    ["action=member%25", 0],
    [`object=${encodeURIComponent("QUOTED")}`, 2],
    ["object=%25", 0],
    ["actor=system", 0],
    ["actor=&action=&object=&from=&to=", 4],
    ["from=2000-01-01&to=2000-01-02", 0],
    ["from=2000-01-01T00:00:00%2B02:00", 4],
    ["to=2000-01-01T00:00:00Z", 0],
  ])("let through what fits ?%s", async (query, count) => {
    const ids = (await read(`?limit=500&${query}`)).each("object.id");
    // The members of other tests come and go in the same project.
    expect(ids.filter((id) => [project, member.id].includes(String(id)))).toHaveLength(count);
  });

  it("name actors by id and by email, whatever its case", async () => {
    for (const actor of [owner.id, owner.email, owner.email.toUpperCase()]) {
      expect(new Set((await read(`?actor=${actor}`)).each("actor.id"))).toEqual(new Set([owner.id]));
    }
    expect((await read(`?actor=${member.email}`)).each("id")).toEqual([]);
  });

  it("take a date as the whole day, and a time as it is", async () => {
    const day = new Date().toISOString().slice(0, 10);
    expect((await read(`?from=${day}&to=${day}&action=project.create`)).each("action")).toEqual(["project.create"]);
    const at = (await read("?action=project.create")).text("items.0.at");
    expect((await read(`?to=${at}&action=project.create`)).each("id")).toEqual([]);
    expect((await read(`?from=${at}&action=project.create`)).each("action")).toEqual(["project.create"]);
  });

  it.each(["from=yesterday", "to=2026-02-31", "limit=0", "cursor=x", "format=xlsx", `object=${"x".repeat(201)}`])(
    "refuse ?%s",
    async (query) => {
      const answer = await read(`?${query}`);
      expect([answer.status, answer.at("code")]).toEqual([422, "invalid_input"]);
    },
  );
});

describe("pages and files of the audit log", () => {
  let busy: string;

  // More than are read at once, several to a millisecond.
  beforeAll(async () => {
    busy = (await callApi("POST", "/api/v1/projects", { name: "Busy" }, owner.token)).text("id");
    const statements = Array.from({ length: 1_204 }, (_, index) =>
      instance.db.insert(auditEntries).values(
        entryOf(
          { kind: "system" },
          {
            projectId: busy,
            action: "thing.count",
            object: { kind: "thing", id: `thing_${index}`, name: index === 0 ? "=HYPERLINK(1)" : null },
          },
          1_000 + Math.floor(index / 7),
        ),
      ),
    );
    for (let from = 0; from < statements.length; from += 100) {
      const [first, ...rest] = statements.slice(from, from + 100);
      if (first) await instance.db.batch([first, ...rest]);
    }
  });

  it("show each entry once", async () => {
    const seen: unknown[] = [];
    let cursor = "";
    do {
      const answer = await callApi(
        "GET",
        `/api/v1/projects/${busy}/audit?limit=500&action=thing${cursor}`,
        undefined,
        owner.token,
      );
      seen.push(...answer.each("object.id"));
      cursor = answer.at("next_cursor") === null ? "" : `&cursor=${answer.text("next_cursor")}`;
    } while (cursor !== "");
    expect(seen).toHaveLength(1_204);
    expect(new Set(seen).size).toBe(1_204);
  });

  it("are downloaded whole as CSV, without formulas", async () => {
    const headers = { authorization: `Bearer ${owner.token}` };
    const response = await fetchInstance(`/api/v1/projects/${busy}/audit?format=csv`, { headers });
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(response.headers.get("content-disposition")).toMatch(
      /^attachment; filename="audit-busy-\d{4}-\d\d-\d\d\.csv"$/,
    );
    const lines = (await response.text()).split("\r\n");
    expect(lines[0]).toBe(
      "at,project_id,actor_kind,actor_id,actor_name,via,address,action,object_kind,object_id,object_name,before,after",
    );
    // The header, 1,204 things, the creation of the project, and the end of the last line.
    expect(lines).toHaveLength(1 + 1_204 + 1 + 1);
    expect(lines.at(-1)).toBe("");
    const things = lines.map((line) => line.split(",")[9]).filter((id) => id?.startsWith("thing_"));
    expect(new Set(things).size).toBe(1_204);
    expect(lines.find((line) => line.includes("thing_0,"))).toContain(",'=HYPERLINK(1),");
  });

  it("are downloaded as lines of JSON, as far as the filter goes", async () => {
    const browser = await browserOf(owner);
    const response = await browser.get(`/projects/${project}/audit/export?format=ndjson&action=project`);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const entries = (await response.text())
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    const listed = await read("?action=project");
    expect(entries).toEqual(listed.at("items"));
    const csv = await (await browser.get(`/projects/${project}/audit/export?format=csv&action=project.create`)).text();
    expect(csv).toContain(`"'=1+1, ""quoted"" <b>"`);
  });
});

describe("who may read the audit log", () => {
  it("is who may read the project, and of the instance its admins", async () => {
    const [other, viewer] = [await createUser(), await createUser()];
    await callApi("PUT", `${path}/members/${viewer.id}`, { role: "viewer" }, owner.token);
    await callApi("POST", "/api/v1/projects", { name: "Of another" }, other.token);
    const statuses: Record<string, number[]> = {};
    for (const [who, token] of Object.entries({
      nobody: undefined,
      viewer: viewer.token,
      other: other.token,
      admin: owner.token,
      instance: instance.adminToken,
    })) {
      const status = async (at: string) => (await callApi("GET", at, undefined, token)).status;
      statuses[who] = [
        await status(`${path}/audit`),
        await status(`${path}/audit?format=csv`),
        await status("/api/v1/audit"),
        await status("/api/v1/audit?format=ndjson"),
      ];
    }
    expect(statuses).toEqual({
      nobody: [401, 401, 401, 401],
      viewer: [200, 200, 403, 403],
      other: [404, 404, 403, 403],
      admin: [200, 200, 403, 403],
      instance: [200, 200, 200, 200],
    });
    const browser = await browserOf(viewer);
    const pages: [string, number][] = [
      [`/projects/${project}/audit`, 200],
      [`/projects/${project}/audit/export?format=csv`, 200],
      ["/audit", 403],
      ["/audit/export?format=csv", 403],
    ];
    for (const [page, status] of pages) expect([page, (await browser.get(page)).status]).toEqual([page, status]);
    expect((await new Browser().get("/audit")).headers.get("location")).toBe("/sign-in?next=%2Faudit");
  });

  it("see one project, or what belongs to none, in the log of the instance", async () => {
    const all = await callApi("GET", "/api/v1/audit?limit=500&action=project.create", undefined, instance.adminToken);
    expect(new Set(all.each("project_id")).size).toBeGreaterThan(2);
    const one = await callApi("GET", `/api/v1/audit?project=${project}`, undefined, instance.adminToken);
    expect(new Set(one.each("project_id"))).toEqual(new Set([project]));
  });
});

describe("an entry", () => {
  it.each([
    `update audit_entries set "actorName" = 'somebody else'`,
    "delete from audit_entries",
    "delete from audit_entries where action = 'project.create'",
  ])("is not changed by: %s", async (statement) => {
    const before = await env.DB.prepare("select count(*) as n from audit_entries").first("n");
    await expect(env.DB.prepare(statement).run()).rejects.toThrow("append-only");
    expect(await env.DB.prepare("select count(*) as n from audit_entries").first("n")).toBe(before);
  });
});
