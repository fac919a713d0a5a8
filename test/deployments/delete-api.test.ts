import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { runCron } from "../../src/cron.ts";
import { database } from "../../src/db.ts";
import { purgeDeployment } from "../../src/deployments/remove-deployment.ts";
import {
  addModel,
  deployModel,
  eventually,
  expectStatus,
  predictOne,
  readAs,
  type TestDeployment,
} from "../support/deployment.ts";
import { hostOf } from "../support/host.ts";
import { callApi, createUser, fetchInstance, startInstance, type TestUser } from "../support/instance.ts";
import { tableModel, timesModel } from "../support/models.ts";

let instanceAdmin: string;
let owner: TestUser;

beforeAll(async () => {
  instanceAdmin = (await startInstance()).adminToken;
  owner = await createUser();
});

function deploy(name: string): Promise<TestDeployment> {
  const csv = `amount\n${[0, 1, 2, 3].join("\n")}\n`;
  return deployModel({
    csv,
    model: timesModel(2),
    challenger: { model: tableModel([0, 2, 4, 6]) },
    access: "public",
    owner,
    name,
  });
}

function remove(
  deployment: Pick<TestDeployment, "path">,
  token: string | undefined = owner.token,
): Promise<{ status: number; at: (path: string) => unknown }> {
  return callApi("DELETE", deployment.path, undefined, token);
}

/** Rows of a table that speak of a deployment. */
async function rowsOf(table: string, deployment: TestDeployment): Promise<number> {
  const row = await env.DB.prepare(`select count(*) as count from ${table} where "deploymentId" = ?`)
    .bind(deployment.id)
    .first<{ count: number }>();
  return row?.count ?? -1;
}

async function purged(deployment: TestDeployment): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const row = await env.DB.prepare(`select "purgedAt" as at from deployments where id = ?`)
      .bind(deployment.id)
      .first<{ at: number | null }>();
    if (row?.at) return;
    await scheduler.wait(50);
  }
  throw new Error("the deployment was not purged");
}

function tablesOfHost(deployment: TestDeployment): Promise<string[]> {
  return runInDurableObject(hostOf(deployment), (_, state) =>
    state.storage.sql
      .exec<{ name: string }>(
        "select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'",
      )
      .toArray()
      .map(({ name }) => name),
  );
}

describe("deleting a deployment", { timeout: 20_000 }, () => {
  it("ends everything of it at once: 404 by id, by slug and for its key's calls", async () => {
    const deployment = await deploy("Short lived");
    const id = (await predictOne(deployment, { amount: 1 })).text("prediction_id");
    expect((await remove(deployment)).status).toBe(204);
    for (const name of [deployment.id, deployment.slug]) {
      const base = `/api/v1/deployments/${name}`;
      for (const path of [
        "",
        "/about",
        "/inputs",
        "/outputs",
        "/predictions",
        `/predictions/${id}`,
        "/versions",
        "/keys",
      ]) {
        const answer = await callApi("GET", `${base}${path}`, undefined, owner.token);
        expect([path, answer.status, answer.at("code")]).toEqual([path, 404, "not_found"]);
      }
      expect((await callApi("POST", `${base}/predict`, { features: { amount: 1 } }, owner.token)).status).toBe(404);
      expect((await callApi("POST", `${base}/predict`, { features: { amount: 1 } })).status).toBe(401);
      // Its key is gone with it; where that is not known yet, the deployment is not found.
      expect([401, 404]).toContain(
        (await callApi("POST", `${base}/predict`, { features: { amount: 1 } }, deployment.key)).status,
      );
    }
    for (const page of [`/f/${deployment.slug}`, `/docs/${deployment.slug}`]) {
      expect([page, (await fetchInstance(page)).status]).toEqual([page, 404]);
    }
    expect((await fetchInstance(`/docs/${deployment.slug}/openapi.json`)).status).toBe(401);
    expect((await remove(deployment)).status).toBe(404);
    const list = await callApi("GET", `/api/v1/projects/${deployment.project}/deployments`, undefined, owner.token);
    expect(list.each("id")).toEqual([]);
  });

  it("empties its hosts and rows, frees its models, and may be repeated", async () => {
    const deployment = await deploy("Emptied");
    await predictOne(deployment, { amount: 1 });
    await callApi("POST", `${deployment.path}/predict`, { features: { amount: 1 } }, deployment.key);
    expect([
      await rowsOf("deployment_hosts", deployment),
      await rowsOf("deployment_versions", deployment),
      await rowsOf("api_keys", deployment),
    ]).toEqual([1, 1, 1]);
    expect(await tablesOfHost(deployment)).toContain("segments");
    expect((await callApi("DELETE", `/api/v1/models/${deployment.mainId}`, undefined, owner.token)).status).toBe(409);

    await remove(deployment);
    await purged(deployment);
    for (const table of ["deployment_hosts", "deployment_versions", "api_keys"])
      expect([table, await rowsOf(table, deployment)]).toEqual([table, 0]);
    expect(await tablesOfHost(deployment)).toEqual([]);
    expect(await runInDurableObject(hostOf(deployment), (_, state) => state.storage.getAlarm())).toBeNull();

    await purgeDeployment(env, database(env), deployment.id, Date.now());
    await runCron(env, Date.now());
    expect(await tablesOfHost(deployment)).toEqual([]);
    expect((await callApi("DELETE", `/api/v1/models/${deployment.mainId}`, undefined, owner.token)).status).toBe(204);
  });

  it("is finished by the clock when it was cut off after the tombstone", async () => {
    const deployment = await deploy("Cut off");
    await predictOne(deployment, { amount: 1 });
    await env.DB.prepare(`update deployments set "deletedAt" = ? where id = ?`).bind(Date.now(), deployment.id).run();
    await runCron(env, Date.now());
    await purged(deployment);
    expect([await rowsOf("deployment_hosts", deployment), await tablesOfHost(deployment)]).toEqual([0, []]);
  });

  it("while calls come in answers each of them, and leaves nothing behind", async () => {
    const deployment = await deploy("Busy");
    await predictOne(deployment, { amount: 1 });
    const calls = Array.from({ length: 40 }, async (_, index) => {
      await scheduler.wait(index * 5);
      return (await callApi("POST", `${deployment.path}/predict`, { features: { amount: 1 } }, owner.token)).status;
    });
    await scheduler.wait(60);
    expect((await remove(deployment)).status).toBe(204);
    const statuses = await Promise.all(calls);
    expect(statuses.filter((status) => ![200, 404, 503].includes(status))).toEqual([]);
    expect([statuses[0], statuses.at(-1)]).toEqual([200, 404]);
    await purged(deployment);
    expect([await rowsOf("deployment_hosts", deployment), await tablesOfHost(deployment)]).toEqual([0, []]);
  });

  it("frees no address: the next of the same name gets another slug", async () => {
    const deployment = await deploy("Once only");
    expect(deployment.slug).toBe("once-only");
    await remove(deployment);
    await purged(deployment);
    expect((await deploy("Once only")).slug).toMatch(/^once-only-[a-z0-9]+$/);
  });
});

