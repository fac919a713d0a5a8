import type { Sql } from "postgres";
import type { OpenedDatabase } from "../connections/connection-input.ts";
import { openPostgresClient } from "../connections/open-postgres.ts";
import type { Cursor } from "./cursor.ts";
import { noRows, queryError, sqlState } from "./query-error.ts";
import type { SourceType } from "./source-type.ts";
import { type QueryLimits, within } from "./query-limits.ts";

const ROWS = 2_000;
const CONNECT_MS = 10_000;
/** Beyond what the server itself is told, so that its own answer comes first. */
const CLIENT_GRACE_MS = 5_000;
const BOOLEAN_OID = 16;
const TIMESTAMP_OIDS = new Set([1114, 1184]);
/** By the server's numbers for types: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const TYPES = new Map<number, SourceType>([
  [BOOLEAN_OID, { type: "boolean" }],
  ...[20, 21, 23, 26].map((oid): [number, SourceType] => [oid, { type: "integer" }]),
  ...[700, 701].map((oid): [number, SourceType] => [oid, { type: "number" }]),
  [1700, { type: "decimal" }],
  [1082, { type: "date" }],
  [1114, { type: "datetime" }],
  [1184, { type: "timestamp" }],
  ...[25, 1042, 1043].map((oid): [number, SourceType] => [oid, { type: "text" }]),
]);
const INVALID_PARAMETER = "22023";

const SESSION = { DateStyle: "ISO", TimeZone: "UTC", extra_float_digits: 1 };

/** `openCursor` for PostgreSQL. */
export async function openPostgresCursor(
  connection: OpenedDatabase,
  text: string,
  { statementMs, signal }: QueryLimits,
): Promise<Cursor> {
  const parameters = { ...SESSION, statement_timeout: statementMs };
  const sql = await openPostgresClient(connection, { connectMs: CONNECT_MS }, { parameters });
  const close = async () => sql.end({ timeout: 1 });
  const limits = { statementMs: statementMs + CLIENT_GRACE_MS, signal };
  try {
    await within(limits, () => begin(sql));
    // With a cursor the statement goes by the protocol that takes one statement only: none can end the transaction.
    const rows = sql.unsafe(text).raw().cursor(ROWS)[Symbol.asyncIterator]();
    const next = () => within(limits, () => rows.next());
    const first = await next();
    if (first.done === true) throw noRows();
    const columns = columnsOf(first.value);
    return {
      columns: columns.map(({ name }) => name),
      types: columns.map(({ type }) => TYPES.get(type) ?? null),
      batches: batchesOf(first.value, next, columns, signal),
      close,
    };
  } catch (error) {
    await close();
    throw queryError(error, signal);
  }
}

async function begin(sql: Sql): Promise<void> {
  try {
    // Without this, a server notices that a connection has been closed when it next writes a row: PostgreSQL 14 and later know it.
    await sql.unsafe(
      "select set_config(name, '5s', false) from pg_settings where name = 'client_connection_check_interval'",
    );
  } catch (error) {
    // Servers on Windows cannot look.
    if (sqlState(error) !== INVALID_PARAMETER) throw error;
  }
  await sql.unsafe("begin isolation level repeatable read read only");
}

type Columns = readonly { name: string; type: number }[];
type RawRows = readonly (readonly unknown[])[];

/** The driver's types leave it out where rows come as bytes. */
function columnsOf(rows: RawRows): Columns {
  return (rows as unknown as { statement: { columns: Columns } }).statement.columns;
}

async function* batchesOf(
  first: RawRows,
  next: () => Promise<IteratorResult<RawRows>>,
  columns: Columns,
  signal: AbortSignal | undefined,
): AsyncGenerator<(string | null)[][], void, undefined> {
  try {
    yield textsOf(first, columns);
    for (let more = await next(); more.done !== true; more = await next()) yield textsOf(more.value, columns);
  } catch (error) {
    throw queryError(error, signal);
  }
}

function textsOf(rows: RawRows, columns: Columns): (string | null)[][] {
  return rows.map((row) => row.map((cell, index) => cellText(cell, columns[index]?.type ?? 0)));
}

/** As PostgreSQL writes it, but for booleans, times and NaN, which every source writes in one way. */
function cellText(cell: unknown, type: number): string | null {
  if (!(cell instanceof Uint8Array)) return null;
  const text = UTF8.decode(cell);
  if (type === BOOLEAN_OID) return text === "t" ? "true" : "false";
  if (TIMESTAMP_OIDS.has(type)) return text.replace(" ", "T").replace(/\+00$/, "Z");
  return text === "NaN" ? null : text;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
