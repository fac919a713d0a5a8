import { type BrotliOptions, brotliDecompressSync, gunzipSync, type ZlibOptions } from "node:zlib";
import { decompress } from "fzstd";
import {
  type AsyncBuffer,
  type ColumnData,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  type ParquetParsers,
  parquetSchema,
  type SchemaElement,
  snappyUncompress,
} from "hyparquet";
import { SourceError } from "./source-error.ts";
import { type CellText, cellTextOf, sourceTypeOf } from "./parquet-text.ts";
import type { SourceType } from "./source-type.ts";

/** What a row group may take: it is held as it is stored, and a part of it unpacked. */
const GROUP_BYTES_MAX = 64_000_000;
const PAGE_BYTES_MAX = 64_000_000;
/** Of unpacked cells at a time. */
const WINDOW_BYTES = 16_000_000;
const CELL_BYTES = 32;
// The last four bytes: PAR1, or PARE.
const COMPLETE = 0x31_52_41_50;
const ENCRYPTED = 0x45_52_41_50;
const METADATA_BYTES_MAX = 16_000_000;

/** A table in a Parquet file that can be read in bounded memory. */
export interface ParquetFile {
  columns: string[];
  types: (SourceType | null)[];
  rows: number;
  /** Its rows as text, in order. Throws SourceError for what cannot be read. */
  batches: () => AsyncGenerator<(string | null)[][], void, undefined>;
}

/** The file under a key of the store, for reading at any place. */
export async function storedFile(store: R2Bucket, key: string): Promise<AsyncBuffer | null> {
  const head = await store.head(key);
  if (!head) return null;
  return {
    byteLength: head.size,
    slice: async (start, end = head.size) => {
      const object = await store.get(key, { range: { offset: start, length: end - start } });
      if (!object) throw new SourceError("source_gone", "The file is no longer in the store. Upload it again.");
      return object.arrayBuffer();
    },
  };
}

/** Looks at a Parquet file; throws SourceError for one that is broken, nested, or made of row groups that do not fit into memory. */
export async function openParquet(file: AsyncBuffer): Promise<ParquetFile> {
  const metadata = await readable(readMetadata(file));
  const fields = parquetSchema(metadata).children;
  const nested = fields.find((field) => field.children.length > 0 || field.element.repetition_type === "REPEATED");
  if (nested) {
    throw new SourceError(
      "parquet_nested",
      `The column ${nested.element.name} of the Parquet file holds lists or structures, and a table has one value in a cell. Leave it out or write it as text.`,
    );
  }
  refuseLargeGroups(metadata);
  const columns = new Map(fields.map(({ element }, index) => [element.name, { index, text: cellTextOf(element) }]));
  if (columns.size < fields.length) {
    throw new SourceError("parquet_names", "The Parquet file has two columns of the same name. Rename one of them.");
  }
  const types = fields.map(({ element }) => sourceTypeOf(element));
  // Decimals would come as rounded numbers: without their type they come as they are stored.
  for (const element of metadata.schema) withoutDecimal(element);
  return {
    columns: fields.map(({ element }) => element.name),
    types,
    rows: Number(metadata.num_rows),
    batches: () => readBatches(file, metadata, columns),
  };
}

async function readMetadata(file: AsyncBuffer): Promise<FileMetaData> {
  if (file.byteLength < 12) throw new Error("the file is too short");
  const footer = new DataView(await file.slice(file.byteLength - 8, file.byteLength));
  const end = footer.getUint32(4, true);
  if (end === ENCRYPTED)
    throw new SourceError(
      "parquet_broken",
      "The Parquet file is encrypted, and nobody here has its key. Write it without encryption.",
    );
  if (end !== COMPLETE)
    throw new SourceError(
      "parquet_broken",
      "The Parquet file is cut off: its end is missing. Copy or upload the whole file again.",
    );
  if (footer.getUint32(0, true) > METADATA_BYTES_MAX) throw new Error("its metadata has more than 16 MB");
  return parquetMetadataAsync(file, { parsers: RAW, geoparquet: false });
}

function refuseLargeGroups(metadata: FileMetaData): void {
  for (const [index, group] of metadata.row_groups.entries()) {
    const packed = group.columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.total_compressed_size ?? 0), 0);
    if (packed > GROUP_BYTES_MAX) {
      throw new SourceError(
        "parquet_row_group",
        `Row group ${index + 1} of the Parquet file has ${Math.round(packed / 1e6)} MB; at most 64 MB fit into memory. Write the file with smaller row groups, such as row_group_size=100_000 in pandas or pyarrow.`,
      );
    }
  }
}

