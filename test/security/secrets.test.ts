import { beforeAll, describe, expect, it, vi } from "vitest";
import { sha256Hex } from "../../src/lib/hash.ts";
import { Browser } from "../support/browser.ts";
import { deployModel, expectStatus, predictOne, type TestDeployment } from "../support/deployment.ts";
import { ADMIN, callApi, createUser, SETUP_TOKEN, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";
import { addressOf, send } from "./request.ts";
import { ROUTES } from "./route-table.ts";
import { storedState } from "./stored-state.ts";
import { type Ids } from "./world.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 90_000 });

// Secrets are shown once. For the audit entries of people see also test/access/audit.test.ts.

const CONNECTION = {
  name: "Listed",
  kind: "postgres",
  settings: { host: "db.invalid", port: 5_432, database: "sales", user: "reader", tls: false },
  secret: { password: "the password of a database" },
};

let instanceAdmin: string;
let user: TestUser;
let deployment: TestDeployment;
let ids: Ids;
/** Everything that must be nowhere: what was given out, and what people typed. */
let secrets: Record<string, string>;
/** Their hashes, which are stored and shown to nobody. */
let hashes: string[];

beforeAll(async () => {
  instanceAdmin = (await startInstance()).adminToken;
  user = await createUser({ role: "admin" });
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), owner: user });
  const asUser = (method: string, path: string, body?: unknown) => callApi(method, path, body, user.token);
  const key = expectStatus(await asUser("POST", `${deployment.path}/keys`, { name: "Listed" }), 201);
  const revoked = expectStatus(await asUser("POST", `${deployment.path}/keys`, { name: "Revoked" }), 201);
  expectStatus(await asUser("DELETE", `${deployment.path}/keys/${revoked.text("id")}`), 204);
  const token = expectStatus(await asUser("POST", "/api/v1/tokens", { name: "Listed" }), 201);
  const invited = await asUser("POST", "/api/v1/users", { email: "invited@tiltyard.test", name: "Invited" });
  const given = { email: "given@tiltyard.test", name: "Given", password: "a password that was given" };
  expectStatus(await asUser("POST", "/api/v1/users", given), 201);
  const passwords = { current_password: user.password, new_password: "the second password of a user" };
  expectStatus(await asUser("POST", "/api/v1/me/password", passwords), 204);
  const browser = new Browser();
  await browser.signIn({ ...user, password: passwords.new_password });
  const hook = { kind: "not_running", notify: { webhook_url: "https://receiver.invalid/" } };
  const alert = expectStatus(await asUser("POST", `${deployment.path}/alerts`, hook), 201);
  const connections = `/api/v1/projects/${deployment.project}/connections`;
  const connection = expectStatus(await asUser("POST", connections, CONNECTION), 201);
  const page = await browser.post(`/deployments/${deployment.id}/keys`, { name: "By a page" });
  const invitation = new URL(expectStatus(invited, 201).text("invitation_url")).pathname.split("/").at(-1) ?? "";
  secrets = {
    key: key.text("key"),
    "signing secret": alert.text("signing_secret"),
    "secret of a connection": CONNECTION.secret.password,
    "revoked key": revoked.text("key"),
    "first key": deployment.key,
    token: token.text("token"),
    "first token": user.token,
    "setup's token": instanceAdmin,
    link: invitation,
    session: browser.cookie.split("=")[1] ?? "",
    "setup token": SETUP_TOKEN,
    "key of a page": /tyk_[0-9A-Za-z]{49}/.exec(await page.text())?.[0] ?? "",
    "first password": user.password,
    "second password": passwords.new_password,
    "given password": given.password,
    "admin's password": ADMIN.password,
  };
  hashes = await Promise.all(Object.values(secrets).map((secret) => sha256Hex(secret)));
  const predicted = expectStatus(await predictOne(deployment, { amount: 1 }), 200).text("prediction_id");
  const { project, experiment, mainId: model } = deployment;
  ids = {
    project,
    experiment,
    model,
    deployment: deployment.id,
    connection: connection.text("id"),
    dataset: "none",
    upload: "none",
    pipeline: "none",
    run: "none",
    prediction: predicted,
    key: key.text("id"),
    alert: alert.text("id"),
    token: token.text("id"),
    user: user.id,
    invitation: "none",
  };
});

/** Which of the secrets the text has. */
function secretsIn(text: string): string[] {
  const plain = Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []));
  const hashed = hashes.some((hash) => text.includes(hash)) ? ["a hash"] : [];
  return [...plain, ...hashed, ...(text.includes("scrypt$") ? ["a password's hash"] : [])];
}

