import { env } from "cloudflare:workers";
import { introspectWorkflow } from "cloudflare:test";
import { AwsClient } from "aws4fetch";
import { parquetMetadata, parquetSchema } from "hyparquet";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { randomText } from "../../../src/lib/id.ts";
import { deployModel, expectStatus, type TestDeployment } from "../../support/deployment.ts";
import { callApi, fetchInstance, startInstance } from "../../support/instance.ts";
import { thresholdModel } from "../../support/models.ts";
import { addDataset, addPipeline, ended, fileOf, runBatch, startRun } from "./batch.ts";
import { postgresClient } from "../postgres-client.ts";

const TRAINING = ["amount,label", ...Array.from({ length: 40 }, (_, index) => `${index},${index > 20 ? 1 : 0}`)];
const CSV = "customer,amount\nada,10\nbo,25\n,35\n";

const { password, ...settings } = inject("postgres");
const sql = postgresClient();

let deployment: TestDeployment;
let warehouse: string;
let introspector: Awaited<ReturnType<typeof introspectWorkflow>>;

beforeAll(async () => {
  await startInstance();
  // The databases of the tests are on this machine.
  env.ALLOW_PRIVATE_NETWORK = "1";
  // What is tried again is tried again at once.
  introspector = await introspectWorkflow(env.RUN_WORKFLOW);
  await introspector.modifyAll(async (modifier) => modifier.disableRetryDelays());
  deployment = await deployModel({
    csv: TRAINING.join("\n"),
    task: "binary_classification",
    target: "label",
    model: thresholdModel(20),
    challenger: { model: thresholdModel(30) },
  });
  warehouse = await addConnection("postgres", settings, { password });
});

afterAll(async () => {
  await introspector.dispose();
  await sql.end({ timeout: 0 });
});

async function addConnection(kind: string, of: object, secret: object): Promise<string> {
  const body = { name: kind, kind, settings: of, secret };
  const { owner, project } = deployment;
  return expectStatus(await callApi("POST", `/api/v1/projects/${project}/connections`, body, owner.token), 201).text(
    "id",
  );
}

function newTable(): string {
  return `predictions ${randomText(8)}`;
}

