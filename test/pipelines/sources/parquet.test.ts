import { brotliCompressSync, gzipSync } from "node:zlib";
import type { CompressionCodec, SchemaElement } from "hyparquet";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { withoutNul } from "../../../src/pipelines/sources/csv-rows.ts";
import { openParquet } from "../../../src/pipelines/sources/parquet-file.ts";
import { cellTextOf } from "../../../src/pipelines/sources/parquet-text.ts";

function fileOf(bytes: ArrayBuffer) {
  return { byteLength: bytes.byteLength, slice: async (start: number, end?: number) => bytes.slice(start, end) };
}

async function rowsOf(columnData: ColumnSource[], schema?: SchemaElement[], rowGroupSize?: number) {
  const bytes = parquetWriteBuffer({ columnData, ...(schema && { schema }), ...(rowGroupSize && { rowGroupSize }) });
  const { columns, rows, batches } = await openParquet(fileOf(bytes));
  const read: (string | null)[][] = [];
  for await (const batch of batches()) read.push(...batch);
  expect(rows).toBe(read.length);
  return { columns, rows: read };
}

describe("a Parquet file", () => {
  it("gives its values as exact text, and nulls and NaN as missing", async () => {
    const { columns, rows } = await rowsOf([
      { name: "text", data: ['a "b", c', "日本", ""], type: "STRING" },
      { name: "double", data: [0.1, Number.NaN, -1e300], type: "DOUBLE" },
      { name: "long", data: [9_007_199_254_740_993n, -1n, 0n], type: "INT64" },
      { name: "flag", data: [true, null, false], type: "BOOLEAN", nullable: true },
      { name: "at", data: [new Date("2024-02-29T12:34:56.789Z"), new Date(0), new Date(-1)], type: "TIMESTAMP" },
    ]);
    expect(columns).toEqual(["text", "double", "long", "flag", "at"]);
    expect(rows).toEqual([
      ['a "b", c', "0.1", "9007199254740993", "true", "2024-02-29T12:34:56.789Z"],
      ["日本", null, "-1", null, "1970-01-01T00:00:00Z"],
      ["", "-1e+300", "0", "false", "1969-12-31T23:59:59.999Z"],
    ]);
  });

  it("gives decimals digit for digit", async () => {
    const schema: SchemaElement[] = [
      { name: "root", num_children: 1 },
      { name: "price", type: "INT64", repetition_type: "OPTIONAL", converted_type: "DECIMAL", scale: 2, precision: 18 },
    ];
    // The writer takes the number that the decimal is.
    const { rows } = await rowsOf([{ name: "price", data: [12.34, -0.05, null, 100] }], schema);
    expect(rows).toEqual([["12.34"], ["-0.05"], [null], ["100.00"]]);
  });

  it("is read through several row groups and pages in order", async () => {
    const count = 30_000;
    const { rows } = await rowsOf(
      [
        { name: "n", data: Int32Array.from({ length: count }, (_, row) => row), type: "INT32" },
        { name: "word", data: Array.from({ length: count }, (_, row) => `w${row % 7}`), type: "STRING" },
      ],
      undefined,
      7_000,
    );
    expect(rows).toEqual(Array.from({ length: count }, (_, row) => [String(row), `w${row % 7}`]));
  });

  it.each<[CompressionCodec, (bytes: Uint8Array) => Uint8Array]>([
    ["GZIP", (bytes) => new Uint8Array(gzipSync(bytes))],
    ["BROTLI", (bytes) => new Uint8Array(brotliCompressSync(bytes))],
    ["ZSTD", zstdFrame],
  ])("is read when it was packed with %s", async (codec, compress) => {
    const data = Array.from({ length: 500 }, (_, row) => `row ${row}`);
    const columnData: ColumnSource[] = [{ name: "t", data, type: "STRING" }];
    const bytes = parquetWriteBuffer({ columnData, codec, compressors: { [codec]: compress } });
    const read: (string | null)[] = [];
    for await (const batch of (await openParquet(fileOf(bytes))).batches()) read.push(...batch.flat());
    expect(read).toEqual(data);
  });

  it("is read in windows where a row group is large, with the same rows", async () => {
    const count = 3_000;
    const wide = (row: number) => `${row}-${"x".repeat(20_000)}`;
    const { rows } = await rowsOf([
      { name: "t", data: Array.from({ length: count }, (_, row) => wide(row)), type: "STRING" },
    ]);
    expect(rows.map(([text]) => text?.slice(0, text.indexOf("-")))).toEqual(
      Array.from({ length: count }, (_, row) => String(row)),
    );
  });

  it("is refused with a sentence when it is nested, broken, or made of row groups beyond memory", async () => {
    const list: SchemaElement[] = [
      { name: "root", num_children: 1 },
      { name: "tags", repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      { name: "element", type: "INT32", repetition_type: "OPTIONAL" },
    ];
    const nested = rowsOf([{ name: "tags", data: [[1, 2], [3]] }], list);
    await expect(nested).rejects.toMatchObject({ code: "parquet_nested", message: expect.stringContaining("tags") });
    const good = parquetWriteBuffer({ columnData: [{ name: "n", data: [1, 2], type: "INT32" }] });
    await expect(openParquet(fileOf(good.slice(0, -1)))).rejects.toMatchObject({ code: "parquet_broken" });
    await expect(openParquet(fileOf(new ArrayBuffer(3)))).rejects.toMatchObject({ code: "parquet_broken" });
    const noise = crypto.getRandomValues(new Uint8Array(65_536));
    const large = parquetWriteBuffer({
      columnData: [
        { name: "b", data: Array.from({ length: 1_000 }, () => noise), type: "BYTE_ARRAY", encoding: "PLAIN" },
      ],
      codec: "UNCOMPRESSED",
    });
    const refused = openParquet(fileOf(large));
    await expect(refused).rejects.toMatchObject({
      code: "parquet_row_group",
      message: expect.stringContaining("smaller row groups"),
    });
  });
});

/** A frame of Zstandard (RFC 8878) that holds the bytes as they are, in one raw block. */
function zstdFrame(bytes: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(12));
  head.setUint32(0, 0xfd2fb528, true);
  // One segment, with four bytes of content size.
  head.setUint8(4, 0xa0);
  head.setUint32(5, bytes.length, true);
  const block = (bytes.length << 3) | 1;
  for (const at of [0, 1, 2]) head.setUint8(9 + at, (block >> (8 * at)) & 255);
  return Uint8Array.from([...new Uint8Array(head.buffer), ...bytes]);
}

