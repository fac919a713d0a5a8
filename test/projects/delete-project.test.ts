import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { runCron } from "../../src/cron.ts";
import { purgeExperiments } from "../../src/experiments/purge-experiments.ts";
import { purgeProjects } from "../../src/projects/purge-projects.ts";
import { Browser } from "../support/browser.ts";
import { deployModel, expectStatus, predictOne, type TestDeployment } from "../support/deployment.ts";
import { hostOf } from "../support/host.ts";
import {
  callApi,
  createUser,
  fetchInstance,
  type Instance,
  startInstance,
  type TestUser,
} from "../support/instance.ts";
import { tableModel, timesModel } from "../support/models.ts";

let instance: Instance;
let owner: TestUser;
let bystander: TestDeployment;

beforeAll(async () => {
  instance = await startInstance();
  owner = await createUser();
  bystander = await deploy("Bystander");
  await predictOne(bystander, { amount: 1 });
});

function deploy(name: string): Promise<TestDeployment> {
  return deployModel({
    csv: `amount\n${[0, 1, 2, 3].join("\n")}\n`,
    model: timesModel(2),
    challenger: { model: tableModel([0, 2, 4, 6]) },
    access: "public",
    owner,
    name,
  });
}

const remove = (project: string, token?: string) => callApi("DELETE", `/api/v1/projects/${project}`, undefined, token);

async function rows(table: string, column: string, value: string): Promise<number> {
  return Number(
    await env.DB.prepare(`select count(*) as n from ${table} where "${column}" = ?`).bind(value).first("n"),
  );
}

/** Everything that is stored of a deployment and the project around it. */
async function stored(deployment: TestDeployment) {
  const { id, project, experiment, mainId } = deployment;
  const ofVersions = await env.DB.prepare(`select count(*) as n from experiment_versions where "experimentId" = ?`)
    .bind(experiment)
    .first<number>("n");
  return {
    projects: await rows("projects", "id", project),
    members: await rows("members", "projectId", project),
    experiments: await rows("experiments", "projectId", project),
    versions: ofVersions,
    models: await rows("models", "id", mainId),
    deployments: await rows("deployments", "projectId", project),
    deploymentVersions: await rows("deployment_versions", "deploymentId", id),
    hosts: await rows("deployment_hosts", "deploymentId", id),
    keys: await rows("api_keys", "deploymentId", id),
    hostTables: await runInDurableObject(
      hostOf(deployment),
      (_, state) =>
        state.storage.sql
          .exec("select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'")
          .toArray().length,
    ),
  };
}

const GONE = {
  projects: 1,
  members: 0,
  experiments: 1,
  versions: 0,
  models: 0,
  deployments: 1,
  deploymentVersions: 0,
  hosts: 0,
  keys: 0,
  hostTables: 0,
};

async function objectKeys(): Promise<string[]> {
  return (await env.STORE.list()).objects.map(({ key }) => key);
}

/** Ticks until nothing of the project but its tombstones is left. */
async function untilGone(deployment: TestDeployment): Promise<void> {
  for (let tick = 0; tick < 20; tick += 1) {
    await runCron(env, Date.now());
    if ((await rows("models", "id", deployment.mainId)) === 0) return runCron(env, Date.now());
  }
  throw new Error(JSON.stringify(await stored(deployment)));
}