describe("the predictions of a run, delivered to a database", () => {
  it("land in a table with the source's columns and ours, of the types that they have", async () => {
    const table = newTable();
    const { run, id } = await runBatch(deployment, CSV, {
      destinations: [{ connection_id: warehouse, table, mode: "append", run_columns: false }],
    });
    expect(run.body).toMatchObject({
      state: "succeeded",
      deliveries: [{ connection_id: warehouse, state: "succeeded", rows: 3, error: null }],
    });
    const name = id.replace("run_", "b");
    expect(await sql`select * from ${sql(table)} order by prediction_id`).toEqual([
      {
        customer: "ada",
        amount: 10,
        prediction_id: `${name}-0`,
        prediction: "0",
        probability_0: 0.75,
        probability_1: 0.25,
      },
      {
        customer: "bo",
        amount: 25,
        prediction_id: `${name}-1`,
        prediction: "1",
        probability_0: 0.25,
        probability_1: 0.75,
      },
      {
        customer: null,
        amount: 35,
        prediction_id: `${name}-2`,
        prediction: "1",
        probability_0: 0.25,
        probability_1: 0.75,
      },
    ]);
  });

  it("bring what the challenger said along where that is wanted", async () => {
    const table = newTable();
    await runBatch(deployment, CSV, {
      destinations: [{ connection_id: warehouse, table, mode: "replace", challenger: true }],
    });
    const rows =
      await sql`select prediction, challenger_prediction, challenger_probability_1 as p from ${sql(table)} order by amount`;
    expect(rows).toEqual([
      { prediction: "0", challenger_prediction: "0", p: 0.25 },
      { prediction: "1", challenger_prediction: "0", p: 0.25 },
      { prediction: "1", challenger_prediction: "1", p: 0.75 },
    ]);
  });

  it("are kept when the table has changed, and one retry delivers them when it fits again", async () => {
    const table = newTable();
    await sql`create table ${sql(table)} (customer text, amount double precision)`;
    const { run, id } = await runBatch(deployment, CSV, {
      destinations: [{ connection_id: warehouse, table, mode: "append" }],
    });
    expect(run.body).toMatchObject({ state: "failed", error: { code: "delivery_failed" }, rows_done: 3 });
    expect(run.at("deliveries.0")).toMatchObject({ state: "failed", rows: null, error: { code: "schema_changed" } });
    expect(run.text("deliveries.0.error.message")).toContain('no column "prediction_id"');
    expect(await fileOf(deployment, id, "main")).toContain("ada,10,");

    await sql`alter table ${sql(table)} add prediction_id text, add prediction text, add probability_0 real, add probability_1 real`;
    expectStatus(await callApi("POST", `/api/v1/runs/${id}/retry`, {}, deployment.owner.token), 202);
    const again = await ended(deployment, id);
    expect(again.body).toMatchObject({ state: "succeeded", attempt: 2, error: null, deliveries: [{ rows: 3 }] });
    expect(await sql`select count(*)::int as rows from ${sql(table)}`).toEqual([{ rows: 3 }]);
  });

  it("keep no other delivery waiting when a host is dead", async () => {
    const dead = await addConnection("postgres", { ...settings, port: inject("closedPort") }, { password });
    const table = newTable();
    const { run } = await runBatch(deployment, CSV, {
      destinations: [
        { connection_id: dead, table, mode: "append" },
        { connection_id: warehouse, table, mode: "append" },
      ],
    });
    expect(run.body).toMatchObject({
      state: "failed",
      error: { code: "delivery_failed" },
      deliveries: [
        { state: "failed", error: { code: "unreachable" } },
        { state: "succeeded", rows: 3 },
      ],
    });
    expect(run.text("error.message")).toContain("1 of 2 deliveries failed");
  });

  it("are delivered once although the same run is retried", async () => {
    const table = newTable();
    const dead = await addConnection("postgres", { ...settings, port: inject("closedPort") }, { password });
    const { id } = await runBatch(deployment, CSV, {
      destinations: [
        { connection_id: warehouse, table, mode: "append" },
        { connection_id: dead, table, mode: "append" },
      ],
    });
    await callApi("POST", `/api/v1/runs/${id}/retry`, {}, deployment.owner.token);
    expect((await ended(deployment, id)).body).toMatchObject({ state: "failed", attempt: 2 });
    expect(await sql`select count(*)::int as rows from ${sql(table)}`).toEqual([{ rows: 3 }]);
  });
});

describe("the files of a run, delivered to a store", () => {
  it("are one for each model where the key pattern tells them apart", async () => {
    const { endpoint, bucket, accessKeyId, secretAccessKey } = inject("store");
    const store = await addConnection(
      "s3",
      { endpoint, region: "auto", bucket, access_key_id: accessKeyId },
      { secret_access_key: secretAccessKey },
    );
    const { run, id } = await runBatch(deployment, CSV, {
      destinations: [
        { connection_id: store, key_pattern: "{date}/{run}-{model}.csv", format: "csv", challenger: true },
        { connection_id: store, key_pattern: "{run}.parquet", format: "parquet" },
      ],
    });
    expect(run.body).toMatchObject({ state: "succeeded", deliveries: [{ rows: 6 }, { rows: 3 }] });
    const reader = new AwsClient({ accessKeyId, secretAccessKey, region: "auto", service: "s3" });
    const read = async (key: string) => (await reader.fetch(`${endpoint}/${bucket}/${key}`)).text();
    const date = run.text("started_at").slice(0, 10);
    expect(await read(`${date}/${id}-main.csv`)).toBe(await fileOf(deployment, id, "main"));
    expect(await read(`${date}/${id}-challenger.csv`)).toBe(await fileOf(deployment, id, "challenger"));
    expect((await read(`${id}.parquet`)).slice(0, 4)).toBe("PAR1");
  });
});

