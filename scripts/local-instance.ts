import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { convertV4MiniflareOptions, Miniflare, Response } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { freePort } from "./free-port.ts";

const ROOT = resolve(import.meta.dirname, "..");
const STATIC = join(ROOT, "static");

/** Before this process sets anything itself. */
const GIVEN_SEALING_KEY = process.env["SEALING_KEY"];
/** On one machine, private addresses are where one's own receivers are, and more hosts than these share the same cores. */
const SETTINGS = {
  ALLOW_PRIVATE_NETWORK: process.env["ALLOW_PRIVATE_NETWORK"] ?? "1",
  BATCH_SHARDS: process.env["BATCH_SHARDS"] ?? "2",
  RECORDS_KEPT_DAYS: process.env["RECORDS_KEPT_DAYS"] ?? "90",
  EMAIL_API_URL: process.env["EMAIL_API_URL"] ?? "",
  EMAIL_API_KEY: process.env["EMAIL_API_KEY"] ?? "",
  EMAIL_FROM: process.env["EMAIL_FROM"] ?? "",
};

export interface LocalOptions {
  /** 0: any free port. */
  port: number;
  /** Where the store lies; it is made when it is missing. */
  dataDir: string;
  setupToken: string;
  /** A built Worker to run, as buildWorker makes it. */
  workerDir: string;
  /** Opens the debugger of the runtime there. */
  inspectorPort?: number;
}

export interface LocalInstance {
  url: string;
  /** Fires the cron trigger as Cloudflare does each minute. */
  tick: (scheduledTime: Date) => Promise<void>;
  /** The metadata store, for what only this process can know. */
  database: D1;
  stop: () => Promise<void>;
}

/** Bundles the Worker as it would be deployed, into `workerDir`. Takes some seconds. */
export async function buildWorker(workerDir: string): Promise<void> {
  await rm(workerDir, { recursive: true, force: true });
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  await promisify(execFile)(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", workerDir], {
    cwd: ROOT,
    env: {
      ...process.env,
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
      CI: "1",
      SETUP_TOKEN: "at-start",
      SEALING_KEY: "at-start",
    },
  });
}

/**
 * Runs the Worker on this machine with everything that it binds, and applies the migrations. The socket leads straight to the
 * Worker: that is what docs/decisions/0002-local-runner.md measured to be several times faster than `wrangler dev`.
 */
export async function startLocal(options: LocalOptions): Promise<LocalInstance> {
  await mkdir(options.dataDir, { recursive: true });
  // Wrangler warns of a secret that it does not find in the environment, and says so when it does.
  process.env["SETUP_TOKEN"] ??= options.setupToken;
  process.env["SEALING_KEY"] ??= "of the store";
  process.env["WRANGLER_LOG"] ??= "error";
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, "wrangler.toml"));
  const { assets: _assets, modulesRules: _modulesRules, ...bindings } = workerOptions;
  const socket = { host: "127.0.0.1", port: options.port === 0 ? await freePort() : options.port };
  const resourcePersistencePath = join(options.dataDir, "store");
  await migrate({ d1Databases: bindings.d1Databases, resourcePersistencePath });
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      ...bindings,
      name: "tiltyard",
      rootPath: ROOT,
      modulesRoot: options.workerDir,
      modules: await modulesOf(options.workerDir),
      bindings: Object.assign({}, bindings.bindings, SETTINGS, {
        SETUP_TOKEN: options.setupToken,
        SEALING_KEY: await sealingKey(options.dataDir),
      }),
      serviceBindings: { ASSETS: serveFile },
      unsafeDirectSockets: [socket],
      // The front door that Miniflare itself opens is not used; it takes any port.
      host: "127.0.0.1",
      port: 0,
      cf: false,
      ...(options.inspectorPort === undefined ? {} : { inspectorPort: options.inspectorPort }),
    }),
    resourcePersistencePath,
  });
  await miniflare.ready;
  const worker = await miniflare.getWorker();
  // Batch runs that were cut off when the machine stopped do not go on by themselves.
  await worker.scheduled({ cron: "@start", scheduledTime: new Date() });
  return {
    url: `http://127.0.0.1:${socket.port}`,
    tick: async (scheduledTime) => {
      await worker.scheduled({ cron: "* * * * *", scheduledTime });
    },
    database: await miniflare.getD1Database("DB"),
    stop: () => miniflare.dispose(),
  };
}

/** What seals the credentials of this store: given, or made once and kept beside it. */
async function sealingKey(dataDir: string): Promise<string> {
  if (GIVEN_SEALING_KEY) return GIVEN_SEALING_KEY;
  const file = join(dataDir, "sealing-key");
  if (existsSync(file)) return (await readFile(file, "utf8")).trim();
  const key = randomBytes(32).toString("base64url");
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return key;
}

async function modulesOf(workerDir: string) {
  const files = (await readdir(workerDir)).filter((file) => [".js", ".wasm"].includes(extname(file)));
  // The entry comes first.
  files.sort((one, other) => Number(other === "index.js") - Number(one === "index.js"));
  return files.map((file) => ({
    type: extname(file) === ".wasm" ? ("CompiledWasm" as const) : ("ESModule" as const),
    path: join(workerDir, file),
  }));
}

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/** Files of the static folder, by the same binding that serves them on Cloudflare. */
async function serveFile(request: {
  url: string;
  headers: { get: (name: string) => string | null };
}): Promise<Response> {
  const path = resolve(STATIC, `.${decodeURIComponent(new URL(request.url).pathname)}`);
  if (!path.startsWith(`${STATIC}/`) || !existsSync(path)) return new Response("not found", { status: 404 });
  const body = await readFile(path);
  const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`;
  const headers = { "content-type": TYPES[extname(path)] ?? "application/octet-stream", etag };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return new Response(body, { headers });
}

interface MetadataStore {
  d1Databases: unknown;
  resourcePersistencePath: string;
}

type D1 = Awaited<ReturnType<Miniflare["getD1Database"]>>;

/** Brings the metadata store up to date before anybody can ask: the Worker answers as soon as its socket is open. */
async function migrate({ d1Databases, resourcePersistencePath }: MetadataStore): Promise<void> {
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      name: "tiltyard",
      modules: true,
      script: "export default {}",
      // As the same package made them of wrangler.toml.
      d1Databases: d1Databases as Record<string, string>,
      host: "127.0.0.1",
      port: 0,
      cf: false,
    }),
    resourcePersistencePath,
  });
  try {
    await applyMigrations(await miniflare.getD1Database("DB"));
  } finally {
    await miniflare.dispose();
  }
}

/** Applies what of `migrations/` is not applied yet, in the table that `wrangler d1 migrations` keeps too. */
async function applyMigrations(db: D1): Promise<void> {
  await db.exec(
    "create table if not exists d1_migrations (id integer primary key autoincrement, name text unique, applied_at timestamp default current_timestamp not null)",
  );
  const { results } = await db.prepare("select name from d1_migrations").all<{ name: string }>();
  const done = new Set(results.map(({ name }) => name));
  const files = (await readdir(join(ROOT, "migrations"))).filter((file) => file.endsWith(".sql")).sort();
  for (const file of files.filter((name) => !done.has(name))) {
    const sql = await readFile(join(ROOT, "migrations", file), "utf8");
    const statements = sql.split("--> statement-breakpoint").map((statement) => statement.trim());
    await db.batch([
      ...statements.filter((statement) => statement !== "").map((statement) => db.prepare(statement)),
      db.prepare("insert into d1_migrations (name) values (?)").bind(file),
    ]);
  }
}
