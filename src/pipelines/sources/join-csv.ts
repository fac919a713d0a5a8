import { CsvError } from "../../lib/csv-error.ts";
import { CsvStream } from "../../lib/csv-stream.ts";
import type { CsvHeader } from "../../lib/csv.ts";
import { placesIn } from "./same-columns.ts";
import { SourceError } from "./source-error.ts";

const LF = 10;
const CR = 13;

/** A file that is opened when its turn comes. */
export interface NamedFile {
  name: string;
  open: () => Promise<AsyncIterable<Uint8Array>>;
}

/**
 * Several CSVs as one: the header of the first, and the rows of all in order; empty files are passed over, and columns may stand in
 * another order. Throws SourceError naming the file whose columns or delimiter are not those of the first.
 */
export async function* joinCsv(files: readonly NamedFile[]): AsyncGenerator<Uint8Array, void, undefined> {
  let first: { name: string; header: CsvHeader } | null = null;
  let last = LF;
  for (const { name, open } of files) {
    const opened = await named(name, withHeader(await open()));
    if (opened === null) continue;
    if (last !== LF && last !== CR) yield Uint8Array.of(LF);
    const { header, dataOffset, bytes } = opened;
    const places = first && placesOf(first, name, header);
    if (places) {
      yield* turned(name, bytes, header, places);
      last = LF;
      continue;
    }
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
  if (first === null)
    throw new SourceError("objects_empty", "All objects of the source are empty, so there is nothing to predict.");
}

/** The rows of a CSV with their cells at other places. */
async function* turned(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  { delimiter }: CsvHeader,
  places: readonly number[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = await named(name, CsvStream.open(bytes, { delimiter }));
  const batches = stream?.batches();
  const encoder = new TextEncoder();
  for (
    let next = await named(name, batches?.next());
    next && next.done !== true;
    next = await named(name, batches?.next())
  ) {
    const batch = next.value;
    let text = "";
    for (let row = 0; row < batch.rows; row += 1)
      text += `${places.map((place) => quoted(batch.text(row, place), delimiter)).join(delimiter)}\n`;
    yield encoder.encode(text);
  }
}

function quoted(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Of several files, the one that cannot be read is named; one without rows gives null. */
async function named<T>(name: string, reading: Promise<T> | undefined): Promise<T | null> {
  try {
    return (await reading) ?? null;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === "csv_empty" || error.code === "csv_header_only") return null;
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

/** Where the columns of the first file stand in another one; null: at the same places. */
function placesOf(
  first: { name: string; header: CsvHeader },
  name: string,
  { columns, delimiter }: CsvHeader,
): number[] | null {
  const wanted = first.header;
  const places = placesIn({ name: first.name, columns: wanted.columns }, { name, columns });
  // A single column shows no delimiter.
  if (delimiter === wanted.delimiter || columns.length === 1) return places;
  throw new SourceError(
    "objects_differ",
    `${name} has another delimiter than ${first.name}. Write all files in the same way.`,
  );
}
