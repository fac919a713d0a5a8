import { describe, expect, inject, it } from "vitest";
import type { OpenedDatabase } from "../../../src/pipelines/connections/connection-input.ts";
import { deliver } from "../../../src/pipelines/delivery/deliver.ts";
import { deliverToPostgres } from "../../../src/pipelines/delivery/deliver-postgres.ts";
import { randomText } from "../../../src/lib/id.ts";
import { fileOf, newRun, refusalOf, SCORES, scores, scoresWith } from "./delivered.ts";
import { postgresTarget } from "./postgres-target.ts";

const target = postgresTarget();
const { sql, connection, to, tally, tableIsThere, notes } = target;

describe("a delivery that fails", () => {
  const killAll = async () => {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tiltyard' and datname = current_database()`;
  };

  it.each(["append", "replace", "upsert"] as const)(
    "leaves the table as it was when the connection is killed at any moment of %s",
    async (mode) => {
      const keys = mode === "upsert" ? { key_columns: ["id"] } : {};
      await deliver(to(mode, keys), connection, fileOf(SCORES, scores(100, 1)), newRun());
      for (const moment of [0, 1, 4, 9]) {
        const run = newRun();
        const killed = scoresWith(10_000, 2, async (batch) => {
          if (batch === moment) await killAll();
        });
        expect(await refusalOf(deliver(to(mode, keys), connection, killed, run))).toMatchObject({
          code: "unreachable",
          retryable: true,
          message: expect.stringMatching(/closed the connection\. Nothing was delivered\.$/),
        });
        expect(await tally()).toEqual({ rows: 100, scores: [1] });
        expect(await notes(run.id)).toBe(0);
      }
    },
  );

  it("holds all rows once after kills at later and later moments and as many attempts as it takes", async () => {
    const run = newRun();
    let failures = 0;
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const kills: Promise<void>[] = [];
      const rows = scoresWith(20_000, 1, async (batch) => {
        if (batch !== attempt * 2 || attempt === 11) return;
        // The first is sure to hit; the others race with what the delivery does next, the last ones with its commit.
        kills.push(killAll());
        if (attempt === 0) await Promise.all(kills);
      });
      const ended = await deliver(to("append"), connection, rows, run).then(
        () => "delivered",
        () => "failed",
      );
      await Promise.all(kills);
      if (ended === "failed") failures += 1;
      if (await tableIsThere()) expect(await tally()).toEqual({ rows: 20_000, scores: [1] });
    }
    expect(failures).toBeGreaterThan(0);
    expect(await tally()).toEqual({ rows: 20_000, scores: [1] });
    expect(await notes(run.id)).toBe(1);
  });

  it("says what to do about a column that is missing, a value that does not fit, and a file that ends early", async () => {
    await sql`create table ${sql(target.table)} (id integer, name text, score double precision)`;
    const missing = await refusalOf(deliver(to("append"), connection, fileOf(SCORES, scores(1, 1)), newRun()));
    expect(missing).toMatchObject({
      code: "schema_changed",
      retryable: false,
      message: expect.stringContaining('no column "churns"'),
    });
    await sql`alter table ${sql(target.table)} add column churns boolean`;
    const text = await refusalOf(deliver(to("append"), connection, fileOf(SCORES, [["x1", "a", 1, true]]), newRun()));
    expect(text).toMatchObject({ code: "bad_value", retryable: false, message: expect.stringContaining("x1") });
    const short = { ...fileOf(SCORES, scores(5, 1)), rowCount: 6 };
    expect(await refusalOf(deliver(to("append"), connection, short, newRun()))).toMatchObject({ code: "incomplete" });
    expect(await tally()).toEqual({ rows: 0, scores: [] });
  });

  it("names the rows that are there twice where an upsert finds some, and advises an upsert to others only", async () => {
    await sql`create table ${sql(target.table)} (id integer, name text, score double precision, churns boolean)`;
    await sql`insert into ${sql(target.table)} values (1, 'a', 1, true), (1, 'b', 1, true)`;
    const upsert = to("upsert", { key_columns: ["id"] });
    const attempt = (how: typeof upsert) => refusalOf(deliver(how, connection, fileOf(SCORES, scores(3, 2)), newRun()));
    expect(await attempt(upsert)).toMatchObject({
      code: "in_the_way",
      retryable: false,
      message: expect.stringMatching(/rows with the same "id"(?!.*upsert by).*Remove duplicates/),
    });
    await sql`delete from ${sql(target.table)} where name = 'b'`;
    await sql`create unique index on ${sql(target.table)} (id)`;
    expect(await attempt(to("append"))).toMatchObject({
      message: expect.stringMatching(/same key already exists .*upsert by the columns of that key/),
    });
    expect(await tally()).toEqual({ rows: 1, scores: [1] });
  });

  it("says which right is missing", async () => {
    const user = `reader_${randomText(8)}`;
    await sql.unsafe(`create role ${user} login password 'p'`);
    const reader: OpenedDatabase = {
      ...connection,
      settings: { ...connection.settings, user },
      secret: { password: "p" },
    };
    const refused = await refusalOf(deliver(to("append"), reader, fileOf(SCORES, scores(1, 1)), newRun()));
    expect(refused).toMatchObject({ code: "no_right", retryable: false, message: expect.stringContaining(user) });
  });

  it("waits for a locked table and a silent host for a bounded time only", async () => {
    await deliver(to("append"), connection, fileOf(SCORES, scores(1, 1)), newRun());
    const locked = sql.begin(async (other) => {
      await other`lock table ${other(target.table)} in access exclusive mode`;
      const limits = { connectMs: 2_000, statementMs: 300 };
      return refusalOf(deliverToPostgres(to("append"), connection, fileOf(SCORES, scores(1, 2)), newRun(), limits));
    });
    expect(await locked).toMatchObject({ code: "timeout", retryable: true });
    const silent: OpenedDatabase = {
      ...connection,
      settings: { ...connection.settings, host: "127.0.0.1", port: inject("silentPort") },
    };
    const began = Date.now();
    const refused = await refusalOf(
      deliverToPostgres(to("append"), silent, fileOf(SCORES, []), newRun(), { connectMs: 1_000, statementMs: 1_000 }),
    );
    expect(refused).toMatchObject({ code: "timeout", retryable: true });
    expect(Date.now() - began).toBeLessThan(4_000);
  });
});
