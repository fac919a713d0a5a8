import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { attribute, model, node, tensor, tensorValue } from "../onnx/build-model.ts";
import type { DatabaseServer } from "../support/databases.ts";
import { startPostgres } from "../support/databases-postgres.ts";
import { startZooInstance, type ZooInstance } from "./zoo-instance.ts";
import { isThorough } from "../support/thorough.ts";

const ZOO_DIR = resolve(import.meta.dirname, "../..", process.env["ZOO_DIR"] ?? "../shared/zoo");
const FILE = join(ZOO_DIR, "data/BIG_beijing_prsa_8stations_assembled.csv");
const isHere = existsSync(FILE);

const NUMBERS = ["PM10", "SO2", "NO2", "CO", "O3", "TEMP", "PRES", "DEWP", "RAIN", "WSPM"];
const ROWS_PER_CALL = 1_000;
const SINGLE_CALLS = 300;
const REFERENCE_ROWS = 5_000;
const TABLE = "air";

/** A sum of the measurements, a missing one counting as nothing, and a step for wind from the north: numbers and texts in one model. */
function airModel(weights: readonly number[], northerly: number): Uint8Array {
  const floats = (name: string, dims: number[], values: readonly number[]) =>
    tensor(name, { dims, elem: "float32", raw: [...new Uint8Array(Float32Array.from(values).buffer)] });
  return model({
    opsets: { "": 19 },
    inputs: [tensorValue("measured", "float32", [null, NUMBERS.length]), tensorValue("wd", "string", [null, 1])],
    outputs: [tensorValue("prediction", "float32", [null, 1])],
    initializers: [
      floats("weights", [NUMBERS.length, 1], weights),
      floats("northerly", [1], [northerly]),
      floats("nothing", [1], [0]),
      tensor("north", { dims: [1], elem: "string", strings: ["N"] }),
    ],
    nodes: [
      node("IsNaN", ["measured"], ["isMissing"]),
      node("Where", ["isMissing", "nothing", "measured"], ["known"]),
      node("MatMul", ["known", "weights"], ["sum"]),
      node("Equal", ["wd", "north"], ["isNorth"]),
      node("Cast", ["isNorth"], ["north01"], { attributes: [attribute.int("to", 1)] }),
      node("Mul", ["north01", "northerly"], ["step"]),
      node("Add", ["sum", "step"], ["prediction"]),
    ],
  });
}

