import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { type ImportedModel, importModel, type Project, createVersion } from "./seed.ts";

/** The inputs of a model of the zoo: the first rows, tensor by tensor, from a file in `golden/`. */
const goldenFile = z.object({
  model: z.string(),
  kind: z.string(),
  mapping: z.array(z.object({ input: z.string(), columns: z.array(z.string()) })),
  golden_batch: z.object({
    inputs: z.record(z.string(), z.object({ data: z.array(z.union([z.string(), z.number(), z.boolean()])) })),
  }),
});
type Golden = z.output<typeof goldenFile>;

export interface ZooResult {
  name: string;
  imported: ImportedModel | null;
  /** Why it was refused, or null. */
  refusal: string | null;
}

/** Imports every model of the zoo that has a golden file, in sequence, with the golden rows as its reference. */
export async function importZoo(project: Project, zooDir: string): Promise<ZooResult[]> {
  const results: ZooResult[] = [];
  const files = (await readdir(join(zooDir, "golden"))).filter((file) => file.endsWith(".json")).sort();
  for (const file of files) {
    const parsed = goldenFile.safeParse(JSON.parse(await readFile(join(zooDir, "golden", file), "utf8")));
    if (parsed.success) results.push(await importOne(project, zooDir, basename(file, ".json"), parsed.data));
  }
  return results;
}

async function importOne(project: Project, zooDir: string, name: string, golden: Golden): Promise<ZooResult> {
  const mapping = JSON.stringify({
    inputs: Object.fromEntries(golden.mapping.map(({ input, columns }) => [input, columns])),
  });
  try {
    const version = await createVersion(project, name.slice(0, 100), taskOf(golden.kind), null, csvOf(golden));
    return {
      name,
      imported: { ...(await importModel(project, version, join(zooDir, golden.model), mapping)), name },
      refusal: null,
    };
  } catch (error) {
    return { name, imported: null, refusal: error instanceof Error ? error.message : String(error) };
  }
}

function taskOf(kind: string): string {
  if (/anomaly/i.test(kind)) return "anomaly_detection";
  if (/multiclass/i.test(kind)) return "multiclass_classification";
  return /binary|spam|fraud/i.test(kind) ? "binary_classification" : "regression";
}

/** The golden rows as CSV: the columns of all inputs side by side. */
function csvOf({ mapping, golden_batch: { inputs } }: Golden): string {
  const columns = new Map<string, string[]>();
  for (const { input, columns: names } of mapping) {
    const data = inputs[input]?.data ?? [];
    names.forEach((name, position) =>
      columns.set(name, data.filter((_, index) => index % names.length === position).map(cellOf)),
    );
  }
  const count = Math.max(...[...columns.values()].map((cells) => cells.length));
  const lines = Array.from({ length: count }, (_, row) =>
    [...columns.values()].map((cells) => cells[row] ?? "").join(","),
  );
  return [[...columns.keys()].map(quoted).join(","), ...lines].join("\n");
}

function cellOf(value: string | number | boolean): string {
  return value === "NaN" ? "" : quoted(String(value));
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
