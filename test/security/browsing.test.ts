import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  addModel,
  addVersion,
  deployModel,
  expectStatus,
  predictOne,
  type TestDeployment,
} from "../support/deployment.ts";
import { callApi, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";
import { type Payload, send } from "./request.ts";
import { storedState } from "./stored-state.ts";
import { NO_SUCH_IDS } from "./world.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 90_000 });

// The ids of one project under the addresses of another, whose admin calls. That the addresses of the first are closed to him is in
// routes.test.ts; for personal tokens see test/access/tokens.test.ts.

const CSV = "amount\n1\n2\n";
const SECRET_NAME = "Confidential forecast";

let theirs: TestDeployment;
/** A second version of their experiment, and a model of it. */
let theirSecond: { version: number; model: string };
let theirKeyId: string;
let theirPrediction: string;
let own: TestDeployment;
let spy: TestUser;
beforeAll(async () => {
  await startInstance();
  theirs = await deployModel({ csv: CSV, model: timesModel(2), name: SECRET_NAME });
  const version = await addVersion(theirs.owner, theirs.experiment, CSV);
  const model = await addModel(theirs.owner, theirs.experiment, version, { file: timesModel(5), name: SECRET_NAME });
  theirSecond = { version, model };
  const keys = await callApi("GET", `${theirs.path}/keys`, undefined, theirs.owner.token);
  theirKeyId = keys.text("items.0.id");
  theirPrediction = expectStatus(await predictOne(theirs, { amount: 41 }), 200).text("prediction_id");
  own = await deployModel({ csv: CSV, model: timesModel(3), name: "Spy" });
  spy = own.owner;
});

const asSpy = (method: string, path: string, body?: unknown) => callApi(method, path, body, spy.token);
const post = (path: string, payload: Payload) => send("POST", path, { token: spy.token }, payload);

/** What is the same for every request: the id of the request goes, and so do the ids that were sent. */
async function answerTo(request: Promise<Response>, sent: string[]): Promise<string> {
  const response = await request;
  let text = (await response.text()).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "request");
  for (const id of sent) text = text.replaceAll(id, "id");
  return `${response.status} ${text}`;
}

