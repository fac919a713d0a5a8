import { afterEach, describe, expect, inject, it, vi } from "vitest";
import postgres from "postgres";
import { randomText } from "../../../src/lib/id.ts";
import type { OpenedConnection, OpenedDatabase } from "../../../src/pipelines/connections/connection-input.ts";
import { testConnection } from "../../../src/pipelines/connections/test-connection.ts";

interface Change {
  settings?: Partial<OpenedDatabase["settings"]>;
  password?: string;
}

function verdictOf(kind: OpenedDatabase["kind"], { settings = {}, password }: Change = {}) {
  const server = inject(kind) ?? inject("postgres");
  const { password: right, ...rest } = server;
  return testConnection({
    id: "con_1",
    kind,
    settings: { ...rest, ...settings },
    secret: { password: password ?? right },
  });
}

function no(...words: string[]): unknown {
  return { ok: false, detail: expect.stringMatching(new RegExp(words.join(".*"))) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(["postgres", "mysql"] as const)("a test of a %s connection", (kind) => {
  const isMissing = inject(kind) === null;
  const local = { host: "127.0.0.1" };

  it.skipIf(isMissing)("says who is signed in where", async () => {
    const { user, database } = inject(kind) ?? inject("postgres");
    expect(await verdictOf(kind)).toEqual({
      ok: true,
      detail: expect.stringContaining(`Signed in to ${database} as ${user}`),
    });
  });

  it.skipIf(isMissing)("tells a wrong password from an unknown database", async () => {
    const refused = await verdictOf(kind, { password: "p4ssw0rd of nobody" });
    expect(refused).toEqual(no("password of .* is wrong"));
    expect(refused.detail).not.toContain("p4ssw0rd");
    expect(await verdictOf(kind, { settings: { database: "nowhere" } })).toEqual(
      no("The server has no database nowhere"),
    );
  });

  it.skipIf(isMissing)("says when the server has no TLS", async () => {
    expect(await verdictOf(kind, { settings: { tls: true } })).toEqual(
      no("The encrypted connection", "turn encryption off"),
    );
  });

  it("says when nobody listens, and when nobody answers, within seconds", async () => {
    const began = Date.now();
    expect(await verdictOf(kind, { settings: { ...local, port: inject("closedPort") } })).toEqual(
      no("No answer from 127.0.0.1"),
    );
    expect(Date.now() - began).toBeLessThan(4_500);
    expect(await verdictOf(kind, { settings: { ...local, port: inject("silentPort") } })).toEqual(
      no("did not answer within 5 s"),
    );
    expect(Date.now() - began).toBeLessThan(15_000);
  });
});

describe("a test that reaches another kind of server", () => {
  const local = { host: "127.0.0.1", database: "d", user: "u" };

  it.skipIf(inject("mysql") === null).each([true, false])(
    "says that MariaDB is there, not PostgreSQL (encrypted: %s)",
    async (tls) => {
      const { port } = inject("mysql") ?? inject("postgres");
      expect(await verdictOf("postgres", { settings: { ...local, port, tls } })).toEqual(
        no("is a MySQL or MariaDB server, not PostgreSQL"),
      );
    },
  );

  it.each([true, false])("says that a web server is there, not PostgreSQL (encrypted: %s)", async (tls) => {
    const port = Number(new URL(inject("store").endpoint).port);
    expect(await verdictOf("postgres", { settings: { ...local, port, tls } })).toEqual(
      no("is a web server, not PostgreSQL"),
    );
  });

  it("says that PostgreSQL may be there, not MariaDB", async () => {
    expect(await verdictOf("mysql", { settings: { ...local, port: inject("postgres").port, tls: false } })).toEqual(
      no("MySQL or MariaDB is there"),
    );
  });
});

describe("a test of the right to write", () => {
  it("says that a user of PostgreSQL may only read", async () => {
    const { password, ...settings } = inject("postgres");
    const sql = postgres({ ...settings, password, ssl: settings.tls, max: 1, onnotice: () => undefined });
    const user = `reader_${randomText(8)}`;
    await sql.unsafe(`create role ${user} login password 'p'`);
    expect(await verdictOf("postgres", { settings: { user }, password: "p" })).toEqual(
      no(user, "no right to create tables"),
    );
    await sql.end({ timeout: 0 });
  });

  it.skipIf(inject("mysql") === null)(
    "says that a user of MariaDB may only read, and makes no table to find out",
    async () => {
      const { createConnection } = await import("mysql2/promise");
      const { tls: _, ...server } = inject("mysql") ?? inject("postgres");
      const sql = await createConnection({ ...server, disableEval: true });
      const user = `reader_${randomText(8)}`;
      await sql.query(`create user ${user}@'%' identified by 'p'`);
      await sql.query(`grant select on ${server.database}.* to ${user}@'%'`);
      expect(await verdictOf("mysql", { settings: { user }, password: "p" })).toEqual(
        no(user, "no right to create tables"),
      );
      const [tables] = await sql.query("show tables like '%deliveries\\_%'");
      expect(tables).toEqual([]);
      await sql.end();
    },
  );
});

describe("a test of a store", () => {
  const { endpoint, bucket, accessKeyId, secretAccessKey } = inject("store");
  const verdictOfStore = (change: object = {}, secret = secretAccessKey) =>
    testConnection({
      id: "con_1",
      kind: "s3",
      settings: { endpoint, region: "auto", bucket, access_key_id: accessKeyId, ...change },
      secret: { secret_access_key: secret },
    });

  it("writes an object and deletes it", async () => {
    const calls = vi.spyOn(globalThis, "fetch");
    expect(await verdictOfStore()).toEqual({
      ok: true,
      detail: `An object was written to ${bucket} and deleted again.`,
    });
    expect(calls.mock.calls.map(([request]) => request instanceof Request && request.method)).toEqual([
      "PUT",
      "DELETE",
    ]);
  });

  it("tells a wrong key from an unknown bucket and from an endpoint where nobody is", async () => {
    expect(await verdictOfStore({}, "another")).toEqual(no("access key or its secret is wrong"));
    expect(await verdictOfStore({ bucket: "elsewhere" })).toEqual(no("has no bucket elsewhere"));
    expect(await verdictOfStore({ endpoint: `http://127.0.0.1:${inject("closedPort")}` })).toEqual(
      no("No answer from"),
    );
  });

  it("is not content with a web server that takes anything", async () => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("<html>"));
    expect(await verdictOfStore()).toEqual(no("not as an S3 store does"));
  });

  it("says when the key may not write", async () => {
    const denied = "<Error><Code>AccessDenied</Code></Error>";
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(denied, { status: 403 }));
    expect(await verdictOfStore()).toEqual(no("has no right to do this in the bucket"));
  });
});

describe("a test of an http receiver", () => {
  const connection: OpenedConnection = {
    id: "con_1",
    kind: "http",
    settings: { url: "https://hooks.example.org/secret-path" },
    secret: { signing_key: "k" },
  };

  it("sends an empty message and says what came back", async () => {
    const calls = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("thanks"));
    expect(await testConnection(connection)).toEqual({
      ok: true,
      detail: "hooks.example.org accepted a signed message.",
    });
    expect(new Headers(calls.mock.calls[0]?.[1]?.headers).get("x-tiltyard-event")).toBe("test");
    calls.mockImplementation(async () => new Response("secret words", { status: 500 }));
    const refused = await testConnection(connection);
    expect(refused).toEqual(no("hooks.example.org answered 500"));
    expect(refused.detail).not.toContain("secret");
  });
});
