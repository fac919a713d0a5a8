import type { Query } from "mysql2";
import { hex } from "../../lib/hash.ts";
import type { OpenedDatabase } from "../connections/connection-input.ts";
import { connectMysql } from "../connections/connect-mysql.ts";
import { beginMysql, CONNECT_MS, killMysql, type MysqlPlace } from "./mysql-session.ts";
import type { Cursor } from "./cursor.ts";
import { noRows, queryError, severalTables } from "./query-error.ts";
import type { SourceType } from "./source-type.ts";
import { type QueryLimits, within } from "./query-limits.ts";

const ROWS = 2_000;
/** The server counts the whole query, with the time that we take to store its rows: only what nobody ends any more comes to this. */
const SERVER_LIMIT_MS = 7_200_000;

type Row = (string | null)[];

/** `openCursor` for MySQL and MariaDB. */
export async function openMysqlCursor(database: OpenedDatabase, text: string, limits: QueryLimits): Promise<Cursor> {
  const connection = await connectMysql(database, CONNECT_MS);
  let going: MysqlPlace | null = null;
  const close = async () => {
    connection.destroy();
    if (going) await killMysql(database, going);
    going = null;
  };
  try {
    const place = await within(limits, () => beginMysql(connection, SERVER_LIMIT_MS));
    going = place;
    const query = connection.query({ sql: text, rowsAsArray: true, typeCast: cellText });
    for (const event of ["end", "error"]) query.once(event, () => (going = null));
    const { columns, types, rows } = tableOf(query);
    const next = () => within(limits, () => batchOf(rows));
    const first = await next();
    if (first.length === 0) throw noRows();
    return { columns: columns(), types: types(), batches: batchesOf(first, next, limits.signal), close };
  } catch (error) {
    await close();
    throw queryError(error, limits.signal);
  }
}

/** By the protocol's numbers for types: https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html */
const TYPES = new Map<number, SourceType>([
  ...[1, 2, 3, 8, 9, 13, 16].map((type): [number, SourceType] => [type, { type: "integer" }]),
  ...[4, 5].map((type): [number, SourceType] => [type, { type: "number" }]),
  ...[0, 246].map((type): [number, SourceType] => [type, { type: "decimal" }]),
  [10, { type: "date" }],
  ...[7, 12].map((type): [number, SourceType] => [type, { type: "datetime" }]),
  ...[15, 253, 254].map((type): [number, SourceType] => [type, { type: "text" }]),
]);

/** The table that a query gives; a procedure gives its tables and, when it is over, a count of what it changed in the place of a row. */
function tableOf(query: Query): {
  columns: () => string[];
  types: () => (SourceType | null)[];
  rows: AsyncIterator<unknown>;
} {
  let columns: { name: string; columnType?: number }[] | null = null;
  const stream = query.stream({ highWaterMark: ROWS });
  // What throws in here would throw in the socket's handler, and nobody would hear of it.
  query.on("fields", (fields?: { name: string; columnType?: number }[]) => {
    if (!fields) return;
    if (columns) stream.destroy(severalTables());
    else columns = fields;
  });
  return {
    columns: () => (columns ?? []).map(({ name }) => name),
    types: () => (columns ?? []).map(({ columnType = -1 }) => TYPES.get(columnType) ?? null),
    rows: stream[Symbol.asyncIterator](),
  };
}

/** The next rows; none at the end. */
async function batchOf(rows: AsyncIterator<unknown>): Promise<Row[]> {
  const batch: Row[] = [];
  while (batch.length < ROWS) {
    const next = await rows.next();
    if (next.done === true) break;
    if (isRow(next.value)) batch.push(next.value);
  }
  return batch;
}

/** All cells have gone through `cellText`. */
function isRow(value: unknown): value is Row {
  return Array.isArray(value);
}

async function* batchesOf(
  first: Row[],
  next: () => Promise<Row[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Row[], void, undefined> {
  try {
    for (let batch = first; batch.length > 0; batch = await next()) yield batch;
  } catch (error) {
    throw queryError(error, signal);
  }
}

interface Field {
  type: string;
  buffer: () => Uint8Array | null;
}

/** As MySQL writes it, but for times, which every source writes in one way; bits are whole numbers, bytes that are no UTF-8 hex. */
function cellText(field: Field): string | null {
  const bytes = field.buffer();
  if (bytes === null) return null;
  if (field.type === "BIT") return String(BigInt(`0x${hex(bytes)}`));
  const text = textOf(bytes);
  return field.type === "DATETIME" || field.type === "TIMESTAMP" ? text.replace(" ", "T") : text;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return hex(bytes);
    throw error;
  }
}
