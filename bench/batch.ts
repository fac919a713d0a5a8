import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as ort from "onnxruntime-web";
import { z } from "zod";
import type { DemoApi } from "../demo/demo-api.ts";
import { median, shown, table } from "./figures.ts";
import { MODELS, type Project, type seedBench } from "./seed.ts";
import type { Server } from "./servers.ts";

/** The size of a real file of measurements. */
const ROWS = 280_512;
const COPIES = 10;
const ROUNDS = 3;
const BATCH_SIZES = [64, 250, 1_000, 4_000, 10_000];
const RAW_MS = 1_500;
// Each poll takes time from the one thread on which the run executes.
const POLL_MS = 200;
const MIB = 1_048_576;

const idAnswer = z.object({ id: z.string() });
const stateAnswer = z.object({ id: z.string(), state: z.string() });
const runAnswer = z.object({
  state: z.string(),
  rows_done: z.number(),
  files: z.object({ main: z.object({ bytes: z.number() }).nullable() }),
  error: z.object({ message: z.string() }).nullable(),
});

/** What was created for the batch runs, for other measurements. */
export interface BatchBench {
  url: string;
  project: Project;
  /** With the main model alone. */
  deployment: string;
  dataset: string;
  rows: number;
}

interface Timed {
  /** Seconds from the start of the run until the CSVs of its models are complete, and until it has ended, with Parquet. */
  csvSeconds: number;
  seconds: number;
  /** Of the main model's file. */
  bytes: number;
  /** Growth of the memory of all processes, bytes. */
  grownBytes: number;
}

/**
 * Batch runs end to end, from a CSV in R2 to the result files of both models there, compared with the model itself: the rows a second
 * that its `run()` answers at its best batch size, on the same machine and in the same minute.
 */
export async function measureBatch(
  server: Server,
  store: Server,
  project: Project,
  seeded: Awaited<ReturnType<typeof seedBench>>,
): Promise<{ text: string; bench: BatchBench }> {
  const [boosted, perceptron, large] = seeded.imported;
  if (!boosted || !perceptron || !large) throw new Error("three models are wanted");
  const csv = await manyRows(ROWS);
  const dataset = await uploadDataset(project, csv);
  const deployment = await seeded.deployedAs("Batch solo", boosted.id, null);
  const solo = await addPipeline(project, deployment, dataset);
  const both = await addPipeline(project, await seeded.deployedAs("Batch both", boosted.id, perceptron.id), dataset);
  const heavy = await addPipeline(project, await seeded.deployedAs("Batch large", large.id, null), dataset);
  // It loads the engine, whose memory is not that of a run.
  await timeRun(server, project.api, solo);
  const raw: number[] = [];
  const rawOfLarge: number[] = [];
  const limit: number[] = [];
  const timed: Record<"solo" | "both" | "heavy", Timed[]> = { solo: [], both: [], heavy: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    raw.push(await rawRowsPerSecond("boosted.onnx"));
    const run = await timeRun(server, project.api, solo);
    timed.solo.push(run);
    // The limit here: the model's own runs and writing the same bytes, on the same core.
    limit.push(ROWS / (ROWS / (raw.at(-1) ?? Number.NaN) + (await writeSeconds(store, run.bytes))));
    timed.both.push(await timeRun(server, project.api, both));
    rawOfLarge.push(await rawRowsPerSecond("boosted-large.onnx"));
    timed.heavy.push(await timeRun(server, project.api, heavy));
  }
  const many = await addPipeline(project, deployment, await uploadDataset(project, await manyRows(ROWS * COPIES)));
  const tenfold = await timeRun(server, project.api, many);
  const ofLimit = (rate: number): string => (rate / median(limit)).toFixed(2);
  const line = (name: string, rows: number, runs: readonly Timed[], alone = raw, ofLimitText = ofLimit): string[] => {
    const csvRate = rows / median(runs.map((run) => run.csvSeconds));
    const rate = rows / median(runs.map((run) => run.seconds));
    return [
      name,
      shown(rows),
      shown(csvRate),
      (csvRate / median(alone)).toFixed(2),
      ofLimitText(csvRate),
      shown(rate),
      (rate / median(alone)).toFixed(2),
      `${(Math.max(...runs.map((run) => run.grownBytes)) / MIB).toFixed(0)} MiB`,
    ];
  };
  const text = table(
    [
      "run",
      "rows",
      "rows/s to CSV",
      "to run()",
      "to the limit",
      "rows/s to CSV and Parquet",
      "to run()",
      "added memory",
    ],
    [
      ["`run()` of the main model alone, 100 trees", "", shown(median(raw)), "1.00", "", "", "", ""],
      [
        "the limit: `run()` and writing the same bytes",
        "",
        shown(median(limit)),
        (median(limit) / median(raw)).toFixed(2),
        "1.00",
        "",
        "",
        "",
      ],
      line("main", ROWS, timed.solo),
      line("main and challenger", ROWS, timed.both),
      line("main, ten times the rows", ROWS * COPIES, [tenfold]),
      ["`run()` of a large model alone, 500 trees", "", shown(median(rawOfLarge)), "1.00", "", "", "", ""],
      line("the large model", ROWS, timed.heavy, rawOfLarge, () => ""),
    ],
  );
  return { text, bench: { url: server.url, project, deployment, dataset, rows: ROWS } };
}