describe("a query as the source", () => {
  it("is read from one database, predicted, and upserted into another table by its key", async () => {
    const [from, to] = [newTable(), newTable()];
    await sql`create table ${sql(from)} (id int, amount numeric, seen date)`;
    await sql`insert into ${sql(from)} values (1, 12.5, '2026-01-02'), (2, 28, '2026-01-03'), (3, null, null)`;
    const pipeline = await addPipeline(deployment, {
      source: { kind: "query", connection_id: warehouse, sql: `select * from "${from}" order by id` },
      destinations: [{ connection_id: warehouse, table: to, mode: "upsert", key_columns: ["id"] }],
    });
    for (const amount of [12.5, 40]) {
      await sql`update ${sql(from)} set amount = ${amount} where id = 1`;
      const run = await ended(deployment, await startRun(deployment, pipeline));
      expect(run.body).toMatchObject({ state: "succeeded", rows_done: 3 });
    }
    const rows = await sql`select id, amount, seen, prediction from ${sql(to)} order by id`;
    expect(rows).toEqual([
      { id: "1", amount: "40.0", seen: new Date("2026-01-02"), prediction: "1" },
      { id: "2", amount: "28.0", seen: new Date("2026-01-03"), prediction: "1" },
      { id: "3", amount: null, seen: null, prediction: "0" },
    ]);
  });
});

describe("two runs of one pipeline", () => {
  it("go on one after the other", async () => {
    const source = { kind: "dataset", dataset_id: await addDataset(deployment, CSV) };
    const pipeline = await addPipeline(deployment, { source });
    const ids = [await startRun(deployment, pipeline), await startRun(deployment, pipeline)];
    const [first, second] = [await ended(deployment, ids[0] ?? ""), await ended(deployment, ids[1] ?? "")];
    expect([first.at("state"), second.at("state")]).toEqual(["succeeded", "succeeded"]);
    expect(Date.parse(second.text("started_at"))).toBeGreaterThanOrEqual(Date.parse(first.text("finished_at")));
  });

  it("leave the rows of the newer one, also when the older one is retried after it", async () => {
    const [replaced, added] = [newTable(), newTable()];
    const rotated = await addConnection("postgres", settings, { password: "the one before" });
    const source = { kind: "dataset", dataset_id: await addDataset(deployment, CSV) };
    const pipeline = await addPipeline(deployment, {
      source,
      destinations: [
        { connection_id: rotated, table: replaced, mode: "replace" },
        { connection_id: rotated, table: added, mode: "append", run_columns: false },
      ],
    });
    const older = await startRun(deployment, pipeline);
    const failed = await ended(deployment, older);
    expect(failed.at("deliveries.0.error.code")).toBe("wrong_password");
    const patch = { secret: { password } };
    expectStatus(await callApi("PATCH", `/api/v1/connections/${rotated}`, patch, deployment.owner.token), 200);
    const newer = await ended(deployment, await startRun(deployment, pipeline));
    expect(newer.at("state")).toBe("succeeded");
    expectStatus(await callApi("POST", `/api/v1/runs/${older}/retry`, {}, deployment.owner.token), 202);
    const retried = await ended(deployment, older);
    expect(retried.at("deliveries.0")).toMatchObject({ state: "failed", error: { code: "superseded" } });
    expect(retried.at("deliveries.1")).toMatchObject({ state: "succeeded", rows: 3 });
    const inTable = await sql`select distinct left(prediction_id, 21) as run from ${sql(replaced)}`;
    expect(inTable).toEqual([{ run: newer.text("id").replace("run_", "b") }]);
    expect(await sql`select count(*)::int as n from ${sql(added)}`).toEqual([{ n: 6 }]);
  });
});

