import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Answer } from "../support/answer.ts";
import type { Cell, ZooCase } from "./zoo-cases.ts";
import { largestDifference } from "./zoo-compare.ts";
import type { ZooInstance } from "./zoo-instance.ts";

/** What became of a model on its way through the API. */
export interface Outcome {
  outcome: string;
  /** The sentence of a refusal or a failure. */
  reason: string | null;
  heapBytes: number | null;
  /** Against what another runtime gave; null where nothing could be compared. */
  difference: number | null;
  /** Numbers, labels and nulls that were compared. */
  compared: number;
  /** The codes of the report. */
  report: string[];
  /** Where it answers; null when it does not. */
  slug: string | null;
}

export interface ZooModel {
  file: string;
  zooDir: string;
  project: string;
  external: readonly string[];
}

/** Takes a model through all of it: experiment, reference, upload, trial, deployment, and predictions row by row and together. */
export async function tryThroughApi(instance: ZooInstance, model: ZooModel, zooCase: ZooCase): Promise<Outcome> {
  const nothing = { reason: null, heapBytes: null, difference: null, compared: 0, report: [], slug: null };
  const experiment = await created(instance, `/api/v1/projects/${model.project}/experiments`, {
    name: model.file.slice(0, 100),
    task: zooCase.task,
    ...(zooCase.target ? { target: TARGET } : {}),
  });
  const experimentId = experiment.text("id");
  const reference = new FormData();
  reference.set("reference", new Blob([csvOf(zooCase)], { type: "text/csv" }), "reference.csv");
  const versions = `/api/v1/experiments/${experimentId}/versions`;
  await created(instance, versions, reference);
  const uploaded = await instance.call("POST", `${versions}/1/models`, await uploadOf(model, zooCase));
  if (uploaded.status === 422) {
    if (uploaded.at("code") !== "model_refused") throw unexpected(uploaded);
    return { ...nothing, outcome: `refused: ${firstError(uploaded)}`, reason: uploaded.text("detail") };
  }
  if (uploaded.status !== 201) throw unexpected(uploaded);
  const modelId = uploaded.text("id");
  const tried = await instance.waitFor(`/api/v1/models/${modelId}`, "state", ["succeeded", "failed"]);
  if (tried.at("state") === "failed") {
    return { ...nothing, outcome: `fails: ${tried.text("error.code")}`, reason: tried.text("error.message") };
  }
  const deployment = await created(instance, `/api/v1/projects/${model.project}/deployments`, {
    name: model.file.slice(0, 100),
    experiment_id: experimentId,
    main: { version: 1, model_id: modelId },
    access: "project",
  });
  const slug = deployment.text("slug");
  const running = await instance.waitFor(`/api/v1/deployments/${slug}`, "deployed", ["deployed", "failed"]);
  if (running.at("deployed") !== "deployed") throw unexpected(running);
  const answers = await predictAll(instance, slug, zooCase);
  const { difference, compared } = largestDifference(zooCase, tried, answers);
  return {
    ...nothing,
    outcome: "predicts",
    heapBytes: Number(tried.at("heap_bytes")),
    difference,
    compared,
    report: codesOf(tried),
    slug,
  };
}

const TARGET = "target of the zoo";
const ROWS_PER_CALL = 1000;

/** Each asked row alone, and then all in one call. */
async function predictAll(
  instance: ZooInstance,
  slug: string,
  zooCase: ZooCase,
): Promise<{ alone: Answer[]; together: Answer }> {
  const path = `/api/v1/deployments/${slug}/predict`;
  const rows = zooCase.rows.slice(0, zooCase.asked).map((row) => featuresOf(zooCase, row));
  const alone: Answer[] = [];
  for (const features of rows) alone.push(await answered(instance, path, { features }));
  return { alone, together: await answered(instance, path, { rows: rows.slice(0, ROWS_PER_CALL) }) };
}

function featuresOf(zooCase: ZooCase, row: readonly Cell[]): Record<string, Cell> {
  return Object.fromEntries(zooCase.columns.map((name, index) => [name, row[index] ?? null]));
}

async function uploadOf({ file, zooDir, external }: ZooModel, { mapping }: ZooCase): Promise<FormData> {
  const form = new FormData();
  form.set("file", await blobOf(zooDir, file), file);
  for (const name of external) form.append("external", await blobOf(zooDir, name), name);
  if (mapping) form.set("mapping", JSON.stringify({ inputs: mapping }));
  return form;
}

async function blobOf(zooDir: string, file: string): Promise<Blob> {
  return new Blob([new Uint8Array(await readFile(join(zooDir, "models", file)))]);
}

function csvOf({ columns, rows, target }: ZooCase): string {
  const header = target ? [...columns, TARGET] : columns;
  const lines = rows.map((row, index) => (target ? [...row, target[index] ?? null] : row));
  return [header, ...lines].map((line) => line.map(csvCell).join(",")).join("\n");
}

function csvCell(value: Cell): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  return `"${value.replaceAll('"', '""')}"`;
}

async function created(instance: ZooInstance, path: string, body: object): Promise<Answer> {
  const answer = await instance.call("POST", path, body);
  if (answer.status !== 201) throw unexpected(answer);
  return answer;
}

async function answered(instance: ZooInstance, path: string, body: object): Promise<Answer> {
  const answer = await instance.call("POST", path, body);
  if (answer.status !== 200) throw unexpected(answer);
  return answer;
}

function firstError(answer: Answer): string {
  return codesOf(answer, "error")[0] ?? "without a report";
}

function codesOf(answer: Answer, level?: string): string[] {
  const report = answer.at("report");
  if (!Array.isArray(report)) return [];
  return report.flatMap((_, index) =>
    level === undefined || answer.at(`report.${index}.level`) === level ? [answer.text(`report.${index}.code`)] : [],
  );
}

function unexpected(answer: Answer): Error {
  return new Error(`answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 2000)}`);
}
