import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { users } from "../../src/access/schema.ts";
import { Browser } from "../support/browser.ts";
import { ADMIN, callApi, createUser, type Instance, ORIGIN, startInstance } from "../support/instance.ts";
import { parsePage, readPage } from "../support/page-dom.ts";

let instance: Instance;
let admin: Browser;
beforeAll(async () => {
  instance = await startInstance();
  admin = new Browser();
  await admin.signIn(ADMIN);
});

const row = (id: string) => instance.db.select().from(users).where(eq(users.id, id)).get();

describe("/users", () => {
  it("lists everybody with role and state", async () => {
    const [active, off] = [await createUser(), await createUser({ role: "admin" })];
    const invite = (email: string) =>
      callApi("POST", "/api/v1/users", { email, name: "<i>Invited</i>" }, instance.adminToken);
    await invite("listed@tiltyard.test");
    await callApi("PATCH", `/api/v1/users/${off.id}`, { active: false }, instance.adminToken);
    const table = (await admin.page("/users")).byRole("table", "Users");
    expect(table.rows).toEqual(
      expect.arrayContaining([
        ["A user", active.email, "Member", "Active", expect.any(String)],
        ["A user", off.email, "Admin", "Deactivated", expect.any(String)],
        ["<i>Invited</i>", "listed@tiltyard.test", "Member", "Invited", expect.any(String)],
      ]),
    );
    expect(table.links).toContain(`/users/${active.id}`);
    expect(await (await admin.get("/users")).text()).not.toContain("scrypt");
  });

  it("goes through a long list in pages", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 51; count += 1) ids.push((await createUser()).id);
    const first = await admin.page("/users");
    const next = await admin.page(first.link("Older").href ?? "");
    const [listed, older] = [first, next].map((page) => page.byRole("table", "Users").links);
    expect([...(listed ?? []), ...(older ?? [])]).toEqual(expect.arrayContaining(ids.map((id) => `/users/${id}`)));
    expect(listed).toHaveLength(50);
  });

  it("creates a user with a password", async () => {
    const fields = { email: "Paged@tiltyard.test", name: "Paged", role: "member", password: "a long enough one" };
    const response = await admin.post("/users", fields);
    const page = await response.text();
    expect(response.status).toBe(201);
    expect(page).toContain("paged@tiltyard.test created");
    expect(page).not.toContain("/invitations/");
    expect(page).not.toContain(fields.password);
    expect((await new Browser().signIn(fields)).status).toBe(303);
  });

  it("invites a user, showing the link once with a button that copies it", async () => {
    const fields = { email: "linked@tiltyard.test", name: "Linked", role: "admin", password: "" };
    const response = await admin.post("/users", fields);
    const page = await readPage(response);
    expect([response.status, response.headers.get("cache-control")]).toEqual([201, "no-store"]);
    const link = page.byLabel("Link");
    expect(link.value).toMatch(new RegExp(`^${ORIGIN}/invitations/[0-9A-Za-z]{43}$`));
    expect(link.is("[readonly]")).toBe(true);
    expect(page.byRole("button", "Copy").attribute("data-copy")).toBe(link.attribute("id"));
    expect(await (await admin.get("/users")).text()).not.toContain("/invitations/");
    const invited = new Browser();
    expect(
      (await invited.post(new URL(link.value).pathname, { name: "Linked", password: "a long enough one" })).status,
    ).toBe(303);
    expect((await invited.get("/users")).status).toBe(200);
  });

  it("shows what is wrong, with the fields kept and never the password", async () => {
    const taken = await createUser();
    const fields = { email: taken.email, name: "Kept <b>", role: "admin", password: "a long enough one" };
    const conflict = await admin.post("/users", fields);
    const markup = await conflict.text();
    const page = parsePage(markup);
    expect(conflict.status).toBe(409);
    expect(page.byLabel("Email").problem).toContain("A user with this e-mail address already exists");
    expect(page.byLabel("Name").value).toBe("Kept <b>");
    expect(page.byLabel("Role").value).toBe("admin");
    expect(markup).not.toContain(fields.password);
    const short = await admin.post("/users", { ...fields, email: "short@tiltyard.test", password: "short" });
    expect([short.status, (await short.text()).includes("at least 10 characters")]).toEqual([422, true]);
  });
});

