import { beforeAll, describe, expect, it } from "vitest";
import { callApi, createUser, type Instance, startInstance } from "../support/instance.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});

const create = (token: string, body: object) => callApi("POST", "/api/v1/projects", body, token);
const read = (token: string, project: string) => callApi("GET", `/api/v1/projects/${project}`, undefined, token);

describe("creating a project", () => {
  it("makes its creator the admin, and it answers to id and slug", async () => {
    const { token } = await createUser();
    const created = await create(token, { name: "  Crème brûlée!  ", description: "Sugar" });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      name: "Crème brûlée!",
      slug: "creme-brulee",
      description: "Sugar",
      role: "admin",
    });
    expect(created.text("id")).toMatch(/^prj_/);
    for (const name of [created.text("id"), created.text("slug")]) {
      const answer = await read(token, name);
      expect([answer.status, answer.body]).toEqual([200, created.body]);
    }
  });

  it("gives names of one slug, or of none, slugs of their own", async () => {
    const { token } = await createUser();
    const slugs = [];
    for (const name of ["Twin", "twin", "TWIN", "実験", "実験"])
      slugs.push((await create(token, { name })).text("slug"));
    expect(slugs[0]).toBe("twin");
    expect(slugs[1]).toMatch(/^twin-\w{5}$/);
    expect(slugs[2]).toMatch(/^twin-\w{5}$/);
    expect(slugs[3]).toBe("project");
    expect(slugs[4]).toMatch(/^project-\w{5}$/);
  });

  it("lets two at the same time have the same name", async () => {
    const { token } = await createUser();
    const answers = await Promise.all([1, 2, 3].map(() => create(token, { name: "At once" })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.text("slug"))).size).toBe(3);
    expect((await callApi("GET", "/api/v1/projects", undefined, token)).each("role")).toEqual([
      "admin",
      "admin",
      "admin",
    ]);
  });

  it("takes nothing but name and description from the body", async () => {
    const { token, id } = await createUser();
    const answer = await create(token, { name: "Plain", id: "prj_mine", slug: "mine", created_by: id, role: "viewer" });
    expect([answer.status, answer.at("code")]).toEqual([422, "invalid_input"]);
    expect((answer.at("errors") as { path: string }[]).map(({ path }) => path)).toEqual([
      "id",
      "slug",
      "created_by",
      "role",
    ]);
  });

  it.each([
    [{}, "name"],
    [{ name: "" }, "name"],
    [{ name: 5 }, "name"],
    [{ name: "x".repeat(121) }, "name"],
    [{ name: "x", description: "x".repeat(2_001) }, "description"],
  ])("refuses %j", async (body, path) => {
    const answer = await create(instance.adminToken, body);
    expect([answer.status, answer.at("code"), answer.at("errors.0.path")]).toEqual([422, "invalid_input", path]);
  });

  it("takes what is just long enough", async () => {
    const answer = await create(instance.adminToken, { name: "x".repeat(120), description: "x".repeat(2_000) });
    expect(answer.status).toBe(201);
  });
});

describe("the list of projects", () => {
  it("holds those of which one is a member; all of them for an admin of the instance", async () => {
    const [one, two] = [await createUser(), await createUser()];
    await create(one.token, { name: "Of one" });
    await create(two.token, { name: "Of two" });
    expect((await callApi("GET", "/api/v1/projects", undefined, one.token)).each("name")).toEqual(["Of one"]);
    const all = await callApi("GET", "/api/v1/projects?limit=500", undefined, instance.adminToken);
    expect(all.each("name")).toEqual(expect.arrayContaining(["Of one", "Of two"]));
    expect(new Set(all.each("role"))).toEqual(new Set(["admin"]));
    expect((await callApi("GET", "/api/v1/me", undefined, two.token)).at("projects.0.name")).toBe("Of two");
  });

  it("comes in pages, newest first", async () => {
    const { token } = await createUser();
    for (const name of ["First", "Second", "Third"]) {
      await create(token, { name });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const page = await callApi("GET", "/api/v1/projects?limit=2", undefined, token);
    expect(page.each("name")).toEqual(["Third", "Second"]);
    const rest = await callApi("GET", `/api/v1/projects?limit=2&cursor=${page.text("next_cursor")}`, undefined, token);
    expect([rest.each("name"), rest.at("next_cursor")]).toEqual([["First"], null]);
  });
});

describe("changing a project", () => {
  it("changes what is given and leaves the rest, the slug too", async () => {
    const { token } = await createUser();
    const created = await create(token, { name: "Before", description: "Kept" });
    const path = `/api/v1/projects/${created.text("slug")}`;
    const changed = await callApi("PATCH", path, { name: "After" }, token);
    expect([changed.status, changed.body]).toEqual([200, { ...Object(created.body), name: "After" }]);
    expect((await callApi("PATCH", path, {}, token)).body).toEqual(changed.body);
    expect((await callApi("PATCH", path, { description: "" }, token)).at("description")).toBe("");
    expect((await callApi("PATCH", path, { name: "" }, token)).status).toBe(422);
    expect((await read(token, created.text("slug"))).body).toMatchObject({ name: "After", description: "" });
  });
});

describe("a project of others", () => {
  it("cannot be told from one that does not exist", async () => {
    const { token } = await createUser();
    const created = await create(instance.adminToken, { name: "Hidden" });
    const hidden = `/api/v1/projects/${created.text("id")}`;
    const missing = "/api/v1/projects/prj_there_is_none";
    for (const [method, suffix, body] of [
      ["GET", "", undefined],
      ["PATCH", "", { name: "Mine" }],
      ["GET", "/members", undefined],
      ["PUT", "/members/usr_x", { role: "admin" }],
      ["DELETE", "/members/usr_x", undefined],
    ] as const) {
      const [one, two] = [
        await callApi(method, hidden + suffix, body, token),
        await callApi(method, missing + suffix, body, token),
      ];
      expect(`${method} ${suffix} ${one.status}`).toBe(`${method} ${suffix} 404`);
      expect([one.at("code"), one.at("detail")]).toEqual([two.at("code"), two.at("detail")]);
    }
  });
});
