import { getTableColumns, is, SQL, sql } from "drizzle-orm";
import type { SQLiteInsertValue, SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Database } from "./db.ts";

/**
 * The statement that inserts `row` if `condition` holds at the moment of the write, so that two calls at once cannot both pass a check
 * that only one may pass. `returning` gives no row where the condition did not hold. Columns left out get their default, else null.
 * With `from` (tables, or json_each) there is a row for each of its rows of which the condition holds, and values may be its columns.
 */
export function insertWhere<T extends SQLiteTable>(
  db: Database,
  table: T,
  row: SQLiteInsertValue<T>,
  condition: SQL | undefined,
  from?: SQL,
) {
  const given: Record<string, unknown> = row;
  const values = Object.entries(getTableColumns(table)).map(([name, column]) => {
    const value = given[name] ?? column.default ?? null;
    return value === null || is(value, SQL) ? sql`${value}` : sql`${sql.param(value, column)}`;
  });
  const source = from ? sql` from ${from}` : sql``;
  return db.insert(table).select(sql`select ${sql.join(values, sql`, `)}${source} where ${condition ?? sql`true`}`);
}