describe("the page of a user", () => {
  it("changes name and role", async () => {
    const user = await createUser();
    const form = (await admin.page(`/users/${user.id}`)).form(`/users/${user.id}`);
    expect(form.byLabel("Role").value).toBe("member");
    const response = await admin.post(`/users/${user.id}`, { name: "Grace", role: "admin" });
    expect([response.status, response.headers.get("location")]).toEqual([303, `/users/${user.id}`]);
    expect(await row(user.id)).toMatchObject({ name: "Grace", role: "admin" });
    const refused = await admin.post(`/users/${user.id}`, { name: " ", role: "owner" });
    expect([refused.status, (await refused.text()).includes("role must be admin or member.")]).toEqual([422, true]);
  });

  it("makes a new link, shown once", async () => {
    const user = await createUser();
    const response = await admin.post(`/users/${user.id}/invitation`, {});
    expect([response.status, (await response.text()).includes(`${ORIGIN}/invitations/`)]).toEqual([201, true]);
    const page = await (await admin.get(`/users/${user.id}`)).text();
    expect(page).not.toContain("/invitations/");
    expect(page).toContain("A link is open until");
  });

  it("deactivates after asking, and reactivates", async () => {
    const user = await createUser();
    const path = `/users/${user.id}`;
    const question = await admin.page((await admin.page(path)).link("Deactivate").href ?? "");
    expect(question.form(`${path}/deactivate`).text).toContain(user.email);
    expect((await row(user.id))?.deactivatedAt).toBeNull();

    expect((await admin.post(`${path}/deactivate`, {})).headers.get("location")).toBe(path);
    expect((await row(user.id))?.deactivatedAt).not.toBeNull();
    const { actions } = await admin.page(path);
    expect(actions).toContain(`${path}/reactivate`);
    expect(actions).not.toContain(`${path}/invitation`);
    const link = await admin.post(`${path}/invitation`, {});
    expect([link.status, (await link.text()).includes("Reactivate the user first")]).toEqual([409, true]);
    await admin.post(`${path}/reactivate`, {});
    expect((await row(user.id))?.deactivatedAt).toBeNull();
  });

  it("deletes when the email is typed, and says what stands in the way", async () => {
    const user = await createUser();
    const path = `/users/${user.id}/delete`;
    expect((await admin.page(path)).actions).toContain(path);
    for (const confirm of ["", "yes"]) expect((await admin.post(path, { confirm })).status).toBe(422);
    expect(await row(user.id)).toBeDefined();

    const project = await callApi("POST", "/api/v1/projects", { name: "Kept <b> alive" }, user.token);
    const refused = await admin.post(path, { confirm: user.email });
    expect([refused.status, (await refused.text()).includes("Kept &lt;b&gt; alive")]).toEqual([409, true]);
    const member = `/api/v1/projects/${project.text("id")}/members/${instance.adminId}`;
    await callApi("PUT", member, { role: "admin" }, user.token);
    const done = await admin.post(path, { confirm: user.email });
    expect([done.status, done.headers.get("location")]).toEqual([303, "/users"]);
    expect(await row(user.id)).toBeUndefined();
  });

  it("refuses to take the last admin away, on each way", async () => {
    const path = `/users/${instance.adminId}`;
    const others = await instance.db.select().from(users).where(eq(users.role, "admin"));
    for (const { id } of others) {
      if (id !== instance.adminId) await instance.db.update(users).set({ role: "member" }).where(eq(users.id, id));
    }
    for (const [to, fields] of [
      [path, { name: "Admin", role: "member" }],
      [`${path}/deactivate`, {}],
    ] as const) {
      const response = await admin.post(to, fields);
      const page = await response.text();
      expect(`${to} ${response.status} ${page.includes("at least one active admin")}`).toBe(`${to} 409 true`);
    }
    expect(await row(instance.adminId)).toMatchObject({ role: "admin", deactivatedAt: null });
  });
});

describe("the pages of users", () => {
  const WAYS = [
    ["get", "/users"],
    ["post", "/users"],
    ["get", "/users/ID"],
    ["post", "/users/ID"],
    ["post", "/users/ID/invitation"],
    ["get", "/users/ID/deactivate"],
    ["post", "/users/ID/deactivate"],
    ["post", "/users/ID/reactivate"],
    ["get", "/users/ID/delete"],
    ["post", "/users/ID/delete"],
  ] as const;

  it.each(WAYS)("refuse who is no admin of the instance: %s %s", async (method, template) => {
    const member = await createUser();
    const browser = new Browser();
    await browser.signIn(member);
    const path = template.replace("ID", member.id);
    const fields = { email: "mass@tiltyard.test", name: "Me", role: "admin", confirm: member.email };
    const send = (who: Browser) => (method === "get" ? who.get(path) : who.post(path, fields));
    expect((await send(browser)).status).toBe(403);
    const nobody = await send(new Browser());
    expect([nobody.status, nobody.headers.get("location")?.startsWith("/sign-in")]).toEqual([303, true]);
    expect(await row(member.id)).toMatchObject({ name: "A user", role: "member", deactivatedAt: null });
  });

  it.each(WAYS.slice(2))("answer 404 for a user who does not exist: %s %s", async (method, template) => {
    const path = template.replace("ID", "usr_none");
    const response = await (method === "get" ? admin.get(path) : admin.post(path, { confirm: "", name: "A" }));
    expect(response.status).toBe(404);
  });
});
