import { eq, sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { createPersonalToken } from "../../src/access/personal-tokens.ts";
import { invitations, personalTokens, sessions, users } from "../../src/access/schema.ts";
import { openSession } from "../../src/access/session.ts";
import { Browser } from "../support/browser.ts";
import {
  ADMIN,
  callApi,
  contextOf,
  createUser,
  type Instance,
  startInstance,
  type TestUser,
} from "../support/instance.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});

const path = (user: { id: string } | string) => `/api/v1/users/${typeof user === "string" ? user : user.id}`;
const asAdmin = (method: string, to: string, body?: unknown) => callApi(method, to, body, instance.adminToken);
const patch = (user: { id: string }, body: unknown, token = instance.adminToken) =>
  callApi("PATCH", path(user), body, token);
const me = (user: TestUser) => callApi("GET", "/api/v1/me", undefined, user.token);

async function addProject(owner: TestUser, name: string): Promise<string> {
  return (await callApi("POST", "/api/v1/projects", { name }, owner.token)).text("id");
}

describe("a user", () => {
  it("is read by an admin of the instance, with whether they have a password", async () => {
    const user = await createUser();
    const answer = await asAdmin("GET", path(user));
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        id: user.id,
        email: user.email,
        name: "A user",
        role: "member",
        active: true,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        has_password: true,
        invitation_expires_at: null,
      },
    ]);
  });

  it("gets another name and role, and keeps what is not given", async () => {
    const user = await createUser();
    const renamed = await patch(user, { name: " Ada " });
    expect(renamed.body).toMatchObject({ id: user.id, name: "Ada", role: "member", active: true });
    expect((await patch(user, { role: "admin" })).body).toMatchObject({ name: "Ada", role: "admin" });
    // The role is felt at once, by a token that is in use.
    expect((await callApi("GET", "/api/v1/users", undefined, user.token)).status).toBe(200);
    expect((await patch(user, { role: "member" })).status).toBe(200);
    expect((await callApi("GET", "/api/v1/users", undefined, user.token)).status).toBe(403);
    expect((await patch(user, {})).body).toMatchObject({ name: "Ada", role: "member", active: true });
  });

  it.each([
    [{ role: "owner" }, "role"],
    [{ name: " " }, "name"],
    [{ name: "x".repeat(121) }, "name"],
    [{ active: "no" }, "active"],
    [{ active: null }, "active"],
  ])("is not changed by %j", async (body, field) => {
    const answer = await patch(await createUser(), body);
    expect([answer.status, answer.at("errors.0.path")]).toEqual([422, field]);
  });

  it("has no field but these: id, email, password and dates stay as they are", async () => {
    const user = await createUser();
    const row = () => instance.db.select().from(users).where(eq(users.id, user.id)).get();
    const before = await row();
    const answer = await patch(user, {
      id: "usr_mine",
      email: "mine@tiltyard.test",
      passwordHash: "none",
      password: "another password",
      created_at: "2000-01-01T00:00:00Z",
      createdAt: 1,
      deactivatedAt: 1,
    });
    expect([answer.status, answer.at("errors.0.path")]).toEqual([422, "id"]);
    expect(await row()).toEqual(before);
  });

  it("that does not exist is 404 for an admin", async () => {
    for (const [method, to, body] of [
      ["GET", path("usr_none"), undefined],
      ["PATCH", path("usr_none"), { name: "A" }],
      ["PATCH", path("usr_none"), { role: "member", active: false }],
      ["DELETE", path("usr_none"), undefined],
      ["POST", `${path("usr_none")}/invitation`, {}],
    ] as const) {
      expect(`${method} ${(await asAdmin(method, to, body)).status}`).toBe(`${method} 404`);
    }
  });
});

describe("who is no admin of the instance", () => {
  it("can neither read nor change users, itself included, whatever the body says", async () => {
    const [member, other] = [await createUser(), await createUser()];
    for (const target of [member, other]) {
      for (const [method, to, body] of [
        ["GET", path(target), undefined],
        ["PATCH", path(target), { role: "admin" }],
        ["PATCH", path(target), { name: "Me", instanceRole: "admin", is_admin: true }],
        ["PATCH", path(target), { active: false }],
        ["DELETE", path(target), undefined],
        ["POST", `${path(target)}/invitation`, {}],
      ] as const) {
        const answer = await callApi(method, to, body, member.token);
        expect(`${method} ${to} ${answer.status} ${answer.text("code")}`).toBe(`${method} ${to} 403 forbidden`);
      }
    }
    expect((await me(member)).at("user")).toMatchObject({ role: "member", name: "A user" });
  });

  it("does not become admin by any body that it may send", async () => {
    const member = await createUser();
    const extra = { role: "admin", instanceRole: "admin", user_id: instance.adminId, userId: instance.adminId };
    await callApi("POST", "/api/v1/tokens", { name: "t", ...extra }, member.token);
    await callApi("POST", "/api/v1/projects", { name: "p", ...extra }, member.token);
    const passwords = { current_password: member.password, new_password: "another password" };
    expect((await callApi("POST", "/api/v1/me/password", { ...passwords, ...extra }, member.token)).status).toBe(422);
    const setup = { setup_token: "setup-token-of-the-tests", ...ADMIN, email: member.email };
    expect((await callApi("POST", "/api/v1/setup", setup, member.token)).status).toBe(409);
    expect((await me(member)).at("user.role")).toBe("member");
    expect((await new Browser().signIn(ADMIN)).status).toBe(303);
  });

  it("is 401 without a credential, before the body is looked at", async () => {
    for (const [method, to] of [
      ["GET", path("usr_x")],
      ["PATCH", path("usr_x")],
      ["DELETE", path("usr_x")],
      ["POST", `${path("usr_x")}/invitation`],
      ["POST", "/api/v1/me/password"],
    ] as const) {
      const answer = await callApi(method, to, method === "GET" ? undefined : { active: "?" });
      expect(`${method} ${to} ${answer.status}`).toBe(`${method} ${to} 401`);
    }
  });
});

