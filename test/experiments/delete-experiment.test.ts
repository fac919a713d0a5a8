import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { database } from "../../src/db.ts";
import { purgeExperiments } from "../../src/experiments/purge-experiments.ts";
import {
  addExperiment,
  addModel,
  addProject,
  addVersion,
  deployModel,
  expectStatus,
  upload,
} from "../support/deployment.ts";
import { Browser } from "../support/browser.ts";
import { callApi, createUser, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";

const CSV = `amount\n${[0, 1, 2, 3].join("\n")}\n`;

let instanceAdmin: string;
let owner: TestUser;
let project: string;

beforeAll(async () => {
  instanceAdmin = (await startInstance()).adminToken;
  owner = await createUser();
  project = await addProject(owner, "Experiments");
});

async function member(role: string, inProject = project): Promise<TestUser> {
  const user = await createUser();
  expectStatus(await callApi("PUT", `/api/v1/projects/${inProject}/members/${user.id}`, { role }, owner.token), 200);
  return user;
}

async function filledExperiment(user = owner, name = "Filled"): Promise<{ id: string; model: string }> {
  const id = await addExperiment(user, project, { name });
  await addVersion(user, id, CSV);
  const model = await addModel(user, id, 1, { file: timesModel(2) });
  return { id, model };
}

const remove = (id: string, token?: string) => callApi("DELETE", `/api/v1/experiments/${id}`, undefined, token);

async function count(sql: string, ...values: string[]): Promise<number> {
  return Number(
    await env.DB.prepare(`select count(*) as n from ${sql}`)
      .bind(...values)
      .first("n"),
  );
}

/** Rows and objects of an experiment, by what they are. */
async function remains(id: string, version: string, model: string) {
  const objects = async (prefix: string) => (await env.STORE.list({ prefix })).objects.length;
  return {
    experiments: await count("experiments where id = ?", id),
    versions: await count(`experiment_versions where "experimentId" = ?`, id),
    models: await count("models where id = ?", model),
    objects: (await objects(`versions/${version}/`)) + (await objects(`models/${model}/`)),
  };
}

const versionOf = async (id: string): Promise<string> =>
  String(await env.DB.prepare(`select id from experiment_versions where "experimentId" = ?`).bind(id).first("id"));

async function settled(id: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await count(`experiment_versions where "experimentId" = ?`, id)) === 0) return;
    await scheduler.wait(50);
  }
  throw new Error("the experiment was not purged");
}

describe("deleting an experiment", { timeout: 20_000 }, () => {
  it("takes its versions, models and files along, and leaves those of others", async () => {
    const [kept, { id, model }] = [await filledExperiment(owner, "Kept"), await filledExperiment()];
    const version = await versionOf(id);
    expect(await remains(id, version, model)).toEqual({ experiments: 1, versions: 1, models: 1, objects: 5 });
    expect((await remove(id, owner.token)).status).toBe(204);
    for (const path of [`experiments/${id}`, `experiments/${id}/versions`, `experiments/${id}/versions/1`]) {
      expect([path, (await callApi("GET", `/api/v1/${path}`, undefined, owner.token)).status]).toEqual([path, 404]);
    }
    for (const path of [`models/${model}`, `models/${model}/file`]) {
      expect([path, (await callApi("GET", `/api/v1/${path}`, undefined, owner.token)).status]).toEqual([path, 404]);
    }
    const list = await callApi("GET", `/api/v1/projects/${project}/experiments`, undefined, owner.token);
    expect([list.each("id").includes(id), list.each("id").includes(kept.id)]).toEqual([false, true]);
    await settled(id);
    await purgeExperiments(env, database(env));
    expect(await remains(id, version, model)).toEqual({ experiments: 0, versions: 0, models: 0, objects: 0 });
    expect((await remove(id, owner.token)).status).toBe(404);
    expect(await remains(kept.id, await versionOf(kept.id), kept.model)).toMatchObject({ models: 1, objects: 5 });

    const log = await callApi("GET", `/api/v1/projects/${project}/audit?object=${id}`, undefined, owner.token);
    expect(log.each("action")).toEqual(["experiment.delete", "experiment.create"]);
    expect(log.at("items.0.object.name")).toBe("Filled");
  });

  it("is finished by the job when it was cut off at any point, and repeating it is harmless", async () => {
    const { id, model } = await filledExperiment(owner, "Cut off");
    const version = await versionOf(id);
    await env.DB.prepare("update experiments set name = '' where id = ?").bind(id).run();
    // As if the files of the model were gone and its row were not.
    await env.STORE.delete([`models/${model}/original.onnx`, `models/${model}/serving.onnx`]);
    for (let tick = 0; tick < 3; tick += 1) await purgeExperiments(env, database(env));
    expect(await remains(id, version, model)).toEqual({ experiments: 0, versions: 0, models: 0, objects: 0 });
  });

  it("takes no upload any more, and keeps no file of one that came meanwhile", async () => {
    const id = await addExperiment(owner, project);
    await remove(id, owner.token);
    const before = (await env.STORE.list()).objects.length;
    const answer = await upload(`/api/v1/experiments/${id}/versions`, owner.token, {
      reference: { name: "reference.csv", content: CSV },
    });
    expect([answer.status, (await env.STORE.list()).objects.length]).toEqual([404, before]);
  });
});

