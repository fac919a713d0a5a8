import { exports } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { sessions, users } from "../../src/access/schema.ts";
import { openSession } from "../../src/access/session.ts";
import { Browser } from "../support/browser.ts";
import {
  ADMIN,
  callApi,
  contextOf,
  createUser,
  fetchInstance,
  type Instance,
  ORIGIN,
  startInstance,
} from "../support/instance.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});

const signedIn = async (browser: Browser) => (await browser.get("/projects")).status === 200;

describe("signing in", () => {
  it("opens a session of 30 days in a cookie that scripts and other sites cannot use", async () => {
    const browser = new Browser();
    const response = await browser.signIn(ADMIN);
    expect([response.status, response.headers.get("location")]).toEqual([303, "/projects"]);
    const [cookie, ...others] = response.headers.getSetCookie();
    expect(others).toEqual([]);
    expect(cookie).toMatch(/^tiltyard=[0-9A-Za-z]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(await signedIn(browser)).toBe(true);
  });

  it("uses a __Host- cookie over HTTPS", async () => {
    const browser = new Browser("https://tiltyard.test");
    const response = await browser.signIn(ADMIN);
    expect(response.headers.getSetCookie()[0]).toMatch(/^__Host-tiltyard=.*; Secure(;|$)/);
    expect(await signedIn(browser)).toBe(true);
  });

  it("stores the hash of the cookie and not the cookie", async () => {
    const browser = new Browser();
    await browser.signIn(ADMIN);
    const value = browser.cookie.split("=")[1] ?? "";
    const rows = await instance.db.select().from(sessions);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(value);
  });

  it("takes the email in any case", async () => {
    const user = await createUser();
    const response = await new Browser().signIn({ ...user, email: ` ${user.email.toUpperCase()} ` });
    expect(response.status).toBe(303);
  });

  it("leads to where the reader was going, on this site only", async () => {
    const user = await createUser();
    const to = async (next: string) => {
      const fields = { email: user.email, password: user.password, next };
      return (await new Browser().post("/sign-in", fields)).headers.get("location");
    };
    expect(await to("/projects/a/deployments?x=1")).toBe("/projects/a/deployments?x=1");
    expect(await to("https://evil.test/")).toBe("/projects");
    expect(await to("//evil.test/")).toBe("/projects");
  });

  it("sends who is not signed in to the sign-in, and back again", async () => {
    const response = await new Browser().get("/projects?a=b");
    expect([response.status, response.headers.get("location")]).toEqual([303, "/sign-in?next=%2Fprojects%3Fa%3Db"]);
    const page = await new Browser().page("/sign-in?next=%2Fprojects%3Fa%3Db");
    expect(page.byName("next").value).toBe("/projects?a=b");
  });

  it("leads on who is signed in already", async () => {
    const browser = new Browser();
    await browser.signIn(ADMIN);
    expect((await browser.get("/sign-in")).headers.get("location")).toBe("/projects");
    expect((await browser.get("/")).headers.get("location")).toBe("/projects");
  });
});

describe("a session", () => {
  it("never takes over a cookie that was there before", async () => {
    const victim = new Browser();
    victim.plantCookie("tiltyard", "a".repeat(43));
    const response = await victim.signIn(ADMIN);
    expect(response.status).toBe(303);
    expect(victim.cookie).not.toContain("a".repeat(43));
    expect(await signedIn(victim)).toBe(true);

    const attacker = new Browser();
    attacker.plantCookie("tiltyard", "a".repeat(43));
    expect(await signedIn(attacker)).toBe(false);
  });

  it("does not begin with a password that was changed while it was being checked", async () => {
    const user = await createUser();
    const row = await instance.db.select().from(users).where(eq(users.id, user.id)).get();
    const passwordHash = row?.passwordHash ?? "";
    await openSession(contextOf(), { user, passwordHash });
    await callApi(
      "POST",
      "/api/v1/me/password",
      { current_password: user.password, new_password: "another password" },
      user.token,
    );
    const late = openSession(contextOf(), { user, passwordHash });
    await expect(late).rejects.toMatchObject({ code: "unauthorized" });
    expect(await instance.db.select().from(sessions).where(eq(sessions.userId, user.id))).toEqual([]);
  });

  it("ends when another begins in the same browser", async () => {
    const browser = new Browser();
    await browser.signIn(ADMIN);
    const old = new Browser();
    old.plantCookie("tiltyard", browser.cookie.split("=")[1] ?? "");
    expect(await signedIn(old)).toBe(true);
    await browser.signIn(ADMIN);
    expect(await signedIn(browser)).toBe(true);
    expect(await signedIn(old)).toBe(false);
  });

  it("ends with the sign-out, for whoever kept the cookie too", async () => {
    const browser = new Browser();
    await browser.signIn(ADMIN);
    const copy = new Browser();
    copy.plantCookie("tiltyard", browser.cookie.split("=")[1] ?? "");
    const response = await browser.post("/sign-out", {});
    expect([response.status, response.headers.get("location"), browser.cookie]).toEqual([303, "/sign-in", ""]);
    expect(await signedIn(copy)).toBe(false);
  });

  it("is over after its time", async () => {
    const user = await createUser();
    const browser = new Browser();
    await browser.signIn(user);
    expect(await signedIn(browser)).toBe(true);
    await instance.db
      .update(sessions)
      .set({ expiresAt: Date.now() - 1 })
      .where(eq(sessions.userId, user.id));
    expect(await signedIn(browser)).toBe(false);
  });

  it("is cleared from the browser when it opens nothing", async () => {
    const browser = new Browser();
    browser.plantCookie("tiltyard", "nonsense");
    const response = await browser.get("/sign-in");
    expect([response.status, browser.cookie]).toEqual([200, ""]);
  });

  it("does not outlive the deactivation of its user", async () => {
    const user = await createUser();
    const browser = new Browser();
    await browser.signIn(user);
    await instance.db.update(users).set({ deactivatedAt: Date.now() }).where(eq(users.id, user.id));
    expect(await signedIn(browser)).toBe(false);
    expect((await new Browser().signIn(user)).status).toBe(401);
  });
});

describe("a refused sign-in", () => {
  it("is the same for a wrong password, an unknown account, a deactivated one and one without a password", async () => {
    const known = await createUser();
    const gone = await createUser();
    await instance.db.update(users).set({ deactivatedAt: 1 }).where(eq(users.id, gone.id));
    const invited = await createUser();
    await instance.db.update(users).set({ passwordHash: "none" }).where(eq(users.id, invited.id));
    const pages = [];
    for (const { email, password } of [
      { email: known.email, password: "not the password" },
      { email: "nobody.there@tiltyard.test", password: "not the password" },
      gone,
      invited,
      { email: invited.email, password: "none" },
    ]) {
      const response = await new Browser().signIn({ email, password });
      expect([response.status, response.headers.getSetCookie()]).toEqual([401, []]);
      pages.push((await response.text()).replaceAll(email, "EMAIL"));
    }
    expect(new Set(pages).size).toBe(1);
    expect(pages[0]).toContain("Wrong e-mail address or password");
    expect(pages[0]).not.toContain("not the password");
  });

  it("hashes for an unknown account too, for one without a password and for a deactivated one", async () => {
    const invited = await createUser();
    await instance.db.update(users).set({ passwordHash: "none" }).where(eq(users.id, invited.id));
    const gone = await createUser({ role: "admin" });
    const admin = await instance.db.select().from(users).where(eq(users.email, ADMIN.email)).get();
    const deactivated = { passwordHash: admin?.passwordHash ?? "", deactivatedAt: 1 };
    await instance.db.update(users).set(deactivated).where(eq(users.id, gone.id));
    // The admin's hash has the full cost. The clock of the Worker moves with each request.
    const time = async (email: string) => {
      const start = performance.now();
      await new Browser().signIn({ email, password: "not the password" });
      return performance.now() - start;
    };
    // The quicker of two: one may have met a busy machine.
    const known = Math.min(await time(ADMIN.email), await time(ADMIN.email));
    for (const email of ["nobody.here@tiltyard.test", invited.email, gone.email]) {
      expect(await time(email)).toBeGreaterThan(known / 3);
    }
  });

  it("is limited by account, from wherever it comes", async () => {
    const user = await createUser();
    const statuses = [];
    for (let guess = 0; guess < 12; guess += 1) {
      statuses.push((await new Browser().signIn({ ...user, password: `guess number ${guess}` })).status);
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    const right = await new Browser().signIn(user);
    expect([right.status, right.headers.get("retry-after")]).toEqual([429, "60"]);
  });

  it("is limited by address, whatever the account", async () => {
    const statuses = [];
    for (let guess = 0; guess < 11; guess += 1) {
      const user = await createUser();
      const response = await fetchInstance("/sign-in", {
        method: "POST",
        headers: { "cf-connecting-ip": "203.0.113.7" },
        body: new URLSearchParams({ email: user.email, password: "a guess" }),
      });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
  });

  it("is not limited for all together where nobody knows addresses", async () => {
    const statuses = [];
    for (let guess = 0; guess < 11; guess += 1) {
      const { email } = await createUser();
      const body = new URLSearchParams({ email, password: "a guess" });
      const request = new Request(`${ORIGIN}/sign-in`, { method: "POST", body, redirect: "manual" });
      statuses.push((await exports.default.fetch(request)).status);
    }
    expect(statuses).toEqual(Array(11).fill(401));
  });

  it("refuses a body that is no form", async () => {
    const response = await fetchInstance("/sign-in", {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    expect(response.status).toBe(415);
  });
});
