import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LIMITS } from "../../src/config.ts";
import type { Task } from "../../src/engine/serving-plan.ts";
import { EXPECTATIONS } from "./zoo-expectations.ts";

export type Cell = string | number | null;

/** What another runtime gave for the asked rows, row-major; `data` may stop before the last of them. */
export interface KnownOutput {
  /** Values a row. */
  width: number;
  data: Cell[];
}

/** One model with the table it is tried on and, where they are known, the answers. */
export interface ZooCase {
  source: "golden" | "synthetic";
  task: Task;
  columns: string[];
  /** The training reference; the first `asked` rows are what is predicted. */
  rows: Cell[][];
  asked: number;
  target: string[] | null;
  mapping: Record<string, string[]> | null;
  outputs: Map<string, KnownOutput>;
  /** Probabilities that the file packs into a list of maps, by class in the file's order. */
  probabilities: KnownOutput | null;
  /** Largest absolute difference that is only rounding. */
  tolerance: number;
}

const cell = z
  .union([z.number(), z.string(), z.boolean()])
  .transform((value): Cell => (typeof value === "boolean" ? Number(value) : value));
const tensor = z.object({ type: z.string(), dims: z.array(z.number()), data: z.array(cell) });
const batch = z.object({
  inputs: z.record(z.string(), tensor),
  outputs: z.record(z.string(), tensor),
  targets: z.array(z.union([z.string(), z.number()])).optional(),
  zipmap_removed_probabilities: z.object({ probabilities: tensor }).optional(),
});
const golden = z.object({
  model: z.string(),
  kind: z.string(),
  mapping: z.array(z.object({ input: z.string(), columns: z.array(z.string()) })),
  golden: z.array(batch),
  golden_batch: batch.optional(),
});
const smoke = z.record(
  z.string(),
  z.object({
    node: z.object({
      inputs: z.array(z.string()).optional(),
      feed_dims: z.record(z.string(), z.array(z.number())).optional(),
      result: z.record(z.string(), z.object({ dims: z.array(z.number()), first: z.array(cell) })).optional(),
    }),
  }),
);

const ROUNDING = 1e-4;
const INT8_ROUNDING = 2e-3;
// More than one run of the trial, and no multiple of the batches of 2, 3 and 5 that some files fix.
const SYNTHETIC_ROWS = 23;

/** The cases of each model file: one for each set of golden rows, else one of synthetic rows. */
export function readZooCases(zooDir: string): Map<string, ZooCase[]> {
  const cases = new Map<string, ZooCase[]>();
  const folder = join(zooDir, "golden");
  const files = readdirSync(folder).filter(
    (file) => file.endsWith(".json") && !file.startsWith("drift_") && file !== "smoke.json",
  );
  for (const file of files.sort()) {
    const known = golden.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
    const model = known.model.slice(known.model.lastIndexOf("/") + 1);
    cases.set(model, [...(cases.get(model) ?? []), goldenCase(model, known)]);
  }
  const smokes = smoke.parse(JSON.parse(readFileSync(join(folder, "smoke.json"), "utf8")));
  for (const model of readdirSync(join(zooDir, "models"))) {
    if (EXPECTATIONS[model] && !cases.has(model)) cases.set(model, [syntheticCase(model, smokes[model]?.node ?? {})]);
  }
  return cases;
}

function taskOfKind(kind: string): Task {
  if (kind.includes("anomaly")) return "anomaly_detection";
  if (kind.includes("multiclass")) return "multiclass_classification";
  return kind.includes("binary") ? "binary_classification" : "regression";
}

function goldenCase(model: string, known: z.infer<typeof golden>): ZooCase {
  const { inputs, outputs, targets, zipmap_removed_probabilities: zipMap } = known.golden_batch ?? joined(known.golden);
  const mapped = known.mapping.map(({ input, columns }) => {
    const { dims, data } = inputs[input] ?? { dims: [0], data: [] };
    const width = data.length / (dims[0] ?? 1);
    // The multi-hot row of the recommender is told as one name for all of its columns.
    const names = columns.length === width ? columns : Array.from({ length: width }, (_, index) => `c${index}`);
    return { input, names, width, data };
  });
  const count = (mapped[0]?.data.length ?? 0) / (mapped[0]?.width ?? 1);
  const isNamed = mapped.every(
    ({ input, names }) => names.length === 1 && names[0]?.toLowerCase() === input.toLowerCase(),
  );
  return {
    source: "golden",
    task: taskOfKind(known.kind),
    columns: mapped.flatMap(({ names }) => names),
    rows: Array.from({ length: count }, (_, row) =>
      mapped
        .flatMap(({ data, width }) => data.slice(row * width, (row + 1) * width))
        .map((value) => (value === "NaN" ? null : value)),
    ),
    asked: count,
    target: targets?.map(String) ?? null,
    mapping:
      isNamed || mapped.length === 1 ? null : Object.fromEntries(mapped.map(({ input, names }) => [input, names])),
    outputs: new Map(Object.entries(outputs).map(([name, { data }]) => [name, { width: data.length / count, data }])),
    probabilities: zipMap ? { width: zipMap.probabilities.data.length / count, data: zipMap.probabilities.data } : null,
    tolerance: EXPECTATIONS[model]?.kind === "int8" ? INT8_ROUNDING : ROUNDING,
  };
}

