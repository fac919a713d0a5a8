import { iso } from "../../lib/time.ts";
import type { DeliveredColumn, DeliveredFile, DeliveryRun } from "./delivered-file.ts";

/** What tells appended rows of one run from those of another. */
const RUN_COLUMNS: readonly DeliveredColumn[] = [
  { name: "run_id", type: "text" },
  { name: "predicted_at", type: "timestamp" },
  { name: "deployment_version", type: "integer" },
  { name: "model", type: "text" },
];

/** The columns of a run, named so that none of these names is taken: then with `tiltyard_` before it. */
export function runColumns(taken: readonly string[], folded: (name: string) => string): DeliveredColumn[] {
  const names = new Set(taken.map(folded));
  return RUN_COLUMNS.map(({ name, type }) => ({ name: names.has(folded(name)) ? `tiltyard_${name}` : name, type }));
}

/** The file with the columns of its run behind, those of them that `has` says. */
export function withRunColumns(
  file: DeliveredFile,
  { id, startedAtMs, version, model }: DeliveryRun,
  columns: readonly DeliveredColumn[],
  has: (index: number) => boolean,
): DeliveredFile {
  const cells = [id, iso(startedAtMs), version ?? null, model ?? null].filter((_, index) => has(index));
  return {
    ...file,
    columns: [...file.columns, ...columns.filter((_, index) => has(index))],
    async *rows() {
      for await (const batch of file.rows()) yield batch.map((row) => [...row, ...cells]);
    },
  };
}
