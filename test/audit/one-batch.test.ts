import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addConnection, addDataset, addPipeline, URL_SOURCE } from "../pipelines/pipeline-fixtures.ts";
import { Browser } from "../support/browser.ts";
import {
  addExperiment,
  addModel,
  deployModel,
  expectStatus,
  type TestDeployment,
  upload,
} from "../support/deployment.ts";
import {
  ADMIN,
  callApi,
  createUser,
  fetchInstance,
  type Instance,
  SETUP_TOKEN,
  startEmptyInstance,
  startInstance,
  type TestUser,
} from "../support/instance.ts";
import { timesModel } from "../support/models.ts";

/** The cut: whatever a verb does, the store refuses the entry of the audit log. */
const cut = () =>
  env.DB.exec("create trigger cut before insert on audit_entries begin select raise(abort, 'cut here'); end");
const mend = () => env.DB.exec("drop trigger if exists cut");

/** Hosts say by themselves that they live, and when they brought their counts. */
const OF_HOSTS = ["deployment_hosts"];

/** Every row of every table, but for when a credential was used last. */
async function everything(): Promise<Record<string, unknown[]>> {
  const tables = await env.DB.prepare(
    "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like '_cf_%'",
  ).all<{ name: string }>();
  const rows: Record<string, unknown[]> = {};
  for (const { name } of tables.results) {
    if (OF_HOSTS.includes(name)) continue;
    const { results } = await env.DB.prepare(`select * from "${name}"`).all();
    rows[name] = results.map((row) => ({ ...row, ...("lastUsedAt" in row && { lastUsedAt: null }) }));
  }
  return rows;
}

async function expectCut(call: () => Promise<{ status: number }>): Promise<void> {
  const before = await everything();
  await cut();
  const { status } = await call();
  await mend();
  expect(status).toBe(500);
  expect(await everything()).toEqual(before);
}

