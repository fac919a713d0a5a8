import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import postgres from "postgres";
import { z } from "zod";
import { freePort } from "../scripts/free-port.ts";
import { startPostgres } from "../test/support/databases-postgres.ts";
import type { BatchBench } from "./batch.ts";
import { median, shown, table } from "./figures.ts";

const ROUNDS = 3;

const idAnswer = z.object({ id: z.string() });
const runAnswer = z.object({
  state: z.string(),
  step: z.string().nullable(),
  error: z.object({ message: z.string() }).nullable(),
});

/**
 * The same rows into a new table of the same PostgreSQL: by a delivery, from the first check of the destination to its note in the
 * table of deliveries, and by `\copy` of the run's file.
 */
export async function measureDelivery(bench: BatchBench): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tiltyard-delivery-"));
  await chmod(folder, 0o755);
  const server = await startPostgres(folder, await freePort());
  const { address } = server;
  const sql = postgres({ ...address, username: address.user, max: 1, onnotice: () => undefined });
  try {
    const delivered: number[] = [];
    const copied: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { seconds, file } = await timeDelivery(bench, address, `delivered_${round}`, join(folder, "main.csv"));
      delivered.push(bench.rows / seconds);
      await sql.unsafe(`create table copied_${round} (like delivered_${round})`);
      copied.push(bench.rows / (await timeCopy(sql, address, `copied_${round}`, file)));
    }
    const copy = (await hasPsql()) ? "`psql \\copy`" : "`COPY FROM STDIN` (no psql here)";
    return table(
      ["into PostgreSQL", "rows", "rows/s", "ratio"],
      [
        [copy, shown(bench.rows), shown(median(copied)), "1.00"],
        ["a delivery", shown(bench.rows), shown(median(delivered)), (median(delivered) / median(copied)).toFixed(2)],
      ],
    );
  } finally {
    await sql.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Address {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
}

async function timeDelivery(
  { project, deployment, dataset, url }: BatchBench,
  { host, port, database, user, password }: Address,
  name: string,
  file: string,
): Promise<{ seconds: number; file: string }> {
  const { api, slug } = project;
  const connection = await api.post(`/api/v1/projects/${slug}/connections`, idAnswer, {
    name,
    kind: "postgres",
    settings: { host, port, database, user, tls: false },
    secret: { password },
  });
  const made = await api.post(`/api/v1/projects/${slug}/pipelines`, idAnswer, {
    name,
    deployment_id: deployment,
    source: { kind: "dataset", dataset_id: dataset },
    destinations: [{ connection_id: connection.id, table: name, mode: "append" }],
    schedule: null,
    enabled: true,
  });
  const { id } = await api.post(`/api/v1/pipelines/${made.id}/runs`, idAnswer, {});
  let startedMs: number | null = null;
  for (;;) {
    const run = await api.get(`/api/v1/runs/${id}`, runAnswer);
    if (run.step === "delivering") startedMs ??= performance.now();
    if (run.state === "failed") throw new Error(run.error?.message);
    if (run.state === "succeeded") {
      const seconds = (performance.now() - (startedMs ?? performance.now())) / 1_000;
      const { headers } = project;
      const response = await fetch(`${url}/api/v1/runs/${id}/files/main`, { headers });
      if (!response.body) throw new Error("the file is empty");
      await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file));
      return { seconds, file };
    }
    await new Promise((next) => setTimeout(next, 10));
  }
}

async function timeCopy(sql: postgres.Sql, address: Address, name: string, file: string): Promise<number> {
  const startedMs = performance.now();
  if (await hasPsql()) {
    const { host, port, database, user, password } = address;
    const command = `\\copy ${name} from '${file}' with (format csv, header)`;
    const env = { ...process.env, PGPASSWORD: password };
    await promisify(execFile)("psql", ["-h", host, "-p", String(port), "-U", user, database, "-c", command], { env });
  } else {
    const target = await sql.unsafe(`copy ${name} from stdin with (format csv, header)`).writable();
    await pipeline(createReadStream(file, { highWaterMark: 1_048_576 }), target);
  }
  return (performance.now() - startedMs) / 1_000;
}

function hasPsql(): Promise<boolean> {
  return promisify(execFile)("psql", ["--version"]).then(
    () => true,
    () => false,
  );
}