// The file is not ours to pass on, so where the folder is missing there is nothing to run.
describe.skipIf(!isHere || !isThorough)(
  "280,512 hours of air in Beijing, predicted as a batch and delivered to PostgreSQL,",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "tiltyard-batch-"));
    let instance: ZooInstance;
    let database: DatabaseServer;
    let sql: postgres.Sql;
    let rows: string[][];
    let deployment: string;
    let run: string;
    let byRow: Map<string, number>;

    beforeAll(async () => {
      chmodSync(folder, 0o755);
      [instance, database] = await Promise.all([
        startZooInstance(),
        freePort().then((free) => startPostgres(folder, free)),
      ]);
      sql = postgres({ ...database.address, username: database.address.user, max: 1, onnotice: () => undefined });
      const text = readFileSync(FILE, "utf8");
      // The file quotes its texts, and none of them holds a comma.
      rows = text
        .trimEnd()
        .split(/\r?\n/)
        .slice(1)
        .map((line) => line.replaceAll('"', "").split(","));
      const project = `/api/v1/projects/${(await instance.call("POST", "/api/v1/projects", { name: "Air" })).text("slug")}`;
      deployment = await deployed(
        project,
        text
          .split("\n")
          .slice(0, REFERENCE_ROWS + 1)
          .join("\n"),
      );
      const pipeline = await addPipeline(project, text);
      run = (await instance.call("POST", `/api/v1/pipelines/${pipeline}/runs`, {})).text("id");
      await instance.waitFor(`/api/v1/runs/${run}`, "state", ["succeeded", "failed"], 300_000);
      const delivered = await sql<{ No: string; station: string; prediction: number }[]>`
      select "No", station, prediction from ${sql(TABLE)}`;
      byRow = new Map(delivered.map(({ station, No, prediction }) => [`${station} ${No}`, prediction]));
    }, 600_000);

    afterAll(async () => {
      await instance?.stop();
      await sql?.end();
      await database?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    async function deployed(project: string, reference: string): Promise<string> {
      const wanted = { name: "Air", task: "regression", target: "PM2.5" };
      const experiment = (await instance.call("POST", `${project}/experiments`, wanted)).text("id");
      const versions = `/api/v1/experiments/${experiment}/versions`;
      const form = new FormData();
      form.set("reference", new Blob([reference]), "reference.csv");
      await instance.call("POST", versions, form);
      await instance.waitFor(`${versions}/1`, "state", ["succeeded"]);
      const addModel = async (name: string, bytes: Uint8Array) => {
        const file = new FormData();
        file.set("file", new Blob([Uint8Array.from(bytes)]), "air.onnx");
        file.set("name", name);
        file.set("mapping", JSON.stringify({ inputs: { measured: NUMBERS, wd: ["wd"] } }));
        const { id } = (await instance.call("POST", `${versions}/1/models`, file)).body as { id: string };
        await instance.waitFor(`/api/v1/models/${id}`, "state", ["succeeded"]);
        return { version: 1, model_id: id };
      };
      const main = await addModel("main", airModel([0.5, 0.3, 0.2, 0.01, -0.1, 0.7, 0.002, -0.4, 1.5, -2], 12));
      const challenger = await addModel(
        "challenger",
        airModel([0.6, 0.2, 0.1, 0.02, -0.2, 0.5, 0.001, -0.3, 1, -3], -4),
      );
      const body = { name: "Air", experiment_id: experiment, main, challenger };
      const slug = (await instance.call("POST", `${project}/deployments`, body)).text("slug");
      await instance.waitFor(`/api/v1/deployments/${slug}`, "deployed", ["deployed"]);
      return slug;
    }

    async function addPipeline(project: string, csv: string): Promise<string> {
      const file = new FormData();
      file.set("file", new Blob([csv], { type: "text/csv" }), "air.csv");
      file.set("name", "Air");
      const dataset = (await instance.call("POST", `${project}/datasets`, file)).text("id");
      await instance.waitFor(`/api/v1/datasets/${dataset}`, "state", ["succeeded"]);
      const { host, port, database: name, user, password } = database.address;
      const settings = { host, port, database: name, user, tls: false };
      const wanted = { name: "Warehouse", kind: "postgres", settings, secret: { password } };
      const connection = (await instance.call("POST", `${project}/connections`, wanted)).text("id");
      const made = await instance.call("POST", `${project}/pipelines`, {
        name: "Air",
        deployment_id: deployment,
        source: { kind: "dataset", dataset_id: dataset },
        destinations: [{ connection_id: connection, table: TABLE, mode: "replace", challenger: true }],
        schedule: null,
        enabled: true,
      });
      return made.text("id");
    }

    /** The features of a row as a caller sends them who knows no more than the cells. */
    function featuresOf(row: readonly string[]): Record<string, string | undefined> {
      return {
        ...Object.fromEntries(NUMBERS.map((name, index) => [name, row[index + 6]])),
        WSPM: row[16],
        wd: row[15],
      };
    }

    it("ends well, with each row in the table once", async () => {
      const answer = await instance.call("GET", `/api/v1/runs/${run}`);
      expect(answer.body).toMatchObject({
        state: "succeeded",
        rows_total: 280_512,
        rows_done: 280_512,
        rows_failed: 0,
      });
      const [counted] =
        await sql`select count(*)::int as rows, count(distinct prediction_id)::int as ids from ${sql(TABLE)}`;
      expect(counted).toEqual({ rows: 280_512, ids: 280_512 });
    });

    it("says in each row what a call says of it", async () => {
      let largest = 0;
      for (let from = 0; from < rows.length; from += ROWS_PER_CALL) {
        const part = rows.slice(from, from + ROWS_PER_CALL);
        const answer = await instance.call("POST", `/api/v1/deployments/${deployment}/predict`, {
          rows: part.map((row) => featuresOf(row)),
        });
        const predictions = answer.at("predictions") as { prediction: number }[];
        part.forEach((row, index) => {
          const batch = byRow.get(`${row[17]} ${row[0]}`) ?? Number.NaN;
          const single = predictions[index]?.prediction ?? Number.NaN;
          largest = Math.max(largest, Math.abs(batch - single) / Math.max(1, Math.abs(single)));
          if (Number.isNaN(batch + single)) throw new Error(`row ${from + index} was not predicted by both`);
        });
      }
      expect(largest).toBeLessThanOrEqual(1e-6);
    }, 300_000);

    it("says the same as calls of one row", async () => {
      for (let call = 0; call < SINGLE_CALLS; call += 1) {
        const row = rows[Math.floor((call / SINGLE_CALLS) * rows.length)] ?? [];
        const body = { features: featuresOf(row) };
        const answer = await instance.call("POST", `/api/v1/deployments/${deployment}/predict`, body);
        expect(byRow.get(`${row[17]} ${row[0]}`)).toBeCloseTo(Number(answer.at("prediction")), 3);
      }
    }, 120_000);
  },
);
