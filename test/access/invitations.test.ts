import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { invitations, sessions, users } from "../../src/access/schema.ts";
import { DAY_MS } from "../../src/lib/time.ts";
import { Browser } from "../support/browser.ts";
import {
  ADMIN,
  callApi,
  createUser,
  fetchInstance,
  type Instance,
  ORIGIN,
  startInstance,
} from "../support/instance.ts";
import { parsePage, readPage } from "../support/page-dom.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});

let count = 0;
const asAdmin = (method: string, to: string, body?: unknown) => callApi(method, to, body, instance.adminToken);

async function invite(name = "Ada"): Promise<{ id: string; email: string; link: string }> {
  count += 1;
  const email = `invited-${count}@tiltyard.test`;
  const answer = await asAdmin("POST", "/api/v1/users", { email, name });
  return { id: answer.text("user.id"), email, link: pathOf(answer.text("invitation_url")) };
}

async function renew(user: { id: string }): Promise<string> {
  return pathOf((await asAdmin("POST", `/api/v1/users/${user.id}/invitation`, {})).text("invitation_url"));
}

function pathOf(url: string): string {
  expect(url).toMatch(new RegExp(`^${ORIGIN}/invitations/[0-9A-Za-z]{43}$`));
  return new URL(url).pathname;
}

const FILLED = { name: "Ada Lovelace", password: "the engine weaves" };

async function expectClosed(link: string, email: string): Promise<void> {
  for (const response of [await new Browser().get(link), await new Browser().post(link, FILLED)]) {
    const page = await response.text();
    expect([response.status, response.headers.getSetCookie()]).toEqual([404, []]);
    expect(page).toContain("This link is not valid");
    expect(page).not.toContain(email);
    expect(page).not.toContain("Ada");
  }
}

describe("a user who is created without a password", () => {
  it("has none, and the answer carries a link", async () => {
    const answer = await asAdmin("POST", "/api/v1/users", { email: "first@tiltyard.test", name: "First" });
    expect([answer.status, answer.at("user.active"), answer.at("user.role")]).toEqual([201, true, "member"]);
    const secret = pathOf(answer.text("invitation_url")).split("/").at(-1) ?? "";
    const rows = [await instance.db.select().from(users), await instance.db.select().from(invitations)];
    expect(rows.flat().length).toBeGreaterThan(1);
    expect(JSON.stringify(rows)).not.toContain(secret);

    const read = await asAdmin("GET", `/api/v1/users/${answer.text("user.id")}`);
    expect(read.at("has_password")).toBe(false);
    const days = (Date.parse(read.text("invitation_expires_at")) - Date.parse(read.text("created_at"))) / 86_400_000;
    expect(days).toBe(7);
    for (const password of ["none", "", "n", "first@tiltyard.test"]) {
      expect((await new Browser().signIn({ email: "first@tiltyard.test", password })).status).toBe(401);
    }
  });

  it("has no link when there is a password", async () => {
    const body = { email: "with@tiltyard.test", name: "With", password: "a long enough one" };
    expect((await asAdmin("POST", "/api/v1/users", body)).at("invitation_url")).toBeUndefined();
  });

  it("does not come twice, and leaves the link of the first one alone", async () => {
    const { email, link } = await invite();
    const again = await asAdmin("POST", "/api/v1/users", { email: email.toUpperCase(), name: "Again" });
    expect([again.status, again.at("invitation_url")]).toEqual([409, undefined]);
    expect((await new Browser().get(link)).status).toBe(200);
  });
});