async function* readBatches(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: ReadonlyMap<string, { index: number; text: CellText }>,
): AsyncGenerator<(string | null)[][], void, undefined> {
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    // Held for the whole group: its windows read the same chunks again.
    const held = await heldGroup(file, group.columns);
    const unpacked = group.columns.reduce(
      (sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0),
      0,
    );
    const rowBytes = columns.size * CELL_BYTES + (rows === 0 ? 0 : unpacked / rows);
    const windowRows = Math.max(1000, Math.floor(WINDOW_BYTES / rowBytes));
    for (let start = 0; start < rows; start += windowRows) {
      const [rowStart, rowEnd] = [groupStart + start, groupStart + Math.min(rows, start + windowRows)];
      yield await readable(readWindow(held, metadata, columns, rowStart, rowEnd));
    }
    groupStart += rows;
  }
}

/** The rows from `rowStart` to `rowEnd`, which lie in one row group. */
async function readWindow(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: ReadonlyMap<string, { index: number; text: CellText }>,
  rowStart: number,
  rowEnd: number,
): Promise<(string | null)[][]> {
  // What a callback throws would be lost, so they are only kept by it.
  const chunks: ColumnData[] = [];
  await parquetRead({
    file,
    metadata,
    rowStart,
    rowEnd,
    compressors: COMPRESSORS,
    parsers: RAW,
    utf8: false,
    geoparquet: false,
    onChunk: (chunk) => chunks.push(chunk),
  });
  const rows = Array.from({ length: rowEnd - rowStart }, () =>
    Array.from({ length: columns.size }, (): string | null => null),
  );
  let cells = 0;
  for (const { columnName, columnData, rowStart: place } of chunks) {
    const column = columns.get(columnName);
    if (!column) throw new Error("it has more columns than its schema");
    const to = Math.min(rowEnd - place, columnData.length);
    for (let at = Math.max(rowStart - place, 0); at < to; at++) {
      const row = rows[place + at - rowStart];
      if (row) row[column.index] = column.text(columnData[at]);
      cells++;
    }
  }
  if (cells !== rows.length * columns.size) throw new Error("a column has too few values");
  return rows;
}

/** The same file with the chunks of one row group in memory. */
async function heldGroup(
  file: AsyncBuffer,
  columns: FileMetaData["row_groups"][number]["columns"],
): Promise<AsyncBuffer> {
  const places = columns.map(({ meta_data }) => {
    if (!meta_data)
      throw new SourceError("parquet_broken", "The Parquet file is encrypted or has no metadata of a column.");
    const first = Number(meta_data.dictionary_page_offset ?? 0) || Number(meta_data.data_page_offset);
    const start = Math.min(first, Number(meta_data.data_page_offset));
    return { start, end: start + Number(meta_data.total_compressed_size) };
  });
  const start = Math.min(...places.map((place) => place.start));
  const end = Math.min(file.byteLength, Math.max(...places.map((place) => place.end)));
  if (end - start > GROUP_BYTES_MAX || start < 0) return file;
  const bytes = await file.slice(start, end);
  return {
    byteLength: file.byteLength,
    slice: (from, to = file.byteLength) =>
      from >= start && to <= end ? bytes.slice(from - start, to - start) : file.slice(from, to),
  };
}

function withoutDecimal(element: SchemaElement): void {
  if (element.converted_type === "DECIMAL") delete element.converted_type;
}

async function readable<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const reason = error instanceof Error ? error.message.replace(/^parquet /, "").slice(0, 200) : "it is broken";
    throw new SourceError(
      "parquet_broken",
      `The Parquet file cannot be read: ${reason}. Write it again, uncompressed or with Snappy, Zstandard, gzip or Brotli.`,
      false,
      { cause: error },
    );
  }
}

function unpackedSize(bytes: number): number {
  if (bytes > PAGE_BYTES_MAX) throw new Error("a page has more than 64 MB");
  return bytes;
}

const COMPRESSORS: Compressors = {
  SNAPPY: (input, size) => {
    const output = new Uint8Array(unpackedSize(size));
    snappyUncompress(input, output);
    return output;
  },
  ZSTD: (input, size) => decompress(input, new Uint8Array(unpackedSize(size))),
  GZIP: (input, size) => new Uint8Array(gunzipSync(input, limited(size))),
  BROTLI: (input, size) => new Uint8Array(brotliDecompressSync(input, limited(size))),
};

function limited(size: number): ZlibOptions & BrotliOptions {
  return { maxOutputLength: Math.max(1, unpackedSize(size)) };
}

/** Values as they are stored: `cellTextOf` knows what they mean. */
const RAW: ParquetParsers = {
  timestampFromMilliseconds: (value: unknown) => value,
  timestampFromMicroseconds: (value: unknown) => value,
  timestampFromNanoseconds: (value: unknown) => value,
  dateFromDays: (value: unknown) => value,
  stringFromBytes: (value: unknown) => value,
  jsonFromBytes: (value: unknown) => value,
  geometryFromBytes: (value: unknown) => value,
  geographyFromBytes: (value: unknown) => value,
  uuidFromBytes: (value: unknown) => value,
};
