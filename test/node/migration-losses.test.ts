import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type Migration, migrationLosses } from "../../scripts/migration-losses.ts";

const FOLDER = resolve(import.meta.dirname, "../../migrations");
const MIGRATIONS: Migration[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".sql"))
  .sort()
  .map((name) => ({ name, sql: readFileSync(join(FOLDER, name), "utf8") }));

/** What the migrations lose with one more at the end. */
function lossesWith(sql: string): string[] {
  return migrationLosses([...MIGRATIONS, { name: "new.sql", sql }]);
}

/** What drizzle-kit writes for a change that SQLite cannot make in place. */
function rebuild(table: string): string {
  const all = MIGRATIONS.map(({ sql }) => sql).join("\n");
  const created = all.match(new RegExp(`^CREATE TABLE \`${table}\` \\([^;]*;`, "gm"))?.at(-1) ?? "";
  const columns = [...created.matchAll(/^\t`(\w+)`/gm)].map(([, column]) => `"${column}"`).join(", ");
  return `PRAGMA foreign_keys=OFF;
${created.replace(`\`${table}\``, `\`__new_${table}\``)}
INSERT INTO \`__new_${table}\`(${columns}) SELECT ${columns} FROM \`${table}\`;
DROP TABLE \`${table}\`;
ALTER TABLE \`__new_${table}\` RENAME TO \`${table}\`;
PRAGMA foreign_keys=ON;`;
}

describe("the check of the migrations", () => {
  it("finds nothing that today's migrations lose", () => {
    expect(migrationLosses(MIGRATIONS)).toEqual([]);
  });

  it("refuses drizzle-kit's rebuild of a table whose rows others go with", () => {
    expect(lossesWith(rebuild("alerts"))).toEqual([
      expect.stringMatching(/^new\.sql loses the rows of alert_incidents\./),
      expect.stringMatching(/^new\.sql loses the rows of alert_deliveries\./),
    ]);
    expect(lossesWith(rebuild("users"))).toHaveLength(4);
  });

  it("refuses drizzle-kit's rebuild of a table that others refer to", () => {
    expect(lossesWith(rebuild("deployments"))).toEqual([
      expect.stringMatching(/^new\.sql cannot be applied to tables that have rows: FOREIGN KEY constraint failed/),
    ]);
  });

  it("refuses a rebuild that takes the triggers of the table along", () => {
    expect(lossesWith(rebuild("audit_entries"))).toEqual([
      expect.stringContaining("loses the trigger audit_entries_no_update"),
      expect.stringContaining("loses the trigger audit_entries_no_delete"),
    ]);
  });

  it("takes a rebuild of a table that nothing refers to", () => {
    expect(lossesWith(rebuild("dataset_parts"))).toEqual([]);
  });

  it("takes a rebuild by hand that keeps the rows of all tables it empties", () => {
    const byHand = `PRAGMA defer_foreign_keys = on;
      CREATE TABLE kept_projects AS SELECT * FROM projects;
      CREATE TABLE kept_members AS SELECT * FROM members;
      DROP TABLE projects;
      CREATE TABLE projects (id text PRIMARY KEY, slug text, name text, description text, createdBy text, createdAt integer, deletedAt integer);
      INSERT INTO projects SELECT * FROM kept_projects;`;
    expect(lossesWith(byHand)).toEqual([expect.stringContaining("loses the rows of members")]);
    expect(lossesWith(`${byHand} INSERT INTO members SELECT * FROM kept_members;`)).toEqual([]);
  });

  it("refuses a NOT NULL column without a default, and a CHECK that names words", () => {
    expect(lossesWith("ALTER TABLE runs ADD note text NOT NULL;")).toEqual([
      expect.stringContaining("Cannot add a NOT NULL column"),
    ]);
    expect(lossesWith("CREATE TABLE notes (kind text,\n\tCHECK(kind in ('long', 'short')));")).toEqual([
      expect.stringMatching(/^A CHECK of notes names words/),
    ]);
  });
});
