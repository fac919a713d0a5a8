import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { fromHono } from "chanfana";
import { eq } from "drizzle-orm";
import { Hono } from "hono";
import { beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { authenticate } from "../../../src/access/authenticate.ts";
import { isAppError } from "../../../src/errors.ts";
import { type AppEnv, problemResponse } from "../../../src/http.ts";
import { mountConnectionsApi } from "../../../src/pipelines/connections/api.ts";
import { deployModel } from "../../support/deployment.ts";
import { timesModel } from "../../support/models.ts";
import { openConnection } from "../../../src/pipelines/connections/open-connection.ts";
import { connections, pipelines } from "../../../src/pipelines/schema.ts";
import { Answer } from "../../support/answer.ts";
import { expectStatus } from "../../support/deployment.ts";
import { createUser, type Instance, ORIGIN, startInstance, type TestUser } from "../../support/instance.ts";

const PASSWORD = "p4ssw0rd-that-nobody-reads";
const WAREHOUSE = {
  name: "Warehouse",
  kind: "postgres",
  settings: { host: "db.example.org", port: 5433, database: "sales", user: "tiltyard", tls: true },
  secret: { password: PASSWORD },
};

let instance: Instance;
let owner: TestUser;
let project: string;

beforeAll(async () => {
  instance = await startInstance();
});

beforeEach(async () => {
  const made = await instance.api("POST", "/api/v1/projects", { name: "Sales" }, instance.adminToken);
  project = made.text("id");
  owner = await member("contributor");
});

async function member(role: string): Promise<TestUser> {
  const user = await createUser();
  const path = `/api/v1/projects/${project}/members/${user.id}`;
  expectStatus(await instance.api("PUT", path, { role }, instance.adminToken), 200);
  return user;
}

/** The routes by themselves, so that the operator's settings can be others. */
async function call(
  method: string,
  path: string,
  { body, user = owner, settings = {} }: { body?: unknown; user?: TestUser; settings?: Partial<Env> } = {},
): Promise<Answer> {
  const app = new Hono<AppEnv>();
  app.onError((error) => {
    if (isAppError(error)) return problemResponse(error, "request");
    throw error;
  });
  app.use(authenticate);
  mountConnectionsApi(fromHono(app, { passthroughErrors: true }));
  const headers = { authorization: `Bearer ${user.token}`, "content-type": "application/json" };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return Answer.of(
    await app.fetch(new Request(ORIGIN + path, init), { ...env, ...settings }, createExecutionContext()),
  );
}

function listPath(): string {
  return `/api/v1/projects/${project}/connections`;
}

async function create(body: unknown = WAREHOUSE, user = owner): Promise<string> {
  return expectStatus(await call("POST", listPath(), { body, user }), 201).text("id");
}

describe("a connection", () => {
  it("is made and read back without its secret, which is nowhere in the clear", async () => {
    const made = expectStatus(await call("POST", listPath(), { body: WAREHOUSE }), 201);
    const { secret: _, ...shown } = WAREHOUSE;
    expect(made.body).toMatchObject({ ...shown, created_by: owner.id });
    const answers = [made, await call("GET", listPath()), await call("GET", `/api/v1/connections/${made.text("id")}`)];
    expect(answers[1]?.each("id")).toEqual([made.text("id")]);
    const rows = await env.DB.prepare("select * from connections").all();
    const audit = await env.DB.prepare("select * from audit_entries where objectId = ?").bind(made.text("id")).all();
    expect(audit.results.map((row) => row["action"])).toEqual(["connection.create"]);
    expect(JSON.stringify([answers, rows.results, audit.results])).not.toContain(PASSWORD);
    for (const answer of answers) expect(JSON.stringify(answer.body)).not.toMatch(/secret|sealed/i);
  });

  it("opens with its own row and key only", async () => {
    const [one, other] = [await create(), await create()];
    const rows = await instance.db.select().from(connections);
    const find = (id: string) => {
      const row = rows.find((candidate) => candidate.id === id);
      if (!row) throw new Error("no such row");
      return row;
    };
    expect(await openConnection(env, find(one))).toMatchObject({ id: one, secret: { password: PASSWORD } });
    const moved = { ...find(one), sealedSecret: find(other).sealedSecret };
    await expect(openConnection(env, moved)).rejects.toMatchObject({ code: "sealed" });
    const rekeyed = { ...env, SEALING_KEY: "another sealing key of 32 characters." };
    await expect(openConnection(rekeyed, find(one))).rejects.toMatchObject({ code: "sealed", retryable: false });
  });

  it.each([
    ["mysql", { host: "db.example.org", database: "d", user: "u", tls: false }, { password: "" }],
    [
      "s3",
      { endpoint: "https://s3.example.org", region: "auto", bucket: "b", access_key_id: "a" },
      { secret_access_key: "s" },
    ],
    ["http", { url: "https://hooks.example.org/x" }, { signing_key: "a key of 16 signs" }],
  ])("may be of the kind %s", async (kind, settings, secret) => {
    const made = expectStatus(await call("POST", listPath(), { body: { name: "A", kind, settings, secret } }), 201);
    expect(made.at("settings")).toMatchObject(settings);
  });

  it.each([
    ["another kind", { ...WAREHOUSE, kind: "ftp" }, "kind"],
    ["no host", { ...WAREHOUSE, settings: { ...WAREHOUSE.settings, host: " " } }, "settings.host"],
    ["a port that is none", { ...WAREHOUSE, settings: { ...WAREHOUSE.settings, port: 70_000 } }, "settings.port"],
    ["no password", { ...WAREHOUSE, secret: {} }, "secret.password"],
    [
      "a host with a port in it",
      { ...WAREHOUSE, settings: { ...WAREHOUSE.settings, host: "db.example.org:1" } },
      "settings.host",
    ],
  ])("is refused with %s", async (_, body, path) => {
    const refused = expectStatus(await call("POST", listPath(), { body }), 422);
    expect(refused.at("errors.0.path")).toBe(path);
    expect(JSON.stringify(refused.body)).not.toContain(PASSWORD);
  });

  it("may lead to a private address where the operator allows it, and never to a link-local one", async () => {
    const at = (host: string) => ({ ...WAREHOUSE, settings: { ...WAREHOUSE.settings, host } });
    const attempt = (body: unknown, allow: string) =>
      call("POST", listPath(), { body, settings: { ALLOW_PRIVATE_NETWORK: allow } });
    const refused = expectStatus(await attempt(at("127.0.0.1"), "0"), 422);
    expect(refused.text("detail")).toContain("ALLOW_PRIVATE_NETWORK");
    const made = expectStatus(await attempt(at("127.0.0.1"), "1"), 201);
    for (const host of ["169.254.169.254", "0xa9fea9fe", "[fe80::1]", "metadata.google.internal"])
      expectStatus(await attempt(at(host), "1"), 422);
    const urls = [
      {
        ...WAREHOUSE,
        kind: "http",
        settings: { url: "http://169.254.169.254/x" },
        secret: { signing_key: "a key of 16 signs" },
      },
      {
        ...WAREHOUSE,
        kind: "s3",
        settings: { endpoint: "http://10.0.0.1", region: "r", bucket: "b", access_key_id: "a" },
        secret: { secret_access_key: "s" },
      },
    ];
    for (const body of urls) expectStatus(await attempt(body, "0"), 422);
    const tested = await call("POST", `/api/v1/connections/${made.text("id")}/test`, {
      settings: { ALLOW_PRIVATE_NETWORK: "0" },
    });
    expect(tested.body).toEqual({ ok: false, detail: expect.stringContaining("private address") });
  });

  it("is tried with what is stored", async () => {
    const { password, ...settings } = inject("postgres");
    const body = { ...WAREHOUSE, settings, secret: { password } };
    const allowed = { ALLOW_PRIVATE_NETWORK: "1" };
    const made = expectStatus(await call("POST", listPath(), { body, settings: allowed }), 201);
    const tested = expectStatus(
      await call("POST", `/api/v1/connections/${made.text("id")}/test`, { settings: allowed }),
      200,
    );
    expect(tested.body).toEqual({ ok: true, detail: expect.stringContaining("Signed in") });
  });
});

describe("who may do what with a connection", () => {
  it("lets viewers read, contributors make and delete their own, admins delete any, and shows others nothing", async () => {
    const id = await create();
    const path = `/api/v1/connections/${id}`;
    const viewer = await member("viewer");
    expectStatus(await call("GET", path, { user: viewer }), 200);
    expectStatus(await call("POST", listPath(), { body: WAREHOUSE, user: viewer }), 403);
    expectStatus(await call("POST", `${path}/test`, { user: viewer }), 403);
    expectStatus(await call("DELETE", path, { user: viewer }), 403);
    expectStatus(await call("DELETE", path, { user: await member("contributor") }), 403);
    const stranger = await createUser();
    for (const [method, address] of [
      ["GET", listPath()],
      ["GET", path],
      ["DELETE", path],
      ["POST", `${path}/test`],
    ] as const)
      expectStatus(await call(method, address, { user: stranger }), 404);
    expectStatus(await call("DELETE", path, { user: await member("admin") }), 204);
    expectStatus(await call("DELETE", path), 404);
  });

  it("keeps a connection that a pipeline reads from or delivers to, and names the pipeline", async () => {
    const [read, written] = [await create(), await create()];
    const deployment = await deployModel({ csv: "amount\n1\n2\n3", model: timesModel(2) });
    const row = {
      projectId: project,
      deploymentId: deployment.id,
      schedule: null,
      enabled: true,
      nextSlot: null,
      createdBy: owner.id,
      createdAt: 1,
    };
    await instance.db.insert(pipelines).values([
      {
        ...row,
        id: `pip_${read}`,
        name: "Each Monday",
        source: { kind: "query", connection_id: read, sql: "select 1" },
        destinations: [{ connection_id: "con_0" }, { connection_id: written, table: "t", mode: "append" }],
      },
    ]);
    for (const id of [read, written]) {
      const refused = expectStatus(await call("DELETE", `/api/v1/connections/${id}`), 409);
      expect(refused.text("detail")).toContain('"Each Monday"');
    }
    await env.DB.prepare('update pipelines set "deletedAt" = 2').run();
    for (const id of [read, written]) expectStatus(await call("DELETE", `/api/v1/connections/${id}`), 204);
    const audit = await env.DB.prepare("select action from audit_entries where objectId = ? order by at")
      .bind(read)
      .all();
    expect(audit.results.map(({ action }) => action)).toEqual(["connection.create", "connection.delete"]);
  });
});

describe("a connection that is changed", () => {
  const patch = (id: string, body: unknown, user = owner) => call("PATCH", `/api/v1/connections/${id}`, { body, user });

  async function opened(id: string) {
    const row = await instance.db.select().from(connections).where(eq(connections.id, id)).get();
    if (!row) throw new Error("no such connection");
    return openConnection(env, row);
  }

  it("has another secret under the same id, which is not answered and of which the log says that it was replaced", async () => {
    const id = await create();
    const changed = expectStatus(await patch(id, { name: "Rotated", secret: { password: "another one" } }), 200);
    expect(changed.body).toMatchObject({ id, name: "Rotated", settings: WAREHOUSE.settings });
    expect(JSON.stringify(changed.body)).not.toContain("another one");
    expect(await opened(id)).toMatchObject({ settings: WAREHOUSE.settings, secret: { password: "another one" } });
    const log = await instance.api("GET", `/api/v1/projects/${project}/audit`, undefined, instance.adminToken);
    expect(log.at("items.0")).toMatchObject({
      action: "connection.update",
      before: { name: "Warehouse", secret: "" },
      after: { name: "Rotated", secret: "replaced" },
    });
  });

  it("keeps the settings and the secret that are not given", async () => {
    const id = await create();
    expectStatus(await patch(id, { settings: { database: "archive" } }), 200);
    const settings = { ...WAREHOUSE.settings, database: "archive" };
    expect(await opened(id)).toMatchObject({ settings, secret: WAREHOUSE.secret });
    expectStatus(await patch(id, {}), 200);
    expect(await opened(id)).toMatchObject({ settings, secret: WAREHOUSE.secret });
  });

  it("does not send a password that is not given again to another server", async () => {
    const id = await create();
    for (const settings of [{ host: "elsewhere.example.org" }, { port: 5_432 }, { tls: false }]) {
      const refused = expectStatus(await patch(id, { settings }), 422);
      expect(refused.at("errors.0.path")).toBe("secret");
    }
    expect((await opened(id)).settings).toEqual(WAREHOUSE.settings);
    const settings = { host: "elsewhere.example.org" };
    expectStatus(await patch(id, { settings, secret: { password: "again" } }), 200);
    expect(await opened(id)).toMatchObject({ settings, secret: { password: "again" } });
  });

  it.each([
    [{ kind: "mysql" }, "kind"],
    [{ settings: { bucket: "b" } }, "bucket"],
    [{ settings: { port: 0 } }, "settings.port"],
    [{ secret: { password: 1 } }, "secret.password"],
    [{ settings: { host: "169.254.169.254" }, secret: { password: "p" } }, "settings.host"],
  ])("is refused with %j", async (body, place) => {
    const id = await create();
    const refused = expectStatus(await patch(id, body), 422);
    expect(JSON.stringify(refused.body)).toContain(place);
    expect(await opened(id)).toMatchObject({ settings: WAREHOUSE.settings, secret: WAREHOUSE.secret });
  });

  it("is changed by contributors only", async () => {
    const id = await create();
    expectStatus(await patch(id, { name: "Mine" }, await member("viewer")), 403);
    expectStatus(await patch(id, { name: "Mine" }, await createUser()), 404);
  });
});

describe("a signing key", () => {
  it.each(["", "secret", "aaaaaaaaaaaaaaaaaaaaaaaa", "123123123123123123"])(
    "that is guessed is refused: %j",
    async (key) => {
      const hook = {
        name: "Hook",
        kind: "http",
        settings: { url: "https://h.example.org/" },
        secret: { signing_key: key },
      };
      const refused = expectStatus(await call("POST", listPath(), { body: hook }), 422);
      expect(refused.at("errors.0.path")).toBe("secret.signing_key");
    },
  );
});