describe("an experiment that is deployed", { timeout: 20_000 }, () => {
  it("is not deleted: the deployments are named, also for a version that is not the current one", async () => {
    const deployment = await deployModel({ csv: CSV, model: timesModel(2), owner, name: "Sales" });
    const newer = await addModel(owner, deployment.experiment, 1, { file: timesModel(3) });
    await env.DB.batch([
      env.DB.prepare(
        `insert into deployment_versions (id, "deploymentId", number, "mainModelId", "createdBy", "createdAt") values ('dpv_2', ?, 2, ?, 'usr', 1)`,
      ).bind(deployment.id, newer),
      env.DB.prepare(`update deployments set "currentVersion" = 2 where id = ?`).bind(deployment.id),
    ]);
    const refused = await remove(deployment.experiment, owner.token);
    expect([refused.status, refused.at("code")]).toEqual([409, "conflict"]);
    expect(refused.text("detail")).toContain(`the deployment "Sales" (version 1, 2)`);
    expect((await callApi("GET", `/api/v1/models/${deployment.mainId}`, undefined, owner.token)).at("state")).toBe(
      "succeeded",
    );
    const log = `/api/v1/projects/${deployment.project}/audit?action=experiment.delete`;
    expect((await callApi("GET", log, undefined, owner.token)).each("id")).toEqual([]);

    // While it is being removed its versions still hold the models.
    await env.DB.prepare(`update deployments set "deletedAt" = 1 where id = ?`).bind(deployment.id).run();
    const busy = await remove(deployment.experiment, owner.token);
    expect([busy.status, busy.text("detail")]).toEqual([409, expect.stringContaining("just being removed")]);
    await env.DB.prepare(`update deployments set "deletedAt" = null where id = ?`).bind(deployment.id).run();

    expectStatus(await callApi("DELETE", deployment.path, undefined, owner.token), 204);
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if ((await remove(deployment.experiment, owner.token)).status !== 409) break;
      await scheduler.wait(50);
    }
    const path = `/api/v1/experiments/${deployment.experiment}`;
    expect((await callApi("GET", path, undefined, owner.token)).status).toBe(404);
    await settled(deployment.experiment);
    // The tombstone of the deployment refers to it, so an empty row stays, which no list shows.
    expect(
      await env.DB.prepare("select name, description, target from experiments where id = ?")
        .bind(deployment.experiment)
        .first(),
    ).toEqual({ name: "", description: "", target: null });
    const list = await callApi("GET", `/api/v1/projects/${deployment.project}/experiments`, undefined, owner.token);
    expect(list.each("id")).toEqual([]);
  });
});

describe("the right to delete an experiment", { timeout: 20_000 }, () => {
  it("is a contributor's for what nobody else added to, and the admins'", async () => {
    const [one, two, viewer] = [await member("contributor"), await member("contributor"), await member("viewer")];
    const own = await filledExperiment(one, "Own");
    const shared = await filledExperiment(one, "Shared");
    await addModel(two, shared.id, 1, { file: timesModel(3) });
    const of = async (id: string, token?: string) => (await remove(id, token)).status;
    const stranger = await createUser();
    expect([
      await of(own.id),
      await of(own.id, stranger.token),
      await of(own.id, viewer.token),
      await of(own.id, two.token),
      await of(shared.id, one.token),
    ]).toEqual([401, 404, 403, 403, 403]);
    expect(await of(own.id, one.token)).toBe(204);
    expect(await of(shared.id, owner.token)).toBe(204);
    expect(await of((await filledExperiment(one, "Any")).id, instanceAdmin)).toBe(204);
  });
});

describe("the page that deletes an experiment", { timeout: 20_000 }, () => {
  it("asks for the name and says what goes, and leads back to the list", async () => {
    const { id } = await filledExperiment(owner, `The "old" <one>`);
    const browser = new Browser();
    await browser.signIn(owner);
    expect(await (await browser.get(`/experiments/${id}`)).text()).toContain(`/experiments/${id}/delete`);
    const page = await (await browser.get(`/experiments/${id}/delete`)).text();
    expect(page).toContain("1 version of training data and 1 model");
    const wrong = await browser.post(`/experiments/${id}/delete`, { confirm: "The old one" });
    expect([wrong.status, await wrong.text()]).toEqual([422, expect.stringContaining("The name does not match")]);
    const done = await browser.post(`/experiments/${id}/delete`, { confirm: `The "old" <one>` });
    expect([done.status, done.headers.get("location")]).toEqual([303, `/projects/${project}/experiments`]);
    expect((await browser.get(`/experiments/${id}`)).status).toBe(404);
    await settled(id);
  });

  it("is not offered to who may not, and says why it refuses", async () => {
    const deployment = await deployModel({ csv: CSV, model: timesModel(2), owner, name: "Blocking" });
    const browser = new Browser();
    await browser.signIn(owner);
    const refused = await browser.post(`/experiments/${deployment.experiment}/delete`, { confirm: "Blocking" });
    expect([refused.status, await refused.text()]).toEqual([
      409,
      expect.stringContaining("the deployment &quot;Blocking&quot; (version 1)"),
    ]);
    const viewer = new Browser();
    await viewer.signIn(await member("viewer", deployment.project));
    const path = `/experiments/${deployment.experiment}`;
    expect(await (await viewer.get(path)).text()).not.toContain(`${path}/delete`);
    expect((await viewer.get(`${path}/delete`)).status).toBe(403);
  });
});
