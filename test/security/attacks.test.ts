import { beforeAll, describe, expect, it, vi } from "vitest";
import { sha256Hex } from "../../src/lib/hash.ts";
import { Browser } from "../support/browser.ts";
import { ADMIN, callApi, createUser, fetchInstance, ORIGIN, type TestUser } from "../support/instance.ts";
import { addressOf, bodyOf, isPage, send } from "./request.ts";
import { ROUTES } from "./route-table.ts";
import { storedState } from "./stored-state.ts";
import { startWorld, type World } from "./world.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 90_000 });

// Guesses, tampering and requests from elsewhere. Who may call which route at all: routes.test.ts. More of the same-origin rule:
// test/access/same-origin.test.ts; of sessions: sign-in.test.ts; of tokens and keys: authenticate.test.ts, tokens.test.ts.

let world: World;
/** Signed in as the admin of the instance, who may do everything. */
let admin: Browser;
beforeAll(async () => {
  world = await startWorld();
  admin = new Browser();
  await admin.signIn(ADMIN);
});

const EVIL = "https://evil.test";
const me = (headers: Record<string, string>) => fetchInstance("/api/v1/me", { headers });
const asBearer = (secret: string) => me({ authorization: `Bearer ${secret}` });
const asCookie = (value: string) => me({ cookie: `tiltyard=${value}` });
const sessionOf = (browser: Browser): string => browser.cookie.split("=")[1] ?? "";

describe("a page of another site, in the browser of the instance's admin", () => {
  it.each([
    ["another site", { origin: EVIL, "sec-fetch-site": "cross-site" }],
    ["a sibling domain", { origin: "http://other.tiltyard.test", "sec-fetch-site": "same-site" }],
    ["an old browser that says nothing", {}],
    ["another port", { origin: `${ORIGIN}:8080` }],
  ])("can change nothing on any route: %s", async (_, from) => {
    const before = await storedState();
    const passed: string[] = [];
    for (const { name, method, pattern, sends } of ROUTES.filter((route) => route.method !== "GET")) {
      const path = addressOf(pattern, world.ids());
      const body = bodyOf(sends?.(world));
      const headers = new Headers({ ...from, cookie: admin.cookie, accept: isPage(path) ? "text/html" : "*/*" });
      if (typeof body === "string") headers.set("content-type", "text/plain");
      const { status } = await fetchInstance(path, { method, headers, ...(body !== undefined && { body }) });
      if (status !== 403) passed.push(`${name}: ${status}`);
    }
    expect(passed).toEqual([]);
    expect(await storedState()).toEqual(before);
  });

  it("can change nothing by a link or an image: no GET writes anything", async () => {
    const before = await storedState();
    for (const { name, pattern } of ROUTES.filter(({ method }) => method === "GET")) {
      const headers = { origin: EVIL, "sec-fetch-site": "cross-site", cookie: admin.cookie, accept: "text/html" };
      const { status } = await fetchInstance(addressOf(pattern, world.ids()), { headers });
      expect(status < 500, `${name}: ${status}`).toBe(true);
    }
    expect(await storedState()).toEqual(before);
  });

  it("gains nothing by credentials in the address, which the browser sends as Basic beside the cookie", async () => {
    const before = await storedState();
    const headers = { origin: EVIL, "sec-fetch-site": "cross-site", cookie: admin.cookie, authorization: "Basic YTpi" };
    for (const path of ["/projects", "/sign-out", "/account/tokens"]) {
      const response = await fetchInstance(path, { method: "POST", headers, body: new URLSearchParams({ name: "x" }) });
      expect(`${path} ${response.status}`).toBe(`${path} 401`);
    }
    expect(await storedState()).toEqual(before);
    expect((await admin.get("/api/v1/me")).status).toBe(200);
  });

  it("may read no answer but what anybody may read without credentials", async () => {
    const path = `/api/v1/deployments/${world.ids("public").deployment}/about`;
    const asked = { origin: EVIL, "access-control-request-method": "POST" };
    const open = await fetchInstance(path, { headers: { origin: EVIL, cookie: admin.cookie } });
    expect(open.headers.get("access-control-allow-origin")).toBe("*");
    expect(open.headers.get("access-control-allow-credentials")).toBeNull();
    const closed = `/api/v1/deployments/${world.ids("project").deployment}/about`;
    for (const response of [
      await fetchInstance(closed, { headers: { origin: EVIL, cookie: admin.cookie } }),
      await fetchInstance("/api/v1/projects", { method: "OPTIONS", headers: asked }),
      await fetchInstance("/api/v1/me", { headers: { origin: EVIL, cookie: admin.cookie } }),
    ]) {
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    }
  });
});