describe("somebody else's", () => {
  it("key is not ended under one's own deployment", async () => {
    expect((await asSpy("DELETE", `${own.path}/keys/${theirKeyId}`)).status).toBe(404);
    expect((await post(`/deployments/${own.id}/keys/${theirKeyId}/revoke`, { form: {} })).status).toBe(404);
    expect((await predictOne(theirs, { amount: 1 })).status).toBe(200);
  });

  it("prediction is not read under one's own deployment, nor by its cursor", async () => {
    const path = `${own.path}/predictions`;
    expect((await asSpy("GET", `${path}/${theirPrediction}`)).status).toBe(404);
    const page = await send("GET", `/deployments/${own.id}/predictions/${theirPrediction}`, { token: spy.token });
    expect(page.status).toBe(404);
    await predictOne(theirs, { amount: 42 });
    const first = await callApi("GET", `${theirs.path}/predictions?limit=1`, undefined, theirs.owner.token);
    const cursor = encodeURIComponent(first.text("next_cursor"));
    const answer = await asSpy("GET", `${path}?cursor=${cursor}`);
    expect([answer.status, answer.at("items")]).toEqual([200, []]);
  });

  /** Every way to name a model as one's own. */
  const namings = (model: string, version: number) => {
    const [main, ownMain] = [
      { version, model_id: model },
      { version: 1, model_id: own.mainId },
    ];
    const deployment = { name: "x", experiment_id: own.experiment, main: ownMain };
    const deployments = `/api/v1/projects/${own.project}/deployments`;
    return [
      [deployments, { ...deployment, main }],
      [deployments, { ...deployment, challenger: main }],
      [`${own.path}/versions`, { main }],
      [`${own.path}/versions`, { main: ownMain, challenger: main }],
      [`${own.path}/preview`, { main }],
      [`${own.path}/preview`, { main: ownMain, challenger: main }],
    ] as const;
  };
  const answersTo = (model: string, version: number) =>
    Promise.all(namings(model, version).map(([path, json]) => answerTo(post(path, { json }), [model])));

  it("model cannot be deployed, switched to or tried out", async () => {
    const before = await storedState();
    for (const [model, version] of [[theirs.mainId, 1] as const, [theirSecond.model, theirSecond.version] as const]) {
      for (const answer of await answersTo(model, version)) {
        expect(answer).toMatch(/^422 /);
        expect(answer).not.toContain(SECRET_NAME);
      }
    }
    expect(await storedState()).toEqual(before);
  });

  it("model is refused like one that there is not", async () => {
    const { model, version } = theirSecond;
    expect(await answersTo(model, version)).toEqual(await answersTo(NO_SUCH_IDS.model, version));
  });

  it("experiment cannot be deployed from, and is refused like one that there is not", async () => {
    const path = `/api/v1/projects/${own.project}/deployments`;
    const body = (experiment_id: string) => ({
      json: { name: "x", experiment_id, main: { version: 1, model_id: theirs.mainId } },
    });
    const answer = await answerTo(post(path, body(theirs.experiment)), [theirs.experiment]);
    expect(answer).toMatch(/^422 /);
    expect(answer).toBe(await answerTo(post(path, body(NO_SUCH_IDS.experiment)), [NO_SUCH_IDS.experiment]));
  });

  it("experiment and model are on no page of one's own, whatever its address asks for", async () => {
    const query = `experiment=${theirs.experiment}&model=${theirs.mainId}&version=2`;
    for (const path of [
      `/projects/${own.project}/deployments/new?${query}`,
      `/projects/${own.project}/deployments/new/models?${query}`,
      `/projects/${own.project}/experiments?${query}`,
      `/deployments/${own.id}/versions/new?${query}`,
    ]) {
      const response = await send("GET", path, { token: spy.token });
      expect(`${path} ${response.status}`).toBe(`${path} 200`);
      expect(await response.text()).not.toContain(SECRET_NAME);
    }
  });

  it("version is not found by its number in one's own experiment or deployment", async () => {
    const { version } = theirSecond;
    for (const path of [
      `/api/v1/experiments/${own.experiment}/versions/${version}`,
      `/api/v1/experiments/${own.experiment}/versions/${version}/models`,
      `/experiments/${own.experiment}/versions/${version}`,
      `/v2/models/${own.slug}/versions/${version}`,
    ]) {
      expect(`${path} ${(await send("GET", path, { token: spy.token })).status}`).toBe(`${path} 404`);
    }
    expect((await asSpy("POST", `${own.path}/versions/${version}/rollback`, {})).status).toBe(404);
  });

  it("member is none of one's own project, and stays where they are", async () => {
    const { id } = theirs.owner;
    expect((await asSpy("DELETE", `/api/v1/projects/${own.project}/members/${id}`)).status).toBe(404);
    expect((await send("GET", `/projects/${own.project}/members/${id}/remove`, { token: spy.token })).status).toBe(404);
    const kept = await callApi("GET", `/api/v1/projects/${theirs.project}/members`, undefined, theirs.owner.token);
    expect(kept.each("user.id")).toEqual([id]);
  });

  it("entries are not in one's own audit log, whatever the filter asks for", async () => {
    const path = `/api/v1/projects/${own.project}/audit`;
    for (const query of ["", `?project=${theirs.project}`, `?actor=${theirs.owner.email}`, `?limit=500`]) {
      const answer = await asSpy("GET", path + query);
      // The log of a project knows no filter by project.
      expect(answer.status).toBe(query.startsWith("?project") ? 422 : 200);
      expect(JSON.stringify(answer.body)).not.toContain(SECRET_NAME);
    }
  });

  it("project does not show in one's own lists", async () => {
    for (const path of [
      "/api/v1/me",
      "/api/v1/projects",
      "/projects",
      `/projects/${own.project}/deployments`,
      "/account",
    ]) {
      const response = await send("GET", path, { token: spy.token });
      expect(`${path} ${response.status}`).toBe(`${path} 200`);
      expect(await response.text()).not.toContain(SECRET_NAME);
    }
  });

  it("address is not taken over by naming one's own thing like it", async () => {
    const body = { name: theirs.id, experiment_id: own.experiment, main: { version: 1, model_id: own.mainId } };
    const made = await asSpy("POST", `/api/v1/projects/${own.project}/deployments`, body);
    expect(made.status).toBe(201);
    const twin = await asSpy("POST", `/api/v1/projects/${own.project}/deployments`, { ...body, name: SECRET_NAME });
    expect(twin.text("slug")).not.toBe(theirs.slug);
    const project = await asSpy("POST", "/api/v1/projects", { name: theirs.project });
    for (const slug of [made.text("slug"), twin.text("slug"), project.text("slug")]) {
      expect([theirs.id, theirs.slug, theirs.project]).not.toContain(slug);
    }
    for (const name of [theirs.id, theirs.slug]) {
      const answer = await callApi("GET", `/api/v1/deployments/${name}`, undefined, theirs.owner.token);
      expect([answer.status, answer.at("id")]).toEqual([200, theirs.id]);
    }
  });
});
