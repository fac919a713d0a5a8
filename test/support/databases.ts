import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { freePort } from "../../scripts/free-port.ts";
import { startMariaDb } from "./databases-mariadb.ts";
import { startPostgres } from "./databases-postgres.ts";
import { startStore, type StoreAddress } from "./databases-s3.ts";
import { testFilesOf } from "./test-files.ts";

/** Where a database of the tests is, and as whom to sign in: a user who may do everything there. */
export interface DatabaseAddress {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  tls: boolean;
}

export interface DatabaseServer {
  address: DatabaseAddress;
  stop(): Promise<void>;
}

declare module "vitest" {
  export interface ProvidedContext {
    postgres: DatabaseAddress;
    /** null: no MariaDB or MySQL was found. */
    mysql: DatabaseAddress | null;
    store: StoreAddress;
    /** Takes connections and never says a word. */
    silentPort: number;
    /** Nobody listens there. */
    closedPort: number;
  }
}

/** Only these tests ask for databases: runs of other files do not wait for them. */
const NEEDED_BY = /\/test\/(pipelines\/|cases\/delivered-)/;

/**
 * For vitest's `globalSetup`: real database servers on free ports in a temporary folder, or those at TEST_POSTGRES_URL and TEST_MYSQL_URL.
 * What it started ends with the run.
 */
export default async function startDatabases(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const testFiles = await testFilesOf(project);
  if (!testFiles.some((file) => NEEDED_BY.test(file.replaceAll("\\", "/")))) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "tiltyard-databases-"));
  // PostgreSQL runs as a user of its own when root starts it.
  chmodSync(folder, 0o755);
  const { TEST_POSTGRES_URL, TEST_MYSQL_URL } = process.env;
  const [postgres, mysql, store, silent] = await Promise.all([
    TEST_POSTGRES_URL ? elsewhere(TEST_POSTGRES_URL, 5_432) : freePort().then((port) => startPostgres(folder, port)),
    TEST_MYSQL_URL ? elsewhere(TEST_MYSQL_URL, 3_306) : freePort().then((port) => startMariaDb(folder, port)),
    startStore(),
    listen(),
  ]);
  project.provide("postgres", postgres.address);
  project.provide("mysql", mysql?.address ?? null);
  project.provide("store", store.address);
  project.provide("silentPort", portOf(silent));
  project.provide("closedPort", await freePort());
  return async () => {
    silent.close();
    await Promise.all([postgres.stop(), mysql?.stop(), store.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
}

function elsewhere(text: string, defaultPort: number): DatabaseServer {
  const url = new URL(text);
  const address = {
    host: url.hostname,
    port: Number(url.port || defaultPort),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    tls: url.searchParams.get("tls") === "true",
  };
  return { address, stop: () => Promise.resolve() };
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    // A connection that a test leaves open does not hold the run.
    const server = createServer((socket) => socket.on("error", () => socket.destroy()).unref());
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
    server.unref();
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
  return address.port;
}
