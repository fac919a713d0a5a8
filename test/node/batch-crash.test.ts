import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import type { DatabaseServer } from "../support/databases.ts";
import { startPostgres } from "../support/databases-postgres.ts";
import { tableModel, timesModel } from "../support/models.ts";
import { BuiltInstance } from "./built-instance.ts";
import type { Client } from "./client.ts";
import { addModel, createVersion, deploy, setUp } from "./owner.ts";
import { Receiver, SIGNING_KEY } from "./signed-receiver.ts";
import { rounds } from "../support/thorough.ts";

const ROWS = rounds(60_000, 6_000);
const KILLS = rounds(20, 2);
const AMOUNTS = 500;
/** The challenger has no entry for these: its row goes to the errors file. */
const BEYOND_EVERY = 997;
const TABLE = "batch_predictions";

interface Ended {
  id: string;
  state: unknown;
  ms: number;
  files: Record<string, string>;
}

const folder = mkdtempSync(join(tmpdir(), "tiltyard-crashes-"));
const received = new Receiver();
let database: DatabaseServer;
let sql: postgres.Sql;
let port: number;
let instance: BuiltInstance;
let owner: Client;
let pipeline: string;
let calm: Ended;

beforeAll(async () => {
  chmodSync(folder, 0o755);
  [database, port] = await Promise.all([freePort().then((free) => startPostgres(folder, free)), freePort()]);
  sql = postgres({ ...database.address, username: database.address.user, max: 1, onnotice: () => undefined });
  await start();
  owner = await setUp(instance);
  pipeline = await addPipeline();
  calm = await finish(await startRun());
});

afterAll(async () => {
  await instance?.kill();
  await sql?.end();
  await database?.stop();
  received.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  instance = await BuiltInstance.start(join(folder, "data"), port);
}

/** 60,000 rows by two models, to be delivered to the database. */
async function addPipeline(): Promise<string> {
  const version = await createVersion(owner);
  const main = await addModel(owner, version, timesModel(2));
  const tripled = tableModel(Array.from({ length: AMOUNTS }, (_, amount) => amount * 3));
  const path = await deploy(owner, version, main, await addModel(owner, version, tripled));
  const { host, port: databasePort, database: name, user, password } = database.address;
  const projectPath = `/api/v1/projects/${version.projectId}`;
  const connection = await owner.textOf(
    "id",
    owner.call("POST", `${projectPath}/connections`, {
      name: "Warehouse",
      kind: "postgres",
      settings: { host, port: databasePort, database: name, user, tls: false },
      secret: { password },
    }),
  );
  const listener = await owner.textOf(
    "id",
    owner.call("POST", `${projectPath}/connections`, {
      name: "Listener",
      kind: "http",
      settings: { url: await received.start() },
      secret: { signing_key: SIGNING_KEY },
    }),
  );
  const dataset = await uploadDataset(projectPath);
  const wanted = {
    name: "Crashing",
    deployment_id: path.split("/").at(-1),
    source: { kind: "dataset", dataset_id: dataset },
    destinations: [
      { connection_id: connection, table: TABLE, mode: "append", challenger: true },
      { connection_id: listener },
    ],
    schedule: null,
    enabled: true,
  };
  return owner.textOf("id", owner.call("POST", `${projectPath}/pipelines`, wanted));
}

async function uploadDataset(projectPath: string): Promise<string> {
  const amount = (row: number) => (row % BEYOND_EVERY === 0 ? AMOUNTS + 1 : (row * 7) % AMOUNTS);
  const lines = Array.from({ length: ROWS }, (_, row) => `"customer ${row}",${amount(row)}`);
  const response = await fetch(`${instance.url}${projectPath}/datasets?name=Rows`, {
    method: "POST",
    headers: { authorization: `Bearer ${owner.token}`, "content-type": "text/csv" },
    body: `customer,amount\n${lines.join("\n")}\n`,
  });
  const { id, state } = (await response.json()) as { id: string; state: string };
  if (state !== "succeeded") throw new Error(`the dataset is ${state}`);
  return id;
}

function startRun(): Promise<string> {
  return owner.textOf("id", owner.call("POST", `/api/v1/pipelines/${pipeline}/runs`, {}, 202));
}

/** The run once it has ended, and its files without what is of this run alone. */
async function finish(id: string): Promise<Ended> {
  const startedAt = Date.now();
  for (;;) {
    const { state } = await owner.call("GET", `/api/v1/runs/${id}`);
    if (state !== "queued" && state !== "running")
      return { id, state, ms: Date.now() - startedAt, files: await files(id) };
    if (Date.now() - startedAt > 90_000) throw new Error(`the run ${id} is still ${String(state)}`);
    await new Promise((next) => setTimeout(next, 100));
  }
}

async function files(id: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of ["main", "challenger", "errors", "main?format=parquet", "challenger?format=parquet"]) {
    const response = await fetch(`${instance.url}/api/v1/runs/${id}/files/${name}`, {
      headers: { authorization: `Bearer ${owner.token}` },
    });
    const text = Buffer.from(await response.arrayBuffer()).toString("latin1");
    const same = text.replaceAll(id.replace("run_", "b"), "b".padEnd(21, "0"));
    found[name] = `${response.status} ${createHash("sha256").update(same, "latin1").digest("hex")}`;
  }
  return found;
}

async function delivered(run: string): Promise<unknown> {
  const ofRun = `${run.replace("run_", "b")}-%`;
  const [row] = await sql`
    select count(*)::int as rows, count(distinct prediction_id)::int as ids, count(challenger_prediction)::int as answered
    from ${sql(TABLE)} where prediction_id like ${ofRun}`;
  const notes = await sql`select delivered_rows::int as rows from tiltyard_deliveries where run_id = ${run}`;
  return { ...row, notes: notes.map(({ rows }) => rows), received: received.rowsOf(run), problems: received.problems };
}

const WHOLE = {
  rows: ROWS,
  ids: ROWS,
  answered: ROWS - Math.ceil(ROWS / BEYOND_EVERY),
  notes: [ROWS],
  received: ROWS,
  problems: [],
};

describe(`a run that is killed at ${KILLS} random moments`, () => {
  it("is whole when nothing happens", async () => {
    expect(calm.state).toBe("succeeded");
    expect(await delivered(calm.id)).toEqual(WHOLE);
  });

  it(
    "goes on by itself: the files are those of the calm run, byte by byte, and the table and the receiver have each row once",
    async () => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        const afterMs = Math.round(Math.random() * calm.ms);
        const run = await startRun();
        await new Promise((next) => setTimeout(next, afterMs));
        await instance.kill();
        await start();
        const ended = await finish(run);
        const seen = { afterMs, state: ended.state, files: ended.files, delivered: await delivered(run) };
        expect(seen).toEqual({ afterMs, state: "succeeded", files: calm.files, delivered: WHOLE });
      }
    },
    15 * 60_000,
  );
});
