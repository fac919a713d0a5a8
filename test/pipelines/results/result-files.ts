import { env } from "cloudflare:workers";
import {
  rangeKey,
  type ResultColumn,
  type ResultFile,
  type RunResult,
} from "../../../src/inference/batch/run-result.ts";
import { randomText } from "../../../src/lib/id.ts";

export interface WrittenFile {
  columns: ResultColumn[];
  /** With the line break at its end. */
  header: string;
  lines: string[];
}

/** A run whose files lie in the store, as a batch run leaves them. */
export async function writtenRun(
  files: (runId: string) => { main: WrittenFile; challenger?: WrittenFile },
): Promise<RunResult> {
  const runId = `run_${randomText(20)}`;
  const { main, challenger } = files(runId);
  return {
    runId,
    deploymentId: "dep_1",
    version: 3,
    at: Date.UTC(2026, 10, 23, 5),
    rows: main.lines.length,
    main: await put(runId, "main", main),
    challenger: challenger ? await put(runId, "challenger", challenger) : null,
    errors: { rows: 0, bytes: 22, ranges: [0] },
  };
}

async function put(
  runId: string,
  role: "main" | "challenger",
  { columns, header, lines }: WrittenFile,
): Promise<ResultFile> {
  const body = lines.map((line) => `${line}\n`).join("");
  const bytes = new TextEncoder().encode(body).length;
  if (bytes > 0) await env.STORE.put(rangeKey(runId, 0, role), body);
  return {
    columns,
    rows: lines.length,
    bytes: new TextEncoder().encode(header).length + bytes,
    ranges: [bytes],
    blocks: [],
  };
}

/** The id of a row, as the contract of result files has it. */
export function idOf(runId: string, row: number): string {
  return `b${runId.slice(4)}-${row.toString(36)}`;
}

export const ADDED: ResultColumn[] = [
  { name: "prediction_id", type: "text", role: "prediction_id" },
  { name: "prediction", type: "text", role: "prediction" },
  { name: "probability_no", type: "number", role: "probability" },
];

export function source(name: string, type: ResultColumn["type"]): ResultColumn {
  return { name, type, role: "source" };
}

export async function textOf(stream: Promise<ReadableStream<Uint8Array>>): Promise<string> {
  return new Response(await stream).text();
}