/** The rows of the models' reference, repeated, each with a unique number: 21 columns. */
async function manyRows(count: number): Promise<Blob> {
  const [header = "", ...rows] = (await readFile(join(MODELS, "reference.csv"), "utf8")).trim().split("\n");
  const features = (line: string) => line.split(",").slice(0, -1).join(",");
  const parts = [`number,${features(header)}\n`];
  let part = "";
  for (let row = 0; row < count; row += 1) {
    part += `${row},${features(rows[row % rows.length] ?? "")}\n`;
    if (part.length < MIB) continue;
    parts.push(part);
    part = "";
  }
  // Lets this thread see which connections the server has closed, before the next call.
  await pause(100);
  return new Blob([...parts, part], { type: "text/csv" });
}

const PART_BYTES = 32 * MIB;

async function uploadDataset({ api, slug }: Project, csv: Blob): Promise<string> {
  const path = `/api/v1/projects/${slug}/datasets/uploads`;
  const { id } = await api.post(path, idAnswer, { name: "Many rows", format: "csv" });
  for (let from = 0, part = 1; from < csv.size; from += PART_BYTES, part += 1)
    await api.put(`${path}/${id}/parts/${part}`, z.object({}), csv.slice(from, from + PART_BYTES, csv.type));
  await api.post(`${path}/${id}/complete`, idAnswer, {});
  for (;;) {
    const { state } = await api.get(`/api/v1/datasets/${id}`, stateAnswer);
    if (state === "succeeded") return id;
    if (state === "failed") throw new Error("the dataset was not read");
    await pause(200);
  }
}

async function addPipeline({ api, slug }: Project, deployment: string, dataset: string): Promise<string> {
  const { id } = await api.post(`/api/v1/projects/${slug}/pipelines`, idAnswer, {
    name: "Bench",
    deployment_id: deployment,
    source: { kind: "dataset", dataset_id: dataset },
    destinations: [],
    schedule: null,
    enabled: true,
  });
  return id;
}

async function timeRun(server: Server, api: DemoApi, pipeline: string): Promise<Timed> {
  const before = await server.rssBytes();
  const startedMs = performance.now();
  const { id } = await api.post(`/api/v1/pipelines/${pipeline}/runs`, idAnswer, {});
  let csvSeconds: number | null = null;
  let peak = before;
  for (;;) {
    const run = await api.get(`/api/v1/runs/${id}`, runAnswer);
    const seconds = (performance.now() - startedMs) / 1_000;
    peak = Math.max(peak, await server.rssBytes());
    if (run.files.main !== null) csvSeconds ??= seconds;
    if (run.state === "failed") throw new Error(run.error?.message);
    if (run.state === "succeeded")
      return {
        csvSeconds: csvSeconds ?? seconds,
        seconds,
        bytes: run.files.main?.bytes ?? 0,
        grownBytes: peak - before,
      };
    await pause(POLL_MS);
  }
}

/** Seconds that R2 takes for this many bytes, in objects of the size of a range's lines. */
async function writeSeconds(store: Server, bytes: number): Promise<number> {
  const body = JSON.stringify({ bytes, objects: Math.ceil(ROWS / 10_000) });
  const response = await fetch(store.url, { method: "POST", body });
  return z.number().parse(await response.json()) / 1_000;
}

/** Rows that a model answers in a second, in runs of its best size, with the same engine on one thread. */
async function rawRowsPerSecond(file: string): Promise<number> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(new Uint8Array(await readFile(join(MODELS, file))));
  const [input = ""] = session.inputNames;
  const features = 20;
  let best = 0;
  for (const size of BATCH_SIZES) {
    const data = Float32Array.from({ length: size * features }, (_, index) => Math.sin(index) * 4);
    const tensor = new ort.Tensor("float32", data, [size, features]);
    const names = session.outputNames.filter((name) => !/seq|zip/i.test(name));
    await session.run({ [input]: tensor }, names);
    const startedMs = performance.now();
    let rows = 0;
    while (performance.now() - startedMs < RAW_MS / BATCH_SIZES.length) {
      await session.run({ [input]: tensor }, names);
      rows += size;
    }
    best = Math.max(best, rows / ((performance.now() - startedMs) / 1_000));
  }
  await session.release();
  return best;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
