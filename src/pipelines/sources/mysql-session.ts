import type { Connection } from "mysql2";
import type { OpenedDatabase } from "../connections/connection-input.ts";
import { connectMysql } from "../connections/connect-mysql.ts";

export const CONNECT_MS = 10_000;
const STATEMENT_MS = 10_000;
/** ER_UNKNOWN_SYSTEM_VARIABLE */
const UNKNOWN_VARIABLE = 1193;

/** Which session of which server: a balancer may lead the next connection to another one. */
export interface MysqlPlace {
  server: string;
  id: string;
}

/** Begins a transaction that may only read, in which a statement ends after `statementMs`, with all its rows; says where. */
export async function beginMysql(connection: Connection, statementMs: number): Promise<MysqlPlace> {
  const place = await placeOf(connection);
  // The one is MySQL's, the other MariaDB's.
  await setIfKnown(connection, `max_execution_time = ${statementMs}`);
  await setIfKnown(connection, `max_statement_time = ${statementMs / 1_000}`);
  await run(connection, "set session transaction isolation level repeatable read");
  await run(connection, "start transaction read only");
  return place;
}

/** Ends a session and what it is doing: a server that has no row to write does not notice that its client has gone. Never throws. */
export async function killMysql(database: OpenedDatabase, { server, id }: MysqlPlace): Promise<void> {
  const connection = await connectMysql(database, CONNECT_MS);
  try {
    if ((await placeOf(connection)).server === server) await run(connection, `kill ${id}`);
  } catch (error) {
    // It has ended meanwhile, or nobody answers.
    console.warn("a query of MySQL was not ended", error);
  } finally {
    connection.destroy();
  }
}

async function placeOf(connection: Connection): Promise<MysqlPlace> {
  const [row] = await run(
    connection,
    "select concat(@@hostname, ':', @@port) as server, cast(connection_id() as char) as id",
  );
  return { server: String(row?.["server"]), id: String(row?.["id"]) };
}

async function setIfKnown(connection: Connection, setting: string): Promise<void> {
  try {
    await run(connection, `set session ${setting}`);
  } catch (error) {
    if (!(error instanceof Error && "errno" in error && error.errno === UNKNOWN_VARIABLE)) throw error;
  }
}

function run(connection: Connection, sql: string): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    connection.query({ sql, timeout: STATEMENT_MS }, (error, rows) => {
      if (error) reject(error);
      else resolve(Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []);
    });
  });
}
