import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { buildWorker, type LocalInstance, type LocalOptions, startLocal } from "./local-instance.ts";
import { endStrayRuntime, forgetProcesses, noteProcesses } from "./runtime-process.ts";
import { runtimeSampler } from "./sample-runtime.ts";
import { type DemoResult, seedDemo } from "./seed-demo.ts";

/** `npm start`: the whole product on this machine. Settings: PORT, DATA_DIR, DEMO, SETUP_TOKEN. */
const port = portOf(process.env["PORT"] ?? "8787");
const dataDir = resolve(process.env["DATA_DIR"] ?? ".tiltyard");
const wantsDemo = process.env["DEMO"] !== "0";
const MINUTE_MS = 60_000;

await mkdir(dataDir, { recursive: true });
try {
  await endStrayRuntime(dataDir);
  await requireFreePort(port);
} catch (error) {
  refuse(error instanceof Error ? error.message : String(error));
}
const options: LocalOptions = { port, dataDir, setupToken: await setupToken(), workerDir: join(dataDir, "worker") };
console.log("Building the Worker …");
await buildWorker(options.workerDir);
const demo = wantsDemo ? await demoOf(options) : null;
const instance = await startLocal(options);
await renewOrigins(instance);
await noteProcesses(dataDir);
stopOnSignals(instance, fireCron(instance));
console.log(demo ? demoText(instance.url, demo) : await plainText(instance, options.setupToken));

function portOf(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    refuse(`PORT is "${text}", and must be a number up to 65535.`);
  return number;
}

async function requireFreePort(wanted: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(wanted, "127.0.0.1");
    await once(server, "listening");
  } catch (cause) {
    throw new Error(`Port ${wanted} is not free. End what listens there, or choose another one: PORT=8788 npm start.`, {
      cause,
    });
  }
  server.close();
  await once(server, "close");
}

function refuse(message: string): never {
  console.error(message);
  process.exit(1);
}

/** The token with which the first user is made: given, or made once and kept. */
async function setupToken(): Promise<string> {
  const given = process.env["SETUP_TOKEN"];
  if (given) return given;
  const file = join(dataDir, "setup-token");
  if (existsSync(file)) return (await readFile(file, "utf8")).trim();
  const token = randomBytes(24).toString("base64url");
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/**
 * The demo of this store: seeded on the first start, through the public API and on a port of its own, so that /health on the
 * real one answers only when all is there. A store that somebody else set up has none.
 */
async function demoOf(settings: LocalOptions): Promise<DemoResult | null> {
  const file = join(settings.dataDir, "demo.json");
  if (existsSync(file)) return JSON.parse(await readFile(file, "utf8"));
  if (existsSync(join(settings.dataDir, "store"))) {
    if (!existsSync(join(settings.dataDir, "seeding"))) return null;
    // The last start was stopped in the middle of seeding: half a demo is no demo.
    await rm(join(settings.dataDir, "store"), { recursive: true, force: true });
  }
  await writeFile(join(settings.dataDir, "seeding"), "");
  console.log("Seeding the demo: real weather, real flights, models trained on them …");
  const instance = await startLocal({ ...settings, port: 0 });
  try {
    const result = await seedDemo({
      baseUrl: instance.url,
      setupToken: settings.setupToken,
      log: (line) => console.log(`  ${line}`),
    });
    await writeFile(file, JSON.stringify(result, null, 2), { mode: 0o600 });
    await rm(join(settings.dataDir, "seeding"));
    return result;
  } finally {
    await instance.stop();
  }
}

/** Links in messages about runs lead to the port of this start, and not to that of seeding or of an earlier start. */
async function renewOrigins({ url, database }: LocalInstance): Promise<void> {
  const onThisMachine = "http://127.0.0.1:%";
  await database.prepare("update pipelines set origin = ? where origin like ?").bind(url, onThisMachine).run();
}

/** Fires the cron trigger at each full minute, as Cloudflare does, and looks at what the runtime uses. */
function fireCron(running: LocalInstance): () => void {
  const look = runtimeSampler(running.database);
  const sample = (): void => {
    look().catch((error: unknown) => console.error("The runtime was not sampled:", error));
  };
  // What the first minute is measured from.
  sample();
  let timer: NodeJS.Timeout;
  const fire = (): void => {
    timer = setTimeout(fire, MINUTE_MS - (Date.now() % MINUTE_MS));
    running.tick(new Date()).catch((error: unknown) => console.error("The cron tick failed:", error));
    sample();
  };
  timer = setTimeout(fire, MINUTE_MS - (Date.now() % MINUTE_MS));
  return () => clearTimeout(timer);
}

function stopOnSignals(running: LocalInstance, stopCron: () => void): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    stopCron();
    await running.stop();
    await forgetProcesses(dataDir);
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Miniflare listens too, and would end the process before everything has stopped.
    process.removeAllListeners(signal);
    process.on(signal, () => void stop());
  }
}

function demoText(url: string, demo: DemoResult): string {
  const body = JSON.stringify({ features: demo.exampleFeatures }).replaceAll("'", String.raw`'\''`);
  return `
Tiltyard is running.

  Open      ${url}
  Sign in   ${demo.email}   ${demo.password}
  API key   ${demo.apiKey}
  Form      ${url}/f/${demo.deploymentSlug}

  curl -s ${url}/api/v1/deployments/${demo.deploymentSlug}/predict -H 'authorization: Bearer ${demo.apiKey}' -H 'content-type: application/json' -d '${body}'

Stop with Ctrl+C; everything is kept in ${dataDir}.
`;
}

async function plainText({ url, database }: LocalInstance, token: string): Promise<string> {
  const hasUsers = (await database.prepare("select 1 from users limit 1").all()).results.length > 0;
  const setup = `
  Setup token  ${token}   (makes the first user at ${url}/setup, once)`;
  return `
Tiltyard is running.

  Open         ${url}${hasUsers ? "" : setup}

Stop with Ctrl+C; everything is kept in ${dataDir}.
`;
}
