import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { loadDatabase } from "./load-stores.ts";

type Row = Record<string, unknown>;

beforeEach(async () => {
  await reset();
  await loadDatabase();
});

/** The rows of each table but those of the platform, in the order of their first column. */
async function allRows(): Promise<Map<string, Row[]>> {
  const tables = await env.DB.prepare(
    "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\' and name not like '\\_cf\\_%' escape '\\'",
  ).all<{ name: string }>();
  const names = tables.results.map(({ name }) => name).filter((name) => name !== "d1_migrations");
  const read = await env.DB.batch<Row>(names.map((name) => env.DB.prepare(`select * from "${name}" order by 1, 2`)));
  return new Map(names.map((name, index) => [name, read[index]?.results ?? []]));
}

describe("the newest migrations", () => {
  it("keep every row of every table of a filled database", async () => {
    const before = await allRows();
    expect([...before].filter(([, rows]) => rows.length === 0)).toEqual([]);
    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
    const after = await allRows();
    for (const [table, rows] of before) {
      expect([table, after.get(table)?.length]).toEqual([table, rows.length]);
      expect(after.get(table)).toMatchObject(rows);
    }
    expect((await env.DB.prepare("pragma foreign_key_check").all()).results).toEqual([]);
  });

  it("leave the audit log append-only, and what goes with a user still goes", async () => {
    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
    await expect(env.DB.prepare("update audit_entries set action = ''").run()).rejects.toThrow("append-only");
    await expect(env.DB.prepare("delete from audit_entries").run()).rejects.toThrow("append-only");
    await env.DB.prepare("delete from users").run();
    expect((await allRows()).get("sessions")).toEqual([]);
  });
});

it("D1 empties the tables that go with a dropped one, whatever the pragma says", async () => {
  const rebuild = [
    "PRAGMA foreign_keys=OFF",
    "CREATE TABLE __new_alerts AS SELECT * FROM alerts",
    "DROP TABLE alerts",
    "ALTER TABLE __new_alerts RENAME TO alerts",
    "PRAGMA foreign_keys=ON",
  ];
  await env.DB.batch(rebuild.map((statement) => env.DB.prepare(statement)));
  const rows = await allRows();
  const counts = ["alerts", "alert_incidents", "alert_deliveries"].map((table) => rows.get(table)?.length);
  expect(counts).toEqual([2, 0, 0]);
});
