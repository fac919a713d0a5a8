import { env } from "cloudflare:workers";
import { createConnection } from "mysql2/promise";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { OpenedDatabase } from "../../../src/pipelines/connections/connection-input.ts";
import { openCursor } from "../../../src/pipelines/sources/query-cursor.ts";
import { SourceError } from "../../../src/pipelines/sources/source-error.ts";
import type { DatabaseAddress } from "../../support/databases.ts";
import { deployModel, eventually, expectStatus, readAs, type TestDeployment } from "../../support/deployment.ts";
import { callApi, startInstance } from "../../support/instance.ts";
import { timesModel } from "../../support/models.ts";
import { addPipeline, startRun } from "../runs/batch.ts";

const postgresAddress = inject("postgres");
const mysqlAddress = inject("mysql");
const sql = postgres({ ...postgresAddress, ssl: postgresAddress.tls, max: 1, fetch_types: false });

let deployment: TestDeployment;

beforeAll(async () => {
  await startInstance();
  // The databases of the tests are on this machine.
  env.ALLOW_PRIVATE_NETWORK = "1";
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2) });
});

afterAll(() => sql.end({ timeout: 0 }));

/** A run that waits for its query; returns its id. */
async function runOf(kind: "postgres" | "mysql", query: string): Promise<string> {
  const { settings, secret } = connectionTo(kind);
  const { owner, project } = deployment;
  const connection = { name: kind, kind, settings, secret };
  const path = `/api/v1/projects/${project}/connections`;
  const made = expectStatus(await callApi("POST", path, connection, owner.token), 201).text("id");
  const source = { kind: "query", connection_id: made, sql: query };
  return startRun(deployment, await addPipeline(deployment, { source }));
}

async function cancel(run: string): Promise<void> {
  const { owner } = deployment;
  expectStatus(await callApi("POST", `/api/v1/runs/${run}/cancel`, {}, owner.token), 200);
  expect((await readAs(owner, `/api/v1/runs/${run}`)).at("state")).toBe("cancelled");
}

/** How many statements with a mark are going on. */
type Active = (mark: string) => Promise<number>;

const onPostgres: Active = async (mark) => {
  const going = await sql`select 1 from pg_stat_activity
    where state = 'active' and pid <> pg_backend_pid() and query like ${`%${mark}%`}`;
  return going.length;
};

const onMysql: Active = async (mark) => {
  if (!mysqlAddress) return 0;
  const { host, port, database, user, password } = mysqlAddress;
  const client = await createConnection({ host, port, database, user, password, disableEval: true });
  const [rows] = await client.query(
    "select id from information_schema.processlist where command <> 'Sleep' and id <> connection_id() and info like ?",
    [`%${mark}%`],
  );
  await client.end();
  return Array.isArray(rows) ? rows.length : 0;
};

async function becomes(count: number, active: () => Promise<number>): Promise<void> {
  expect(await eventually(active, (found) => found === count, 20_000)).toBe(count);
}

const CASES: ["postgres" | "mysql", string, Active][] = [
  ["postgres", "pg_sleep(500)", onPostgres],
  ["mysql", "sleep(500)", onMysql],
  // A server looks after its client while it sleeps, and not while it computes.
  ["mysql", "benchmark(100000000000, md5('a'))", onMysql],
];
const HERE = CASES.filter(([kind]) => kind === "postgres" || mysqlAddress);

describe("the query of a run that is cancelled", () => {
  it.each(HERE)(
    "ends on %s, where it does %s",
    async (kind, expression, active) => {
      const mark = "cancelled_run";
      const run = await runOf(kind, `select 1 as ${mark}, ${expression}`);
      await becomes(1, () => active(mark));
      await cancel(run);
      await becomes(0, () => active(mark));
    },
    60_000,
  );
});

describe("a query that nobody waits for any more", () => {
  it.each(HERE)("ends on %s, where it does %s", async (kind, expression, active) => {
    const mark = "unwanted_rows";
    const controller = new AbortController();
    const opened = openCursor(connectionTo(kind), `select 1 as ${mark}, ${expression}`, { signal: controller.signal });
    const said = opened.catch((error: unknown) => error);
    await becomes(1, () => active(mark));
    const reason = new Error("nobody wants them");
    controller.abort(reason);
    expect(await said).toBe(reason);
    await becomes(0, () => active(mark));
  });

  it.each(HERE)("ends on %s when its rows are not read to their end", async (kind, expression, active) => {
    const mark = "unread_rows";
    const numbers = Array.from({ length: 100 }, (_, number) => `select ${number} as n`).join(" union all ");
    const sql = `with numbers as (${numbers}) select 1 as ${mark}, '' as late from numbers a, numbers b
      union all select 1, concat('', ${expression})`;
    const cursor = await openCursor(connectionTo(kind), sql);
    for await (const _ of cursor.batches) break;
    await cursor.close();
    await becomes(0, () => active(mark));
  });
});

describe("a query that takes too long", () => {
  const refusal = async (kind: "postgres" | "mysql", query: string, statementMs?: number): Promise<unknown> => {
    try {
      const cursor = await openCursor(connectionTo(kind), query, { ...(statementMs && { statementMs }) });
      await cursor.close();
      return null;
    } catch (error) {
      return error instanceof SourceError ? `${error.code}: ${error.message}` : error;
    }
  };

  it.each(HERE)("ends on %s, where it does %s, and the sentence says so", async (kind, expression, active) => {
    const said = await refusal(kind, `select 1 as slow_rows, ${expression}`, 1_500);
    expect(said).toMatch(/^query_slow: The query took longer than .+ Make it faster/);
    await becomes(0, () => active("slow_rows"));
  });

  it("is told from one that somebody else has ended", async () => {
    const said = refusal("postgres", "select 1 as ended_by_hand, pg_sleep(500)");
    await becomes(1, () => onPostgres("ended_by_hand"));
    await sql`select pg_cancel_backend(pid) from pg_stat_activity where query like '%ended_by_hand%' and pid <> pg_backend_pid()`;
    expect(await said).toMatch(/^query_ended: Somebody ended the query/);
  });
});

function connectionTo(kind: "postgres" | "mysql"): OpenedDatabase {
  const address: DatabaseAddress | null = kind === "postgres" ? postgresAddress : mysqlAddress;
  if (!address) throw new Error("There is no such database here.");
  const { password, ...settings } = address;
  return { id: "con_1", kind, settings, secret: { password } };
}
