import { describe, expect, it } from "vitest";
import { addConnection, addDataset, rowsOf } from "../pipeline-fixtures.ts";
import { HOOK, rivals, connections, usePipelinesProject, create, refusedPaths } from "./pipelines-project.ts";

usePipelinesProject();

describe("what does not fit is refused with its path:", () => {
  const refusals: [string, () => Record<string, unknown>, string][] = [
    ["no name", () => ({ name: " " }), "name"],
    ["no deployment", () => ({ deployment_id: "dep_none" }), "deployment_id"],
    ["another project's deployment", () => ({ deployment_id: rivals.id }), "deployment_id"],
    ["an unknown kind of source", () => ({ source: { kind: "ftp" } }), "source.kind"],
    ["no dataset", () => ({ source: { kind: "dataset", dataset_id: "dst_none" } }), "source.dataset_id"],
    ["a query without SQL", () => ({ source: { kind: "query", connection_id: connections.mysql } }), "source.sql"],
    [
      "a query of a store",
      () => ({ source: { kind: "query", connection_id: connections.s3, sql: "select 1" } }),
      "source.connection_id",
    ],
    [
      "an object of a database",
      () => ({ source: { kind: "object", connection_id: connections.mysql, key: "a.csv" } }),
      "source.connection_id",
    ],
    [
      "a query of no connection",
      () => ({ source: { kind: "query", connection_id: "con_none", sql: "select 1" } }),
      "source.connection_id",
    ],
    ["a URL that may not be called", () => ({ source: { kind: "url", url: "http://169.254.169.254/" } }), "source.url"],
    ["a URL that is none", () => ({ source: { kind: "url", url: "file:///etc/passwd" } }), "source.url"],
    [
      "a cron expression of six fields",
      () => ({ schedule: { cron: "0 0 6 * * 1", timezone: "UTC" } }),
      "schedule.cron",
    ],
    ["no time zone", () => ({ schedule: { cron: "0 6 * * 1" } }), "schedule.timezone"],
    ["an unknown time zone", () => ({ schedule: { cron: "0 6 * * 1", timezone: "Mars/Base" } }), "schedule.timezone"],
    ["an offset for a time zone", () => ({ schedule: { cron: "0 6 * * 1", timezone: "+02:00" } }), "schedule.timezone"],
    [
      "a schedule that has ended",
      () => ({ schedule: { cron: "0 6 * * 1", timezone: "UTC", ends_at: "2020-01-01T00:00:00Z" } }),
      "schedule.ends_at",
    ],
    [
      "a period without a slot",
      () => ({
        schedule: {
          cron: "0 6 * * *",
          timezone: "UTC",
          starts_at: "2040-01-01T06:00:01Z",
          ends_at: "2040-01-02T06:00:00Z",
        },
      }),
      "schedule.ends_at",
    ],
    [
      "a time that is none",
      () => ({ schedule: { cron: "0 6 * * 1", timezone: "UTC", starts_at: "tomorrow" } }),
      "schedule.starts_at",
    ],
    [
      "a webhook that may not be called",
      () => ({ notify: { webhook_url: "http://[fe80::1]/" } }),
      "notify.webhook_url",
    ],
    ["e-mail where no provider is set", () => ({ notify: { email: "ada@example.org" } }), "notify.email"],
    ["both at once", () => ({ notify: { ...HOOK, email: "ada@example.org" } }), "notify"],
    [
      "eleven destinations",
      () => ({ destinations: Array.from({ length: 11 }, () => ({ connection_id: connections.http })) }),
      "destinations",
    ],
  ];

  it.each(refusals)("%s", async (_, wanted, refused) => {
    const answer = await create(wanted());
    expect(await refusedPaths(answer)).toEqual([422, refused]);
    expect(answer.text("detail").length).toBeGreaterThan(15);
    expect(await rowsOf("pipelines")).toEqual([]);
  });

  const destinations: [string, () => Record<string, unknown>, string][] = [
    ["no connection", () => ({ connection_id: "con_none" }), "connection_id"],
    ["a database without a table", () => ({ connection_id: connections.postgres, mode: "append" }), "table"],
    ["a table without a mode", () => ({ connection_id: connections.postgres, table: "t" }), "mode"],
    ["an unknown mode", () => ({ connection_id: connections.postgres, table: "t", mode: "merge" }), "mode"],
    ["an upsert without keys", () => ({ connection_id: connections.mysql, table: "t", mode: "upsert" }), "key_columns"],
    [
      "keys without an upsert",
      () => ({ connection_id: connections.mysql, table: "t", mode: "append", key_columns: ["id"] }),
      "key_columns",
    ],
    // PostgreSQL cuts names at 63 bytes, MySQL takes 64 characters.
    ["a long name", () => ({ connection_id: connections.postgres, table: "t".repeat(64), mode: "append" }), "table"],
    [
      "our own ledger",
      () => ({ connection_id: connections.mysql, table: "tiltyard_deliveries", mode: "append" }),
      "table",
    ],
    [
      "a table in a store",
      () => ({ connection_id: connections.s3, key_pattern: "a", format: "csv", table: "t" }),
      "table",
    ],
    ["a store without a key", () => ({ connection_id: connections.s3, format: "csv" }), "key_pattern"],
    ["a store without a format", () => ({ connection_id: connections.s3, key_pattern: "a.csv" }), "format"],
    ["dots in a key", () => ({ connection_id: connections.s3, key_pattern: "../a.csv", format: "csv" }), "key_pattern"],
    [
      "a key that is too long",
      () => ({ connection_id: connections.s3, key_pattern: "k".repeat(1_025), format: "csv" }),
      "key_pattern",
    ],
    ["a key for an address", () => ({ connection_id: connections.http, key_pattern: "a.csv" }), "key_pattern"],
    ["a challenger where there is none", () => ({ connection_id: connections.http, challenger: true }), "challenger"],
  ];

  it.each(destinations)("a destination with %s", async (_, wanted, refused) => {
    const answer = await create({ destinations: [{ connection_id: connections.http }, wanted()] });
    expect(await refusedPaths(answer)).toEqual([422, `destinations[1].${refused}`]);
  });

  it("all of it at once", async () => {
    const answer = await create({
      source: { kind: "dataset", dataset_id: "dst_none" },
      destinations: [{ connection_id: "con_none" }, { connection_id: connections.postgres }],
    });
    expect(await refusedPaths(answer)).toEqual([
      422,
      "source.dataset_id",
      "destinations[0].connection_id",
      "destinations[1].table",
      "destinations[1].mode",
    ]);
  });

  it("what belongs to another project", async () => {
    const { owner, project } = rivals;
    const [foreignStore, foreignDataset] = [
      await addConnection(owner, project, "s3"),
      await addDataset(owner, project),
    ];
    const answer = await create({
      source: { kind: "dataset", dataset_id: foreignDataset },
      destinations: [{ connection_id: foreignStore, key_pattern: "a.csv", format: "csv" }],
    });
    expect(await refusedPaths(answer)).toEqual([422, "source.dataset_id", "destinations[0].connection_id"]);
  });
});