describe("a run that is retried", () => {
  it("delivers to the destination that its pipeline has now", async () => {
    const [locked, open] = [newTable(), newTable()];
    await sql`create table ${sql(locked)} (customer text)`;
    const destination = { connection_id: warehouse, mode: "append", run_columns: false };
    const { run, id, pipeline } = await runBatch(deployment, CSV, {
      destinations: [{ ...destination, table: locked }],
    });
    expect(run.at("deliveries.0.error.code")).toBe("schema_changed");
    const change = { destinations: [{ ...destination, table: open }] };
    expectStatus(await callApi("PATCH", `/api/v1/pipelines/${pipeline}`, change, deployment.owner.token), 200);
    expectStatus(await callApi("POST", `/api/v1/runs/${id}/retry`, {}, deployment.owner.token), 202);
    const retried = await ended(deployment, id);
    expect(retried.body).toMatchObject({
      state: "succeeded",
      deliveries: [{ destination: { table: open }, state: "succeeded", rows: 3 }],
    });
    expect(retried.at("deliveries.length")).toBe(1);
    expect(await sql`select count(*)::int as n from ${sql(open)}`).toEqual([{ n: 3 }]);
  });
});

describe("rows that are appended", () => {
  it("say which run they are of, when it was, and which version and model answered", async () => {
    const table = newTable();
    const { run, id } = await runBatch(deployment, "customer,model,amount\nada,Fiesta,10\n", {
      destinations: [{ connection_id: warehouse, table, mode: "append" }],
    });
    expect(run.at("deliveries.0")).toMatchObject({ state: "succeeded", destination: { run_columns: true }, notes: [] });
    const rows = await sql`select model, run_id, predicted_at, deployment_version, tiltyard_model from ${sql(table)}`;
    expect(rows).toEqual([
      {
        model: "Fiesta",
        run_id: id,
        predicted_at: new Date(run.text("started_at")),
        deployment_version: "1",
        tiltyard_model: "main",
      },
    ]);
  });

  it("arrive without that in a table that has no such columns, which is said", async () => {
    const table = newTable();
    await sql`create table ${sql(table)} (customer text, amount real, prediction_id text, prediction text, probability_0 real, probability_1 real)`;
    const { run } = await runBatch(deployment, CSV, {
      destinations: [{ connection_id: warehouse, table, mode: "append" }],
    });
    expect(run.at("deliveries.0")).toMatchObject({ state: "succeeded", rows: 3 });
    expect(run.text("deliveries.0.notes.0")).toContain(
      'no column "run_id", "predicted_at", "deployment_version", "model"',
    );
  });
});

describe("an upsert", () => {
  it("says that it has made a unique index, once", async () => {
    const destination = { connection_id: warehouse, table: newTable(), mode: "upsert", key_columns: ["amount"] };
    const { run, pipeline } = await runBatch(deployment, CSV, { destinations: [destination] });
    expect(run.text("deliveries.0.notes.0")).toContain('unique index over "amount"');
    const again = await ended(deployment, await startRun(deployment, pipeline));
    expect(again.at("deliveries.0")).toMatchObject({ state: "succeeded", notes: [] });
  });
});

