import { env } from "cloudflare:workers";
import { parquetMetadataAsync } from "hyparquet";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { randomText } from "../../../src/lib/id.ts";
import { browserOf } from "../../experiments/pages-fixtures.ts";
import { deployModel, eventually, expectStatus, type TestDeployment } from "../../support/deployment.ts";
import { callApi, fetchInstance, startInstance } from "../../support/instance.ts";
import { echoModel, logModel, thresholdModel, timesModel, wideModel } from "../../support/models.ts";
import { runActionsOf } from "../pages/pages-fixtures.ts";
import { rowsOf } from "../pipeline-fixtures.ts";
import { cells, fileOf, runBatch } from "./batch.ts";
import { postgresClient } from "../postgres-client.ts";

const TRAINING = ["amount,label", ...Array.from({ length: 40 }, (_, index) => `${index},${index > 20 ? 1 : 0}`)];
const REFUSED = "amount\nmany\nmore\n";

const { password, ...settings } = inject("postgres");
const sql = postgresClient();

let strict: TestDeployment;

beforeAll(async () => {
  await startInstance();
  // The databases of the tests are on this machine.
  env.ALLOW_PRIVATE_NETWORK = "1";
  strict = await deployModel({
    csv: TRAINING.join("\n"),
    task: "binary_classification",
    target: "label",
    model: thresholdModel(20),
    challenger: { model: thresholdModel(30) },
    type_policy: "strict",
  });
});

afterAll(() => sql.end({ timeout: 0 }));

async function warehouseOf({ owner, project }: TestDeployment): Promise<string> {
  const body = { name: "Warehouse", kind: "postgres", settings, secret: { password } };
  const made = await callApi("POST", `/api/v1/projects/${project}/connections`, body, owner.token);
  return expectStatus(made, 201).text("id");
}

const newTable = () => `answers ${randomText(8)}`;
const columnsOf = async (table: string) =>
  (
    await sql<
      { column_name: string; data_type: string }[]
    >`select column_name, data_type from information_schema.columns where table_name = ${table} order by ordinal_position`
  ).map(({ column_name: name, data_type: type }) => [name, type]);

describe("a run that has answered no row", () => {
  it("has failed with a sentence, keeps its files with all their columns, and is told of", async () => {
    // Nobody listens there: that somebody is told is noted all the same.
    const notify = { webhook_url: `http://127.0.0.1:${inject("closedPort")}/` };
    const { run, id } = await runBatch(strict, REFUSED, { notify });
    expect(run.body).toMatchObject({
      state: "failed",
      rows_total: 2,
      rows_done: 2,
      rows_failed: 2,
      files: { main: { rows: 0 }, challenger: { rows: 0 }, errors: { rows: 2 } },
      error: {
        code: "nothing_predicted",
        message: "None of the 2 rows could be predicted: see the errors file. Nothing was delivered.",
      },
    });
    const header = "amount,prediction_id,prediction,probability_0,probability_1\n";
    expect(await fileOf(strict, id, "main")).toBe(header);
    expect(await fileOf(strict, id, "challenger")).toBe(header);
    expect(cells(await fileOf(strict, id, "errors")).map(([line]) => line)).toEqual(["line", "2", "3"]);
    const notifiedAt = async () => (await rowsOf("runs")).find((row) => row["id"] === id)?.["notifiedAt"];
    expect(await eventually(notifiedAt, (at) => typeof at === "number")).toBeTypeOf("number");
  });

  it("delivers nothing: a table that it would replace keeps its rows, and one that is missing is not made", async () => {
    const warehouse = await warehouseOf(strict);
    const [table, missing] = [newTable(), newTable()];
    const destinations = [
      { connection_id: warehouse, table, mode: "replace" },
      { connection_id: warehouse, table: missing, mode: "append" },
    ];
    await runBatch(strict, "amount\n10\n25\n", { destinations: destinations.slice(0, 1) });
    const { run } = await runBatch(strict, REFUSED, { destinations });
    expect(run.body).toMatchObject({ state: "failed", deliveries: [{ state: "pending" }, { state: "pending" }] });
    expect(await sql`select amount from ${sql(table)} order by amount`).toEqual([{ amount: 10 }, { amount: 25 }]);
    expect(await columnsOf(missing)).toEqual([]);
  });

  it("is not tried again, as the rows would be the same", async () => {
    const { id } = await runBatch(strict, REFUSED);
    const answer = await callApi("POST", `/api/v1/runs/${id}/retry`, {}, strict.owner.token);
    expect([answer.status, answer.text("detail")]).toEqual([409, expect.stringContaining("run the pipeline again")]);
    const page = await (await browserOf(strict.owner)).page(`/runs/${id}`);
    expect(page.text).toContain("None of the 2 rows could be predicted: see the errors file.");
    expect(runActionsOf(page)).toEqual([]);
  });
});

describe("a file in which a model has answered nothing", () => {
  const training = "amount,label\n1,2\n2,4\n3,6";
  const predictionTypes = async (model: Uint8Array) => {
    const deployment = await deployModel({ csv: training, target: "label", model, type_policy: "strict" });
    const { id } = await runBatch(deployment, REFUSED);
    const headers = { authorization: `Bearer ${deployment.owner.token}` };
    const answer = await fetchInstance(`/api/v1/runs/${id}/files/main?format=parquet`, { headers });
    const { schema } = await parquetMetadataAsync(await answer.arrayBuffer());
    return schema.filter(({ name }) => name === "prediction").map(({ type }) => type);
  };

  it("has predictions of the type that its answers are of", async () => {
    expect(await predictionTypes(timesModel(2))).toEqual(["DOUBLE"]);
    // Several numbers to a row stand in one cell, as a text.
    expect(await predictionTypes(wideModel(3))).toEqual(["BYTE_ARRAY"]);
  });

  it("makes a table into which later answers fit", async () => {
    const csv = "amount,label\n1,2\n2,4\n3,6";
    const challenger = { model: echoModel({ amount: "float32" }), csv: "lead,amount,label\n1,2,3\n2,3,4\n" };
    const deployment = await deployModel({ csv, target: "label", model: logModel(), challenger });
    const table = newTable();
    const to = {
      connection_id: await warehouseOf(deployment),
      table,
      mode: "append",
      challenger: true,
      run_columns: false,
    };
    // The logarithm of 0 is no number, and the challenger is not asked for want of a column.
    for (const rows of ["amount\n0\n", "amount\n1\n"])
      expect((await runBatch(deployment, rows, { destinations: [to] })).run.body).toMatchObject({
        state: "succeeded",
        deliveries: [{ state: "succeeded", rows: 1 }],
      });
    expect(await columnsOf(table)).toEqual([
      ["amount", "double precision"],
      ["prediction_id", "text"],
      ["prediction", "double precision"],
      ["challenger_prediction", "double precision"],
      ["challenger_echo_amount", "text"],
    ]);
  });
});
