import { DatabaseSync } from "node:sqlite";

export interface Migration {
  name: string;
  sql: string;
}

const HOW = "See docs/decisions/0008-storage-migrations.md.";

/**
 * What is wrong with migrations that drizzle-kit finds right, in sentences. Each is applied as D1 does it, in one transaction and with
 * foreign keys on, to tables that have a row each: it may lose no row and no trigger. Afterwards no CHECK may name words. Ends at the
 * first migration that cannot be applied.
 */
export function migrationLosses(migrations: readonly Migration[]): string[] {
  const db = new DatabaseSync(":memory:");
  // The rows that are made up here hold no words that a CHECK of an early migration allows.
  db.exec("pragma ignore_check_constraints = on");
  const losses: string[] = [];
  for (const migration of migrations) {
    inTransaction(db, () => fillTables(db));
    const [rows, triggers] = [rowsByTable(db), namesOf(db, "trigger")];
    try {
      inTransaction(db, () => db.exec(migration.sql));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return [...losses, `${migration.name} cannot be applied to tables that have rows: ${reason}. ${HOW}`];
    }
    losses.push(...lostRows(db, migration, rows), ...lostTriggers(db, migration, triggers));
  }
  return [
    ...losses,
    ...tablesWithWords(db).map((table) => `A CHECK of ${table} names words, which belong in code. ${HOW}`),
  ];
}

function lostRows(db: DatabaseSync, { name }: Migration, before: ReadonlyMap<string, number>): string[] {
  return [...rowsByTable(db)]
    .filter(([table, rows]) => rows < (before.get(table) ?? 0))
    .map(([table]) => `${name} loses the rows of ${table}. ${HOW}`);
}

function lostTriggers(db: DatabaseSync, { name, sql }: Migration, before: readonly string[]): string[] {
  const after = namesOf(db, "trigger");
  return before
    .filter((trigger) => !after.includes(trigger) && !/drop trigger/i.test(sql))
    .map((trigger) => `${name} loses the trigger ${trigger}. ${HOW}`);
}

/** Gives each empty table a row. All texts in it are the same, so that each row refers to a row of the other tables. */
function fillTables(db: DatabaseSync): void {
  db.exec("pragma defer_foreign_keys = on");
  for (const [table, rows] of rowsByTable(db)) {
    if (rows > 0) continue;
    const columns = db.prepare(`select name, type from pragma_table_info('${table}')`).all();
    const values = columns.map(({ type }) => (String(type).toLowerCase() === "text" ? "'x'" : "1"));
    db.exec(`insert into "${table}" values (${values.join(", ")})`);
  }
}

function rowsByTable(db: DatabaseSync): Map<string, number> {
  const counted = namesOf(db, "table").map((table): [string, number] => [
    table,
    Number(db.prepare(`select count(*) as rows from "${table}"`).get()?.["rows"]),
  ]);
  return new Map(counted);
}

function namesOf(db: DatabaseSync, type: "table" | "trigger"): string[] {
  const items = db.prepare("select name from sqlite_master where type = ? and name not like 'sqlite_%'").all(type);
  return items.map(({ name }) => String(name));
}

function tablesWithWords(db: DatabaseSync): string[] {
  const tables = db.prepare("select name, sql from sqlite_master where type = 'table'").all();
  return tables.filter(({ sql }) => /\bcheck\s*\([^\n]*'/i.test(String(sql))).map(({ name }) => String(name));
}

function inTransaction(db: DatabaseSync, act: () => void): void {
  db.exec("begin");
  try {
    act();
    db.exec("commit");
  } catch (error) {
    db.exec("rollback");
    throw error;
  }
}
