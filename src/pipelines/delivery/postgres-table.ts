import type { RunStatement } from "../connections/open-postgres.ts";
import type { ColumnType, DeliveredColumn, DeliveredFile } from "./delivered-file.ts";
import { jsonKey } from "./postgres-rows.ts";
import { POSTGRES_NAMES as NAMES, qualified, quoteName, type TableName } from "./table-name.ts";
import { doubleKeys } from "./table-plan.ts";

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNIQUE_VIOLATION = "23505";

const TYPES: Record<Exclude<ColumnType, "decimal">, string> = {
  text: "text",
  number: "double precision",
  integer: "bigint",
  boolean: "boolean",
  date: "date",
  timestamp: "timestamp with time zone",
  datetime: "timestamp without time zone",
};

function typeOf({ type, precision, scale }: DeliveredColumn): string {
  return type === "decimal" ? `numeric(${precision ?? DIGITS}, ${scale ?? 0})` : TYPES[type];
}

const DIGITS = 38;

/** Names and types of a table's columns, the types as statements write them; null where there is no such table. */
export async function readColumns(run: RunStatement, table: TableName): Promise<Map<string, string> | null> {
  const [found] = await run("select to_regclass($1)::oid::text as id", [qualified(table, NAMES)]);
  const id = found?.["id"];
  if (typeof id !== "string") return null;
  const rows = await run(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
      where attrelid = $1::text::oid and attnum > 0 and not attisdropped`,
    [id],
  );
  return new Map(rows.map(({ name, type }) => [String(name), String(type)]));
}

/** Makes the table by the types of the file; key columns cannot be empty. */
export async function createTable(
  run: RunStatement,
  table: TableName,
  { columns }: Pick<DeliveredFile, "columns">,
  keys: readonly number[],
): Promise<Map<string, string>> {
  const definitions = columns.map(
    (column, index) => `${quoteName(column.name, NAMES)} ${typeOf(column)}${keys.includes(index) ? " not null" : ""}`,
  );
  await run(`create table ${qualified(table, NAMES)} (${definitions.join(", ")})`);
  return new Map(columns.map((column) => [column.name, typeOf(column)]));
}

/** Makes a unique index over the key columns unless one is there, and says whether it did: without it there is no upsert. */
export async function requireUniqueIndex(
  run: RunStatement,
  table: TableName,
  keys: readonly string[],
): Promise<boolean> {
  const present = await run(
    `select 1 as found from pg_index
      where indrelid = $1::text::regclass and indisunique and indisvalid and indpred is null and indexprs is null
        and (select array_agg(attname::text order by attname::text collate "C") from pg_attribute
          where attrelid = indrelid and attnum = any((indkey::int2[])[0:indnkeyatts - 1]))
          = (select array_agg(key order by key collate "C") from (select json_array_elements_text($2::text::json) as key) as keys)`,
    [qualified(table, NAMES), JSON.stringify(keys)],
  );
  if (present.length > 0) return false;
  const list = keys.map((key) => quoteName(key, NAMES)).join(", ");
  try {
    await run(`create unique index on ${qualified(table, NAMES)} (${list})`);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === UNIQUE_VIOLATION)
      throw doubleKeys(table.label, keys, error);
    throw error;
  }
}

/**
 * The statement that writes a chunk of `jsonChunks` given as `$1`, each value read as the type that its column has in the table. With keys,
 * a row that is there gets the new values, and of rows with the same key in one chunk the last one counts.
 */
export function insertStatement(
  table: TableName,
  { columns }: Pick<DeliveredFile, "columns">,
  types: ReadonlyMap<string, string>,
  keys: readonly number[],
): string {
  const names = columns.map(({ name }) => quoteName(name, NAMES));
  const cells = columns.map((_, index) => jsonKey(index));
  const record = columns.map(({ name }, index) => `${jsonKey(index)} ${types.get(name) ?? "text"}`);
  const rows = `json_to_recordset($1::text::json) as (${record.join(", ")})`;
  const into = `insert into ${qualified(table, NAMES)} (${names.join(", ")})`;
  if (keys.length === 0) return `${into} select ${cells.join(", ")} from ${rows.replace(" as (", " as cells (")}`;
  const keyCells = keys.map((key) => jsonKey(key)).join(", ");
  const updates = names.filter((_, index) => !keys.includes(index)).map((name) => `${name} = excluded.${name}`);
  return `${into} select distinct on (${keyCells}) ${cells.join(", ")}
    from rows from (${rows}) with ordinality as cells (${cells.join(", ")}, place) order by ${keyCells}, place desc
    on conflict (${keys.map((key) => names[key]).join(", ")}) do ${updates.length === 0 ? "nothing" : `update set ${updates.join(", ")}`}`;
}
