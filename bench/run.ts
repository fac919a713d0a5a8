import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../scripts/free-port.ts";
import { buildWorker } from "../scripts/local-instance.ts";
import { measureBatch } from "./batch.ts";
import { measureDelivery } from "./delivery.ts";
import { measureFirstAnswers } from "./first-answer.ts";
import { measureFolding } from "./folding.ts";
import { measureImports } from "./imports.ts";
import { MODELS, seedBench, SETUP_TOKEN, setUp, type Target } from "./seed.ts";
import { type Server, startServer } from "./servers.ts";
import { type Contender, measureThroughput } from "./throughput.ts";

/**
 * `npm run bench`, or `node bench/run.ts <part> …` for some of the parts. BENCH_ROUNDS and BENCH_SECONDS set how long the
 * throughput is measured, ZOO_DIR names more models to import. docs/benchmarks.md says how to read the tables.
 */
const PARTS = ["throughput", "first-answer", "imports", "folding", "batch"];
const parts = process.argv.slice(2);
const unknown = parts.find((part) => !PARTS.includes(part));
if (unknown !== undefined) throw new Error(`Unknown part "${unknown}". Parts: ${PARTS.join(", ")}.`);
const wants = (part: string): boolean => parts.length === 0 || parts.includes(part);

const rounds = Number(process.env["BENCH_ROUNDS"] ?? "5");
const seconds = Number(process.env["BENCH_SECONDS"] ?? "3");
const FRESH_DEPLOYMENTS = 5;
const RESTARTS = 3;

const folder = await mkdtemp(join(tmpdir(), "tiltyard-bench-"));
const dataDir = join(folder, "instance");
const workerDir = join(folder, "worker");
const running: Server[] = [];
try {
  console.error("Installing the peer and building the Worker …");
  if (wants("throughput")) await installPeer();
  await buildWorker(workerDir);
  const text = await runParts();
  const [processor] = cpus();
  console.log(
    `\n${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${processor?.model}), machine load ${loadavg()[0]?.toFixed(1)}\n\n${text}`,
  );
} finally {
  for (const server of running) await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function runParts(): Promise<string> {
  const sections: string[] = [];
  if (wants("folding")) {
    sections.push(`## Counting records into windows\n\n${measureFolding()}`, await runFoldingCost());
    if (parts.length === 1) return sections.join("\n\n");
  }
  // Restarts keep the address: the project's client and every target hold it.
  const port = await freePort();
  const startOurs = (): Promise<Server> =>
    started("tiltyard-server.ts", { port, dataDir, setupToken: SETUP_TOKEN, workerDir });
  let ours = await startOurs();
  const project = await setUp(ours.url);
  const seeded = await seedBench(project);
  if (wants("imports")) {
    console.error("Importing models …");
    sections.push(
      `## Import of models\n\n${await measureImports(project, seeded.imported, process.env["ZOO_DIR"] ?? null)}`,
    );
  }
  if (wants("first-answer")) {
    console.error("Measuring first answers …");
    const fresh: Target[] = [];
    for (let index = 0; index < FRESH_DEPLOYMENTS; index += 1) fresh.push(await seeded.deployAnother(`Fresh ${index}`));
    const restart = async (): Promise<Server> => {
      await stop(ours);
      ours = await startOurs();
      return ours;
    };
    const order = { fresh, server: ours, restart, restarts: RESTARTS, rows: seeded.rows };
    sections.push(`## First answers\n\n${await measureFirstAnswers(order)}`);
  }
  if (wants("batch")) {
    console.error("Measuring batch runs …");
    const { text, bench } = await measureBatch(
      ours,
      await started("store-server.ts", { dataDir: join(folder, "store") }),
      project,
      seeded,
    );
    console.error("Measuring deliveries …");
    sections.push(`## Batch runs\n\n${text}\n\n${await measureDelivery(bench)}`);
  }
  if (wants("throughput")) {
    console.error("Measuring throughput …");
    sections.push(`## Throughput\n\n${await runThroughput(ours, seeded)}`);
  }
  return sections.join("\n\n");
}

async function runThroughput(
  ours: Server,
  { rows, both, solo }: Awaited<ReturnType<typeof seedBench>>,
): Promise<string> {
  const noop = await started("noop-server.ts", {});
  const columns = Object.keys(rows[0] ?? {});
  const models = { main: join(MODELS, "boosted.onnx"), challenger: join(MODELS, "perceptron.onnx") };
  const peer = await started("peer-server.js", {
    ...models,
    columns,
    inserts: true,
    dataFile: join(folder, "peer.sqlite"),
  });
  const barePeer = await started("peer-server.js", {
    ...models,
    challenger: null,
    columns,
    inserts: false,
    dataFile: ":memory:",
  });
  const call = (server: Server, { path, key }: Target) => ({
    server,
    path,
    headers: { authorization: `Bearer ${key}` },
  });
  const contenders: Contender[] = [
    { name: "no-op RPC", server: noop, path: "/", headers: {} },
    { name: "Tiltyard, main and challenger, recorded", ...call(ours, both) },
    { name: "Tiltyard, main, recorded", ...call(ours, solo) },
    { name: "Fastify, main and challenger, an insert each", server: peer, path: "/predict", headers: {} },
    { name: "Fastify, main, nothing recorded", server: barePeer, path: "/predict", headers: {} },
  ];
  const [yardstick, withChallenger, withoutChallenger] = contenders.map(({ name }) => name);
  return measureThroughput({
    contenders,
    yardstick: yardstick ?? "",
    withChallenger: withChallenger ?? "",
    withoutChallenger: withoutChallenger ?? "",
    dataDir,
    rows,
    rounds,
    seconds,
  });
}

/** Two instances of the same Worker; one never counts its records while calls arrive. */
async function runFoldingCost(): Promise<string> {
  console.error("Measuring what counting costs callers …");
  const quietDir = join(folder, "worker-without-counting");
  await cp(workerDir, quietDir, { recursive: true });
  const entry = join(quietDir, "index.js");
  const source = await readFile(entry, "utf8");
  const marker = /get isDue\(\) \{/;
  if (!marker.test(source)) throw new Error("The built Worker has no isDue that could be switched off.");
  await writeFile(entry, source.replace(marker, "get isDue() { return false;"));
  const contenderOf = async (name: string, dir: string) => {
    const settings = { port: 0, dataDir: join(folder, name), setupToken: SETUP_TOKEN, workerDir: dir };
    const server = await started("tiltyard-server.ts", settings);
    const { both, rows } = await seedBench(await setUp(server.url));
    const contender = { name, server, path: both.path, headers: { authorization: `Bearer ${both.key}` } };
    return { contender, rows };
  };
  const off = await contenderOf("counting off", quietDir);
  const on = await contenderOf("counting on", workerDir);
  const text = await measureThroughput({
    contenders: [off.contender, on.contender],
    yardstick: off.contender.name,
    withChallenger: on.contender.name,
    withoutChallenger: off.contender.name,
    dataDir: join(folder, on.contender.name),
    rows: on.rows,
    rounds,
    seconds,
  });
  await stop(off.contender.server);
  await stop(on.contender.server);
  return text;
}

async function started(file: string, settings: object): Promise<Server> {
  const server = await startServer(file, settings);
  running.push(server);
  return server;
}

async function stop(server: Server): Promise<void> {
  running.splice(running.indexOf(server), 1);
  await server.stop();
}

/** The peer is installed separately, so that the product's install stays small. */
async function installPeer(): Promise<void> {
  if (existsSync(join(import.meta.dirname, "node_modules/fastify"))) return;
  await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: import.meta.dirname });
}
