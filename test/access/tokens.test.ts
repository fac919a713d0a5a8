import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { personalTokens } from "../../src/access/schema.ts";
import { Browser } from "../support/browser.ts";
import { ADMIN, callApi, createUser, type Instance, startInstance } from "../support/instance.ts";
import { readPage } from "../support/page-dom.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});

describe("personal tokens", () => {
  it("are shown once and work", async () => {
    const user = await createUser();
    const created = await callApi("POST", "/api/v1/tokens", { name: "Laptop", expires_in_days: 30 }, user.token);
    expect(created.status).toBe(201);
    const token = created.text("token");
    expect(token.startsWith(created.text("prefix"))).toBe(true);
    expect(created.text("prefix")).toHaveLength(12);
    expect(Date.parse(created.text("expires_at")) - Date.parse(created.text("created_at"))).toBe(30 * 86_400_000);

    expect((await callApi("GET", "/api/v1/me", undefined, token)).at("user.id")).toBe(user.id);
    const list = await callApi("GET", "/api/v1/tokens", undefined, token);
    expect(list.each("name")).toEqual(["Laptop", "test"]);
    expect(list.each("token")).toEqual([undefined, undefined]);
    const rows = await instance.db.select().from(personalTokens).where(eq(personalTokens.userId, user.id));
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it("are dead at once when they are revoked", async () => {
    const user = await createUser();
    const created = await callApi("POST", "/api/v1/tokens", { name: "Short" }, user.token);
    const path = `/api/v1/tokens/${created.text("id")}`;
    expect((await callApi("GET", "/api/v1/me", undefined, created.text("token"))).status).toBe(200);
    const revoked = await callApi("DELETE", path, undefined, user.token);
    expect([revoked.status, revoked.body]).toEqual([204, null]);
    expect((await callApi("GET", "/api/v1/me", undefined, created.text("token"))).status).toBe(401);
    expect((await callApi("DELETE", path, undefined, user.token)).status).toBe(404);
  });

  it("belong to their user: nobody else lists or revokes them, an admin neither", async () => {
    const [owner, other] = [await createUser(), await createUser()];
    const created = await callApi("POST", "/api/v1/tokens", { name: "Mine" }, owner.token);
    for (const token of [other.token, instance.adminToken]) {
      expect((await callApi("GET", "/api/v1/tokens", undefined, token)).each("name")).not.toContain("Mine");
      expect((await callApi("DELETE", `/api/v1/tokens/${created.text("id")}`, undefined, token)).status).toBe(404);
    }
    expect((await callApi("GET", "/api/v1/me", undefined, created.text("token"))).at("user.id")).toBe(owner.id);
  });

  it("come in pages", async () => {
    const user = await createUser();
    for (const name of ["a", "b", "c", "d"]) await callApi("POST", "/api/v1/tokens", { name }, user.token);
    const seen = [];
    let cursor: unknown = null;
    do {
      const query = typeof cursor === "string" ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const page = await callApi("GET", `/api/v1/tokens?limit=2${query}`, undefined, user.token);
      expect(page.each("name").length).toBeLessThanOrEqual(2);
      seen.push(...page.each("name"));
      cursor = page.at("next_cursor");
    } while (cursor !== null);
    expect(seen.toSorted()).toEqual(["a", "b", "c", "d", "test"]);
  });

  it.each(["limit=0", "limit=501", "limit=x", "cursor=nonsense", "cursor=1.a%27--"])("refuse ?%s", async (query) => {
    const answer = await callApi("GET", `/api/v1/tokens?${query}`, undefined, instance.adminToken);
    expect([answer.status, answer.at("code")]).toEqual([422, "invalid_input"]);
  });

  it.each([
    {},
    { name: " " },
    { name: "x", expires_in_days: 0 },
    { name: "x", expires_in_days: 1.5 },
    { name: "x", expires_in_days: 1e9 },
  ])("refuse %j", async (body) => {
    expect((await callApi("POST", "/api/v1/tokens", body, instance.adminToken)).status).toBe(422);
  });
});

describe("the account page", () => {
  it("creates a token, shows it once, and revokes it", async () => {
    const user = await createUser();
    const browser = new Browser();
    await browser.signIn(user);
    const created = await browser.post("/account/tokens", { name: "From the page", expires_in_days: "" });
    expect([created.status, created.headers.get("cache-control")]).toEqual([201, "no-store"]);
    const [secret = ""] = /typ_[0-9A-Za-z]{49}/.exec(await created.text()) ?? [];
    expect((await callApi("GET", "/api/v1/me", undefined, secret)).at("user.id")).toBe(user.id);

    const page = await (await browser.get("/account")).text();
    expect(page).toContain("From the page");
    expect(page).not.toContain(secret);
    const list = await callApi("GET", "/api/v1/tokens", undefined, user.token);
    const revoked = await browser.post(`/account/tokens/${list.text("items.0.id")}/revoke`, {});
    expect([revoked.status, revoked.headers.get("location")]).toEqual([303, "/account"]);
    expect((await callApi("GET", "/api/v1/me", undefined, secret)).status).toBe(401);
  });

  it("shows what is wrong with the fields kept", async () => {
    const browser = new Browser();
    await browser.signIn(ADMIN);
    const response = await browser.post("/account/tokens", { name: "Kept", expires_in_days: "0" });
    const form = (await readPage(response)).form("/account/tokens");
    expect(response.status).toBe(422);
    expect(form.byLabel("Expires in").problem).toContain("at least 1");
    expect(form.byLabel("Name").value).toBe("Kept");
  });
});

describe("users", () => {
  const body = { email: "New.User@tiltyard.test", name: "New", password: "a long enough one" };

  it("are created by an admin of the instance and can sign in", async () => {
    const answer = await callApi("POST", "/api/v1/users", body, instance.adminToken);
    expect(answer.status).toBe(201);
    expect(answer.at("user")).toMatchObject({ email: "new.user@tiltyard.test", role: "member", active: true });
    expect(JSON.stringify(answer.body)).not.toContain("scrypt");
    expect((await new Browser().signIn({ email: body.email, password: body.password })).status).toBe(303);

    const again = await callApi(
      "POST",
      "/api/v1/users",
      { ...body, email: "new.user@TILTYARD.test" },
      instance.adminToken,
    );
    expect([again.status, again.at("code")]).toEqual([409, "conflict"]);
    const list = await callApi("GET", "/api/v1/users", undefined, instance.adminToken);
    expect(list.each("email")).toEqual(expect.arrayContaining([ADMIN.email, "new.user@tiltyard.test"]));
    expect(JSON.stringify(list.body)).not.toContain("scrypt");
  });

  it("are neither created nor listed by anybody else, whatever role the body names", async () => {
    const { token } = await createUser();
    for (const role of ["admin", "member"]) {
      const answer = await callApi("POST", "/api/v1/users", { ...body, email: "mass@tiltyard.test", role }, token);
      expect([answer.status, answer.at("code")]).toEqual([403, "forbidden"]);
    }
    expect((await callApi("GET", "/api/v1/users", undefined, token)).status).toBe(403);
    const list = await callApi("GET", "/api/v1/users", undefined, instance.adminToken);
    expect(list.each("email")).not.toContain("mass@tiltyard.test");
  });

  it("are refused with a role that does not exist", async () => {
    const answer = await callApi("POST", "/api/v1/users", { ...body, role: "owner" }, instance.adminToken);
    expect([answer.status, answer.at("errors.0.path")]).toEqual([422, "role"]);
  });
});