/** Rows that were run one by one, as one batch. */
function joined(batches: z.infer<typeof batch>[]): z.infer<typeof batch> {
  const [first] = batches;
  if (!first) throw new Error("a golden file without rows");
  const together = (side: "inputs" | "outputs") =>
    Object.fromEntries(
      Object.entries(first[side]).map(([name, { type }]) => {
        const data = batches.flatMap((one) => one[side][name]?.data ?? []);
        return [name, { type, dims: [batches.length, data.length / batches.length], data }];
      }),
    );
  return { inputs: together("inputs"), outputs: together("outputs") };
}

/** Rows made as smoke.json was made, and its answers where the same rows can be fed; any four numbers for what nobody can load. */
function syntheticCase(model: string, node: z.infer<typeof smoke>[string]["node"]): ZooCase {
  const wanted = EXPECTATIONS[model];
  const feeds = Object.entries(node.feed_dims ?? { c: [2, wanted?.columns ?? 4] }).map(([input, dims]) => {
    const behindBatch = dims.slice(1).reduce((product, dim) => product * dim, 1);
    // No table is as wide as a picture: any will do to be told so.
    if (behindBatch > LIMITS.columnsMax) return { input, type: "float32[,4]", asked: 1, told: behindBatch, width: 4 };
    const isOneRow = dims.length === 1 && dims[0] === wanted?.columns;
    const told = isOneRow ? (dims[0] ?? 1) : behindBatch;
    const type = node.inputs?.find((text) => text.startsWith(`${input}: `))?.slice(input.length + 2) ?? "float32[,4]";
    return {
      input,
      type,
      asked: isOneRow ? 1 : (dims[0] ?? 1),
      told,
      width: openWidth(type) ? (wanted?.columns ?? told) : told,
    };
  });
  const isSame = feeds.every(({ told, width }) => told === width) && !wanted?.rowsInfluenceEachOther;
  const fed = feeds[0]?.asked ?? 2;
  const columns = feeds.flatMap(({ input, width }) => columnsOf(input, width));
  const isNamed = feeds.every(({ width }) => width === 1);
  return {
    source: "synthetic",
    task: wanted?.task ?? "regression",
    columns,
    rows: Array.from({ length: SYNTHETIC_ROWS }, (_, row) =>
      feeds.flatMap(({ type, width }) =>
        Array.from({ length: width }, (__, column) => synthetic(type, row * width + column)),
      ),
    ),
    asked: Math.min(fed, SYNTHETIC_ROWS),
    target: null,
    mapping:
      feeds.length === 1 || isNamed
        ? null
        : Object.fromEntries(feeds.map(({ input, width }) => [input, columnsOf(input, width)])),
    outputs: new Map(
      Object.entries(isSame ? (node.result ?? {}) : {}).map(([name, { dims, first }]) => [
        name,
        { width: dims.reduce((product, dim) => product * dim, 1) / fed, data: first },
      ]),
    ),
    probabilities: null,
    tolerance: ROUNDING,
  };
}

/** [a] alone and [a, b] with a free b leave the width to whoever feeds them. */
function openWidth(type: string): boolean {
  const dims = type.slice(type.indexOf("[") + 1, -1).split(",");
  return dims.length < 2 ? dims[0] === "" : dims.length === 2 && !/^\d+$/.test(dims[1] ?? "");
}

function columnsOf(input: string, width: number): string[] {
  return width === 1 ? [input] : Array.from({ length: width }, (_, index) => `${input}_${index}`);
}

function synthetic(type: string, index: number): Cell {
  if (type.startsWith("string")) return `word${index}`;
  return type.startsWith("float") ? Math.fround(((index * 7) % 13) / 13) : index % 2;
}
