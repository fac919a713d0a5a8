import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { invitations, users } from "../../src/access/schema.ts";
import { Browser } from "../support/browser.ts";
import {
  callApi,
  createUser,
  fetchInstance,
  type Instance,
  startInstance,
  type TestUser,
} from "../support/instance.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});

const NEW = "a password that is new";
const change = (user: TestUser, current_password: string, new_password = NEW) =>
  callApi("POST", "/api/v1/me/password", { current_password, new_password }, user.token);
const canSignIn = async (user: TestUser, password: string) =>
  (await new Browser().signIn({ ...user, password })).status === 303;

describe("changing one's own password by the API", () => {
  it("sets the new one, ends all sessions and any open link, and leaves tokens alone", async () => {
    const user = await createUser();
    const browser = new Browser();
    await browser.signIn(user);
    await callApi("POST", `/api/v1/users/${user.id}/invitation`, {}, instance.adminToken);

    const answer = await change(user, user.password);
    expect([answer.status, answer.body]).toEqual([204, null]);
    expect([await canSignIn(user, user.password), await canSignIn(user, NEW)]).toEqual([false, true]);
    expect((await browser.get("/api/v1/me")).status).toBe(401);
    expect((await callApi("GET", "/api/v1/me", undefined, user.token)).status).toBe(200);
    expect(await instance.db.select().from(invitations).where(eq(invitations.userId, user.id))).toEqual([]);
    const row = await instance.db.select().from(users).where(eq(users.id, user.id)).get();
    expect(row?.passwordHash).toMatch(/^scrypt\$16384\$8\$5\$/);
  });

  it("keeps the session by which it is done", async () => {
    const user = await createUser();
    const [here, there] = [new Browser(), new Browser()];
    await here.signIn(user);
    await there.signIn(user);
    const response = await fetchInstance("/api/v1/me/password", {
      method: "POST",
      headers: { cookie: here.cookie, "sec-fetch-site": "same-origin", "content-type": "application/json" },
      body: JSON.stringify({ current_password: user.password, new_password: NEW }),
    });
    expect(response.status).toBe(204);
    expect([(await here.get("/api/v1/me")).status, (await there.get("/api/v1/me")).status]).toEqual([200, 401]);
  });

  it("refuses a wrong current password and changes nothing", async () => {
    const user = await createUser();
    const browser = new Browser();
    await browser.signIn(user);
    const answer = await change(user, "not the password");
    expect([answer.status, answer.at("errors.0.path")]).toEqual([403, "current_password"]);
    expect((await browser.get("/api/v1/me")).status).toBe(200);
    expect([await canSignIn(user, user.password), await canSignIn(user, NEW)]).toEqual([true, false]);
  });

  it.each([
    [{ current_password: "password of a user", new_password: "too short" }, "new_password"],
    [{ current_password: "password of a user", new_password: "x".repeat(201) }, "new_password"],
    [{ new_password: NEW }, "current_password"],
    [{ current_password: "", new_password: NEW }, "current_password"],
    [{ current_password: "x".repeat(201), new_password: NEW }, "current_password"],
  ])("refuses %j", async (body, path) => {
    const user = await createUser();
    const answer = await callApi("POST", "/api/v1/me/password", body, user.token);
    expect([answer.status, answer.at("errors.0.path")]).toEqual([422, path]);
    expect(await canSignIn(user, user.password)).toBe(true);
  });

  it("lets one of two changes at the same time win", async () => {
    const user = await createUser();
    const wanted = ["the first password", "the second password"];
    const answers = await Promise.all(wanted.map((password) => change(user, user.password, password)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 403]);
    const winner = wanted[answers.findIndex(({ status }) => status === 204)] ?? "";
    expect(await canSignIn(user, winner)).toBe(true);
  });

  it("is limited by account, together with guesses at the sign-in", async () => {
    const user = await createUser();
    for (let guess = 0; guess < 5; guess += 1) {
      await new Browser().signIn({ ...user, password: `guess number ${guess}` });
    }
    const statuses = [];
    for (let guess = 0; guess < 6; guess += 1) statuses.push((await change(user, `guess number ${guess}`)).status);
    expect(statuses).toEqual([...Array(5).fill(403), 429]);
    const right = await change(user, user.password);
    expect([right.status, right.headers.get("retry-after")]).toEqual([429, "60"]);
  });

  it("is limited by address, whatever the account", async () => {
    const statuses = [];
    for (let guess = 0; guess < 11; guess += 1) {
      const { token } = await createUser();
      const response = await fetchInstance("/api/v1/me/password", {
        method: "POST",
        headers: {
          "cf-connecting-ip": "203.0.113.30",
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ current_password: "a guess", new_password: NEW }),
      });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([...Array(10).fill(403), 429]);
  });
});

describe("changing one's own password on /account", () => {
  it("says that it is done and goes on being signed in", async () => {
    const user = await createUser();
    const [here, there] = [new Browser(), new Browser()];
    await here.signIn(user);
    await there.signIn(user);
    expect((await here.page("/account")).actions).toContain("/account/password");
    const response = await here.post("/account/password", { current_password: user.password, new_password: NEW });
    expect(response.status).toBe(303);
    const page = await (await here.get(response.headers.get("location") ?? "")).text();
    expect(page).toContain("Password changed");
    expect((await there.get("/api/v1/me")).status).toBe(401);
    expect(await canSignIn(user, NEW)).toBe(true);
  });

  it("shows what is wrong and never what was typed", async () => {
    const user = await createUser();
    const browser = new Browser();
    await browser.signIn(user);
    const fields = { current_password: "a wrong password", new_password: NEW };
    const response = await browser.post("/account/password", fields);
    const page = await response.text();
    expect(response.status).toBe(403);
    expect(page).toContain("This is not your current password");
    expect(page).not.toContain(fields.current_password);
    expect(page).not.toContain(NEW);
    const short = await browser.post("/account/password", { ...fields, new_password: "too short" });
    expect([short.status, (await short.text()).includes("at least 10 characters")]).toEqual([422, true]);
  });

  it("is for who is signed in", async () => {
    const response = await new Browser().post("/account/password", { current_password: "a", new_password: NEW });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/sign-in"]);
  });
});
