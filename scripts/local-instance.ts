import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { convertV4MiniflareOptions, Miniflare, Response } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { freePort } from "./free-port.ts";
import { localBindings, quietenWrangler } from "./local-bindings.ts";
import { prepareStore } from "./prepare-store.ts";

const ROOT = resolve(import.meta.dirname, "..");
const STATIC = join(ROOT, "static");

type D1 = Awaited<ReturnType<Miniflare["getD1Database"]>>;

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
  /** Whether the store had users when it was started. */
  hasUsers: boolean;
  /** The metadata store, for what only this process can know; null where the runner keeps it to itself. */
  database: D1 | null;
  stop: () => Promise<void>;
}

/** Bundles the Worker as it would be deployed, into `workerDir`. Takes some seconds. */
export async function buildWorker(workerDir: string): Promise<void> {
  await rm(workerDir, { recursive: true, force: true });
  quietenWrangler();
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  await promisify(execFile)(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", workerDir], {
    cwd: ROOT,
    env: { ...process.env, CI: "1" },
  });
}

/**
 * Runs the Worker on this machine with everything that it binds, and applies the migrations. The socket leads straight to the
 * Worker: that is what docs/decisions/0002-local-runner.md measured to be several times faster than `wrangler dev`.
 */
export async function startLocal(options: LocalOptions): Promise<LocalInstance> {
  await mkdir(options.dataDir, { recursive: true });
  quietenWrangler();
  // It says where it found the secrets.
  process.env["WRANGLER_LOG"] ??= "error";
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, "wrangler.toml"));
  const { assets: _assets, modulesRules: _modulesRules, ...bindings } = workerOptions;
  const socket = { host: "127.0.0.1", port: options.port === 0 ? await freePort() : options.port };
  const url = `http://127.0.0.1:${socket.port}`;
  const resourcePersistencePath = join(options.dataDir, "store");
  const { hasUsers } = await prepareStore(resourcePersistencePath, url);
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      ...bindings,
      name: "tiltyard",
      rootPath: ROOT,
      modulesRoot: options.workerDir,
      modules: await modulesOf(options.workerDir),
      bindings: Object.assign({}, bindings.bindings, await localBindings(options.dataDir, options.setupToken)),
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
    url,
    hasUsers,
    tick: async (scheduledTime) => {
      await worker.scheduled({ cron: "* * * * *", scheduledTime });
    },
    database: await miniflare.getD1Database("DB"),
    stop: () => miniflare.dispose(),
  };
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
