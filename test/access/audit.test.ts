import { asc } from "drizzle-orm";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { auditEntries } from "../../src/audit/schema.ts";
import { Browser } from "../support/browser.ts";
import { ADMIN, callApi, createUser, fetchInstance, type Instance, startInstance } from "../support/instance.ts";

let instance: Instance;
let seen = new Set<string>();
beforeAll(async () => {
  instance = await startInstance();
});

const all = () => instance.db.select().from(auditEntries).orderBy(asc(auditEntries.at), asc(auditEntries.id));
const look = async () => {
  seen = new Set((await all()).map(({ id }) => id));
};
beforeEach(look);

/** The entries since the last look, by action. */
async function entries(): Promise<Map<string, typeof auditEntries.$inferSelect>> {
  const rows = await all();
  return new Map(rows.filter(({ id }) => !seen.has(id)).map((row) => [row.action, row]));
}

const asAdmin = (method: string, to: string, body?: unknown) => callApi(method, to, body, instance.adminToken);
const parsed = (text: string | null | undefined): unknown => JSON.parse(text ?? "null");

it("has the setup: a user and a token, by nobody", async () => {
  const rows = (await all()).filter(({ actorKind }) => actorKind === "nobody");
  const actions = rows.map(({ action }) => action);
  expect(actions).toEqual(expect.arrayContaining(["user.create", "token.create"]));
  expect(rows.find(({ action }) => action === "user.create")).toMatchObject({
    objectId: instance.adminId,
    objectName: ADMIN.email,
    after: JSON.stringify({ email: ADMIN.email, name: "Admin", role: "admin" }),
  });
});

it("has each change of a user, with who made it and from where, and what was before", async () => {
  const created = await asAdmin("POST", "/api/v1/users", { email: "a@tiltyard.test", name: "A" });
  const id = created.text("user.id");
  const path = `/api/v1/users/${id}`;
  const address = "203.0.113.50";
  const headers = {
    "cf-connecting-ip": address,
    authorization: `Bearer ${instance.adminToken}`,
    "content-type": "application/json",
  };
  await fetchInstance(path, { method: "PATCH", headers, body: JSON.stringify({ name: "A", role: "admin" }) });
  await asAdmin("PATCH", path, { active: false });
  await asAdmin("PATCH", path, { active: true });
  await asAdmin("DELETE", path);

  const found = await entries();
  expect([...found.keys()].toSorted()).toEqual(
    ["user.create", "user.invite", "user.update", "user.deactivate", "user.reactivate", "user.delete"].toSorted(),
  );
  for (const entry of found.values()) {
    expect(entry).toMatchObject({
      projectId: null,
      actorKind: "user",
      actorId: instance.adminId,
      actorName: ADMIN.email,
      via: "token",
      objectKind: "user",
      objectId: id,
      objectName: "a@tiltyard.test",
    });
  }
  expect(found.get("user.update")?.address).toBe(address);
  expect(parsed(found.get("user.create")?.after)).toEqual({ email: "a@tiltyard.test", name: "A", role: "member" });
  const { before, after } = found.get("user.update") ?? {};
  expect([parsed(before), parsed(after)]).toEqual([{ role: "member" }, { role: "admin" }]);
  expect(parsed(found.get("user.delete")?.before)).toEqual({ email: "a@tiltyard.test", name: "A", role: "admin" });
});

it("has nothing where nothing was changed or the change was refused", async () => {
  const user = await createUser();
  await look();
  await asAdmin("PATCH", `/api/v1/users/${user.id}`, { name: "A user", role: "member", active: true });
  await asAdmin("PATCH", `/api/v1/users/${instance.adminId}`, { role: "member" });
  await asAdmin("DELETE", `/api/v1/users/${instance.adminId}`);
  await asAdmin("POST", "/api/v1/users", { email: user.email, name: "Taken" });
  await callApi("PATCH", `/api/v1/users/${user.id}`, { role: "admin" }, user.token);
  await callApi("POST", "/api/v1/me/password", { current_password: "wrong", new_password: "long enough" }, user.token);
  await new Browser().signIn({ ...user, password: "wrong" });
  expect([...(await entries()).keys()]).toEqual([]);
});

it("has sign-ins, tokens, passwords and accepted invitations, by the user", async () => {
  const created = await asAdmin("POST", "/api/v1/users", { email: "b@tiltyard.test", name: "B" });
  const id = created.text("user.id");
  const link = new URL(created.text("invitation_url")).pathname;
  const [first, second] = ["the first password", "the second password"] as const;
  const browser = new Browser();
  await browser.post(link, { name: "Bea", password: first });
  await browser.post("/account/tokens", { name: "Laptop", expires_in_days: "3" });
  const tokens = (await callApi("GET", "/api/v1/tokens", undefined, instance.adminToken)).each("name");
  expect(tokens).not.toContain("Laptop");
  const token = (await entries()).get("token.create");
  await browser.post(`/account/tokens/${token?.objectId}/revoke`, {});
  await browser.post("/account/password", { current_password: first, new_password: second });

  const found = await entries();
  const own = ["user.accept_invitation", "session.open", "token.create", "token.revoke", "user.change_password"];
  for (const action of own) {
    expect(found.get(action)).toMatchObject({
      projectId: null,
      actorKind: "user",
      actorId: id,
      actorName: "b@tiltyard.test",
      via: "session",
      address: expect.any(String),
    });
  }
  const { before, after } = found.get("user.accept_invitation") ?? {};
  expect([parsed(before), parsed(after)]).toEqual([{ name: "B" }, { name: "Bea" }]);
  expect(token).toMatchObject({ objectKind: "token", objectName: "Laptop" });

  await look();
  await new Browser().signIn({ email: "b@tiltyard.test", password: second });
  expect([...(await entries()).keys()]).toEqual(["session.open"]);
});

it("never has a password, a hash, a token or the secret of a link", async () => {
  const user = await createUser();
  const link = await asAdmin("POST", `/api/v1/users/${user.id}/invitation`, {});
  const secret = link.text("invitation_url").split("/").at(-1) ?? "";
  const token = (await callApi("POST", "/api/v1/tokens", { name: "t" }, user.token)).text("token");
  const passwords = { current_password: user.password, new_password: "a password for the log" };
  await callApi("POST", "/api/v1/me/password", passwords, user.token);
  const browser = new Browser();
  await browser.signIn({ ...user, password: passwords.new_password });
  const text = JSON.stringify(await all());
  const session = browser.cookie.split("=")[1] ?? "";
  for (const unwanted of [secret, token, session, user.password, passwords.new_password, "scrypt$"]) {
    expect(unwanted.length).toBeGreaterThan(5);
    expect(text).not.toContain(unwanted);
  }
  expect(text).not.toMatch(/[0-9a-f]{64}/);
});
