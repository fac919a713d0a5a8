import { afterAll, beforeAll, beforeEach, inject } from "vitest";
import type { OpenedDatabase } from "../../../src/pipelines/connections/connection-input.ts";
import type { TableDestination } from "../../../src/pipelines/delivery/destination-kind.ts";
import { randomText } from "../../../src/lib/id.ts";
import { postgresClient } from "../postgres-client.ts";

const { password, ...server } = inject("postgres");

/**
 * What each test of a file delivers to: a table of its own with a name that asks for quoting, in a database of the file's own, whose
 * connections it may end. Call it once a file.
 */
export function postgresTarget() {
  const settings = { ...server, database: `deliveries_${randomText(10)}` };
  const sql = postgresClient({ database: settings.database, max: 3 });
  const connection: OpenedDatabase = { id: "con_1", kind: "postgres", settings, secret: { password } };
  const target = { sql, connection, table: "", to, tally, tableIsThere, notes };

  beforeAll(async () => {
    await administer(`create database ${settings.database}`);
  });

  beforeEach(() => {
    target.table = `scores ${randomText(10)} "x"; drop`;
  });

  afterAll(async () => {
    await sql.end({ timeout: 0 });
    await administer(`drop database ${settings.database} with (force)`);
  });

  function to(mode: TableDestination["mode"], more: Partial<TableDestination> = {}): TableDestination {
    return { connection_id: "con_1", table: target.table, mode, ...more };
  }

  async function tally(): Promise<{ rows: number; scores: number[] }> {
    const [row] =
      await sql`select count(*)::int as rows, array_to_json(array_agg(distinct score order by score)) as scores from ${sql(target.table)}`;
    return { rows: Number(row?.["rows"]), scores: (row?.["scores"] ?? []) as number[] };
  }

  async function tableIsThere(): Promise<boolean> {
    const [row] = await sql`select 1 from pg_class where relname = ${target.table}`;
    return row !== undefined;
  }

  /** Entries of the run in the ledger. */
  async function notes(run: string): Promise<number> {
    const [row] = await sql`select count(*)::int as n from tiltyard_deliveries where run_id = ${run}`;
    return Number(row?.["n"]);
  }

  return target;
}

async function administer(statement: string): Promise<void> {
  const sql = postgresClient();
  await sql.unsafe(statement);
  await sql.end({ timeout: 0 });
}
