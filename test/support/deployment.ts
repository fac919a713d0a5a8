import { Answer } from "./answer.ts";
import { callApi, createUser, fetchInstance, type TestUser } from "./instance.ts";

/** A file of an upload; a text is sent as UTF-8. */
export interface TestFile {
  name: string;
  content: string | Uint8Array;
}

export type UploadParts = Record<string, string | TestFile | TestFile[]>;

/** Sends multipart/form-data: texts as fields, files under their names. */
export async function upload(path: string, token: string, parts: UploadParts): Promise<Answer> {
  const body = new FormData();
  for (const [part, value] of Object.entries(parts)) {
    if (typeof value === "string") body.append(part, value);
    else
      for (const { name, content } of [value].flat())
        body.append(part, new Blob([Uint8Array.from(bytesOf(content))]), name);
  }
  return Answer.of(await fetchInstance(path, { method: "POST", headers: { authorization: `Bearer ${token}` }, body }));
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

/** Throws with the whole answer unless it has the status: for set-up, where a refusal is no subject of the test. */
export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status)
    throw new Error(`${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
  return answer;
}

export interface NewExperiment {
  task?: "regression" | "binary_classification" | "multiclass_classification" | "anomaly_detection";
  target?: string;
  name?: string;
}

/** A project of the user's own; returns its id. */
export async function addProject(owner: TestUser, name = "Tests"): Promise<string> {
  return expectStatus(await callApi("POST", "/api/v1/projects", { name }, owner.token), 201).text("id");
}

export async function addExperiment(owner: TestUser, project: string, wanted: NewExperiment = {}): Promise<string> {
  const body = { name: "Experiment", task: "regression", ...wanted };
  return expectStatus(await callApi("POST", `/api/v1/projects/${project}/experiments`, body, owner.token), 201).text(
    "id",
  );
}

/** Adds a version and returns its number. */
export async function addVersion(
  owner: TestUser,
  experiment: string,
  csv: string,
  schema?: unknown,
  holdout?: string,
): Promise<number> {
  const parts: UploadParts = { reference: { name: "reference.csv", content: csv } };
  if (holdout !== undefined) parts["holdout"] = { name: "holdout.csv", content: holdout };
  if (schema !== undefined) parts["schema"] = JSON.stringify(schema);
  const answer = expectStatus(await upload(`/api/v1/experiments/${experiment}/versions`, owner.token, parts), 201);
  return Number(answer.at("number"));
}

export interface NewModel {
  file: Uint8Array;
  name?: string;
  mapping?: unknown;
}

/** Adds a model whose trial must succeed; returns its id. */
export async function addModel(
  owner: TestUser,
  experiment: string,
  version: number,
  wanted: NewModel,
): Promise<string> {
  const { file, name = "model", mapping } = wanted;
  const parts: UploadParts = { file: { name: "model.onnx", content: file }, name };
  if (mapping !== undefined) parts["mapping"] = JSON.stringify(mapping);
  const path = `/api/v1/experiments/${experiment}/versions/${version}/models`;
  const id = expectStatus(await upload(path, owner.token, parts), 201).text("id");
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await callApi("GET", `/api/v1/models/${id}`, undefined, owner.token);
    if (answer.at("state") === "succeeded") return id;
    if (answer.at("state") === "failed") throw new Error(JSON.stringify(answer.body));
    await scheduler.wait(50);
  }
  throw new Error(`The trial of ${id} did not end.`);
}

export interface NewDeployment extends NewExperiment {
  /** The training reference. */
  csv: string;
  holdout?: string;
  schema?: unknown;
  model: Uint8Array;
  mapping?: unknown;
  /** With a `csv`, a model of a second version of the experiment; else of the same one. */
  challenger?: { model: Uint8Array; mapping?: unknown; csv?: string };
  access?: "public" | "instance" | "project";
  type_policy?: "best_effort" | "strict";
  owner?: TestUser;
}

/** A deployment with all that stands behind it. Calls of its own are made with its key. */
export interface TestDeployment {
  id: string;
  slug: string;
  project: string;
  experiment: string;
  mainId: string;
  challengerId: string | null;
  owner: TestUser;
  key: string;
  path: string;
}

/** Project, experiment, version, models, deployment and key, all through the API; waits until it is deployed. */
export async function deployModel(wanted: NewDeployment): Promise<TestDeployment> {
  const owner = wanted.owner ?? (await createUser());
  const { csv, schema, model, mapping, challenger, access, type_policy, name = "Deployment", task, target } = wanted;
  const project = await addProject(owner, name);
  const experiment = await addExperiment(owner, project, { name, ...(task && { task }), ...(target && { target }) });
  const version = await addVersion(owner, experiment, csv, schema, wanted.holdout);
  const mainId = await addModel(owner, experiment, version, { file: model, name: "main", mapping });
  const rival = challenger && (await addChallenger(owner, experiment, version, challenger));
  const deployment = expectStatus(
    await callApi(
      "POST",
      `/api/v1/projects/${project}/deployments`,
      {
        name,
        experiment_id: experiment,
        main: { version, model_id: mainId },
        ...(rival && { challenger: rival }),
        ...(access && { access }),
        ...(type_policy && { type_policy }),
      },
      owner.token,
    ),
    201,
  );
  if (deployment.at("deployed") !== "deployed") throw new Error(JSON.stringify(deployment.body));
  const id = deployment.text("id");
  const path = `/api/v1/deployments/${id}`;
  const key = expectStatus(await callApi("POST", `${path}/keys`, { name: "key" }, owner.token), 201).text("key");
  return {
    id,
    slug: deployment.text("slug"),
    project,
    experiment,
    mainId,
    challengerId: rival?.model_id ?? null,
    owner,
    key,
    path,
  };
}

async function addChallenger(
  owner: TestUser,
  experiment: string,
  mainVersion: number,
  wanted: NonNullable<NewDeployment["challenger"]>,
) {
  const version = wanted.csv === undefined ? mainVersion : await addVersion(owner, experiment, wanted.csv);
  const { model: file, mapping } = wanted;
  return { version, model_id: await addModel(owner, experiment, version, { file, name: "challenger", mapping }) };
}

/** Predicts one row with the deployment's key. */
export function predictOne(deployment: TestDeployment, features: Record<string, unknown>): Promise<Answer> {
  return callApi("POST", `${deployment.path}/predict`, { features }, deployment.key);
}

/** Predicts several rows with the deployment's key. */
export function predictRows(deployment: TestDeployment, rows: Record<string, unknown>[]): Promise<Answer> {
  return callApi("POST", `${deployment.path}/predict`, { rows }, deployment.key);
}

/** Reads something of the deployment as its owner. */
export function readAs(owner: TestUser, path: string): Promise<Answer> {
  return callApi("GET", path, undefined, owner.token);
}

/** Asks until `isDone`; the last answer in any case, so that the test says what it saw. */
export async function eventually<T>(ask: () => Promise<T>, isDone: (answer: T) => boolean, ms = 10_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (isDone(answer) || Date.now() > end) return answer;
    await scheduler.wait(50);
  }
}
