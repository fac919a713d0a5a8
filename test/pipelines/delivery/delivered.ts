import type { DeliveredColumn, DeliveredFile, DeliveryRun } from "../../../src/pipelines/delivery/delivered-file.ts";
import { newId } from "../../../src/lib/id.ts";

/** A file with these rows, in batches of `batchRows`. */
export function fileOf(columns: readonly DeliveredColumn[], rows: unknown[][], batchRows = 10_000): DeliveredFile {
  return {
    columns,
    rowCount: rows.length,
    async *rows() {
      for (let first = 0; first < rows.length; first += batchRows) yield rows.slice(first, first + batchRows);
    },
    bytes: async () => new Blob(rows.map((row) => `${row.join(",")}\n`)).stream(),
  };
}

export const SCORES: readonly DeliveredColumn[] = [
  { name: "id", type: "integer" },
  { name: "name", type: "text" },
  { name: "score", type: "number" },
  { name: "churns", type: "boolean" },
];

/** `count` rows of SCORES whose ids begin with `first`; the scores tell deliveries apart. */
export function scores(count: number, score: number, first = 0): unknown[][] {
  return Array.from({ length: count }, (_, index) => [first + index, `row ${first + index}`, score, index % 2 === 0]);
}

/** Like `scores`, made as they are read: `before` runs before each batch of 1,000. */
export function scoresWith(count: number, score: number, before: (batch: number) => Promise<void>): DeliveredFile {
  return {
    ...fileOf(SCORES, []),
    rowCount: count,
    async *rows() {
      for (let first = 0; first < count; first += 1_000) {
        await before(first / 1_000);
        yield scores(Math.min(1_000, count - first), score, first);
      }
    },
  };
}

export function newRun(): DeliveryRun {
  return { id: newId("run"), position: 0, startedAtMs: Date.UTC(2026, 10, 23, 5, 0), version: 3, model: "Churn" };
}

/** What an attempt was refused with: its code, its sentence, and whether trying again makes sense. Throws when it was not. */
export async function refusalOf(attempt: Promise<unknown>): Promise<unknown> {
  try {
    await attempt;
  } catch (error) {
    return error;
  }
  throw new Error("The delivery went well, and should have been refused.");
}

/** All items of a source. */
export async function allOf<Item>(source: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of source) items.push(item);
  return items;
}
