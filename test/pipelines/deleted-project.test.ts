import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { runCron } from "../../src/cron.ts";
import { purgeConnections } from "../../src/pipelines/connections/purge-connections.ts";
import { pipelines } from "../../src/pipelines/schema.ts";
import { purgeProjects } from "../../src/projects/purge-projects.ts";
import { addProject, deployModel, expectStatus, upload } from "../support/deployment.ts";
import { callApi, createUser, type Instance, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";

const HOOK = {
  name: "Hook",
  kind: "http",
  settings: { url: "https://hooks.invalid/" },
  secret: { signing_key: "a key of 16 signs" },
};

let instance: Instance;
let owner: TestUser;

beforeAll(async () => {
  instance = await startInstance();
  owner = await createUser();
});

async function count(table: string, column: string, value: string): Promise<number> {
  const statement = env.DB.prepare(`select count(*) as n from ${table} where "${column}" = ?`).bind(value);
  return Number(await statement.first("n"));
}

async function stored(project: string, dataset: string) {
  return {
    projects: await count("projects", "id", project),
    connections: await count("connections", "projectId", project),
    datasets: await count("datasets", "projectId", project),
    files: (await env.STORE.list({ prefix: `datasets/${dataset}/` })).objects.length,
  };
}

/** A project with a connection and a dataset. */
async function filledProject(): Promise<{ project: string; dataset: string }> {
  const project = await addProject(owner, "Filled");
  const path = `/api/v1/projects/${project}`;
  expectStatus(await callApi("POST", `${path}/connections`, HOOK, owner.token), 201);
  const file = { file: { name: "rows.csv", content: "a\n1\n" } };
  const made = expectStatus(await upload(`${path}/datasets`, owner.token, file), 201);
  return { project, dataset: made.text("id") };
}

const remove = (project: string) => callApi("DELETE", `/api/v1/projects/${project}`, undefined, owner.token);

describe("a deleted project", () => {
  it("takes its connections and datasets with it, files included, and leaves those of others alone", async () => {
    const [kept, gone] = [await filledProject(), await filledProject()];
    const before = await stored(kept.project, kept.dataset);
    expectStatus(await remove(gone.project), 204);
    // What still holds something stays, whatever runs first.
    await purgeProjects(instance.db);
    expect(await stored(gone.project, gone.dataset)).toMatchObject({ projects: 1, connections: 1, datasets: 1 });
    await runCron(env, Date.now());
    const nothing = { projects: 0, connections: 0, datasets: 0, files: 0 };
    expect(await stored(gone.project, gone.dataset)).toEqual(nothing);
    await runCron(env, Date.now());
    expect(await stored(kept.project, kept.dataset)).toEqual(before);
    expect(before).toMatchObject({ projects: 1, connections: 1, datasets: 1 });
  });

  it("stays as an empty row while a pipeline of it is left", async () => {
    const { project } = await filledProject();
    const deployment = await deployModel({ csv: "amount\n1\n2\n3", model: timesModel(2), owner });
    await instance.db.insert(pipelines).values({
      id: "pip_left",
      projectId: project,
      deploymentId: deployment.id,
      name: "Left",
      source: { kind: "url", url: "https://example.org/rows.csv" },
      destinations: [],
      enabled: true,
      createdBy: owner.id,
      createdAt: 1,
      deletedAt: 2,
    });
    expectStatus(await remove(project), 204);
    await purgeConnections(instance.db);
    await purgeProjects(instance.db);
    expect([await count("projects", "id", project), await count("connections", "projectId", project)]).toEqual([1, 0]);
  });
});
