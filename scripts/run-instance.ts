import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { keptSecret } from "./kept-secret.ts";
import type { LocalInstance, LocalOptions } from "./local-instance.ts";
import { endStrayRuntime, forgetProcesses, noteProcesses } from "./runtime-process.ts";
import { runtimeSampler } from "./sample-runtime.ts";
import { type DemoResult, seedDemo } from "./seed-demo.ts";

const MINUTE_MS = 60_000;

/** A way to run the product on this machine. */
interface Runner {
  /** What starts it, for messages. */
  command: string;
  /** Where its store is unless DATA_DIR is set. */
  dataDir: string;
  /** Once, before the instances of a start: that of the seeding, and the one that stays. */
  prepare: (options: LocalOptions) => Promise<void>;
  start: (options: LocalOptions) => Promise<LocalInstance>;
}

/**
 * Sets everything up and runs it until a signal comes: migrations, secrets, on the first start the demo, cron each minute. Settings: PORT,
 * DATA_DIR, DEMO, SETUP_TOKEN, and those of localBindings. Prints where it is and how to sign in; refuses, with a reason, what cannot run.
 */
export async function runInstance(runner: Runner): Promise<void> {
  const port = portOf(process.env["PORT"] ?? "8787");
  const dataDir = resolve(process.env["DATA_DIR"] ?? runner.dataDir);
  await mkdir(dataDir, { recursive: true });
  try {
    await endStrayRuntime(dataDir);
    await requireFreePort(port, runner.command);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
  }
  const setupToken = await keptSecret(dataDir, "setup-token", process.env["SETUP_TOKEN"]);
  const options: LocalOptions = { port, dataDir, setupToken, workerDir: join(dataDir, "worker") };
  console.log("Building the Worker …");
  await runner.prepare(options);
  const demo = process.env["DEMO"] === "0" ? null : await demoOf(runner, options);
  const instance = await runner.start(options);
  await noteProcesses(dataDir);
  stopOnSignals(instance, dataDir, fireCron(instance, dataDir));
  console.log(demo ? demoText(instance.url, dataDir, demo) : plainText(instance, dataDir, setupToken));
}

function portOf(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    refuse(`PORT is "${text}", and must be a number up to 65535.`);
  return number;
}

async function requireFreePort(wanted: number, command: string): Promise<void> {
  const server = createServer();
  try {
    server.listen(wanted, "127.0.0.1");
    await once(server, "listening");
  } catch (cause) {
    throw new Error(
      `Port ${wanted} is not free. End what listens there, or choose another one: PORT=8788 ${command}.`,
      {
        cause,
      },
    );
  }
  server.close();
  await once(server, "close");
}

function refuse(message: string): never {
  console.error(message);
  process.exit(1);
}

/**
 * The demo of this store: seeded on the first start, through the public API and on a port of its own, so that /health on the
 * real one answers only when all is there. A store that somebody else set up has none.
 */
async function demoOf(runner: Runner, settings: LocalOptions): Promise<DemoResult | null> {
  const file = join(settings.dataDir, "demo.json");
  if (existsSync(file)) return JSON.parse(await readFile(file, "utf8"));
  if (existsSync(join(settings.dataDir, "store"))) {
    if (!existsSync(join(settings.dataDir, "seeding"))) return null;
    // The last start was stopped in the middle of seeding: half a demo is no demo.
    await rm(join(settings.dataDir, "store"), { recursive: true, force: true });
  }
  await writeFile(join(settings.dataDir, "seeding"), "");
  console.log("Seeding the demo: real weather, real flights, models trained on them …");
  const instance = await runner.start({ ...settings, port: 0 });
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

/** Fires the cron trigger at each full minute, as Cloudflare does, and looks at what the runtime uses. */
function fireCron(running: LocalInstance, dataDir: string): () => void {
  const look = running.database ? runtimeSampler(running.database) : null;
  const sample = (): void => {
    look?.().catch((error: unknown) => console.error("The runtime was not sampled:", error));
  };
  // What the first minute is measured from.
  sample();
  let timer: NodeJS.Timeout;
  const fire = (): void => {
    timer = setTimeout(fire, MINUTE_MS - (Date.now() % MINUTE_MS));
    running.tick(new Date()).catch((error: unknown) => console.error("The cron tick failed:", error));
    sample();
    // A reload ends the runtime and starts another one.
    noteProcesses(dataDir).catch((error: unknown) => console.error("The processes were not noted:", error));
  };
  timer = setTimeout(fire, MINUTE_MS - (Date.now() % MINUTE_MS));
  return () => clearTimeout(timer);
}

function stopOnSignals(running: LocalInstance, dataDir: string, stopCron: () => void): void {
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

function demoText(url: string, dataDir: string, demo: DemoResult): string {
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

function plainText({ url, hasUsers }: LocalInstance, dataDir: string, token: string): string {
  const setup = `
  Setup token  ${token}   (makes the first user at ${url}/setup, once)`;
  return `
Tiltyard is running.

  Open         ${url}${hasUsers ? "" : setup}

Stop with Ctrl+C; everything is kept in ${dataDir}.
`;
}
