import { env } from "cloudflare:workers";
import { beforeAll, beforeEach } from "vitest";
import type { Answer } from "../../support/answer.ts";
import { deployModel, expectStatus, type TestDeployment } from "../../support/deployment.ts";
import { callApi, createUser, startInstance, type TestUser } from "../../support/instance.ts";
import { timesModel } from "../../support/models.ts";
import { addConnection, addDataset, URL_SOURCE } from "../pipeline-fixtures.ts";

export const CSV = "amount\n1\n2\n";
export const HOOK = { webhook_url: "https://hooks.example.org/runs/secret-path" };

export let deployment: TestDeployment;
export let rivals: TestDeployment;
export let connections: Record<"postgres" | "mysql" | "s3" | "http", string>;
export let dataset: string;
export let path: string;

/** Has a project with two deployments, a connection of each kind and a dataset made for the tests of a file. */
export function usePipelinesProject(): void {
  beforeAll(async () => {
    await startInstance();
    deployment = await deployModel({ csv: CSV, model: timesModel(2), name: "Churn" });
    const { owner, project } = deployment;
    const challenger = { model: timesModel(3) };
    rivals = await deployModel({ csv: CSV, model: timesModel(2), challenger, name: "Rivals", owner });
    connections = {
      postgres: await addConnection(owner, project, "postgres"),
      mysql: await addConnection(owner, project, "mysql"),
      s3: await addConnection(owner, project, "s3"),
      http: await addConnection(owner, project, "http"),
    };
    dataset = await addDataset(owner, project);
    path = `/api/v1/projects/${project}/pipelines`;
  });

  beforeEach(async () => {
    await env.DB.batch(["deliveries", "runs", "pipelines"].map((table) => env.DB.prepare(`delete from ${table}`)));
  });
}

export function asOwner(method: string, address: string, body?: unknown): Promise<Answer> {
  return callApi(method, address, body, deployment.owner.token);
}

export async function member(role: string): Promise<TestUser> {
  const user = await createUser();
  expectStatus(await asOwner("PUT", `/api/v1/projects/${deployment.project}/members/${user.id}`, { role }), 200);
  return user;
}

export function body(wanted: Record<string, unknown> = {}) {
  return { name: "Nightly scores", deployment_id: deployment.id, source: URL_SOURCE, ...wanted };
}

export function create(wanted: Record<string, unknown> = {}): Promise<Answer> {
  return asOwner("POST", path, body(wanted));
}

/** Where a body is refused with 422, and all that it is refused for. */
export async function refusedPaths(answer: Answer): Promise<unknown[]> {
  const errors = answer.at("errors");
  return [answer.status, ...(Array.isArray(errors) ? errors.map((error: { path: string }) => error.path) : [])];
}
