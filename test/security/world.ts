import { rangeKey, type ResultColumn, writeRunResult } from "../../src/inference/batch/run-result.ts";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { apiKeys } from "../../src/access/schema.ts";
import type { ProjectRole } from "../../src/access/caller.ts";
import type { AccessLevel } from "../../src/access/rights.ts";
import { database } from "../../src/db.ts";
import { newId } from "../../src/lib/id.ts";
import { runs } from "../../src/pipelines/schema.ts";
import { Browser } from "../support/browser.ts";
import { deployModel, eventually, expectStatus, upload } from "../support/deployment.ts";
import { callApi, createUser, fetchInstance, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";

export const CSV = "amount\n1\n2\n";

/** No name that ends in .invalid leads anywhere. */
export const ALERT = { kind: "not_running", notify: { webhook_url: "https://receiver.invalid/" } };

export const CONNECTION = {
  name: "Receiver",
  kind: "http",
  settings: { url: "https://receiver.invalid/" },
  secret: { signing_key: "the key that signs what is sent" },
};

export const CALLERS = [
  "nobody",
  "member of another project",
  "end user",
  "viewer",
  "contributor",
  "project admin",
  "instance admin",
  "its key",
  "key of another deployment",
  "expired key",
  "revoked key",
  "token of a deactivated user",
  "session of a deactivated user",
] as const;

export type CallerName = (typeof CALLERS)[number];

/** What the caller's requests carry. */
export type Credential = { token: string } | { cookie: string } | null;

/** What stands in the addresses of the routes. */
export interface Ids {
  project: string;
  deployment: string;
  experiment: string;
  model: string;
  key: string;
  alert: string;
  connection: string;
  dataset: string;
  /** Of a dataset of which one part has arrived. */
  upload: string;
  pipeline: string;
  /** That has failed. */
  run: string;
  prediction: string;
  user: string;
  token: string;
  invitation: string;
}

/** The same addresses for things that there are not, in the form of those that there are. */
export const NO_SUCH_IDS: Ids = {
  project: "prj_00000000000000000000",
  deployment: "dep_00000000000000000000",
  experiment: "exp_00000000000000000000",
  model: "mdl_00000000000000000000",
  key: "key_00000000000000000000",
  alert: "alr_00000000000000000000",
  connection: "con_00000000000000000000",
  dataset: "dst_00000000000000000000",
  upload: "dst_00000000000000000000",
  pipeline: "pip_00000000000000000000",
  run: "run_00000000000000000000",
  prediction: "p00000000000000000000-1-local0-1-0",
  user: "usr_00000000000000000000",
  token: "tok_00000000000000000000",
  invitation: "0".repeat(43),
};

/** An instance with one project of everything, and everybody who may come by. */
export interface World {
  /** With the deployment of the level that is asked for. */
  ids: (level?: AccessLevel) => Ids;
  credential: (caller: CallerName, level?: AccessLevel) => Credential;
  /** Made everything in the project. */
  owner: TestUser;
  instanceAdmin: string;
  /** A member of the project, whose id is in the addresses. */
  subject: TestUser;
  /** In no project but their own. */
  stranger: TestUser;
  addMember: (role: ProjectRole) => Promise<TestUser>;
  addDeployment: (access?: AccessLevel) => Promise<string>;
  addKey: (deployment: string) => Promise<{ id: string; key: string }>;
  addAlert: (deployment: string) => Promise<string>;
  addConnection: () => Promise<string>;
  addDataset: () => Promise<string>;
  addUpload: () => Promise<string>;
  addPipeline: () => Promise<string>;
  addRun: (state: "queued" | "failed") => Promise<string>;
}

/** Sets the instance up; everything but the age of the expired key is made through the API. */
export async function startWorld(): Promise<World> {
  const { adminToken: instanceAdmin } = await startInstance();
  const owner = await createUser();
  const main = await deployModel({ csv: CSV, model: timesModel(2), access: "project", owner, name: "Routes" });
  const { project, experiment, mainId: model } = main;
  const asOwner = (method: string, path: string, body: unknown) => callApi(method, path, body, owner.token);

  const addMember = async (role: ProjectRole): Promise<TestUser> => {
    const user = await createUser();
    expectStatus(await asOwner("PUT", `/api/v1/projects/${project}/members/${user.id}`, { role }), 200);
    return user;
  };
  const addDeployment = async (access: AccessLevel = "project"): Promise<string> => {
    const body = { name: `Routes ${access}`, experiment_id: experiment, main: { version: 1, model_id: model }, access };
    const made = expectStatus(await asOwner("POST", `/api/v1/projects/${project}/deployments`, body), 201);
    if (made.at("deployed") !== "deployed") throw new Error(JSON.stringify(made.body));
    return made.text("id");
  };
  const addKey = async (deployment: string): Promise<{ id: string; key: string }> => {
    const made = await asOwner("POST", `/api/v1/deployments/${deployment}/keys`, { name: "A key" });
    return { id: expectStatus(made, 201).text("id"), key: made.text("key") };
  };

  const addAlert = async (deployment: string): Promise<string> =>
    expectStatus(await asOwner("POST", `/api/v1/deployments/${deployment}/alerts`, ALERT), 201).text("id");

  const addConnection = async (): Promise<string> =>
    expectStatus(await asOwner("POST", `/api/v1/projects/${project}/connections`, CONNECTION), 201).text("id");
  const datasets = `/api/v1/projects/${project}/datasets`;
  const addDataset = async (): Promise<string> => {
    const file = { file: { name: "rows.csv", content: CSV }, name: "Rows" };
    return expectStatus(await upload(datasets, owner.token, file), 201).text("id");
  };
  const addUpload = async (): Promise<string> => {
    const begun = await asOwner("POST", `${datasets}/uploads`, { name: "In parts", format: "csv" });
    const id = expectStatus(begun, 201).text("id");
    const headers = { authorization: `Bearer ${owner.token}` };
    const sent = await fetchInstance(`${datasets}/uploads/${id}/parts/1`, { method: "PUT", headers, body: CSV });
    if (sent.status !== 200) throw new Error(await sent.text());
    return id;
  };

  const addPipeline = async (): Promise<string> => {
    const source = { kind: "url", url: "https://rows.invalid/rows.csv" };
    const body = { name: "Nightly", deployment_id: main.id, source };
    return expectStatus(await asOwner("POST", `/api/v1/projects/${project}/pipelines`, body), 201).text("id");
  };
  const pipeline = await addPipeline();
  const addRun = (state: "queued" | "failed"): Promise<string> => storeRun(pipeline, main.id, state);

  const deployments: Record<AccessLevel, string> = {
    project: main.id,
    instance: await addDeployment("instance"),
    public: await addDeployment("public"),
  };
  const keys: Record<AccessLevel, { id: string; key: string }> = {
    project: await addKey(deployments.project),
    instance: await addKey(deployments.instance),
    public: await addKey(deployments.public),
  };
  const alerts: Record<AccessLevel, string> = {
    project: await addAlert(deployments.project),
    instance: await addAlert(deployments.instance),
    public: await addAlert(deployments.public),
  };
  const otherKey = await addKey(await addDeployment());
  const subject = await addMember("viewer");
  const stranger = await createUser();
  expectStatus(await callApi("POST", "/api/v1/projects", { name: "Elsewhere" }, stranger.token), 201);
  const { session, token } = await deactivated(await addMember("admin"), instanceAdmin);
  const credentials: Record<CallerName, Credential> = {
    nobody: null,
    "member of another project": { token: stranger.token },
    "end user": { token: (await addMember("end_user")).token },
    viewer: { token: (await addMember("viewer")).token },
    contributor: { token: (await addMember("contributor")).token },
    "project admin": { token: (await addMember("admin")).token },
    "instance admin": { token: instanceAdmin },
    "its key": { token: keys.project.key },
    "key of another deployment": { token: otherKey.key },
    "expired key": { token: await expiredKey(await addKey(main.id)) },
    "revoked key": { token: await revokedKey(main.path, await addKey(main.id), owner) },
    "token of a deactivated user": { token },
    "session of a deactivated user": { cookie: session },
  };
  const common = {
    project,
    experiment,
    model,
    user: subject.id,
    token: await tokenOf(subject),
    prediction: await recordedPrediction(main.path, owner),
    invitation: await invitation(instanceAdmin),
    connection: await addConnection(),
    dataset: await addDataset(),
    upload: await addUpload(),
    pipeline,
    run: await addRun("failed"),
  };
  return {
    ids: (level = "project") => ({
      ...common,
      deployment: deployments[level],
      key: keys[level].id,
      alert: alerts[level],
    }),
    credential: (caller, level = "project") =>
      caller === "its key" ? { token: keys[level].key } : credentials[caller],
    owner,
    instanceAdmin,
    subject,
    stranger,
    addMember,
    addDeployment,
    addKey,
    addAlert,
    addConnection,
    addDataset,
    addUpload,
    addPipeline,
    addRun,
  };
}

/** A run with its files, as the engine leaves it, and without a workflow. */
export async function storeRun(pipelineId: string, deploymentId: string, state: "queued" | "failed"): Promise<string> {
  const id = newId("run");
  const file = { rows: 1, bytes: 9 };
  const files = state === "failed" ? { main: file, challenger: file, errors: file } : null;
  const rows = { rowsDone: 0, rowsFailed: 0 };
  const row = { id, pipelineId, deploymentId, trigger: "api", state, attempt: 1, files, ...rows } as const;
  await database(env)
    .insert(runs)
    .values({ ...row, createdAt: Date.now() });
  await storeRunFiles(id, deploymentId);
  return id;
}

/** A row in each file: the lines of one range. */
async function storeRunFiles(runId: string, deploymentId: string): Promise<void> {
  for (const part of ["main", "challenger", "errors"] as const) await env.STORE.put(rangeKey(runId, 0, part), "1\n");
  const columns: ResultColumn[] = [{ name: "amount", type: "number", role: "source" }];
  const main = { columns, rows: 1, bytes: 9, ranges: [2], blocks: [] };
  const errors = { rows: 1, bytes: 24, ranges: [2] };
  await writeRunResult(env.STORE, { runId, deploymentId, version: 1, at: 0, rows: 1, main, challenger: main, errors });
}

/** Both were alive before: a credential that never was would be refused for the wrong reason. */
async function deactivated(user: TestUser, instanceAdmin: string): Promise<{ session: string; token: string }> {
  const browser = new Browser();
  await browser.signIn(user);
  const { cookie } = browser;
  expectStatus(await callApi("GET", "/api/v1/me", undefined, user.token), 200);
  if ((await browser.get("/api/v1/me")).status !== 200) throw new Error("the session did not begin");
  expectStatus(await callApi("PATCH", `/api/v1/users/${user.id}`, { active: false }, instanceAdmin), 200);
  return { session: cookie, token: user.token };
}

async function expiredKey({ id, key }: { id: string; key: string }): Promise<string> {
  await database(env)
    .update(apiKeys)
    .set({ expiresAt: Date.now() - 1 })
    .where(eq(apiKeys.id, id));
  return key;
}

async function revokedKey(path: string, { id, key }: { id: string; key: string }, owner: TestUser): Promise<string> {
  expectStatus(await callApi("GET", `${path}/about`, undefined, key), 200);
  expectStatus(await callApi("DELETE", `${path}/keys/${id}`, undefined, owner.token), 204);
  return key;
}

async function tokenOf(user: TestUser): Promise<string> {
  return (await callApi("GET", "/api/v1/tokens", undefined, user.token)).text("items.0.id");
}

async function recordedPrediction(path: string, owner: TestUser): Promise<string> {
  const answer = await callApi("POST", `${path}/predict`, { features: { amount: 1 } }, owner.token);
  const id = expectStatus(answer, 200).text("prediction_id");
  const read = () => callApi("GET", `${path}/predictions/${id}`, undefined, owner.token);
  expectStatus(await eventually(read, ({ status }) => status === 200), 200);
  return id;
}

async function invitation(instanceAdmin: string): Promise<string> {
  const body = { email: "invited@tiltyard.test", name: "Invited" };
  const made = expectStatus(await callApi("POST", "/api/v1/users", body, instanceAdmin), 201);
  return new URL(made.text("invitation_url")).pathname.split("/").at(-1) ?? "";
}
