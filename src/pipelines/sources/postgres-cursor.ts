import type { OpenedDatabase } from "../connections/connection-input.ts";
import { openPostgresClient } from "../connections/open-postgres.ts";
import type { Cursor } from "./query-cursor.ts";
import { noRows, queryError } from "./query-error.ts";

const ROWS = 2_000;
const CONNECT_MS = 10_000;
const BOOLEAN_OID = 16;
const TIMESTAMP_OIDS = new Set([1114, 1184]);
/** A database that gives no row for so long is taken for dead. */
const STATEMENT_TIMEOUT_MS = 600_000;

const SESSION = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  DateStyle: "ISO",
  TimeZone: "UTC",
  extra_float_digits: 1,
};

/** `openCursor` for PostgreSQL. */
export async function openPostgresCursor(connection: OpenedDatabase, text: string): Promise<Cursor> {
  const sql = await openPostgresClient(connection, { connectMs: CONNECT_MS }, { parameters: SESSION });
  const close = async () => sql.end({ timeout: 1 });
  try {
    await sql.unsafe("begin isolation level repeatable read read only");
    // With a cursor the statement goes by the protocol that takes one statement only: none can end the transaction.
    const rows = sql.unsafe(text).raw().cursor(ROWS)[Symbol.asyncIterator]();
    const first = await rows.next();
    if (first.done === true) throw noRows();
    const columns = columnsOf(first.value);
    return { columns: columns.map(({ name }) => name), batches: batchesOf(first.value, rows, columns), close };
  } catch (error) {
    await close();
    throw queryError(error);
  }
}

type Columns = readonly { name: string; type: number }[];
type RawRows = readonly (readonly unknown[])[];

/** The driver's types leave it out where rows come as bytes. */
function columnsOf(rows: RawRows): Columns {
  return (rows as unknown as { statement: { columns: Columns } }).statement.columns;
}

async function* batchesOf(
  first: RawRows,
  rest: AsyncIterator<RawRows>,
  columns: Columns,
): AsyncGenerator<(string | null)[][], void, undefined> {
  try {
    yield textsOf(first, columns);
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield textsOf(next.value, columns);
  } catch (error) {
    throw queryError(error);
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
