import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "../support/answer.ts";
import { addExperiment, addModel, addProject, addVersion } from "../support/deployment.ts";
import { callApi, createUser, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";

let owner: TestUser;
let path: string;
let modelIds: string[];

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
  const project = await addProject(owner, "Lists");
  const experiment = await addExperiment(owner, project);
  path = `/api/v1/experiments/${experiment}/versions`;
  for (let number = 1; number <= 3; number++) await addVersion(owner, experiment, "amount\n1\n2\n");
  modelIds = [];
  for (const factor of [1, 2, 3]) {
    modelIds.unshift(await addModel(owner, experiment, 1, { file: timesModel(factor), name: `Times ${factor}` }));
  }
});

function get(address: string): Promise<Answer> {
  return callApi("GET", address, undefined, owner.token);
}

async function expectRefused(list: string): Promise<void> {
  for (const limit of ["abc", "0", "501", "1.5"]) {
    const answer = await get(`${list}?limit=${limit}`);
    expect([limit, answer.status, answer.at("errors.0.path")]).toEqual([limit, 422, "limit"]);
  }
  const foreign = await get(`${list}?cursor=behind`);
  expect([foreign.status, foreign.at("errors.0.path")]).toEqual([422, "cursor"]);
}

describe("the versions of an experiment", () => {
  it("come page by page, the highest number first, whatever their times, and no further page after the last", async () => {
    await env.DB.exec('update experiment_versions set "createdAt" = 10 - number');
    const first = await get(`${path}?limit=2`);
    expect(first.each("number")).toEqual([3, 2]);
    const rest = await get(`${path}?limit=2&cursor=${encodeURIComponent(first.text("next_cursor"))}`);
    expect([rest.each("number"), rest.at("next_cursor")]).toEqual([[1], null]);
    const all = await get(`${path}?limit=3`);
    expect([all.each("number"), all.at("next_cursor")]).toEqual([[3, 2, 1], null]);
    expect((await get(path)).body).toEqual(all.body);
  });

  it("are refused for a limit that is none, and for a cursor of nobody's", () => expectRefused(path));

  it("are told to none but viewers, whatever the limit", async () => {
    const stranger = await createUser();
    expect((await callApi("GET", `${path}?limit=abc`, undefined, stranger.token)).status).toBe(404);
  });
});

describe("the models of a version", () => {
  it("come page by page, newest first, and no further page after the last", async () => {
    const first = await get(`${path}/1/models?limit=2`);
    const cursor = encodeURIComponent(first.text("next_cursor"));
    const rest = await get(`${path}/1/models?limit=2&cursor=${cursor}`);
    expect([...first.each("id"), ...rest.each("id"), rest.at("next_cursor")]).toEqual([...modelIds, null]);
    const all = await get(`${path}/1/models`);
    expect([all.each("id"), all.at("next_cursor")]).toEqual([modelIds, null]);
  });

  it("are refused for a limit that is none, and for a cursor of nobody's", () => expectRefused(`${path}/1/models`));
});
