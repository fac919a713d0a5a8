import { CsvError } from "../../lib/csv-error.ts";
import { CsvStream } from "../../lib/csv-stream.ts";
import type { CsvHeader } from "../../lib/csv.ts";
import { SourceError } from "./source-error.ts";

const LF = 10;
const CR = 13;

/** A file that is opened when its turn comes. */
export interface NamedFile {
  name: string;
  open: () => Promise<AsyncIterable<Uint8Array>>;
}

/**
 * Several CSVs as one: the header of the first, and the rows of all in order. Throws SourceError naming the file whose columns or
 * delimiter are not those of the first.
 */
export async function* joinCsv(files: readonly NamedFile[]): AsyncGenerator<Uint8Array, void, undefined> {
  let first: { name: string; header: CsvHeader } | null = null;
  let last = LF;
  for (const { name, open } of files) {
    if (last !== LF && last !== CR) yield Uint8Array.of(LF);
    const { header, dataOffset, bytes } = await named(name, withHeader(await open()));
    if (first !== null) refuseOther(first, name, header);
    const start = first === null ? 0 : dataOffset;
    first ??= { name, header };
    let position = 0;
    for await (const chunk of bytes) {
      const piece = chunk.subarray(Math.max(0, start - position));
      position += chunk.length;
      if (piece.length === 0) continue;
      last = piece.at(-1) ?? last;
      yield piece;
    }
  }
}

/** Of several files, the one that cannot be read is named. */
async function named<T>(name: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new SourceError(error.code, `${name}: ${error.message}`, false, { cause: error });
  }
}

/** Reads the header without losing the bytes that this takes. */
async function withHeader(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ header: CsvHeader; dataOffset: number; bytes: AsyncIterable<Uint8Array> }> {
  const source = chunks[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  async function* noted(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      seen.push(next.value);
      yield next.value;
    }
  }
  const { header, dataOffset } = await CsvStream.open(noted());
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* seen.splice(0);
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  }
  return { header, dataOffset, bytes: all() };
}

function refuseOther(
  first: { name: string; header: CsvHeader },
  name: string,
  { columns, delimiter }: CsvHeader,
): void {
  const wanted = first.header;
  if (columns.length === wanted.columns.length && columns.every((column, index) => column === wanted.columns[index])) {
    // A single column shows no delimiter.
    if (delimiter === wanted.delimiter || columns.length === 1) return;
    throw new SourceError(
      "objects_differ",
      `${name} has another delimiter than ${first.name}. Write all files in the same way.`,
    );
  }
  const shown = (names: string[]) => `${names.slice(0, 5).join(", ")}${names.length > 5 ? ", ..." : ""}`;
  throw new SourceError(
    "objects_differ",
    `${name} has other columns (${shown(columns)}) than ${first.name} (${shown(wanted.columns)}). Give all files the same columns in the same order.`,
  );
}
