import { largeChunks } from "../../lib/large-chunks.ts";
import { csvLine } from "../../lib/csv-line.ts";
import { rangeKey, type ResultPart, type RunResult } from "./run-result.ts";

const ERROR_COLUMNS = ["line", "row", "model", "reason"];

/** The first line of a file of a run; throws where the run has no such file. */
export function headerLine(result: Pick<RunResult, "main" | "challenger" | "runId">, part: ResultPart): Uint8Array {
  if (part === "errors") return lineOf(ERROR_COLUMNS);
  const file = result[part];
  if (!file) throw new Error(`the run ${result.runId} has no file of a ${part}`);
  return lineOf(file.columns.map(({ name }) => name));
}

/** Bytes of the line that holds these names. */
export function lineOf(names: readonly string[]): Uint8Array {
  return new TextEncoder().encode(csvLine(names));
}

/**
 * The lines of a file behind its header, in chunks of at most a megabyte, each to be used before the next one is asked for. Throws what
 * `gone` makes where lines are no longer in the store.
 */
export async function* resultLines(
  store: R2Bucket,
  result: RunResult,
  part: ResultPart,
  gone: () => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const [range, bytes] of (result[part]?.ranges ?? []).entries()) {
    if (bytes === 0) continue;
    const object = await store.get(rangeKey(result.runId, range, part));
    if (object?.size !== bytes) throw gone();
    yield* largeChunks(object.body);
  }
}

/** The whole CSV of a file. Throws as resultLines does: at once where the first lines are gone, else while it is read. */
export async function resultCsv(
  store: R2Bucket,
  result: RunResult,
  part: ResultPart,
  gone: () => Error,
): Promise<ReadableStream<Uint8Array>> {
  const header = headerLine(result, part);
  const lines = resultLines(store, result, part, gone);
  let next = await lines.next();
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(header);
      },
      async pull(controller) {
        if (next.done === true) {
          controller.close();
          return;
        }
        // What is handed out is somebody else's from here on.
        controller.enqueue(next.value.slice());
        next = await lines.next();
      },
      async cancel() {
        await lines.return();
      },
    },
    { highWaterMark: 1 },
  );
}