describe("a session that an attacker plants in another browser", () => {
  it("never becomes the victim's, and is dead after the victim signed in", async () => {
    const [attacker, victim] = [await createUser(), await createUser()];
    const own = new Browser();
    await own.signIn(attacker);
    const planted = sessionOf(own);
    const other = new Browser();
    other.plantCookie("tiltyard", planted);
    expect((await other.signIn(victim)).status).toBe(303);
    expect(sessionOf(other)).not.toBe(planted);
    expect(await (await other.get("/api/v1/me")).json()).toMatchObject({ user: { id: victim.id } });
    expect((await own.get("/api/v1/me")).status).toBe(401);
  });

  it("is left alone by a sign-in that is refused", async () => {
    const user = await createUser();
    const browser = new Browser();
    await browser.signIn(user);
    const before = browser.cookie;
    expect((await browser.signIn({ ...user, password: "wrong" })).status).toBe(401);
    expect(browser.cookie).toBe(before);
    expect((await browser.get("/api/v1/me")).status).toBe(200);
  });

  it("is not read under the plain name over HTTPS, which a sibling domain could set", async () => {
    const origin = "https://tiltyard.test";
    const browser = new Browser(origin);
    await browser.signIn(await createUser());
    const call = (name: string) =>
      fetchInstance(`${origin}/api/v1/me`, { headers: { cookie: `${name}=${sessionOf(browser)}` } });
    expect((await call("__Host-tiltyard")).status).toBe(200);
    for (const name of ["tiltyard", "__host-tiltyard", "__Secure-tiltyard"]) {
      expect(`${name} ${(await call(name)).status}`).toBe(`${name} 401`);
    }
  });
});

describe("a credential that was tampered with", () => {
  let user: TestUser;
  let session: string;
  beforeAll(async () => {
    user = await createUser();
    const browser = new Browser();
    await browser.signIn(user);
    session = sessionOf(browser);
  });

  /** Ways to spoil a secret; none gives it back. */
  const spoiled = (secret: string): string[] => {
    const other = (char: string): string => (char === "0" ? "1" : "0");
    const flipped = [0, 5, 20, secret.length - 1].map(
      (at) => secret.slice(0, at) + other(secret.charAt(at)) + secret.slice(at + 1),
    );
    const cut = [secret.slice(0, -1), secret.slice(1), secret.slice(0, 12), `${secret}0`, `${secret}${secret}`];
    return [...flipped, ...cut, secret.toLowerCase(), secret.toUpperCase(), `${secret}%00`, `' or 1=1 --`];
  };

  it("opens nothing as a cookie", async () => {
    expect((await asCookie(session)).status).toBe(200);
    for (const value of spoiled(session)) expect(`${value} ${(await asCookie(value)).status}`).toBe(`${value} 401`);
  });

  it("opens nothing as a personal token or a key", async () => {
    const { key } = await world.addKey(world.ids().deployment);
    const about = (secret: string) =>
      fetchInstance(`/api/v1/deployments/${world.ids().deployment}/about`, {
        headers: { authorization: `Bearer ${secret}` },
      });
    expect([(await about(user.token)).status, (await about(key)).status]).toEqual([404, 200]);
    for (const secret of [...spoiled(user.token), ...spoiled(key), key.replace("tyk_", "typ_")]) {
      expect(`${secret} ${(await about(secret)).status}`).toBe(`${secret} 401`);
    }
  });

  it("is taken in its own place only: no token, key or link is a session, and no session or link is a token", async () => {
    const { key } = await world.addKey(world.ids().deployment);
    const { invitation } = world.ids();
    for (const secret of [user.token, key, invitation]) expect((await asCookie(secret)).status).toBe(401);
    for (const secret of [session, invitation]) expect((await asBearer(secret)).status).toBe(401);
    expect((await asBearer(key)).status).toBe(403);
    for (const secret of [session, user.token, key]) {
      expect((await fetchInstance(`/invitations/${secret}`)).status).toBe(404);
    }
  });

  it("is not made up from what the store holds: a hash opens nothing", async () => {
    for (const secret of [session, user.token, world.ids().invitation]) {
      const hash = await sha256Hex(secret);
      expect((await asCookie(hash)).status).toBe(401);
      expect((await asBearer(hash)).status).toBe(401);
      expect((await fetchInstance(`/invitations/${hash}`)).status).toBe(404);
    }
  });

  it("does not hide behind one that is good: of two the request is refused", async () => {
    const { authorization } = { authorization: `Bearer ${user.token}` };
    for (const both of [`${authorization}, Bearer nonsense`, `Bearer nonsense, ${authorization}`]) {
      expect((await me({ authorization: both })).status).toBe(401);
    }
    expect((await me({ authorization: "Bearer nonsense", cookie: admin.cookie })).status).toBe(401);
  });
});

