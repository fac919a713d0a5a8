import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { users } from "../../src/access/schema.ts";
import { callApi, createUser, type Instance, startInstance, type TestUser } from "../support/instance.ts";

let instance: Instance;
let owner: TestUser;
let path: string;

beforeAll(async () => {
  instance = await startInstance();
});

beforeEach(async () => {
  owner = await createUser();
  const created = await callApi("POST", "/api/v1/projects", { name: "Shared" }, owner.token);
  path = `/api/v1/projects/${created.text("slug")}`;
});

const setRole = (user: string, role: string, token = owner.token) =>
  callApi("PUT", `${path}/members/${user}`, { role }, token);
const remove = (user: string, token = owner.token) => callApi("DELETE", `${path}/members/${user}`, undefined, token);
const status = async (token: string, method: string, suffix = "", body?: object) =>
  (await callApi(method, path + suffix, body, token)).status;

describe("members of a project", () => {
  it("may do what their role says, from the next call on", async () => {
    const user = await createUser();
    const outcomes: Record<string, number[]> = {};
    const attempt = async () => [
      await status(user.token, "GET"),
      await status(user.token, "GET", "/members"),
      await status(user.token, "PATCH", "", { description: "Mine" }),
    ];
    outcomes["none"] = await attempt();
    for (const role of ["end_user", "viewer", "contributor", "admin"]) {
      expect((await setRole(user.id, role)).at("role")).toBe(role);
      outcomes[role] = await attempt();
    }
    expect((await remove(user.id)).status).toBe(204);
    outcomes["removed"] = await attempt();
    expect(outcomes).toEqual({
      none: [404, 404, 404],
      end_user: [403, 403, 403],
      viewer: [200, 200, 403],
      contributor: [200, 200, 403],
      admin: [200, 200, 200],
      removed: [404, 404, 404],
    });
  });

  it("are listed with their roles, and see their own role in the project", async () => {
    const user = await createUser();
    await setRole(user.id, "viewer");
    const list = await callApi("GET", `${path}/members`, undefined, user.token);
    expect(new Map(list.each("user.id").map((id, index) => [id, list.each("role")[index]]))).toEqual(
      new Map([
        [owner.id, "admin"],
        [user.id, "viewer"],
      ]),
    );
    expect(list.each("user.email")).toContain(owner.email);
    expect((await callApi("GET", path, undefined, user.token)).at("role")).toBe("viewer");
    expect((await callApi("GET", "/api/v1/projects", undefined, user.token)).each("role")).toEqual(["viewer"]);
  });

  it("are named by email too", async () => {
    const user = await createUser();
    const answer = await setRole(user.email.toUpperCase(), "viewer");
    expect([answer.status, answer.at("user.id")]).toEqual([200, user.id]);
  });

  it("are changed by admins only", async () => {
    const [user, other] = [await createUser(), await createUser()];
    await setRole(user.id, "contributor");
    expect((await setRole(user.id, "admin", user.token)).status).toBe(403);
    expect((await setRole(other.id, "viewer", user.token)).status).toBe(403);
    expect((await remove(owner.id, user.token)).status).toBe(403);
    expect((await setRole(other.id, "viewer", instance.adminToken)).status).toBe(200);
  });

  it("are refused with an unknown user or role", async () => {
    expect((await setRole("usr_there_is_none", "viewer")).status).toBe(404);
    expect((await setRole(owner.id, "owner")).status).toBe(422);
    expect((await remove("usr_there_is_none")).status).toBe(404);
    expect((await remove((await createUser()).id)).status).toBe(404);
  });
});

describe("the last admin of a project", () => {
  it("can neither step down nor leave", async () => {
    await setRole((await createUser()).id, "contributor");
    for (const answer of [await setRole(owner.id, "viewer"), await remove(owner.id)]) {
      expect([answer.status, answer.at("code")]).toEqual([409, "conflict"]);
    }
    expect(await status(owner.token, "PATCH", "", {})).toBe(200);
    expect((await setRole(owner.id, "admin")).status).toBe(200);
  });

  it("may go once there is another", async () => {
    const user = await createUser();
    await setRole(user.id, "admin");
    expect((await setRole(owner.id, "viewer")).status).toBe(200);
    expect(await status(owner.token, "PATCH", "", {})).toBe(403);
    expect((await remove(user.id, user.token)).status).toBe(409);
  });

  it("is the last one who is active: a deactivated admin does not count, and may be removed", async () => {
    const gone = await createUser();
    await setRole(gone.id, "admin");
    await instance.db.update(users).set({ deactivatedAt: Date.now() }).where(eq(users.id, gone.id));
    for (const answer of [await setRole(owner.id, "viewer"), await remove(owner.id)]) {
      expect([answer.status, answer.at("code")]).toEqual([409, "conflict"]);
    }
    const list = await callApi("GET", `${path}/members`, undefined, owner.token);
    expect(new Map(list.each("user.id").map((id, index) => [id, list.each("user.active")[index]]))).toEqual(
      new Map([
        [owner.id, true],
        [gone.id, false],
      ]),
    );
    expect((await setRole(gone.id, "viewer")).status).toBe(200);
    expect((await remove(gone.id)).status).toBe(204);
  });

  it("remains when two admins step down at the same time", async () => {
    const user = await createUser();
    await setRole(user.id, "admin");
    const answers = await Promise.all([setRole(owner.id, "viewer"), setRole(user.id, "viewer", user.token)]);
    // The slower one may find that it is no admin any more.
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    const list = await callApi("GET", `${path}/members`, undefined, instance.adminToken);
    expect(list.each("role").toSorted()).toEqual(["admin", "viewer"]);
  });
});
