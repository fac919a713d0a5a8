import { createConnection } from "mysql2";
import type { OpenedDatabase } from "../connections/connection-input.ts";
import { hex } from "../../lib/hash.ts";
import type { Cursor } from "./query-cursor.ts";
import { noRows, queryError } from "./query-error.ts";

const ROWS = 2_000;
const CONNECT_MS = 10_000;

/** `openCursor` for MySQL and MariaDB. */
export async function openMysqlCursor({ settings, secret }: OpenedDatabase, text: string): Promise<Cursor> {
  const { host, port, database, user, tls } = settings;
  const connection = createConnection({
    host,
    port,
    database,
    user,
    password: secret.password,
    connectTimeout: CONNECT_MS,
    ...(tls && { ssl: {} }),
    // Workers do not compile code from text. One statement a query: none can end the transaction.
    disableEval: true,
    multipleStatements: false,
    timezone: "Z",
  });
  // Errors come with the statements too; without a listener this would end the process.
  connection.on("error", () => undefined);
  const run = (statement: string) =>
    new Promise<void>((resolve, reject) => {
      connection.query(statement, (error) => (error ? reject(error) : resolve()));
    });
  const close = async () => connection.destroy();
  try {
    await run("set session transaction isolation level repeatable read");
    await run("start transaction read only");
    const query = connection.query({ sql: text, rowsAsArray: true, typeCast: cellText });
    let columns: string[] = [];
    query.on("fields", (fields: { name: string }[]) => {
      columns = fields.map(({ name }) => name);
    });
    const rows = query.stream({ highWaterMark: ROWS })[Symbol.asyncIterator]();
    const first = await rows.next();
    if (first.done === true) throw noRows();
    return { columns, batches: batchesOf(first.value, rows), close };
  } catch (error) {
    await close();
    throw queryError(error);
  }
}

async function* batchesOf(
  first: (string | null)[],
  rest: AsyncIterator<(string | null)[]>,
): AsyncGenerator<(string | null)[][], void, undefined> {
  try {
    let batch = [first];
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      batch.push(next.value);
      if (batch.length < ROWS) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  } catch (error) {
    throw queryError(error);
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