describe("headers that a caller makes up", () => {
  it("do not escape the limit of guesses", async () => {
    const guess = async (index: number) => {
      const { email } = await createUser();
      return fetchInstance("/sign-in", {
        method: "POST",
        headers: {
          "cf-connecting-ip": "203.0.113.77",
          "x-forwarded-for": `198.51.100.${index}`,
          "x-real-ip": `198.51.100.${index}`,
          "true-client-ip": `198.51.100.${index}`,
          forwarded: `for=198.51.100.${index}`,
        },
        body: new URLSearchParams({ email, password: "a guess of mine" }),
      });
    };
    const statuses: number[] = [];
    for (let index = 0; index < 11; index += 1) statuses.push((await guess(index)).status);
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(statuses[10]).toBe(429);
  });

  it("do not change which address the audit log names", async () => {
    const user = await createUser();
    await fetchInstance("/sign-in", {
      method: "POST",
      headers: { "cf-connecting-ip": "203.0.113.78", "x-forwarded-for": "198.51.100.1" },
      body: new URLSearchParams({ email: user.email, password: user.password }),
    });
    const log = await callApi("GET", `/api/v1/audit?limit=1`, undefined, world.instanceAdmin);
    expect(JSON.stringify(log.body)).toContain("203.0.113.78");
    expect(JSON.stringify(log.body)).not.toContain("198.51.100.1");
  });

  it("do not lead the links of an answer elsewhere", async () => {
    const headers = {
      authorization: `Bearer ${world.instanceAdmin}`,
      "x-forwarded-host": "evil.test",
      "x-forwarded-proto": "https",
      forwarded: "host=evil.test",
    };
    const path = `/api/v1/users/${world.subject.id}/invitation`;
    const link: unknown = await (await fetchInstance(path, { method: "POST", headers, body: "{}" })).json();
    expect(link).toMatchObject({ invitation_url: expect.stringMatching(`^${ORIGIN}/invitations/`) });
    const about = await fetchInstance(`/api/v1/deployments/${world.ids().deployment}`, { headers });
    expect(await about.text()).not.toContain("evil.test");
  });

  it("do not make another method or address of a request", async () => {
    const before = await storedState();
    const path = `/api/v1/projects/${world.ids().project}`;
    const overridden = { "x-http-method-override": "DELETE", "x-http-method": "DELETE", "x-original-url": "/sign-out" };
    const headers = { authorization: `Bearer ${world.instanceAdmin}`, ...overridden };
    expect((await fetchInstance(path, { headers })).status).toBe(200);
    expect((await fetchInstance(`${path}?_method=DELETE`, { headers })).status).toBe(422);
    expect((await fetchInstance(`${path}?_method=DELETE`, { method: "POST", headers, body: "{}" })).status).toBe(405);
    expect(await storedState()).toEqual(before);
  });

  it("leave it to the key who is calling, whatever session comes with it", async () => {
    const { deployment, project } = world.ids();
    const { key } = await world.addKey(deployment);
    const before = await storedState();
    const call = (method: string, path: string, body?: string) =>
      fetchInstance(path, {
        method,
        headers: { cookie: admin.cookie, authorization: `Bearer ${key}`, "sec-fetch-site": "same-origin" },
        ...(body !== undefined && { body }),
      });
    const predict = `{"features":{"amount":1}}`;
    expect((await call("POST", `/api/v1/deployments/${deployment}/predict`, predict)).status).toBe(200);
    expect((await call("GET", "/api/v1/me")).status).toBe(403);
    expect((await call("POST", `/api/v1/deployments/${deployment}/keys`, '{"name":"Mine"}')).status).toBe(403);
    expect((await call("DELETE", `/api/v1/projects/${project}`)).status).toBe(403);
    expect(await storedState()).toEqual(before);
  });
});

describe("an address of another form", () => {
  it.each([
    (id: string) => `/api/v1/projects/x/../${id}`,
    (id: string) => `/api/v1/projects/x/%2e%2e/${id}`,
    (id: string) => `/api/v1/me/../projects/${id}`,
    (id: string) => `/api/v1//projects/${id}`,
    (id: string) => `${ORIGIN}//api/v1/projects/${id}`,
    (id: string) => `/API/V1/projects/${id}`,
    (id: string) => `/api/v1/projects/${id}/`,
    (id: string) => `/api/v1/projects/${id}%00`,
    (id: string) => `/api/v1/projects/${id};/members`,
    (id: string) => `/static/../api/v1/projects/${id}`,
    (id: string) => `/static/%2e%2e/api/v1/projects/${id}`,
    (id: string) => `/v2/../api/v1/projects/${id}`,
    (id: string) => `/health/../api/v1/projects/${id}`,
    (id: string) => `/api/v1/projects/%25/../${id}`,
    () => `/api/v1/projects/${encodeURIComponent(`' or '1'='1`)}`,
  ])("is no way around the rights: %s", async (pathOf) => {
    const path = pathOf(world.ids().project);
    for (const credential of [null, { token: world.stranger.token }, world.credential("its key")]) {
      const response = await send("GET", path, credential);
      const text = await response.text();
      expect([401, 403, 404, 303], `${path} ${response.status}`).toContain(response.status);
      expect(text).not.toContain("Routes");
    }
  });
});
