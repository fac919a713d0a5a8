import { CsvError } from "./csv-error.ts";
import { RowShapes } from "./csv-row-shapes.ts";
import { type CsvStart, csvStart, sniffDelimiter } from "./csv-sniff.ts";
import { BATCH_ROWS_MAX, CsvBatch, type BatchSettings } from "./csv-stream-batch.ts";
import { ChunkBuffer } from "./csv-stream-buffer.ts";
import { type CsvHeader, type CsvOptions, readCsvHeader } from "./csv.ts";
import type { NumberMarks } from "./read-cell.ts";

/** More than what is looked at for the delimiter, so that a file is understood as it is when it is read whole. */
const BLOCK_BYTES = 1_048_576;
/** A row must fit into memory. */
const ROW_BYTES_MAX = 8_388_608;
// As many as readCsvHeader looks at, and the header.
const SAMPLE_ROWS = 2001;

export interface CsvStreamOptions extends CsvOptions {
  /** Bytes that are read at a time; they grow where a row needs more, up to 8 MiB. */
  blockBytes?: number;
}

/** How the rows of a piece of a CSV are written: what `CsvStream` found out when it read the whole. */
export interface CsvPiece {
  columns: number;
  delimiter: string;
  /** By column, how its numbers are written; with a point where it says nothing. */
  marks: readonly NumberMarks[];
  /** The line on which the piece begins. */
  firstLine: number;
}

/**
 * Reads a CSV of any size in chunks of any size, in constant memory, by the rules of `readCsv`: the same delimiters, quotes, line
 * breaks, blank lines and refusals. A row has at most 8 MiB. Chunks, however they are cut, change nothing.
 */
export class CsvStream {
  readonly header: CsvHeader;
  readonly #buffer: ChunkBuffer;
  readonly #headerFields: number;
  readonly #firstLine: number;
  readonly #dataOffset: number;
  #rows = 0;
  #endOffset = 0;

  private constructor(buffer: ChunkBuffer, header: CsvHeader, probe: CsvBatch, dataPlace: number) {
    this.header = header;
    this.#headerFields = probe.fields;
    this.#firstLine = probe.nextLine;
    this.#buffer = buffer;
    buffer.consume(dataPlace);
    this.#dataOffset = buffer.position;
  }

  /** Reads the header. Throws CsvError as `readCsvHeader` does, and for what is wrong with the first 2,000 rows. */
  static async open(chunks: AsyncIterable<Uint8Array>, options: CsvStreamOptions = {}): Promise<CsvStream> {
    const buffer = new ChunkBuffer(chunks, options.blockBytes ?? BLOCK_BYTES);
    await buffer.fill();
    for (;;) {
      const head = buffer.bytes.subarray(0, buffer.end);
      const delimiter = options.delimiter ?? sniffDelimiter(head);
      const start = csvStart(head);
      const sample = probeRows(buffer, delimiter, start, SAMPLE_ROWS);
      if (sample.batch.rows === 0 && !buffer.isFinal && (await growAndFill(buffer))) continue;
      if (sample.batch.rows === 0 && !buffer.isFinal) refuseRow(sample.batch.nextLine);
      const header = readCsvHeader(head.subarray(0, sample.end), { delimiter });
      const first = probeRows(buffer, delimiter, start, 1);
      return new CsvStream(buffer, header, first.batch, first.end);
    }
  }

  /** Where the row behind the header begins, in bytes. */
  get dataOffset(): number {
    return this.#dataOffset;
  }

  /** Where the last batch ends, in bytes: the size of the file once all have been read. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** Rows that the batches have given so far. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * The rows, up to 10,000 at a time; a batch is to be read before the next one is asked for. `numeric` names columns, from 0, whose
   * `numbers` are wanted, written by `marks`. Once. Throws CsvError; rows that do not fit the header end the batches, and the error comes
   * after the last row, so that it can say how many there are. A file with no row is csv_header_only.
   */
  async *batches(
    numeric: readonly number[] = [],
    marks: readonly NumberMarks[] = [],
  ): AsyncGenerator<CsvBatch, void, undefined> {
    const { columns, delimiter } = this.header;
    const shapes = new RowShapes(columns.length, this.#headerFields);
    const piece = { columns: columns.length, delimiter, marks, firstLine: this.#firstLine };
    for await (const batch of batchesOf(this.#buffer, { ...piece, numeric, shapes, fieldsUsual: this.#headerFields })) {
      this.#rows += batch.rows;
      this.#endOffset = this.#buffer.position;
      if (batch.rows > 0) yield batch;
    }
    shapes.refuse();
    if (this.#rows === 0) {
      throw new CsvError("csv_header_only", "The file has a header row and no data. Add rows and send it again.");
    }
  }
}

/**
 * The rows of a piece of a CSV that begins and ends between two rows, without a header: of a file that `CsvStream` has read before.
 * Throws where it does not have the columns that it had then.
 */
export async function* readCsvPiece(
  chunks: AsyncIterable<Uint8Array>,
  piece: CsvPiece,
  numeric: readonly number[] = [],
): AsyncGenerator<CsvBatch, void, undefined> {
  const buffer = new ChunkBuffer(chunks, BLOCK_BYTES);
  for await (const batch of batchesOf(buffer, { ...piece, numeric, shapes: null, fieldsUsual: piece.columns }))
    if (batch.rows > 0) yield batch;
}

async function* batchesOf(
  buffer: ChunkBuffer,
  settings: Omit<BatchSettings, "rowsMax">,
): AsyncGenerator<CsvBatch, void, undefined> {
  // Not more rows than a block can hold: each field takes a byte or more.
  const rowsMax = Math.min(BATCH_ROWS_MAX, Math.ceil((2 * BLOCK_BYTES) / settings.columns));
  const batch = new CsvBatch({ ...settings, rowsMax });
  try {
    await buffer.fill();
    while (buffer.start < buffer.end) {
      const place = batch.read(buffer.bytes, buffer.start, buffer.end, buffer.isFinal, buffer.position - buffer.start);
      const isStuck = place === buffer.start;
      buffer.consume(place);
      if (batch.rows > 0 || !isStuck) yield batch;
      if (batch.rows === rowsMax) continue;
      if (!isStuck || !buffer.isFull) await buffer.fill();
      else if (!(await growAndFill(buffer))) refuseRow(batch.nextLine);
    }
  } finally {
    await buffer.cancel();
  }
}

async function growAndFill(buffer: ChunkBuffer): Promise<boolean> {
  if (!buffer.grow(ROW_BYTES_MAX)) return false;
  await buffer.fill();
  return true;
}

/** Reads up to `rowsMax` rows at `start` of what the buffer holds without consuming them, and notes nothing of them but where they end. */
function probeRows(
  buffer: ChunkBuffer,
  delimiter: string,
  start: CsvStart,
  rowsMax: number,
): { batch: CsvBatch; end: number } {
  const settings = {
    columns: 1,
    delimiter,
    marks: [],
    numeric: [],
    shapes: null,
    fieldsUsual: 1,
    firstLine: start.line,
    rowsMax,
  };
  const batch = new CsvBatch(settings);
  return { batch, end: batch.read(buffer.bytes, start.at, buffer.end, buffer.isFinal, 0) };
}

function refuseRow(line: number): never {
  throw new CsvError(
    "csv_cell_too_large",
    `The row on line ${line} has more than 8 MB. Leave out columns that the models do not use, or close a quote that is open there.`,
    { line },
  );
}
