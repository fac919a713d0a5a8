import { env } from "cloudflare:workers";
import { and, eq, sql } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { auditedChange } from "../../src/audit/audited-change.ts";
import { auditEntries } from "../../src/audit/schema.ts";
import { database } from "../../src/db.ts";
import { insertWhere } from "../../src/insert-where.ts";
import { projects } from "../../src/projects/schema.ts";
import { startInstance } from "../support/instance.ts";

const NOW_MS = Date.UTC(2026, 10, 30);
const caller = { kind: "system" } as const;
const db = database(env);
const context = { db, caller, nowMs: NOW_MS };

let id = "";
beforeEach(async () => {
  await startInstance();
  id = `prj_${crypto.randomUUID()}`;
  await db.insert(projects).values({ id, slug: id, name: "before", createdBy: "nobody", createdAt: NOW_MS });
});

const change = (action: `${string}.${string}`) =>
  ({ projectId: id, action, object: { kind: "project", id, name: "a project" } }) as const;
const rename = (from: string, to: string) =>
  db
    .update(projects)
    .set({ name: to })
    .where(and(eq(projects.id, id), eq(projects.name, from)))
    .returning({ name: projects.name });
const nameNow = async () => (await db.select().from(projects).where(eq(projects.id, id)).get())?.name;
const logged = async () => {
  const rows = await db.select().from(auditEntries).where(eq(auditEntries.projectId, id)).orderBy(auditEntries.action);
  return rows.map(({ action }) => action);
};

describe("a change with its audit entry", () => {
  it("writes both, every entry of the change, and what follows", async () => {
    const describe = (happened: ReturnType<typeof sql>) => [
      db
        .update(projects)
        .set({ description: "renamed" })
        .where(and(eq(projects.id, id), happened)),
    ];
    const written = await auditedChange(
      context,
      rename("before", "after"),
      [change("project.rename"), change("project.tell")],
      describe,
    );
    expect(written).toEqual([{ name: "after" }]);
    expect(await logged()).toEqual(["project.rename", "project.tell"]);
    expect(await db.select().from(projects).where(eq(projects.id, id)).get()).toMatchObject({ description: "renamed" });
  });

  it("logs nothing and does nothing further where the guard did not hold", async () => {
    const remove = (happened: ReturnType<typeof sql>) => [
      db.delete(projects).where(and(eq(projects.id, id), happened)),
    ];
    const written = await auditedChange(context, rename("another name", "after"), change("project.rename"), remove);
    expect(written).toEqual([]);
    expect(await logged()).toEqual([]);
    expect(await nameNow()).toBe("before");
  });

  it("changes nothing where the entry cannot be written", async () => {
    // Cut between the two: the store refuses the entry after the change has been made.
    const refused = {
      ...change("project.rename"),
      object: { kind: "project", id: sql`null` as unknown as string, name: null },
    };
    await expect(auditedChange(context, rename("before", "after"), refused)).rejects.toThrow();
    expect(await nameNow()).toBe("before");
    expect(await logged()).toEqual([]);
  });

  it("logs nothing where what follows fails, and takes the change back", async () => {
    const fail = () => [
      db
        .insert(projects)
        .values({ id, slug: "another", name: "the id is taken", createdBy: "nobody", createdAt: NOW_MS }),
    ];
    await expect(auditedChange(context, rename("before", "after"), change("project.rename"), fail)).rejects.toThrow();
    expect([await nameNow(), await logged()]).toEqual(["before", []]);
  });
});

describe("a row that is inserted on a condition", () => {
  const row = (key: string) => ({ id: key, slug: key, name: "new", createdBy: "nobody", createdAt: NOW_MS });

  it("is written with its defaults where the condition holds, and returned", async () => {
    const key = `prj_${crypto.randomUUID()}`;
    const rows = await insertWhere(db, projects, row(key), sql`1 = 1`).returning();
    expect(rows).toEqual([{ ...row(key), description: "", deletedAt: null }]);
  });

  it("is not written where it does not", async () => {
    const key = `prj_${crypto.randomUUID()}`;
    expect(await insertWhere(db, projects, row(key), sql`1 = 0`).returning()).toEqual([]);
    expect(await db.select().from(projects).where(eq(projects.id, key)).get()).toBeUndefined();
  });
});
