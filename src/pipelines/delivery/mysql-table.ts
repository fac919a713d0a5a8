import type { MysqlSession } from "../connections/open-mysql.ts";
import type { ColumnType, DeliveredColumn, DeliveredFile } from "./delivered-file.ts";
import { DeliveryError } from "./delivery-error.ts";
import { MYSQL_NAMES as NAMES, qualified, quoteName, type TableName } from "./table-name.ts";
import { doubleKeys } from "./table-plan.ts";

/** https://mariadb.com/kb/en/mariadb-error-code-reference/ */
const DUPLICATE_ENTRY = 1062;

const TYPES: Record<Exclude<ColumnType, "decimal">, string> = {
  text: "mediumtext",
  number: "double",
  integer: "bigint",
  boolean: "boolean",
  date: "date",
  timestamp: "datetime(6)",
  datetime: "datetime(6)",
};

function typeOf({ type, precision, scale }: DeliveredColumn): string {
  return type === "decimal" ? `decimal(${precision ?? DIGITS}, ${scale ?? 0})` : TYPES[type];
}

const DIGITS = 38;

/** A key cannot be of a type without a length. */
const KEY_TEXT = "varchar(255)";

// Of these, half a delivery would stay when it fails.
const WITHOUT_TRANSACTIONS = new Set(["myisam", "aria", "memory", "csv", "archive"]);

/**
 * Types of a table's columns by their names in lower case; null where there is no such table. Throws for a table whose engine has no
 * transactions.
 */
export async function readColumns({ run }: MysqlSession, table: TableName): Promise<Map<string, string> | null> {
  const place = "table_schema = coalesce(?, database()) and table_name = ?";
  const [found] = await run(`select engine as engine from information_schema.tables where ${place}`, [
    table.schema,
    table.name,
  ]);
  if (!found) return null;
  const engine = String(found["engine"]);
  if (WITHOUT_TRANSACTIONS.has(engine.toLowerCase()))
    throw new DeliveryError(
      "schema_changed",
      `The table ${table.label} uses the engine ${engine}, which has no transactions. Change it to InnoDB, or deliver to another table.`,
    );
  const rows = await run(
    `select column_name as name, data_type as type from information_schema.columns where ${place}`,
    [table.schema, table.name],
  );
  return new Map(rows.map(({ name, type }) => [NAMES.folded(String(name)), String(type).toLowerCase()]));
}

/** Makes the table by the types of the file; key columns cannot be empty. Texts are compared byte by byte. */
export async function createTable(
  { run }: MysqlSession,
  table: TableName,
  { columns }: Pick<DeliveredFile, "columns">,
  keys: readonly number[],
): Promise<void> {
  const definitions = columns.map((column, index) => {
    const isKey = keys.includes(index);
    return `${quoteName(column.name, NAMES)} ${isKey && column.type === "text" ? KEY_TEXT : typeOf(column)}${isKey ? " not null" : ""}`;
  });
  await run(
    `create table if not exists ${qualified(table, NAMES)} (${definitions.join(", ")}) engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`,
  );
}

/** Makes a unique index over the key columns unless one is there, and says whether it did: without it there is no upsert. */
export async function requireUniqueIndex(
  { run }: MysqlSession,
  table: TableName,
  keys: readonly string[],
): Promise<boolean> {
  const rows = await run(
    `select index_name as name, column_name as key_column, sub_part as part from information_schema.statistics
      where table_schema = coalesce(?, database()) and table_name = ? and non_unique = 0`,
    [table.schema, table.name],
  );
  const indexes = new Map<string, string[]>();
  for (const { name, key_column: column, part } of rows) {
    const columns = indexes.get(String(name)) ?? [];
    // An index over the beginnings of texts holds other keys for double.
    indexes.set(String(name), [...columns, part === null ? String(column).toLowerCase() : ""]);
  }
  const wanted = keys
    .map((key) => key.toLowerCase())
    .sort()
    .join("\0");
  if ([...indexes.values()].some((columns) => columns.sort().join("\0") === wanted)) return false;
  const list = keys.map((key) => quoteName(key, NAMES)).join(", ");
  try {
    await run(`alter table ${qualified(table, NAMES)} add unique (${list})`);
    return true;
  } catch (error) {
    if (error instanceof Error && "errno" in error && error.errno === DUPLICATE_ENTRY)
      throw doubleKeys(table.label, keys, error);
    throw error;
  }
}

/**
 * The statement around a text of `valueLists`. With keys, a row that is there gets the new values; of two with the same key the last one
 * counts.
 */
export function insertStatement(
  table: TableName,
  { columns }: Pick<DeliveredFile, "columns">,
  keys: readonly number[],
): { before: string; after: string } {
  const names = columns.map(({ name }) => quoteName(name, NAMES));
  const before = `insert into ${qualified(table, NAMES)} (${names.join(", ")}) values `;
  if (keys.length === 0) return { before, after: "" };
  const updated = names.filter((_, index) => !keys.includes(index));
  const key = names[keys[0] ?? 0];
  const updates = updated.length === 0 ? [`${key} = ${key}`] : updated.map((name) => `${name} = values(${name})`);
  return { before, after: ` on duplicate key update ${updates.join(", ")}` };
}
