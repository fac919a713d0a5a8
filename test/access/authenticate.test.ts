import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { createApiKey, listApiKeys, revokeApiKey } from "../../src/access/api-keys.ts";
import type { Caller } from "../../src/access/caller.ts";
import { createPersonalToken } from "../../src/access/personal-tokens.ts";
import { personalTokens, users } from "../../src/access/schema.ts";
import { DAY_MS } from "../../src/lib/time.ts";
import { Browser } from "../support/browser.ts";
import {
  ADMIN,
  callApi,
  contextOf,
  createUser,
  fetchInstance,
  type Instance,
  startInstance,
} from "../support/instance.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});

const me = (token?: string) => callApi("GET", "/api/v1/me", undefined, token);
const admin = (): Caller => ({
  kind: "user",
  userId: instance.adminId,
  email: ADMIN.email,
  name: ADMIN.name,
  instanceRole: "admin",
  roles: new Map(),
  via: "token",
});
const keyed = (id: string) => ({ id, slug: id, projectId: "prj_a" });
const key = (deploymentId: string, expiresAt: number | null = null, nowMs = Date.now()) =>
  createApiKey(contextOf(admin(), nowMs), { deployment: keyed(deploymentId), name: "A key", expiresAt });

describe("a call without a credential", () => {
  it.each([
    ["GET", "/api/v1/me"],
    ["GET", "/api/v1/tokens"],
    ["POST", "/api/v1/tokens"],
    ["DELETE", "/api/v1/tokens/tok_x"],
    ["GET", "/api/v1/users"],
    ["POST", "/api/v1/users"],
    ["GET", "/api/v1/projects"],
    ["POST", "/api/v1/projects"],
    ["GET", "/api/v1/projects/first-project"],
    ["GET", "/api/v1/projects/there-is-none"],
    ["PATCH", "/api/v1/projects/first-project"],
    ["GET", "/api/v1/projects/first-project/members"],
    ["PUT", "/api/v1/projects/first-project/members/usr_x"],
  ])("%s %s is 401 with a problem document", async (method, path) => {
    const answer = await callApi(method, path, method === "GET" ? undefined : {});
    expect([answer.status, answer.at("code")]).toEqual([401, "unauthorized"]);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
  });
});

