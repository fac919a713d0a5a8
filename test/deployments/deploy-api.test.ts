import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { runCron } from "../../src/cron.ts";
import type { Answer } from "../support/answer.ts";
import { addExperiment, addModel, addProject, addVersion } from "../support/deployment.ts";
import { callApi, createUser, ORIGIN, startInstance, type TestUser } from "../support/instance.ts";
import { sumModel, timesModel } from "../support/models.ts";

let owner: TestUser;
let project: string;
let experiment: string;
/** Two models of version 1 and one of version 2, which has a column more. */
let double: string;
let triple: string;
let sum: string;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
  project = await addProject(owner, "Deploying");
  experiment = await addExperiment(owner, project, { name: "Amounts" });
  await addVersion(owner, experiment, "amount\n1\n2\n3\n");
  await addVersion(owner, experiment, "amount,hidden\n1,1\n2,2\n3,3\n");
  double = await addModel(owner, experiment, 1, { file: timesModel(2), name: "Double" });
  triple = await addModel(owner, experiment, 1, { file: timesModel(3), name: "Triple" });
  sum = await addModel(owner, experiment, 2, { file: sumModel(2), name: "Sum" });
});

function create(changes: Record<string, unknown> = {}): Promise<Answer> {
  const body = { name: "Amounts", experiment_id: experiment, main: { version: 1, model_id: double }, ...changes };
  return callApi("POST", `/api/v1/projects/${project}/deployments`, body, owner.token);
}

function get(path: string, token = owner.token): Promise<Answer> {
  return callApi("GET", path, undefined, token);
}

/** A refusal in short: status, code and the path of the first fault. */
function refusal(answer: Answer): unknown[] {
  return [answer.status, answer.at("code"), answer.at("errors.0.path")];
}