describe("deleting a project", { timeout: 60_000 }, () => {
  it("lets nothing of it answer at once, and in the end keeps nothing but empty tombstones", async () => {
    const before = await objectKeys();
    const bystanderBefore = await stored(bystander);
    const deployment = await deploy("Doomed");
    const { id, slug, project, experiment, mainId, key } = deployment;
    const viewer = await createUser();
    await callApi("PUT", `/api/v1/projects/${project}/members/${viewer.id}`, { role: "viewer" }, owner.token);
    expect((await predictOne(deployment, { amount: 1 })).status).toBe(200);
    expectStatus(
      await callApi("POST", `${deployment.path}/predict`, { features: { amount: 2 } }, instance.adminToken),
      200,
    );
    expect(await stored(deployment)).toMatchObject({ members: 2, models: 1, deploymentVersions: 1, hosts: 1, keys: 1 });
    expect((await objectKeys()).length).toBeGreaterThan(before.length);

    const answer = await remove(project, owner.token);
    expect([answer.status, answer.body]).toEqual([204, null]);

    const projectPath = `/api/v1/projects/${project}`;
    for (const path of [
      projectPath,
      `${projectPath}/members`,
      `${projectPath}/audit`,
      `${projectPath}/experiments`,
      `${projectPath}/deployments`,
      `/api/v1/experiments/${experiment}`,
      `/api/v1/experiments/${experiment}/versions/1`,
      `/api/v1/models/${mainId}`,
      `/api/v1/models/${mainId}/file`,
      ...["", "/about", "/inputs", "/outputs", "/versions", "/keys", "/predictions"].map(
        (part) => deployment.path + part,
      ),
    ]) {
      for (const token of [owner.token, viewer.token, instance.adminToken]) {
        expect([path, (await callApi("GET", path, undefined, token)).status]).toEqual([path, 404]);
      }
    }
    for (const token of [key, owner.token, instance.adminToken, undefined]) {
      const predicted = await callApi("POST", `${deployment.path}/predict`, { features: { amount: 1 } }, token);
      expect([predicted.status, predicted.at("code")]).toEqual(
        token === undefined ? [401, "unauthorized"] : [404, "not_found"],
      );
    }
    const browser = new Browser();
    await browser.signIn(owner);
    for (const path of [
      `/projects/${project}`,
      `/projects/${project}/settings`,
      `/experiments/${experiment}`,
      `/models/${mainId}`,
      `/deployments/${slug}`,
      `/f/${slug}`,
      `/docs/${slug}`,
    ]) {
      expect([path, (await browser.get(path)).status]).toEqual([path, 404]);
    }
    const list = await callApi("GET", "/api/v1/projects?limit=500", undefined, instance.adminToken);
    expect(list.each("id")).not.toContain(project);
    const me = await callApi("GET", "/api/v1/me", undefined, viewer.token);
    expect(me.at("projects")).toEqual([]);
    expect((await remove(project, owner.token)).status).toBe(404);

    await untilGone(deployment);
    expect(await stored(deployment)).toEqual(GONE);
    expect(await objectKeys()).toEqual(before);
    expect(
      await env.DB.prepare('select name, slug, description, "createdBy" from projects where id = ?')
        .bind(project)
        .first(),
    ).toEqual({ name: "", slug: project, description: "", createdBy: "" });
    expect(
      await env.DB.prepare("select name, description, target from experiments where id = ?").bind(experiment).first(),
    ).toEqual({ name: "", description: "", target: null });
    expect((await fetchInstance(`/f/${slug}`)).status).toBe(404);
    expect(await rows("deployments", "id", id)).toBe(1);

    await runCron(env, Date.now());
    expect(await stored(deployment)).toEqual(GONE);
    expect(await stored(bystander)).toEqual(bystanderBefore);
    expect((await predictOne(bystander, { amount: 1 })).status).toBe(200);
  });

  it("leaves its entries in the log of the instance, and what was done last among them", async () => {
    const created = await callApi("POST", "/api/v1/projects", { name: "Remembered" }, owner.token);
    const project = created.text("id");
    await remove(project, owner.token);
    await runCron(env, Date.now());
    const log = await callApi("GET", `/api/v1/audit?project=${project}`, undefined, instance.adminToken);
    expect(log.each("action")).toEqual(["project.delete", "project.create"]);
    expect(log.at("items.0")).toMatchObject({
      actor: { kind: "user", id: owner.id, name: owner.email },
      object: { kind: "project", id: project, name: "Remembered" },
      before: { slug: "remembered" },
    });
    // Nothing refers to it, so its row went too, and its address is free.
    expect(await rows("projects", "id", project)).toBe(0);
    const next = await callApi("POST", "/api/v1/projects", { name: "Remembered" }, owner.token);
    expect(next.text("slug")).toBe("remembered");
  });

  it("is the same when its jobs run out of order, twice, or were cut off on the way", async () => {
    const before = await objectKeys();
    const deployment = await deploy("Interrupted");
    await predictOne(deployment, { amount: 1 });
    await remove(deployment.project, owner.token);
    // What is still held is left alone, whatever runs first.
    await purgeExperiments(env, instance.db);
    await purgeProjects(instance.db);
    expect(await stored(deployment)).toMatchObject({ models: 1, versions: 1, deployments: 1, members: 0 });
    // Cut off after the tombstone of the deployment, and once more amid the files of the experiment.
    await env.DB.batch([
      env.DB.prepare(`update deployments set "deletedAt" = 1 where id = ?`).bind(deployment.id),
      env.DB.prepare(`delete from api_keys where "deploymentId" = ?`).bind(deployment.id),
    ]);
    await env.STORE.delete(`models/${deployment.mainId}/original.onnx`);
    await Promise.all([runCron(env, Date.now()), runCron(env, Date.now())]);
    await untilGone(deployment);
    for (let tick = 0; tick < 3; tick += 1) await runCron(env, Date.now());
    expect(await stored(deployment)).toEqual(GONE);
    expect(await objectKeys()).toEqual(before);
  });

  it("is for its admins and those of the instance", async () => {
    const project = (await callApi("POST", "/api/v1/projects", { name: "Guarded" }, owner.token)).text("id");
    const statuses: Record<string, number> = { nobody: (await remove(project)).status };
    statuses["stranger"] = (await remove(project, (await createUser()).token)).status;
    statuses["key"] = (await remove(project, bystander.key)).status;
    for (const role of ["end_user", "viewer", "contributor"]) {
      const user = await createUser();
      await callApi("PUT", `/api/v1/projects/${project}/members/${user.id}`, { role }, owner.token);
      statuses[role] = (await remove(project, user.token)).status;
    }
    expect(statuses).toEqual({ nobody: 401, stranger: 404, key: 403, end_user: 403, viewer: 403, contributor: 403 });
    expect((await remove(project, instance.adminToken)).status).toBe(204);
  });

  it("asks for the name on its page", async () => {
    const created = await callApi("POST", "/api/v1/projects", { name: `The "last" <one>` }, owner.token);
    const slug = created.text("slug");
    const browser = new Browser();
    await browser.signIn(owner);
    expect(await (await browser.get(`/projects/${slug}/settings`)).text()).toContain(`/projects/${slug}/delete`);
    const wrong = await browser.post(`/projects/${slug}/delete`, { confirm: "The last one" });
    expect([wrong.status, await wrong.text()]).toEqual([422, expect.stringContaining("The name does not match")]);
    expect((await browser.get(`/projects/${slug}/settings`)).status).toBe(200);
    const done = await browser.post(`/projects/${slug}/delete`, { confirm: `The "last" <one>` });
    expect([done.status, done.headers.get("location")]).toEqual([303, "/projects"]);
    expect((await browser.get(`/projects/${slug}/settings`)).status).toBe(404);
  });
});