describe("a bearer token", () => {
  it("acts as its user", async () => {
    const user = await createUser();
    expect((await me(user.token)).at("user")).toMatchObject({ id: user.id, email: user.email, role: "member" });
  });

  it.each([
    ["no token at all", "Bearer"],
    ["another scheme", "Basic YTpi"],
    ["a token without its scheme", "typ_abc"],
    ["invented text", "Bearer abc"],
  ])("is refused as %s, also where nobody may enter", async (_, authorization) => {
    for (const path of ["/api/v1/me", "/openapi.json", "/sign-in"]) {
      const response = await fetchInstance(path, { headers: { authorization, accept: "text/html" } });
      expect(`${path} ${response.status}`).toBe(`${path} 401`);
    }
  });

  it("is refused with a tampered checksum", async () => {
    const { token } = await createUser();
    const last = token.endsWith("0") ? "1" : "0";
    expect((await me(token.slice(0, -1) + last)).status).toBe(401);
  });

  it("is refused when it is well formed and unknown", async () => {
    const user = await createUser();
    await instance.db.delete(personalTokens).where(eq(personalTokens.userId, user.id));
    expect((await me(user.token)).status).toBe(401);
  });

  it("goes before the session cookie", async () => {
    const browser = new Browser();
    await browser.signIn(ADMIN);
    const user = await createUser();
    const call = (authorization: string) =>
      fetchInstance("/api/v1/me", { headers: { cookie: browser.cookie, authorization } });
    expect(await (await call(`Bearer ${user.token}`)).json()).toMatchObject({ user: { id: user.id } });
    expect((await call("Bearer nonsense")).status).toBe(401);
  });

  it("dies with its time, also in the cache", async () => {
    const user = await createUser();
    const nowMs = Date.now();
    const { secret: expired } = await createPersonalToken(contextOf(undefined, nowMs - DAY_MS), {
      user: user.id,
      name: "old",
      expires_in_days: 1,
    });
    expect((await me(expired)).status).toBe(401);
    const { secret: brief } = await createPersonalToken(contextOf(undefined, nowMs - DAY_MS + 700), {
      user: user.id,
      name: "brief",
      expires_in_days: 1,
    });
    expect((await me(brief)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect((await me(brief)).status).toBe(401);
  });

  it("dies with its user", async () => {
    const user = await createUser();
    await instance.db.update(users).set({ deactivatedAt: Date.now() }).where(eq(users.id, user.id));
    expect((await me(user.token)).status).toBe(401);
  });

  it("is dead within 5 s where its end was not heard of", async () => {
    const user = await createUser();
    expect((await me(user.token)).status).toBe(200);
    await instance.db.delete(personalTokens).where(eq(personalTokens.userId, user.id));
    await expect.poll(async () => (await me(user.token)).status, { timeout: 5_000, interval: 200 }).toBe(401);
  });

  it("notes its last use, once a minute at most", async () => {
    const user = await createUser();
    const lastUse = async () => {
      const row = await instance.db.select().from(personalTokens).where(eq(personalTokens.userId, user.id)).get();
      return row?.lastUsedAt ?? null;
    };
    expect(await lastUse()).toBeNull();
    await me(user.token);
    await expect.poll(lastUse).not.toBeNull();
    const first = await lastUse();
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await me(user.token);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await lastUse()).toBe(first);
  });
});

describe("an API key", () => {
  it("is no user: it may not see accounts and projects", async () => {
    const { secret } = await key("dep_a");
    for (const path of ["/api/v1/me", "/api/v1/tokens", "/api/v1/projects", "/api/v1/projects/first-project"]) {
      expect(`${path} ${(await callApi("GET", path, undefined, secret)).status}`).toBe(`${path} 403`);
    }
  });

  it("is refused when it has expired, was tampered with or revoked", async () => {
    const good = await key("dep_b");
    expect((await me(good.secret)).status).toBe(403);
    const nowMs = Date.now();
    const expired = await key("dep_b", nowMs - 1, nowMs - 1_000);
    expect((await me(expired.secret)).status).toBe(401);
    const middle = good.secret.charAt(20) === "x" ? "y" : "x";
    expect((await me(good.secret.slice(0, 20) + middle + good.secret.slice(21))).status).toBe(401);
    await revokeApiKey(contextOf(admin()), { deployment: keyed("dep_b"), key: good.id });
    expect((await me(good.secret)).status).toBe(401);
  });

  it("is created with a time to come only", async () => {
    await expect(key("dep_c", Date.now() - 1)).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("is on one page of the list and one only, also beside others of the same millisecond", async () => {
    const made = [];
    for (let count = 0; count < 5; count += 1) made.push((await key("dep_f", null, 1_000)).id);
    const seen = [];
    let cursor: string | null = null;
    do {
      const page = await listApiKeys(instance.db, "dep_f", { limit: 2, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.toSorted()).toEqual(made.toSorted());
  });

  it("is listed and revoked for its own deployment only", async () => {
    const one = await key("dep_d", null, 1_000);
    const two = await key("dep_d", null, 2_000);
    await key("dep_e");
    const { items, nextCursor } = await listApiKeys(instance.db, "dep_d", { limit: 1, cursor: null });
    expect(items.map(({ id }) => id)).toEqual([two.id]);
    const rest = await listApiKeys(instance.db, "dep_d", { limit: 1, cursor: nextCursor });
    expect([rest.items.map(({ id }) => id), rest.nextCursor]).toEqual([[one.id], null]);
    expect(JSON.stringify(items)).not.toContain(two.secret);
    const ofAnother = revokeApiKey(contextOf(admin()), { deployment: keyed("dep_e"), key: one.id });
    await expect(ofAnother).rejects.toMatchObject({ code: "not_found" });
    expect((await me(one.secret)).status).toBe(403);
  });
});
