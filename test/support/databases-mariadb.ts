import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { userInfo } from "node:os";
import type { DatabaseServer } from "./databases.ts";

// Where Debian, Homebrew and tarballs put the server and the SQL of its system tables.
const SERVERS = ["/usr/sbin/mariadbd", "/usr/sbin/mysqld", "/usr/local/sbin/mariadbd", "/opt/homebrew/bin/mariadbd"];
const SHARES = ["/usr/share/mysql", "/usr/share/mariadb", "/opt/homebrew/share/mysql"];
const SYSTEM_TABLES = ["mysql_system_tables.sql", "mariadb_system_tables.sql"];
const READY_MS_MAX = 30_000;

/** Starts a MariaDB of its own in `folder`; null where none is installed. The user is its superuser. */
export async function startMariaDb(folder: string, port: number): Promise<DatabaseServer | null> {
  const server = SERVERS.find(existsSync);
  const tables = SHARES.flatMap((share) => SYSTEM_TABLES.map((file) => join(share, file))).find(existsSync);
  if (server === undefined || tables === undefined) return null;
  const data = join(folder, "mariadb");
  mkdirSync(data);
  const common = ["--no-defaults", `--datadir=${data}`, `--user=${userInfo().username}`];
  const made = spawnSync(server, [...common, "--bootstrap"], {
    input: `create database mysql;\nuse mysql;\n${readFileSync(tables, "utf8")}`,
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(`MariaDB could not be set up: ${made.stderr}`);
  const password = "password of the tests";
  const start = join(folder, "mariadb.sql");
  writeFileSync(
    start,
    `create user tests@'%' identified by '${password}';\ngrant all on *.* to tests@'%' with grant option;\ncreate database tests;\n`,
  );
  const child = spawn(
    server,
    [
      ...common,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      `--socket=${join(folder, "mariadb.sock")}`,
      `--pid-file=${join(folder, "mariadb.pid")}`,
      `--init-file=${start}`,
      "--skip-name-resolve",
      "--innodb-flush-log-at-trx-commit=0",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  await ready(child);
  const stop = async () => {
    const closed = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGTERM");
    await closed;
  };
  return { address: { host: "127.0.0.1", port, database: "tests", user: "tests", password, tls: false }, stop };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`MariaDB was not ready in ${READY_MS_MAX / 1_000} s: ${log}`));
    }, READY_MS_MAX);
    child.stderr?.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-10_000);
      if (!log.includes("ready for connections")) return;
      clearTimeout(timer);
      resolve();
    });
    child.once("close", () => {
      clearTimeout(timer);
      reject(new Error(`MariaDB did not start: ${log}`));
    });
  });
}