describe("what a source declares", () => {
  it("arrives as it was: whole numbers, decimals, truth, dates and times of a query, in a table and in Parquet", async () => {
    const [from, to] = [newTable(), newTable()];
    await sql`create table ${sql(from)} (id bigint, big numeric, price numeric(10, 2), ok boolean, day date, at timestamptz, local timestamp, code text, amount int)`;
    await sql`insert into ${sql(from)} values
      (9007199254740993, 12345678901234567890.5, 12.50, true, '2024-02-01', '2024-01-01 10:00:00.5+00', '2024-01-01 10:00', '007', 10)`;
    const { run, id } = await runQuery(`select * from "${from}"`, [
      { connection_id: warehouse, table: to, mode: "append", run_columns: false },
    ]);
    expect(run.at("deliveries.0")).toMatchObject({ state: "succeeded", rows: 1 });
    const types =
      await sql`select column_name as name, data_type as type from information_schema.columns where table_name = ${to} order by ordinal_position`;
    expect(types.slice(0, 8).map(({ name, type }) => [name, type])).toEqual([
      ["id", "bigint"],
      ["big", "numeric"],
      ["price", "numeric"],
      ["ok", "boolean"],
      ["day", "date"],
      ["at", "timestamp with time zone"],
      ["local", "timestamp without time zone"],
      ["code", "text"],
    ]);
    const same =
      await sql`select count(*)::int as n from ${sql(to)} t join ${sql(from)} f using (id, big, price, ok, day, at, local, code)`;
    expect(same).toEqual([{ n: 1 }]);
    const headers = { authorization: `Bearer ${deployment.owner.token}` };
    const answer = await fetchInstance(`/api/v1/runs/${id}/files/main?format=parquet`, { headers });
    const fields = parquetSchema(parquetMetadata(await answer.arrayBuffer())).children.map(({ element }) => element);
    expect(
      fields.slice(0, 8).map(({ type, converted_type, logical_type }) => [type, converted_type ?? logical_type?.type]),
    ).toEqual([
      ["INT64", undefined],
      ["FIXED_LEN_BYTE_ARRAY", "DECIMAL"],
      ["FIXED_LEN_BYTE_ARRAY", "DECIMAL"],
      ["BOOLEAN", undefined],
      ["INT32", "DATE"],
      ["INT64", "TIMESTAMP"],
      ["INT64", "TIMESTAMP"],
      ["BYTE_ARRAY", "UTF8"],
    ]);
  });

  it("may not be two columns of one name, and the one is named", async () => {
    const { run } = await runQuery("select 1 as amount, 2 as twice, 3 as twice", []);
    expect(run.at("error")).toMatchObject({
      code: "query_columns",
      message: expect.stringContaining('two columns called "twice"'),
    });
  });
});

describe("a date that can be read in two ways", () => {
  it("is delivered to a column of dates as the pipeline says, and not at all where it says nothing", async () => {
    const table = newTable();
    await sql`create table ${sql(table)} ("when" date, amount real, prediction_id text, prediction text, probability_0 real, probability_1 real)`;
    const dataset_id = await addDataset(deployment, "when,amount\n01/02/2024,10\n31/01/2024,20\n");
    const pipeline = await addPipeline(deployment, {
      source: { kind: "dataset", dataset_id },
      destinations: [{ connection_id: warehouse, table, mode: "append", run_columns: false }],
    });
    const id = await startRun(deployment, pipeline);
    const refused = await ended(deployment, id);
    expect(refused.at("deliveries.0.error")).toMatchObject({
      code: "bad_value",
      message: expect.stringContaining('01/02/2024 in "when"'),
    });
    const source = { kind: "dataset", dataset_id, dates: "day_first" };
    expectStatus(await callApi("PATCH", `/api/v1/pipelines/${pipeline}`, { source }, deployment.owner.token), 200);
    expectStatus(await callApi("POST", `/api/v1/runs/${id}/retry`, {}, deployment.owner.token), 202);
    expect((await ended(deployment, id)).at("state")).toBe("succeeded");
    expect(await sql`select "when"::text as day from ${sql(table)} order by 1`).toEqual([
      { day: "2024-01-31" },
      { day: "2024-02-01" },
    ]);
  });
});

async function runQuery(text: string, destinations: object[]) {
  const source = { kind: "query", connection_id: warehouse, sql: text };
  const pipeline = await addPipeline(deployment, { source, destinations });
  const id = await startRun(deployment, pipeline);
  return { run: await ended(deployment, id), id };
}