describe("a change whose entry cannot be written", () => {
  let instance: Instance;
  let user: TestUser;
  let owner: TestUser;
  let made: TestDeployment;
  let invitation: string;
  let token: string;
  let key: string;
  let emptyExperiment: string;
  let spareModel: string;
  let alert: string;
  let connection: string;
  let dataset: string;
  let pipeline: string;

  const asAdmin = (method: string, path: string, body?: unknown) =>
    callApi(method, `/api/v1${path}`, body, instance.adminToken);
  const asOwner = (method: string, path: string, body?: unknown) =>
    callApi(method, `/api/v1${path}`, body, owner.token);
  const csv = { name: "reference.csv", content: "amount\n1\n2\n3\n4\n" };

  beforeAll(async () => {
    instance = await startInstance();
    user = await createUser();
    made = await deployModel({
      csv: csv.content,
      model: timesModel(2),
      challenger: { model: timesModel(3) },
    });
    owner = made.owner;
    const chosen = { version: 1, model_id: made.mainId };
    expectStatus(
      await asOwner("POST", `/deployments/${made.id}/versions`, {
        main: chosen,
        challenger: { version: 1, model_id: made.challengerId },
      }),
      201,
    );
    expectStatus(await asOwner("PUT", `/projects/${made.project}/members/${user.id}`, { role: "viewer" }), 200);
    emptyExperiment = await addExperiment(owner, made.project);
    spareModel = await addModel(owner, made.experiment, 1, { file: timesModel(4), name: "spare" });
    token = expectStatus(await asOwner("POST", "/tokens", { name: "token" }), 201).text("id");
    key = expectStatus(await asOwner("POST", `/deployments/${made.id}/keys`, { name: "key" }), 201).text("id");
    alert = expectStatus(await asOwner("POST", `/deployments/${made.id}/alerts`, ALERT), 201).text("id");
    connection = await addConnection(owner, made.project, "http");
    dataset = await addDataset(owner, made.project);
    pipeline = await addPipeline(made);
    invitation = expectStatus(await asAdmin("POST", `/users/${user.id}/invitation`, {}), 201).text("invitation_url");
  });
  afterEach(mend);

  const ALERT = { kind: "errors", notify: { webhook_url: "https://hooks.example.org/alerts" } };

  const CALLS: [string, () => Promise<{ status: number }>][] = [
    ["a new user", () => asAdmin("POST", "/users", { email: "new@tiltyard.test", name: "New" })],
    ["a user's name and state", () => asAdmin("PATCH", `/users/${user.id}`, { name: "Other", active: false })],
    ["the end of a user", () => asAdmin("DELETE", `/users/${user.id}`)],
    ["a link for a user", () => asAdmin("POST", `/users/${user.id}/invitation`, {})],
    [
      "the use of a link",
      () => new Browser().post(new URL(invitation).pathname, { name: "New", password: "a new password" }),
    ],
    ["a session", () => new Browser().post("/sign-in", { email: user.email, password: user.password })],
    [
      "a password",
      () => asOwner("POST", "/me/password", { current_password: owner.password, new_password: "a new password" }),
    ],
    ["a token", () => asOwner("POST", "/tokens", { name: "another" })],
    ["the end of a token", () => asOwner("DELETE", `/tokens/${token}`)],
    ["a project", () => asOwner("POST", "/projects", { name: "New" })],
    ["a project's name", () => asOwner("PATCH", `/projects/${made.project}`, { name: "Renamed" })],
    ["the end of a project", () => asOwner("DELETE", `/projects/${made.project}`)],
    ["a member's role", () => asOwner("PUT", `/projects/${made.project}/members/${user.id}`, { role: "admin" })],
    ["the end of a membership", () => asOwner("DELETE", `/projects/${made.project}/members/${user.id}`)],
    [
      "an experiment",
      () => asOwner("POST", `/projects/${made.project}/experiments`, { name: "New", task: "regression" }),
    ],
    ["the end of an experiment", () => asOwner("DELETE", `/experiments/${emptyExperiment}`)],
    [
      "an experiment's version",
      () => upload(`/api/v1/experiments/${made.experiment}/versions`, owner.token, { reference: csv }),
    ],
    [
      "a model",
      () =>
        upload(`/api/v1/experiments/${made.experiment}/versions/1/models`, owner.token, {
          file: { name: "model.onnx", content: timesModel(5) },
        }),
    ],
    ["the end of a model", () => asOwner("DELETE", `/models/${spareModel}`)],
    [
      "a deployment",
      () =>
        asOwner("POST", `/projects/${made.project}/deployments`, {
          name: "New",
          experiment_id: made.experiment,
          main: { version: 1, model_id: made.mainId },
        }),
    ],
    [
      "a deployment's version",
      () => asOwner("POST", `/deployments/${made.id}/versions`, { main: { version: 1, model_id: spareModel } }),
    ],
    ["a promotion", () => asOwner("POST", `/deployments/${made.id}/promote`, {})],
    ["a rollback", () => asOwner("POST", `/deployments/${made.id}/versions/1/rollback`)],
    ["the end of a deployment", () => asOwner("DELETE", `/deployments/${made.id}`)],
    ["an API key", () => asOwner("POST", `/deployments/${made.id}/keys`, { name: "another" })],
    ["an alert", () => asOwner("POST", `/deployments/${made.id}/alerts`, ALERT)],
    ["the end of an alert", () => asOwner("DELETE", `/deployments/${made.id}/alerts/${alert}`)],
    ["the end of a connection", () => asOwner("DELETE", `/connections/${connection}`)],
    ["the end of a dataset", () => asOwner("DELETE", `/datasets/${dataset}`)],
    [
      "a pipeline",
      () =>
        asOwner("POST", `/projects/${made.project}/pipelines`, {
          name: "New",
          deployment_id: made.id,
          source: URL_SOURCE,
        }),
    ],
    ["a pipeline's name", () => asOwner("PATCH", `/pipelines/${pipeline}`, { name: "Renamed" })],
    ["the end of a pipeline", () => asOwner("DELETE", `/pipelines/${pipeline}`)],
    ["the end of an API key", () => asOwner("DELETE", `/deployments/${made.id}/keys/${key}`)],
  ];

  it.each(CALLS)("is not made: %s", (_, call) => expectCut(call));
});

describe("a set-up whose entries cannot be written", () => {
  const filled = { setup_token: SETUP_TOKEN, ...ADMIN };
  beforeEach(startEmptyInstance);

  it("makes neither the user nor the project, and may be repeated", async () => {
    await expectCut(() => callApi("POST", "/api/v1/setup", filled));
    expect((await fetchInstance("/sign-in")).headers.get("location")).toBe("/setup");
    expect((await callApi("POST", "/api/v1/setup", filled)).status).toBe(201);
  });
});
