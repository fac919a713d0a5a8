import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { deployModel, expectStatus, type TestDeployment, upload } from "../support/deployment.ts";
import { callApi, createUser, fetchInstance, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 90_000 });

// Fields that only the app may set. For the fields of PATCH users and of new projects, and for roles in bodies that are none of theirs,
// see test/access/users-api.test.ts, test/projects/projects.test.ts and test/access/setup.test.ts.

const CSV = "amount\n1\n2\n";
const FORGED = "forged-by-the-body";
const IDS = { id: FORGED, slug: FORGED, prefix: FORGED, key: FORGED, token: FORGED, key_hash: FORGED, keyHash: FORGED };
const OWNERS = Object.fromEntries(
  ["project_id", "projectId", "created_by", "createdBy", "user_id", "userId", "deployment_id", "deploymentId"].map(
    (name) => [name, FORGED],
  ),
);
const STATES = {
  created_at: "1999-01-01T00:00:00Z",
  createdAt: 915_148_800_000,
  last_used_at: "1999-01-01T00:00:00Z",
  current_version: 77,
  currentVersion: 77,
  number: 77,
  deployed: "failed",
  running: false,
  purgedAt: 1,
  deleted_at: 1,
  deletedAt: 1,
  deactivatedAt: 1,
  passwordHash: "none",
  password_hash: "none",
  instanceRole: "admin",
  sha256: FORGED,
  heap_bytes: 1,
  state: "failed",
  report: [],
  error: FORGED,
  rows: 77,
  features: [],
};
const FORGERY = { ...IDS, ...OWNERS, ...STATES };

let owner: TestUser;
let admin: string;
let deployment: TestDeployment;
beforeAll(async () => {
  admin = (await startInstance()).adminToken;
  owner = await createUser();
  deployment = await deployModel({ csv: CSV, model: timesModel(2), owner, name: "Real" });
});

const asOwner = (method: string, path: string, body?: unknown) => callApi(method, path, body, owner.token);

/** The row as it is stored. */
async function row(table: string, id: string): Promise<Record<string, unknown>> {
  const found = await env.DB.prepare(`select * from "${table}" where id = ?`).bind(id).first<Record<string, unknown>>();
  if (!found) throw new Error(`${table} has no ${id}`);
  return found;
}

/** No column took anything of the forgery, and the time is that of the request. */
async function expectGenuine(table: string, id: string, expected: Record<string, unknown>): Promise<void> {
  const stored = await row(table, id);
  expect(JSON.stringify(stored)).not.toContain(FORGED);
  expect(stored).toMatchObject(expected);
  expect(Date.now() - Number(stored["createdAt"])).toBeLessThan(60_000);
}