describe("a deactivated user", () => {
  it("is refused at once, with session, token and password", async () => {
    const user = await createUser();
    const browser = new Browser();
    await browser.signIn(user);
    expect([(await me(user)).status, (await browser.get("/api/v1/me")).status]).toEqual([200, 200]);

    const answer = await patch(user, { active: false });
    expect([answer.status, answer.at("active")]).toEqual([200, false]);
    expect([(await me(user)).status, (await browser.get("/api/v1/me")).status]).toEqual([401, 401]);
    expect((await new Browser().signIn(user)).status).toBe(401);
  });

  it("gets back neither session nor token nor link when reactivated, but signs in again", async () => {
    const user = await createUser();
    const browser = new Browser();
    await browser.signIn(user);
    await asAdmin("POST", `${path(user)}/invitation`, {});
    await patch(user, { active: false });
    for (const table of [sessions, personalTokens, invitations]) {
      expect(await instance.db.select().from(table).where(eq(table.userId, user.id))).toEqual([]);
    }
    expect((await patch(user, { active: true })).at("active")).toBe(true);
    expect([(await me(user)).status, (await browser.get("/api/v1/me")).status]).toEqual([401, 401]);
    expect((await new Browser().signIn(user)).status).toBe(303);
  });

  it("keeps the time of the first deactivation when it is repeated", async () => {
    const user = await createUser();
    const since = async () =>
      (await instance.db.select().from(users).where(eq(users.id, user.id)).get())?.deactivatedAt ?? null;
    await patch(user, { active: false });
    const first = await since();
    expect(first).not.toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await patch(user, { active: false })).status).toBe(200);
    expect(await since()).toBe(first);
  });

  it("gets no session, token or link from work that was under way", async () => {
    const user = await createUser();
    await patch(user, { active: false });
    await expect(openSession(contextOf(), { user })).rejects.toMatchObject({ code: "unauthorized" });
    const token = createPersonalToken(contextOf(), { user: user.id, name: "late" });
    await expect(token).rejects.toMatchObject({ code: "unauthorized" });
    const link = await asAdmin("POST", `${path(user)}/invitation`, {});
    expect([link.status, link.text("detail")]).toEqual([409, expect.stringContaining("Reactivate")]);
    for (const table of [sessions, personalTokens, invitations]) {
      expect(await instance.db.select().from(table).where(eq(table.userId, user.id))).toEqual([]);
    }
  });
});

describe("the deletion of a user", () => {
  it("takes sessions, tokens and memberships along", async () => {
    const [owner, user] = [await createUser(), await createUser()];
    const project = await addProject(owner, "Shared");
    await callApi("PUT", `/api/v1/projects/${project}/members/${user.id}`, { role: "viewer" }, owner.token);
    const browser = new Browser();
    await browser.signIn(user);

    const answer = await asAdmin("DELETE", path(user));
    expect([answer.status, answer.body]).toEqual([204, null]);
    expect([(await me(user)).status, (await browser.get("/api/v1/me")).status]).toEqual([401, 401]);
    expect((await new Browser().signIn(user)).status).toBe(401);
    expect((await asAdmin("GET", path(user))).status).toBe(404);
    const list = await callApi("GET", `/api/v1/projects/${project}/members`, undefined, owner.token);
    expect(list.each("user.id")).toEqual([owner.id]);
    for (const table of [sessions, personalTokens]) {
      expect(await instance.db.select().from(table).where(eq(table.userId, user.id))).toEqual([]);
    }
  });

  it("is refused while they are the only admin of a project, naming the projects", async () => {
    const [user, other] = [await createUser(), await createUser()];
    const lonely = await addProject(user, "Lonely");
    const shared = await addProject(user, "Shared by two");
    const put = (project: string, role: string) =>
      callApi("PUT", `/api/v1/projects/${project}/members/${other.id}`, { role }, user.token);
    await put(shared, "admin");
    await put(lonely, "contributor");

    const refused = await asAdmin("DELETE", path(user));
    expect([refused.status, refused.at("code"), refused.at("projects")]).toEqual([409, "conflict", ["Lonely"]]);
    expect(refused.text("detail")).toContain("Lonely");
    expect(refused.text("detail")).not.toContain("Shared by two");
    expect((await me(user)).status).toBe(200);

    await put(lonely, "admin");
    expect((await asAdmin("DELETE", path(user))).status).toBe(204);
  });

  it("is not held up by a project that is deleted", async () => {
    const user = await createUser();
    const project = await addProject(user, "Gone");
    await instance.db.run(sql`update "projects" set "deletedAt" = 1 where "id" = ${project}`);
    expect((await asAdmin("DELETE", path(user))).status).toBe(204);
  });

  it("leaves a project one of its two admins when both are deleted at the same time", async () => {
    const [one, two] = [await createUser(), await createUser()];
    const project = await addProject(one, "Two admins");
    await callApi("PUT", `/api/v1/projects/${project}/members/${two.id}`, { role: "admin" }, one.token);
    const answers = await Promise.all([one, two].map((user) => asAdmin("DELETE", path(user))));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 409]);
  });
});
