import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { CsvError } from "../../src/lib/csv-error.ts";
import { CsvStream, type CsvStreamOptions, readCsvPiece } from "../../src/lib/csv-stream.ts";
import { readCsv } from "../../src/lib/csv.ts";
import { readNumber } from "../../src/lib/read-cell.ts";
import type { CsvDelimiter } from "../../src/lib/csv-sniff.ts";
import { rounds } from "../support/thorough.ts";

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The bytes in pieces of these sizes, over and over. */
async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

interface Read {
  header: unknown;
  rows: string[][];
  lines: number[];
  offsets: number[];
  endOffset: number;
  numbers: number[][];
}

async function read(bytes: Uint8Array, sizes: readonly number[], options: CsvStreamOptions = {}): Promise<Read> {
  const stream = await CsvStream.open(chunked(bytes, sizes), options);
  const columns = stream.header.columns.map((_, index) => index);
  const result: Read = { header: stream.header, rows: [], lines: [], offsets: [], endOffset: 0, numbers: [] };
  for await (const batch of stream.batches(columns)) {
    for (let row = 0; row < batch.rows; row++) {
      result.rows.push(columns.map((column) => batch.text(row, column)));
      result.lines.push(batch.line(row));
      result.offsets.push(batch.offset(row));
      result.numbers.push(columns.map((column) => batch.numbers(column)[row] ?? 0));
      for (const column of columns) {
        expect(batch.isEmpty(row, column)).toBe(batch.text(row, column) === "");
        const number = batch.number(row, column);
        expect(batch.numbers(column)[row]).toBe(number ?? Number.NaN);
      }
    }
  }
  return { ...result, endOffset: stream.endOffset };
}

/** What became of it: the rows, or the refusal. */
async function outcome(reading: Promise<Read>): Promise<unknown> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CsvError) return { code: error.code, details: error.details, message: error.message };
    throw error;
  }
}

function readWhole(bytes: Uint8Array, delimiter?: CsvDelimiter): unknown {
  const rows: string[][] = [];
  const lines: number[] = [];
  try {
    const { rows: _, ...header } = readCsv(bytes, delimiter ? { delimiter } : {}, (fields, line) => {
      rows.push(fields);
      lines.push(line);
    });
    return { header, rows, lines };
  } catch (error) {
    if (error instanceof CsvError) return { code: error.code, line: error.details.line };
    throw error;
  }
}

const cell = fc.oneof(
  fc.constantFrom("", " ", '"', '""', ",", ";", "\t", "\n", "\r\n", "\r", "1,5", "-", "naïve", "日本", "🚲", "\u00a0"),
  fc.constantFrom(
    "0",
    "-0",
    "+1",
    "1.",
    ".5",
    "1e5",
    "-1.25",
    "1,25",
    "0x1f",
    "NaN",
    "123456789012345678",
    "0.1234567890123456",
    " 7 ",
  ),
  fc.double({ noNaN: true }).map(String),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const written = fc.record({
  table: fc.integer({ min: 1, max: 6 }).chain((width) =>
    fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 12,
    }),
  ),
  delimiter: fc.constantFrom("," as const, ";" as const, "\t" as const),
  end: fc.constantFrom("\n", "\r\n", "\r"),
  hasLastEnd: fc.boolean(),
  mark: fc.constantFrom("", "\ufeff"),
});
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
// Small ones, so that rows lie across them.
const blockBytes = fc.constantFrom(16, 24, 64, 1_000, 1_048_576);