describe("a body with fields that are not for its sender", () => {
  it("sets none of them on a user", async () => {
    const body = {
      ...FORGERY,
      email: "new@tiltyard.test",
      name: "New",
      password: "a password that fits",
      role: "member",
    };
    const made = expectStatus(await callApi("POST", "/api/v1/users", body, admin), 201);
    const expected = { role: "member", deactivatedAt: null, passwordHash: expect.stringMatching(/^scrypt\$/) };
    await expectGenuine("users", made.text("user.id"), expected);
    expect(made.at("user.active")).toBe(true);
  });

  it("sets none of them on a project, new or changed", async () => {
    const made = expectStatus(await asOwner("POST", "/api/v1/projects", { ...FORGERY, name: "Project" }), 201);
    const expected = { slug: "project", createdBy: owner.id, deletedAt: null };
    await expectGenuine("projects", made.text("id"), expected);
    const before = await row("projects", made.text("id"));
    expectStatus(await asOwner("PATCH", `/api/v1/projects/${made.text("id")}`, { ...FORGERY, name: "Changed" }), 200);
    expect(await row("projects", made.text("id"))).toEqual({ ...before, name: "Changed" });
  });

  it("sets none of them on a member: neither the project nor the user nor a role in the instance", async () => {
    const member = await createUser();
    const path = `/api/v1/projects/${deployment.project}/members/${member.id}`;
    const set = await asOwner("PUT", path, { ...FORGERY, role: "viewer", user: { id: owner.id, role: "admin" } });
    expect([set.status, set.at("user.id"), set.at("role")]).toEqual([200, member.id, "viewer"]);
    const me = await callApi("GET", "/api/v1/me", undefined, member.token);
    expect([me.at("user.role"), me.at("projects.0.role")]).toEqual(["member", "viewer"]);
  });

  it("sets none of them on an experiment, nor on its versions and models", async () => {
    const body = { ...FORGERY, name: "Experiment", task: "regression" };
    const made = await asOwner("POST", `/api/v1/projects/${deployment.project}/experiments`, body);
    const experiment = expectStatus(made, 201).text("id");
    await expectGenuine("experiments", experiment, { projectId: deployment.project, createdBy: owner.id });

    const fields = Object.fromEntries(Object.entries(FORGERY).map(([name, value]) => [name, String(value)]));
    const csv = { reference: { name: "reference.csv", content: CSV } };
    const path = `/api/v1/experiments/${experiment}/versions`;
    const version = expectStatus(await upload(path, owner.token, { ...fields, ...csv }), 201);
    expect([version.at("number"), version.at("rows"), version.at("state")]).toEqual([1, 2, "succeeded"]);
    const file = { file: { name: "model.onnx", content: timesModel(2) } };
    const model = expectStatus(await upload(`${path}/1/models`, owner.token, { ...fields, ...file, name: "m" }), 201);
    await expectGenuine("models", model.text("id"), {
      createdBy: owner.id,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("sets none of them on a deployment or its versions", async () => {
    const main = { version: 1, model_id: deployment.mainId };
    const body = { ...FORGERY, name: "Deployed", experiment_id: deployment.experiment, main };
    const made = await asOwner("POST", `/api/v1/projects/${deployment.project}/deployments`, body);
    const id = expectStatus(made, 201).text("id");
    expect([made.at("deployed"), made.at("running"), made.at("current_version")]).toEqual(["deployed", true, 1]);
    const expected = { slug: "deployed", projectId: deployment.project, createdBy: owner.id, currentVersion: 1 };
    await expectGenuine("deployments", id, { ...expected, deletedAt: null, purgedAt: null, access: "project" });
    const version = await asOwner("POST", `/api/v1/deployments/${id}/versions`, { ...FORGERY, main, note: "second" });
    expect([version.status, version.at("number")]).toEqual([201, 2]);
    await expectGenuine("deployments", id, { ...expected, currentVersion: 2 });
  });

  it("sets none of them on a key, which is of the deployment in the address", async () => {
    const made = expectStatus(await asOwner("POST", `${deployment.path}/keys`, { ...FORGERY, name: "Key" }), 201);
    expect(made.text("key")).toMatch(/^tyk_/);
    const expected = { deploymentId: deployment.id, createdBy: owner.id, expiresAt: null, lastUsedAt: null };
    await expectGenuine("api_keys", made.text("id"), expected);
  });

  it("sets none of them on a token, which acts as who made it", async () => {
    const made = expectStatus(await asOwner("POST", "/api/v1/tokens", { ...FORGERY, name: "Token" }), 201);
    expect(made.text("token")).toMatch(/^typ_/);
    await expectGenuine("personal_tokens", made.text("id"), { userId: owner.id, expiresAt: null, lastUsedAt: null });
  });

  it("does not reach what all objects share", async () => {
    for (const [path, rest] of [
      ["/api/v1/projects", `"name":"Proto"`],
      [`${deployment.path}/predict`, `"features":{"amount":1,"__proto__":{"polluted":true}}`],
    ]) {
      const body = `{"__proto__":{"role":"admin","polluted":true},"constructor":{"prototype":{"polluted":true}},${rest}}`;
      const headers = { authorization: `Bearer ${owner.token}` };
      const response = await fetchInstance(path ?? "", { method: "POST", headers, body });
      expect([200, 201]).toContain(response.status);
      expect(Reflect.get({}, "polluted")).toBeUndefined();
    }
    expect((await asOwner("GET", "/api/v1/me")).at("user.role")).toBe("member");
  });
});