describe("an invitation", () => {
  it("shows a form, sets the password, signs in, and opens nothing afterwards", async () => {
    const { email, link } = await invite("Ada");
    const browser = new Browser();
    const invitation = await browser.get(link);
    expect([invitation.status, invitation.headers.get("cache-control")]).toEqual([200, "no-store"]);
    const form = (await readPage(invitation)).form(link);
    expect(form.byLabel("Email").value).toBe(email);
    expect(form.byLabel("Your name").value).toBe("Ada");
    expect(form.byLabel("Password").is('[type="password"][autocomplete="new-password"]')).toBe(true);

    const response = await browser.post(link, {
      ...FILLED,
      role: "admin",
      id: "usr_mine",
      email: "other@tiltyard.test",
    });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/projects"]);
    const me: unknown = await (await browser.get("/api/v1/me")).json();
    expect(me).toMatchObject({ user: { email, name: "Ada Lovelace", role: "member" } });
    expect((await new Browser().signIn({ email, password: FILLED.password })).status).toBe(303);
    await expectClosed(link, email);
  });

  it("shows what is wrong, keeps the name and goes on being open", async () => {
    const { link } = await invite();
    const response = await new Browser().post(link, { name: "A <b>", password: "too short" });
    const markup = await response.text();
    const page = parsePage(markup);
    expect(response.status).toBe(422);
    expect(page.byLabel("Password").problem).toContain("at least 10 characters");
    expect(page.byLabel("Your name").value).toBe("A <b>");
    expect(markup).not.toContain("too short");
    expect((await new Browser().post(link, FILLED)).status).toBe(303);
  });

  it("is used by one of two at the same time", async () => {
    const { email, link } = await invite();
    const passwords = ["the first password", "the second password"];
    const responses = await Promise.all(passwords.map((password) => new Browser().post(link, { name: "A", password })));
    expect(responses.map(({ status }) => status).toSorted()).toEqual([303, 404]);
    const winner = responses.findIndex(({ status }) => status === 303);
    const signIns = await Promise.all(passwords.map((password) => new Browser().signIn({ email, password })));
    expect(signIns.findIndex(({ status }) => status === 303)).toBe(winner);
    expect(signIns.filter(({ status }) => status === 303)).toHaveLength(1);
  });

  it("opens nothing when it is unknown, or of another form", async () => {
    const { link, email } = await invite();
    const last = link.endsWith("0") ? "1" : "0";
    await expectClosed(link.slice(0, -1) + last, email);
    await expectClosed("/invitations/x", email);
    await expectClosed("/invitations/%27%20or%201=1--", email);
  });

  it("opens nothing when its time has come", async () => {
    const { id, link, email } = await invite();
    await instance.db
      .update(invitations)
      .set({ expiresAt: Date.now() - 1 })
      .where(eq(invitations.userId, id));
    await expectClosed(link, email);
    expect((await new Browser().signIn({ email, password: FILLED.password })).status).toBe(401);
  });

  it("opens nothing when a newer one was made, which then does", async () => {
    const user = await invite();
    const newer = await renew(user);
    await expectClosed(user.link, user.email);
    expect((await new Browser().post(newer, FILLED)).status).toBe(303);
  });

  it("opens nothing when its user was deactivated or deleted", async () => {
    const [off, gone] = [await invite(), await invite()];
    await asAdmin("PATCH", `/api/v1/users/${off.id}`, { active: false });
    await asAdmin("DELETE", `/api/v1/users/${gone.id}`);
    await expectClosed(off.link, off.email);
    await expectClosed(gone.link, gone.email);
    await asAdmin("PATCH", `/api/v1/users/${off.id}`, { active: true });
    await expectClosed(off.link, off.email);
  });

  it("makes a new session of its own, whatever cookie was there", async () => {
    const { link } = await invite();
    const planted = new Browser();
    planted.plantCookie("tiltyard", "a".repeat(43));
    await planted.post(link, FILLED);
    expect(planted.cookie).not.toContain("a".repeat(43));
    expect((await planted.get("/api/v1/me")).status).toBe(200);

    const admin = new Browser();
    await admin.signIn(ADMIN);
    const before = new Browser();
    before.plantCookie("tiltyard", admin.cookie.split("=")[1] ?? "");
    const second = await invite();
    await admin.post(second.link, FILLED);
    expect(await (await admin.get("/api/v1/me")).json()).toMatchObject({ user: { email: second.email } });
    expect((await before.get("/api/v1/me")).status).toBe(401);
  });

  it("is not accepted from another site, which would sign its visitor in to an account of its own", async () => {
    const { link } = await invite();
    const body = new URLSearchParams(FILLED);
    const headers = { origin: "https://evil.test", "sec-fetch-site": "cross-site" };
    const response = await fetchInstance(link, { method: "POST", body, headers });
    expect([response.status, response.headers.getSetCookie()]).toEqual([403, []]);
    expect((await new Browser().get(link)).status).toBe(200);
  });

  it("cannot be guessed: attempts are limited by address", async () => {
    const { link } = await invite();
    const from = (address: string, to: string) =>
      fetchInstance(to, { headers: { "cf-connecting-ip": address, accept: "text/html" } });
    const statuses = [];
    for (let guess = 0; guess < 11; guess += 1) {
      statuses.push((await from("203.0.113.20", `/invitations/guess${guess}`)).status);
    }
    expect(statuses).toEqual([...Array(10).fill(404), 429]);
    const right = await from("203.0.113.20", link);
    expect([right.status, right.headers.get("retry-after")]).toEqual([429, "60"]);
    const headers = { "cf-connecting-ip": "203.0.113.20", accept: "text/html" };
    const post = await fetchInstance(link, { method: "POST", body: new URLSearchParams(FILLED), headers });
    expect(post.status).toBe(429);
    expect((await from("203.0.113.21", link)).status).toBe(200);
  });
});

describe("a new link for a user who has a password", () => {
  it("lets the old password work until it is used, then ends it and all sessions", async () => {
    const user = await createUser();
    const old = new Browser();
    await old.signIn(user);
    const answer = await asAdmin("POST", `/api/v1/users/${user.id}/invitation`, {});
    const lifeMs = Date.parse(answer.text("expires_at")) - Date.now();
    expect([answer.status, Math.round(lifeMs / DAY_MS)]).toEqual([201, 7]);
    expect((await new Browser().signIn(user)).status).toBe(303);

    const fresh = new Browser();
    expect((await fresh.post(pathOf(answer.text("invitation_url")), FILLED)).status).toBe(303);
    expect((await old.get("/api/v1/me")).status).toBe(401);
    expect((await fresh.get("/api/v1/me")).status).toBe(200);
    expect(await instance.db.select().from(sessions).where(eq(sessions.userId, user.id))).toHaveLength(1);
    expect((await new Browser().signIn(user)).status).toBe(401);
    expect((await new Browser().signIn({ ...user, password: FILLED.password })).status).toBe(303);
  });
});