describe("creating a deployment", () => {
  it("answers with everything that the contract names", async () => {
    const answer = await create({
      name: "Whole",
      description: "All of it",
      challenger: { version: 1, model_id: triple },
      access: "instance",
      type_policy: "strict",
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^dep_/),
      slug: "whole",
      name: "Whole",
      description: "All of it",
      project_id: project,
      experiment_id: experiment,
      task: "regression",
      created_at: expect.stringMatching(/Z$/),
      created_by: owner.id,
      access: "instance",
      type_policy: "strict",
      current_version: 1,
      deployed: "deployed",
      error: null,
      running: true,
      running_since: null,
      main: { version: 1, model_id: double, model_name: "Double", state: "succeeded", error: null },
      challenger: {
        version: 1,
        model_id: triple,
        model_name: "Triple",
        state: "succeeded",
        error: null,
        suspended: null,
        extra_features: [],
      },
      form_url: `${ORIGIN}/f/whole`,
      api_url: `${ORIGIN}/api/v1/deployments/whole/predict`,
      docs_url: `${ORIGIN}/docs/whole`,
      openapi_url: `${ORIGIN}/docs/whole/openapi.json`,
    });
    for (const path of [`/api/v1/deployments/${answer.text("id")}`, "/api/v1/deployments/whole"]) {
      expect((await get(path)).body).toEqual(answer.body);
    }
  });

  it("without a word is for the project, best effort, and without a challenger", async () => {
    const answer = await create({ name: "Plain" });
    expect(answer.body).toMatchObject({
      access: "project",
      type_policy: "best_effort",
      challenger: null,
      description: "",
    });
    expect((await get(`/api/v1/deployments/${answer.text("id")}/versions`)).at("items")).toEqual([
      expect.objectContaining({ number: 1, current: true, main: answer.at("main"), challenger: null }),
    ]);
  });

  it("takes a challenger of another version, or the main model itself", async () => {
    const other = await create({ challenger: { version: 2, model_id: sum } });
    expect([other.status, other.at("deployed"), other.at("challenger.version")]).toEqual([201, "deployed", 2]);
    expect((await create({ challenger: { version: 1, model_id: double } })).at("deployed")).toBe("deployed");
  });

  it("refuses models that are of another experiment, of another version than was said, or none at all", async () => {
    const elsewhere = await addExperiment(owner, project, { name: "Elsewhere" });
    await addVersion(owner, elsewhere, "amount\n1\n2\n");
    const foreign = await addModel(owner, elsewhere, 1, { file: timesModel(4) });
    const challenger = await create({ challenger: { version: 1, model_id: foreign } });
    expect(refusal(challenger)).toEqual([422, "invalid_input", "challenger.model_id"]);
    expect(challenger.text("detail")).toContain("another experiment");
    expect(refusal(await create({ main: { version: 1, model_id: foreign } }))).toEqual([
      422,
      "invalid_input",
      "main.model_id",
    ]);
    const version = await create({ main: { version: 2, model_id: double } });
    expect(refusal(version)).toEqual([422, "invalid_input", "main.version"]);
    expect(version.text("detail")).toContain("version 1, not 2");
    expect(refusal(await create({ main: { version: 1, model_id: "mdl_none" } }))).toEqual([
      422,
      "invalid_input",
      "main.model_id",
    ]);
    expect(refusal(await create({ experiment_id: "exp_none" }))).toEqual([422, "invalid_input", "experiment_id"]);
    const otherProject = await addProject(owner, "Other");
    const answer = await callApi(
      "POST",
      `/api/v1/projects/${otherProject}/deployments`,
      { name: "x", experiment_id: experiment, main: { version: 1, model_id: double } },
      owner.token,
    );
    expect(refusal(answer)).toEqual([422, "invalid_input", "experiment_id"]);
  });

  it("refuses a model that is being tried or has failed, with its name and what to do", async () => {
    const model = await addModel(owner, experiment, 1, { file: timesModel(5), name: "Slow one" });
    await env.DB.prepare("update models set state = 'running' where id = ?").bind(model).run();
    const running = await create({ main: { version: 1, model_id: model } });
    expect(refusal(running)).toEqual([422, "invalid_input", "main.model_id"]);
    expect(running.text("detail")).toMatch(/"Slow one" is still being tried. Wait/);
    await env.DB.prepare(`update models set state = 'failed', "errorMessage" = 'It ran out of luck.' where id = ?`)
      .bind(model)
      .run();
    const failed = await create({ challenger: { version: 1, model_id: model } });
    expect(refusal(failed)).toEqual([422, "invalid_input", "challenger.model_id"]);
    expect(failed.text("detail")).toContain("It ran out of luck.");
  });

  it("refuses two models that together pass the memory, with both figures", async () => {
    const heavy = await addModel(owner, experiment, 1, { file: timesModel(6) });
    const rival = await addModel(owner, experiment, 1, { file: timesModel(7) });
    await env.DB.prepare(`update models set "heapBytes" = 60000000 where id in (?, ?)`).bind(heavy, rival).run();
    const answer = await create({ main: { version: 1, model_id: heavy }, challenger: { version: 1, model_id: rival } });
    expect(refusal(answer)).toEqual([422, "invalid_input", "challenger"]);
    expect(answer.text("detail")).toMatch(/120 MB of memory, and there are 100 MB. Choose a smaller challenger/);
    expect((await create({ main: { version: 1, model_id: heavy } })).status).toBe(201);
  });

  it("refuses what is missing or makes no sense, each with its path", async () => {
    for (const [changes, path] of [
      [{ name: undefined }, "name"],
      [{ main: undefined }, "main"],
      [{ main: { version: 1 } }, "main.model_id"],
      [{ main: { version: 1.5, model_id: double } }, "main.version"],
      [{ challenger: {} }, "challenger.version"],
      [{ access: "everybody" }, "access"],
      [{ type_policy: "loose" }, "type_policy"],
      [{ description: "x".repeat(2_001) }, "description"],
    ] as const) {
      expect([changes, ...refusal(await create(changes))]).toEqual([changes, 422, "invalid_input", path]);
    }
    expect((await create({ description: "x".repeat(2_000) })).status).toBe(201);
  });

  it("is failed and not running when the model's file is not the one that was tried; calls then get 503", async () => {
    const model = await addModel(owner, experiment, 1, { file: timesModel(8) });
    await env.STORE.put(`models/${model}/serving.onnx`, "something else");
    const answer = await create({ name: "Broken", main: { version: 1, model_id: model } });
    expect([answer.status, answer.at("deployed"), answer.at("running")]).toEqual([201, "failed", false]);
    expect(answer.text("error.message")).toContain("SHA-256");
    const predict = await callApi(
      "POST",
      "/api/v1/deployments/broken/predict",
      { features: { amount: 1 } },
      owner.token,
    );
    expect([predict.status, predict.at("code")]).toEqual([503, "not_running"]);
    expect(Number(predict.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("a name", () => {
  it("may have 1 to 120 characters", async () => {
    expect((await create({ name: "x" })).at("slug")).toBe("x");
    expect((await create({ name: "y".repeat(120) })).status).toBe(201);
    for (const name of ["", "   ", "y".repeat(121), "y".repeat(10_000), 5, null]) {
      expect(refusal(await create({ name }))).toEqual([422, "invalid_input", "name"]);
    }
    expect((await create({ name: "y".repeat(121) })).text("detail")).toContain("120 characters");
  });

  it("makes the slug: Latin as it is, with a suffix when it is taken, and one of our own when nothing is Latin", async () => {
    expect((await create({ name: "Crème & Café!" })).at("slug")).toBe("creme-cafe");
    const twice = [await create({ name: "Twice" }), await create({ name: "twice" })].map((answer) =>
      answer.text("slug"),
    );
    expect(twice).toEqual(["twice", expect.stringMatching(/^twice-[a-z0-9]+$/)]);
    const foreign = [await create({ name: "价格预测" }), await create({ name: "🙂" })].map((answer) =>
      answer.text("slug"),
    );
    expect(foreign).toEqual([
      expect.stringMatching(/^deployment-[a-z0-9]+$/),
      expect.stringMatching(/^deployment-[a-z0-9]+$/),
    ]);
    expect(new Set(foreign).size).toBe(2);
    const predict = await callApi(
      "POST",
      `/api/v1/deployments/${foreign[0] ?? ""}/predict`,
      { features: { amount: 1 } },
      owner.token,
    );
    expect(predict.at("prediction")).toBe(2);
  });

  it("gives two deployments made at the same moment two slugs", async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => create({ name: "At once" })));
    expect(answers.map((answer) => answer.status)).toEqual(Array(4).fill(201));
    expect(new Set(answers.map((answer) => answer.text("slug"))).size).toBe(4);
  });
});

describe("a deployment", () => {
  it("cannot be edited", async () => {
    const id = (await create({ name: "Fixed" })).text("id");
    for (const method of ["PATCH", "PUT"]) {
      const answer = await callApi(method, `/api/v1/deployments/${id}`, { name: "Changed" }, owner.token);
      expect([404, 405]).toContain(answer.status);
    }
    expect((await get(`/api/v1/deployments/${id}`)).at("name")).toBe("Fixed");
  });

  it("stands in the list of its project, newest first and page by page, by id and by slug", async () => {
    const listed = await addProject(owner, "Listed");
    const own = await addExperiment(owner, listed);
    await addVersion(owner, own, "amount\n1\n2\n");
    const model = await addModel(owner, own, 1, { file: timesModel(2) });
    for (const name of ["One", "Two", "Three"]) {
      await callApi(
        "POST",
        `/api/v1/projects/${listed}/deployments`,
        { name, experiment_id: own, main: { version: 1, model_id: model } },
        owner.token,
      );
    }
    const first = await get(`/api/v1/projects/${listed}/deployments?limit=2`);
    expect([first.each("name"), first.each("running")]).toEqual([
      ["Three", "Two"],
      [true, true],
    ]);
    const second = await get(
      `/api/v1/projects/listed/deployments?limit=2&cursor=${encodeURIComponent(first.text("next_cursor"))}`,
    );
    expect([second.each("name"), second.at("next_cursor")]).toEqual([["One"], null]);
    expect((await get(`/api/v1/projects/${listed}/deployments?cursor=nonsense`)).status).toBe(422);
  });

  it("that was left half built is built by the next tick of the clock", async () => {
    const answer = await create({ name: "Half built" });
    const id = answer.text("id");
    await env.DB.prepare(
      `update deployments set deployed = 'building', "createdAt" = "createdAt" - 120000 where id = ?`,
    )
      .bind(id)
      .run();
    expect((await get(`/api/v1/deployments/${id}`)).body).toMatchObject({ deployed: "building", running: false });
    const waiting = await callApi(
      "POST",
      `/api/v1/deployments/${id}/predict`,
      { features: { amount: 1 } },
      owner.token,
    );
    expect([waiting.status, waiting.at("code")]).toEqual([503, "not_running"]);
    await runCron(env, Date.now());
    expect((await get(`/api/v1/deployments/${id}`)).body).toMatchObject({ deployed: "deployed", running: true });
    expect(
      (await callApi("POST", `/api/v1/deployments/${id}/predict`, { features: { amount: 1 } }, owner.token)).at(
        "prediction",
      ),
    ).toBe(2);
  });
});
