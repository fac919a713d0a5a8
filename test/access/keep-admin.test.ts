import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { users } from "../../src/access/schema.ts";
import type { Answer } from "../support/answer.ts";
import { callApi, createUser, type Instance, startInstance, type TestUser } from "../support/instance.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});

const path = (user: TestUser) => `/api/v1/users/${user.id}`;
const patch = (user: TestUser, body: unknown, token: string) => callApi("PATCH", path(user), body, token);
const me = (user: TestUser) => callApi("GET", "/api/v1/me", undefined, user.token);

/** Takes all admins away but these. */
async function leaveAdmins(...kept: TestUser[]): Promise<void> {
  await instance.db.update(users).set({ role: "member" });
  for (const { id } of kept) await instance.db.update(users).set({ role: "admin" }).where(eq(users.id, id));
}

describe("the last active admin", () => {
  let [one, two]: TestUser[] = [];
  beforeEach(async () => {
    [one, two] = [await createUser({ role: "admin" }), await createUser({ role: "admin" })];
    await leaveAdmins(one, two);
  });
  const pair = (): [TestUser, TestUser] => {
    if (!one || !two) throw new Error("no admins");
    return [one, two];
  };
  const WAYS: [string, (target: TestUser, by: TestUser) => Promise<Answer>][] = [
    ["demoted", (target, by) => patch(target, { role: "member" }, by.token)],
    ["deactivated", (target, by) => patch(target, { active: false }, by.token)],
    ["deleted", (target, by) => callApi("DELETE", path(target), undefined, by.token)],
  ];
  const able = async () =>
    (await instance.db.select().from(users)).filter(({ role, deactivatedAt }) => role === "admin" && !deactivatedAt);

  it.each(WAYS)("cannot be %s", async (_, end) => {
    const [first, second] = pair();
    expect((await end(second, first)).status).toBeLessThan(300);
    const refused = await end(first, first);
    expect([refused.status, refused.at("code")]).toEqual([409, "conflict"]);
    expect(refused.text("detail")).toContain("active admin");
    expect((await me(first)).at("user")).toMatchObject({ role: "admin", active: true });
    expect((await patch(first, { name: "Still here" }, first.token)).status).toBe(200);
  });

  it.each(WAYS)("is one of two who would have each other %s at the same time", async (_, end) => {
    const [first, second] = pair();
    const answers = await Promise.all([end(second, first), end(first, second)]);
    // The slower one may find that its caller is no admin, or nobody, any more.
    const done = answers.filter(({ status }) => status < 300);
    expect(done).toHaveLength(1);
    expect(answers.every(({ status }) => status < 300 || [401, 403, 409].includes(status))).toBe(true);
    expect(await able()).toHaveLength(1);
  });

  it.each(WAYS)("is one of two who would both be %s by themselves at the same time", async (_, end) => {
    const [first, second] = pair();
    const answers = await Promise.all([end(first, first), end(second, second)]);
    expect(answers.map(({ status }) => (status < 300 ? "done" : status)).toSorted()).toEqual([409, "done"]);
    expect(await able()).toHaveLength(1);
  });

  it("is not made up for by an admin who is deactivated or has no password yet", async () => {
    const [first, second] = pair();
    await patch(second, { active: false }, first.token);
    const invited = { email: "invited@tiltyard.test", name: "Invited", role: "admin" };
    expect((await callApi("POST", "/api/v1/users", invited, first.token)).status).toBe(201);
    expect((await patch(first, { role: "member" }, first.token)).status).toBe(409);
    expect((await patch(second, { role: "member" }, first.token)).status).toBe(200);
  });
});
