import { env } from "cloudflare:workers";
import { introspectWorkflow } from "cloudflare:test";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { randomText } from "../../src/lib/id.ts";
import { postgresClient } from "../pipelines/postgres-client.ts";
import { runBatch } from "../pipelines/runs/batch.ts";
import { deployModel, expectStatus, type TestDeployment } from "../support/deployment.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { caseModel, caseText } from "./case-files.ts";

const postgres = inject("postgres");
const mysql = inject("mysql");
const client = postgresClient();
const ROWS = "a,b\n0,0\n1,1\n2,2\n";

let introspector: Awaited<ReturnType<typeof introspectWorkflow>>;

beforeAll(async () => {
  await startInstance();
  env.ALLOW_PRIVATE_NETWORK = "1";
  introspector = await introspectWorkflow(env.RUN_WORKFLOW);
  await introspector.modifyAll(async (modifier) => modifier.disableRetryDelays());
});

afterAll(async () => {
  await introspector.dispose();
  await client.end({ timeout: 0 });
});

function deploy(csv: string, model: Uint8Array): Promise<TestDeployment> {
  return deployModel({ csv, model, task: "multiclass_classification", target: "y" });
}

async function connect({ owner, project }: TestDeployment, kind: "postgres" | "mysql"): Promise<string> {
  const { password, ...settings } = (kind === "mysql" ? mysql : null) ?? postgres;
  const body = { name: kind, kind, settings, secret: { password } };
  return expectStatus(await callApi("POST", `/api/v1/projects/${project}/connections`, body, owner.token), 201).text(
    "id",
  );
}

/** What the preview of a destination says of its columns and of what is to be known. */
async function preview(deployment: TestDeployment, destination: object) {
  const { id, owner, project } = deployment;
  const source = { kind: "url", url: "https://data.example.org/rows.csv" };
  const body = { deployment_id: id, source, destinations: [destination] };
  const path = `/api/v1/projects/${project}/pipelines/preview`;
  const answer = expectStatus(await callApi("POST", path, body, owner.token), 200);
  return {
    columns: answer.at("destinations.0.columns") as { name: string; as: string }[],
    notes: answer.text("destinations.0.notes.0"),
  };
}

describe("class labels that PostgreSQL has no room for in a name", () => {
  it("get shortened, distinct columns, which preview and delivery name", async () => {
    const deployment = await deploy(caseText("21-long-labels.csv"), caseModel("clf_long.onnx"));
    const table = `labels ${randomText(8)}`;
    const destination = { connection_id: await connect(deployment, "postgres"), table, mode: "append" };
    const planned = await preview(deployment, destination);
    const { run } = await runBatch(deployment, ROWS, { destinations: [destination] });
    expect(run.at("deliveries.0")).toMatchObject({ state: "succeeded", rows: 3, error: null });
    const columns =
      await client`select column_name as name from information_schema.columns where table_name = ${table}`;
    const names = columns.map(({ name }) => String(name));
    const probabilities = names.filter((name) => name.startsWith("probability_"));
    expect(new Set(probabilities).size).toBe(3);
    for (const name of names) expect(new TextEncoder().encode(name).byteLength).toBeLessThanOrEqual(63);
    const shortened = probabilities.filter((name) => name !== "probability_ok");
    for (const name of shortened) {
      expect(run.text("deliveries.0.notes.0")).toContain(`is "${name}"`);
      expect(planned.notes).toContain(`is "${name}"`);
    }
    expect(
      planned.columns
        .map(({ as }) => as)
        .filter((name) => name.startsWith("probability_"))
        .toSorted(),
    ).toEqual(probabilities.toSorted());
  });
});

describe.skipIf(mysql === null)("class labels that differ in letter case only", () => {
  it("get columns of their own in MySQL, which does not tell them apart", async () => {
    const deployment = await deploy(caseText("40-case-labels.csv"), caseModel("clf_case.onnx"));
    const table = `labels_${randomText(8)}`;
    const destination = { connection_id: await connect(deployment, "mysql"), table, mode: "append" };
    const planned = await preview(deployment, destination);
    const { run } = await runBatch(deployment, ROWS, { destinations: [destination] });
    expect(run.at("deliveries.0")).toMatchObject({ state: "succeeded", rows: 3, error: null });
    for (const label of ["A", "a"]) {
      expect(run.text("deliveries.0.notes.0")).toContain(`"probability_${label}" is "probability_${label}_`);
      expect(planned.notes).toContain(`"probability_${label}" is "probability_${label}_`);
    }
    expect(run.text("deliveries.0.notes.0")).not.toContain('"probability_b" is');
  });
});