describe("a secret", () => {
  it("is of the kind that the test looks for", () => {
    for (const [name, secret] of Object.entries(secrets)) expect(secret.length, name).toBeGreaterThan(14);
  });

  it("is in no list, no page and no answer that reads, for those who may see everything", async () => {
    const found: string[] = [];
    for (const { name, method, pattern } of ROUTES.filter((route) => route.method === "GET")) {
      for (const token of [instanceAdmin, user.token]) {
        const text = await (await send(method, addressOf(pattern, ids), { token })).text();
        // That the setup wants "the value of SETUP_TOKEN" is no secret, its value is.
        for (const secret of secretsIn(text)) found.push(`${name}: ${secret}`);
      }
    }
    expect(found).toEqual([]);
  });

  it("is in no audit entry, whichever way the log is read", async () => {
    for (const path of [
      "/api/v1/audit?limit=500",
      "/api/v1/audit?format=csv",
      "/api/v1/audit?format=ndjson",
      `/api/v1/projects/${ids.project}/audit?limit=500`,
      `/api/v1/projects/${ids.project}/audit?format=ndjson`,
      "/audit",
      `/projects/${ids.project}/audit/export?format=csv`,
    ]) {
      const response = await send("GET", path, { token: instanceAdmin });
      const text = await response.text();
      expect(`${path} ${response.status}`).toBe(`${path} 200`);
      expect(text).toContain("Listed");
      expect([path, ...secretsIn(text)]).toEqual([path]);
      // Of no kind: nothing that looks like one, known to this test or not. A model's digest is no secret.
      expect(text).not.toMatch(/ty[pk]_[0-9A-Za-z]{20}/);
    }
  });

  it("is not stored: the store has hashes, and a hash is not the secret", async () => {
    const text = JSON.stringify(await storedState());
    const stored = secretsIn(text).filter((name) => !name.includes("hash"));
    expect(stored).toEqual([]);
    // The test looks at the right place: what is stored of them is there.
    expect(secretsIn(text)).toEqual(["a hash", "a password's hash"]);
  });

  it("is in no refusal of a request that carried it", async () => {
    const { key = "", token = "" } = secrets;
    for (const [path, credential] of [
      ["/api/v1/me", { token: `${token}x` }],
      [`/api/v1/projects/${token}`, { token: user.token }],
      [`/api/v1/deployments/${key}`, { token: user.token }],
      [`/projects/${token}`, { token: user.token }],
    ] as const) {
      const response = await send("GET", path, credential);
      expect([401, 404]).toContain(response.status);
      expect(secretsIn(await response.text())).toEqual([]);
    }
  });

  it("of a connection is in no answer, page, log or error, whatever is done with it", async () => {
    const logged: unknown[] = [];
    for (const level of ["debug", "log", "info", "warn", "error"] as const)
      vi.spyOn(console, level).mockImplementation((...words: unknown[]) => void logged.push(...words));
    const own = { token: user.token };
    const [api, page] = [`/api/v1/projects/${ids.project}/connections`, `/projects/${ids.project}/connections`];
    const { settings, secret } = CONNECTION;
    const store = { endpoint: "https://store.invalid", region: "auto", bucket: "b", access_key_id: "a" };
    const refused = { ...CONNECTION, settings: { ...settings, host: "169.254.169.254" } };
    const form = {
      name: "",
      "settings.host": "db.invalid",
      "settings.database": "d",
      "settings.user": "u",
      "secret.password": secret.password,
    };
    const others = [
      { name: "Store", kind: "s3", settings: store, secret: { secret_access_key: secret.password } },
      { name: "Hook", kind: "http", settings: { url: "https://h.invalid/" }, secret: { signing_key: secret.password } },
    ];
    const answers: [number, Promise<Response>][] = [
      [422, send("POST", api, own, { json: refused })],
      [422, send("POST", api, own, { json: { ...CONNECTION, kind: secret.password } })],
      [422, send("POST", api, own, { json: { ...CONNECTION, secret: secret.password } })],
      [422, send("POST", `${page}/new?kind=postgres`, own, { form })],
      [422, send("POST", `${page}/new?kind=s3`, own, { form })],
      [201, send("POST", api, own, { json: others[0] })],
      [201, send("POST", api, own, { json: others[1] })],
    ];
    for (const [status, answer] of answers) {
      const text = await (await answer).text();
      expect([(await answer).status, ...secretsIn(text)]).toEqual([status]);
    }
    const listed = await callApi("GET", api, undefined, user.token);
    expect(listed.each("kind").toSorted()).toEqual(["http", "postgres", "s3"]);
    // A database that answers, and refuses the password, is in test/pipelines/connections/connection-pages.test.ts.
    for (const id of listed.each("id").slice(0, 2)) {
      for (const path of [`/api/v1/connections/${String(id)}/test`, `${page}/${String(id)}/test`]) {
        const tested = await send("POST", path, own, { form: {} });
        expect([tested.status, ...secretsIn(await tested.text())]).toEqual([200]);
      }
      await send("DELETE", `/api/v1/connections/${String(id)}`, own);
    }
    const log = await (await send("GET", `/api/v1/projects/${ids.project}/audit?limit=500`, own)).text();
    expect(log).toContain("connection.delete");
    expect(secretsIn(log)).toEqual([]);
    expect(secretsIn(logged.map(textOf).join("\n"))).toEqual([]);
    vi.restoreAllMocks();
  });
});

/** What was logged, with what an error hides in its fields. */
function textOf(logged: unknown): string {
  if (!(logged instanceof Error)) return typeof logged === "string" ? logged : JSON.stringify(logged);
  return [logged.stack, JSON.stringify(logged), textOf(logged.cause ?? "")].join("\n");
}