function quoted(text: string, delimiter: string, isForced: boolean): string {
  if (!isForced && !/["\r\n]/.test(text) && !text.includes(delimiter)) return text;
  return `"${text.replaceAll('"', '""')}"`;
}

describe("a CSV that comes in chunks", () => {
  test("gives PapaParse's rows whatever its chunks are, and the numbers that parseNumber gives", async () => {
    await fc.assert(
      fc.asyncProperty(written, sizes, blockBytes, async ({ table, delimiter, end, hasLastEnd, mark }, cuts, block) => {
        // NUL stands for a binary file; a single cell of blanks for a blank line.
        const clean = table.map((row) => row.map(([text]) => text.replaceAll("\0", "0")));
        const header = clean[0]?.map((_, index) => `column ${index}`) ?? [];
        const lines = clean.map((row, index) =>
          row
            .map((text, at) => quoted(text, delimiter, row.length === 1 || (table[index]?.[at]?.[1] ?? false)))
            .join(delimiter),
        );
        const body = [header.join(delimiter), ...lines].join(end) + (hasLastEnd ? end : "");
        const result = await read(bytesOf(mark + body), cuts, { delimiter, blockBytes: block });
        const papa = Papa.parse<string[]>(body, { delimiter, newline: end }).data;
        expect(result.rows).toEqual((hasLastEnd ? papa.slice(0, -1) : papa).slice(1));
        expect(result.rows).toEqual(clean);
        const numbers = clean.map((row) => row.map((text) => readNumber(text) ?? Number.NaN));
        expect(result.numbers).toEqual(numbers);
        expect(result.endOffset).toBe(bytesOf(mark + body).length);
      }),
      { numRuns: rounds(600, 100) },
    );
  });

  test("whatever the bytes are, the rows, lines and refusals are those of the whole file, and chunks change nothing", async () => {
    const bytes = fc.array(fc.oneof(fc.constantFrom(...bytesOf('a1,;\t"\n\r .é')), fc.nat(255)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(bytes, sizes, blockBytes, async (list, cuts, block) => {
        const file = new Uint8Array(list);
        const atOnce = await outcome(read(file, [file.length + 1]));
        expect(await outcome(read(file, cuts))).toEqual(atOnce);
        const delimiter = "," as const;
        const small = await outcome(read(file, [1], { delimiter, blockBytes: block }));
        expect(await outcome(read(file, cuts, { delimiter, blockBytes: block }))).toEqual(small);
        const whole = readWhole(file) as { code?: string };
        // A file with several faults may be refused for another one of them.
        if (whole.code === undefined) expect(atOnce).toMatchObject(whole);
        else expect(atOnce).toHaveProperty("code");
      }),
      { numRuns: rounds(1500, 100) },
    );
  });

  test.each([
    ["no rows", "a,b\n\n", "csv_header_only", undefined],
    ["nothing", " \n\n", "csv_empty", undefined],
    ["too few fields", "a,b\n1,2\n3\n4,5\n6\n", "csv_ragged", 3],
    ["a value under no name", "a,b,\n1,2,\n1,2,3\n", "csv_empty_header", 3],
    ["a delimiter at the end of some rows, these first", "a\n,\nb\n", "csv_ragged", 2],
    ["an open quote", 'a,b\n1,"2\n3,4\n', "csv_unclosed_quote", 2],
    ["a stray quote", 'a,b\n1,"2"x\n3,4\n', "csv_stray_quote", 2],
    ["a name twice", "a,a\n1,2\n", "csv_duplicate_header", 1],
    ["a cell of more than 64 kB", `a,b\n1,2\n${"x".repeat(64_001)},1\n`, "csv_cell_too_large", 3],
  ])("is refused for %s, naming the line", async (_, csv, code, line) => {
    const refusal = await outcome(read(bytesOf(csv), [7]));
    expect(refusal).toMatchObject({ code });
    if (line !== undefined) expect(refusal).toMatchObject({ details: { line } });
    expect(readWhole(bytesOf(csv))).toMatchObject({ code });
  });

  test("says how many rows do not fit, though they lie in many blocks", async () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => (index % 10 === 9 ? "1" : "1,2"));
    const refusal = await outcome(read(bytesOf(`a,b\n${rows.join("\n")}\n`), [999], { blockBytes: 256 }));
    expect(refusal).toMatchObject({ code: "csv_ragged", details: { line: 11, rows: 500 } });
  });

  test("names the line of bytes that are no UTF-8, also behind quoted line breaks", async () => {
    const csv = new Uint8Array([...bytesOf('a,b\r\n1,"x\ny"\r\n2,'), 0xe9, ...bytesOf("t\r\n3,4\r\n")]);
    for (const block of [16, 24, 1_000]) {
      const refusal = await outcome(read(csv, [5], { delimiter: ",", blockBytes: block }));
      expect(refusal).toMatchObject({ code: "csv_encoding", details: { line: 4 } });
    }
  });

  test("takes a row that is much larger than a block, and refuses one of more than 8 MB", async () => {
    const wide = (cells: number) => Array.from({ length: cells }, () => "x".repeat(2_500)).join(",");
    const names = Array.from({ length: 1_000 }, (_, index) => `c${index}`).join(",");
    const result = await read(bytesOf(`${names}\n${wide(1_000)}\n${wide(1_000)}\n`), [1_000_003], { delimiter: "," });
    expect(result.rows).toHaveLength(2);
    const more = Array.from({ length: 4_000 }, (_, index) => `c${index}`).join(",");
    const refusal = await outcome(read(bytesOf(`${more}\n${wide(4_000)}\n`), [1_000_003], { delimiter: "," }));
    expect(refusal).toMatchObject({ code: "csv_cell_too_large", details: { line: 2 } });
  });
});

test("a piece that begins at any row gives the rows from there on, with their lines", async () => {
  await fc.assert(
    fc.asyncProperty(written, sizes, fc.nat(11), async ({ table, delimiter, end }, cuts, place) => {
      const width = table[0]?.length ?? 0;
      fc.pre(width > 1);
      const lines = table.map((row) =>
        row.map(([text]) => quoted(text.replaceAll("\0", "0"), delimiter, false)).join(delimiter),
      );
      const header = Array.from({ length: width }, (_, index) => `c${index}`).join(delimiter);
      const bytes = bytesOf([header, ...lines].join(end));
      const whole = await read(bytes, cuts, { delimiter });
      const first = place % whole.rows.length;
      const piece = { columns: width, delimiter, marks: [], firstLine: whole.lines[first] ?? 0 };
      const [rows, seen]: [string[][], number[]] = [[], []];
      for await (const batch of readCsvPiece(chunked(bytes.subarray(whole.offsets[first]), cuts), piece)) {
        for (let row = 0; row < batch.rows; row++) {
          rows.push(Array.from({ length: width }, (_, column) => batch.text(row, column)));
          seen.push(batch.line(row));
        }
      }
      expect([rows, seen]).toEqual([whole.rows.slice(first), whole.lines.slice(first)]);
    }),
    { numRuns: 200 },
  );
});
