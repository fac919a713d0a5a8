import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { deployModel, expectStatus, type TestDeployment, upload } from "../support/deployment.ts";
import { callApi, createUser, fetchInstance, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";
import { storedState } from "./stored-state.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 90_000 });

// Fields that only the app may set.

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
  it("is refused by their names, and changes nothing: users, projects, members, experiments, deployments, keys, tokens", async () => {
    const { project, experiment, path, mainId } = deployment;
    const main = { version: 1, model_id: mainId };
    const member = await createUser();
    const calls: [token: string, method: string, path: string, body: Record<string, unknown>][] = [
      [admin, "POST", "/api/v1/users", { email: "new@tiltyard.test", name: "New", password: "a password that fits" }],
      [owner.token, "POST", "/api/v1/projects", { name: "Project" }],
      [owner.token, "PATCH", `/api/v1/projects/${project}`, { name: "Changed" }],
      [owner.token, "PUT", `/api/v1/projects/${project}/members/${member.id}`, { role: "viewer" }],
      [owner.token, "POST", `/api/v1/projects/${project}/experiments`, { name: "Experiment", task: "regression" }],
      [
        owner.token,
        "POST",
        `/api/v1/projects/${project}/deployments`,
        { name: "Deployed", experiment_id: experiment, main },
      ],
      [owner.token, "POST", `${path}/versions`, { main, note: "second" }],
      [owner.token, "POST", `${path}/keys`, { name: "Key" }],
      [owner.token, "POST", "/api/v1/tokens", { name: "Token" }],
    ];
    const before = await storedState();
    for (const [token, method, to, body] of calls) {
      const answer = await callApi(method, to, { ...FORGERY, ...body }, token);
      const forged = Object.keys(FORGERY).filter((name) => !(name in body));
      const named = (answer.at("errors") as { path: string }[]).map(({ path: at }) => at);
      expect([to, answer.status, named.every((name) => forged.includes(name))]).toEqual([to, 422, true]);
      expect(named.length).toBeGreaterThan(10);
    }
    expect(await storedState()).toEqual(before);
  });

  it("sets none of them on versions and models, which come as forms", async () => {
    const fields = Object.fromEntries(Object.entries(FORGERY).map(([name, value]) => [name, String(value)]));
    const csv = { reference: { name: "reference.csv", content: CSV } };
    const path = `/api/v1/experiments/${deployment.experiment}/versions`;
    const version = expectStatus(await upload(path, owner.token, { ...fields, ...csv }), 201);
    expect([version.at("number"), version.at("rows"), version.at("state")]).toEqual([2, 2, "succeeded"]);
    const file = { file: { name: "model.onnx", content: timesModel(2) } };
    const model = expectStatus(await upload(`${path}/2/models`, owner.token, { ...fields, ...file, name: "m" }), 201);
    await expectGenuine("models", model.text("id"), {
      createdBy: owner.id,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("does not reach what all objects share", async () => {
    const headers = { authorization: `Bearer ${owner.token}` };
    const polluting = '"__proto__":{"role":"admin","polluted":true},"constructor":{"prototype":{"polluted":true}}';
    for (const [path, body, status] of [
      ["/api/v1/projects", `{${polluting},"name":"Proto"}`, 422],
      [`${deployment.path}/predict`, `{${polluting},"features":{"amount":1}}`, 422],
      [`${deployment.path}/predict`, `{"features":{"amount":1,${polluting}}}`, 200],
    ] as const) {
      const response = await fetchInstance(path, { method: "POST", headers, body });
      expect([path, response.status]).toEqual([path, status]);
      expect(Reflect.get({}, "polluted")).toBeUndefined();
    }
    expect((await asOwner("GET", "/api/v1/me")).at("user.role")).toBe("member");
  });
});