describe("the right to delete", { timeout: 20_000 }, () => {
  it("is the admins', and a contributor's for what it made", async () => {
    const mine = await deploy("Rights");
    const members = { contributor: await createUser(), viewer: await createUser(), end_user: await createUser() };
    for (const [role, user] of Object.entries(members)) {
      expectStatus(
        await callApi("PUT", `/api/v1/projects/${mine.project}/members/${user.id}`, { role }, owner.token),
        200,
      );
    }
    const body = {
      name: "Of a contributor",
      experiment_id: mine.experiment,
      main: { version: 1, model_id: mine.mainId },
    };
    const theirs = expectStatus(
      await callApi("POST", `/api/v1/projects/${mine.project}/deployments`, body, members.contributor.token),
      201,
    );
    const second = expectStatus(
      await callApi("POST", `/api/v1/projects/${mine.project}/deployments`, body, members.contributor.token),
      201,
    );

    for (const user of Object.values(members)) expect((await remove(mine, user.token)).status).toBe(403);
    expect((await remove(mine, mine.key)).status).toBe(403);
    const nobody = await callApi("DELETE", mine.path);
    expect([nobody.status, nobody.at("code")]).toEqual([401, "unauthorized"]);
    // Public, so a stranger may know of it.
    expect((await remove(mine, (await createUser()).token)).status).toBe(403);

    expect((await remove({ path: `/api/v1/deployments/${theirs.text("id")}` }, members.contributor.token)).status).toBe(
      204,
    );
    expect((await remove({ path: `/api/v1/deployments/${second.text("id")}` }, owner.token)).status).toBe(204);
    expect((await remove(mine, instanceAdmin)).status).toBe(204);
  });
});

describe("deleting a model", { timeout: 20_000 }, () => {
  let experiment: string;
  let project: string;

  beforeAll(async () => {
    ({ experiment, project } = await deploy("Models"));
  });

  it("is refused while a deployment uses it, with the deployment's name, and then takes its file along", async () => {
    const id = await addModel(owner, experiment, 1, { file: timesModel(3) });
    const body = { name: "Uses it", experiment_id: experiment, main: { version: 1, model_id: id } };
    const deployment = expectStatus(
      await callApi("POST", `/api/v1/projects/${project}/deployments`, body, owner.token),
      201,
    ).text("id");
    const used = await callApi("DELETE", `/api/v1/models/${id}`, undefined, owner.token);
    expect([used.status, used.at("code")]).toEqual([409, "conflict"]);
    expect(used.text("detail")).toMatch(/deployment "Uses it".*Delete that deployment first/);
    await callApi("DELETE", `/api/v1/deployments/${deployment}`, undefined, owner.token);
    const gone = await eventually(
      () => callApi("DELETE", `/api/v1/models/${id}`, undefined, owner.token),
      (answer) => answer.status !== 409,
    );
    expect(gone.status).toBe(204);
    for (const at of [`/api/v1/models/${id}`, `/api/v1/models/${id}/file`])
      expect((await readAs(owner, at)).status).toBe(404);
    expect((await callApi("DELETE", `/api/v1/models/${id}`, undefined, owner.token)).status).toBe(404);
  });

  it("is for contributors who made it and for admins; reading is for viewers", async () => {
    const members = { contributor: await createUser(), viewer: await createUser(), end_user: await createUser() };
    for (const [role, user] of Object.entries(members)) {
      await callApi("PUT", `/api/v1/projects/${project}/members/${user.id}`, { role }, owner.token);
    }
    const mine = await addModel(owner, experiment, 1, { file: timesModel(4) });
    const theirs = await addModel(members.contributor, experiment, 1, { file: timesModel(5) });
    const call = async (method: string, id: string, token?: string): Promise<number> =>
      (await callApi(method, `/api/v1/models/${id}`, undefined, token)).status;
    expect([
      await call("GET", mine, members.viewer.token),
      await call("GET", mine, members.end_user.token),
      await call("GET", mine),
    ]).toEqual([200, 403, 401]);
    expect(await call("GET", mine, (await createUser()).token)).toBe(404);
    for (const user of Object.values(members)) expect(await call("DELETE", mine, user.token)).toBe(403);
    expect(await call("DELETE", theirs, members.contributor.token)).toBe(204);
    expect(await call("DELETE", mine, owner.token)).toBe(204);
  });
});