describe("a stored value as text", () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  const element = (more: Partial<SchemaElement>): SchemaElement => ({ name: "c", ...more });

  it.each<[string, Partial<SchemaElement>, unknown, string]>([
    [
      "a decimal in bytes",
      { type: "FIXED_LEN_BYTE_ARRAY", type_length: 3, converted_type: "DECIMAL", scale: 3 },
      bytes(0xff, 0xff, 0x85),
      "-0.123",
    ],
    [
      "a decimal of 38 digits",
      { type: "BYTE_ARRAY", logical_type: { type: "DECIMAL", precision: 38, scale: 10 } },
      bytes(0xf6, 0xb6, 0x4f, 0x9, 0xf, 0xfd, 0xcc, 0xec, 0x3b, 0xb6, 0x6f, 0xaf, 0x21, 0xc7, 0xc, 0xb2),
      "-1234567890123456789012345678.9012345678",
    ],
    ["a decimal without a fraction", { type: "INT32", converted_type: "DECIMAL", scale: 0 }, -7, "-7"],
    ["a date", { type: "INT32", converted_type: "DATE" }, 19_782, "2024-02-29"],
    ["a date before 1970", { type: "INT32", logical_type: { type: "DATE" } }, -1, "1969-12-31"],
    [
      "microseconds in UTC",
      { type: "INT64", converted_type: "TIMESTAMP_MICROS" },
      1_709_210_096_000_001n,
      "2024-02-29T12:34:56.000001Z",
    ],
    [
      "nanoseconds of local time",
      { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "NANOS" } },
      -1n,
      "1969-12-31T23:59:59.999999999",
    ],
    ["a time of day", { type: "INT64", converted_type: "TIME_MICROS" }, 45_296_500_000n, "12:34:56.5"],
    [
      "a UUID",
      { type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" } },
      Uint8Array.from({ length: 16 }, (_, index) => index * 17),
      "00112233-4455-6677-8899-aabbccddeeff",
    ],
    ["bytes that are no UTF-8", { type: "BYTE_ARRAY" }, bytes(0xff, 0x00), "ff00"],
    ["bytes of a text without a type", { type: "BYTE_ARRAY" }, new TextEncoder().encode("ä"), "ä"],
    [
      "an unsigned whole number",
      { type: "INT64", converted_type: "UINT_64" },
      18_446_744_073_709_551_615n,
      "18446744073709551615",
    ],
  ])("is exact: %s", (_, more, value, text) => {
    expect(cellTextOf(element(more))(value)).toBe(text);
  });
});

describe("a Parquet file that is no whole one", () => {
  const whole = parquetWriteBuffer({ columnData: [{ name: "n", data: [1, 2, 3], type: "INT32" }] });

  it("is said to be cut off", async () => {
    await expect(openParquet(fileOf(whole.slice(0, whole.byteLength - 20)))).rejects.toMatchObject({
      code: "parquet_broken",
      message: expect.stringContaining("cut off"),
    });
  });
});

describe("a NUL in a Parquet file", () => {
  it("is named by column and row in a text, and written as hex among bytes", async () => {
    const texts = parquetWriteBuffer({ columnData: [{ name: "name", data: ["a", "b\0c"], type: "STRING" }] });
    const { columns, batches } = await openParquet(fileOf(texts));
    const read = async () => {
      for await (const _ of withoutNul(columns, batches())) continue;
    };
    await expect(read()).rejects.toMatchObject({
      code: "source_nul",
      message: expect.stringContaining('Row 2 of the column "name"'),
    });
    const bytes = [Uint8Array.of(97, 98), Uint8Array.of(97, 0, 98)];
    const raw = parquetWriteBuffer({ columnData: [{ name: "raw", data: bytes, type: "BYTE_ARRAY" }] });
    const cells: unknown[] = [];
    for await (const batch of (await openParquet(fileOf(raw))).batches()) cells.push(...batch.flat());
    expect(cells).toEqual(["ab", "610062"]);
  });
});
