import { env } from "cloudflare:workers";
import { database } from "../../src/db.ts";
import { newId } from "../../src/lib/id.ts";
import { deliveries, runs } from "../../src/pipelines/schema.ts";
import { callApi, type TestUser } from "../support/instance.ts";
import { expectStatus, type TestDeployment, upload } from "../support/deployment.ts";

export const URL_SOURCE = { kind: "url", url: "https://data.example.org/customers.csv" };

const CONNECTIONS = {
  postgres: { settings: { host: "db.example.org", database: "sales", user: "tiltyard" }, secret: { password: "" } },
  mysql: { settings: { host: "db.example.org", database: "sales", user: "tiltyard" }, secret: { password: "" } },
  s3: {
    settings: { endpoint: "https://s3.example.org", region: "auto", bucket: "scores", access_key_id: "key" },
    secret: { secret_access_key: "secret" },
  },
  http: { settings: { url: "https://hooks.example.org/rows" }, secret: { signing_key: "signs what is sent" } },
};

export type ConnectionKind = keyof typeof CONNECTIONS;

/** A connection of the project; returns its id. Nobody is called. */
export async function addConnection(owner: TestUser, project: string, kind: ConnectionKind): Promise<string> {
  const body = { name: `The ${kind}`, kind, ...CONNECTIONS[kind] };
  const path = `/api/v1/projects/${project}/connections`;
  return expectStatus(await callApi("POST", path, body, owner.token), 201).text("id");
}

/** A dataset of the project; returns its id. */
export async function addDataset(owner: TestUser, project: string, content = "amount\n1\n2\n"): Promise<string> {
  const parts = { file: { name: "rows.csv", content }, name: "Rows" };
  return expectStatus(await upload(`/api/v1/projects/${project}/datasets`, owner.token, parts), 201).text("id");
}

/** A pipeline of the deployment, which reads a URL and delivers nothing unless told; returns its id. */
export async function addPipeline(deployment: TestDeployment, wanted: Record<string, unknown> = {}): Promise<string> {
  const body = { name: "Nightly scores", deployment_id: deployment.id, source: URL_SOURCE, ...wanted };
  const path = `/api/v1/projects/${deployment.project}/pipelines`;
  return expectStatus(await callApi("POST", path, body, deployment.owner.token), 201).text("id");
}

type NewRun = Partial<typeof runs.$inferInsert>;

/** A run as the engine might leave it, written straight into the store; returns its id. */
export async function storeRun(
  deployment: TestDeployment,
  pipelineId: string,
  wanted: NewRun = {},
  delivered: Partial<typeof deliveries.$inferInsert>[] = [],
): Promise<string> {
  const id = newId("run");
  await database(env)
    .insert(runs)
    .values({
      id,
      pipelineId,
      deploymentId: deployment.id,
      trigger: "api",
      state: "queued",
      attempt: 1,
      rowsDone: 0,
      rowsFailed: 0,
      createdAt: Date.now(),
      ...wanted,
    });
  for (const [position, delivery] of delivered.entries())
    await database(env)
      .insert(deliveries)
      .values({
        runId: id,
        position,
        connectionId: "con_gone",
        destination: { connection_id: "con_gone" },
        state: "pending",
        ...delivery,
      });
  return id;
}

/** What is stored, in the order in which it was written. */
export async function rowsOf(table: "pipelines" | "runs" | "deliveries" | "audit_entries") {
  const { results } = await env.DB.prepare(`select * from ${table} order by rowid`).all<Record<string, unknown>>();
  return results;
}
