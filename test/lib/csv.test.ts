import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { CsvError } from "../../src/lib/csv-error.ts";
import { readCsv, readCsvHeader, readCsvMarks } from "../../src/lib/csv.ts";
import type { CsvInfo, CsvOptions } from "../../src/lib/csv.ts";
import { rounds } from "../support/thorough.ts";

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

interface Read {
  info: CsvInfo;
  rows: string[][];
  lines: number[];
}

function read(csv: string | Uint8Array, options: CsvOptions = {}): Read {
  const rows: string[][] = [];
  const lines: number[] = [];
  const bytes = typeof csv === "string" ? bytesOf(csv) : csv;
  const info = readCsv(bytes, options, (fields, line) => {
    rows.push(fields);
    lines.push(line);
  });
  return { info, rows, lines };
}

function refusal(csv: string | Uint8Array): CsvError {
  try {
    read(csv);
  } catch (error) {
    if (error instanceof CsvError) return error;
    throw error;
  }
  throw new Error("The CSV was read.");
}

describe("readCsv", () => {
  test("gives the rows under the header, unquoted, with the line on which each begins", () => {
    const { info, rows, lines } = read('a,b\n1,"x, ""y"""\n"two\nlines",3\n4,\n');
    expect(info).toEqual({ columns: ["a", "b"], delimiter: ",", rows: 3 });
    expect(rows).toEqual([
      ["1", 'x, "y"'],
      ["two\nlines", "3"],
      ["4", ""],
    ]);
    expect(lines).toEqual([2, 3, 5]);
  });

  test.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ])("ends rows with %s, passes over blank lines and counts them", (_name, end) => {
    const { rows, lines } = read(["a,b", "", "1,2", "  ", '"3', '4",5', "6,7"].join(end));
    expect(rows).toEqual([
      ["1", "2"],
      [`3${end}4`, "5"],
      ["6", "7"],
    ]);
    expect(lines).toEqual([3, 5, 7]);
  });

  test("passes over a byte order mark and takes blanks off the names, not off the cells", () => {
    const { info, rows } = read("\ufeff a ,ä\n x ,ß\n");
    expect(info.columns).toEqual(["a", "ä"]);
    expect(rows).toEqual([[" x ", "ß"]]);
  });

  test("keeps a quoted empty cell of a single column as a row", () => {
    expect(read('a\n1\n\n""\n2\n').rows).toEqual([["1"], [""], ["2"]]);
  });

  test("takes a quote inside an unquoted cell as it is, and lets blanks follow a closing quote", () => {
    expect(read('a,b\n5" pipe,"x" \n').rows).toEqual([['5" pipe', "x"]]);
  });

  test("reads long runs of text that is not ASCII", () => {
    const cells = Array.from({ length: 3000 }, (_, index) => `ключ ${index} 🚲`);
    const { rows } = read(`a,b\n${cells.map((cell, index) => `${cell},${index}`).join("\n")}`);
    expect(rows.map((row) => row[0])).toEqual(cells);
  });

  test("tolerates a delimiter at the end of every row, with or without one in the header", () => {
    expect(read("a,b,\n1,2,\n3,4,\n").rows).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
    expect(read("a,b\n1,2,\n3,4,\n").rows).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
  });
});

describe("how a file is written", () => {
  test.each([
    [",", "a,b;c,d\n1,x;y,2\n3,z,4\n"],
    [";", "a;b\n1,5;2,25\n1,5;3,75\n"],
    ["\t", "a\tb\nhello, you; there\t1\nx, y\t2\n"],
    [",", "a\n1\n"],
    [";", '"x, y";b\n"1, 2, 3";4\n'],
  ])("finds the delimiter %j", (delimiter, csv) => {
    expect(readCsvHeader(bytesOf(csv)).delimiter).toBe(delimiter);
  });

  test.each([
    ["fractions with a comma", "a;b\n1,5;x\n-2,25;y\n", "comma"],
    ["fractions with a point", "a;b\n1.5;x\n", "point"],
    ["thousands with commas", "a;b\n1,500;x\n12,345,678;y\n", "point+groups"],
    ["thousands with points", "a;b\n1.500;x\n1.500,25;y\n", "comma+groups"],
    ["what may be thousands beside a decimal comma in another column", "a;b\n1.500;0,25\n", "comma+groups"],
    ["what may be thousands beside a decimal point in another column", "a;b\n1.500;0.25\n", "point"],
    ["a fraction that only looks like thousands beside others", "a;b\n1,500;0,25\n", "comma"],
    ["what may be either in a file with semicolons", "a;b\n1,500;x\n", "comma"],
    ["what may be either in a file with commas", 'a,b\n"1,500",x\n', "point+groups"],
    ["what may be either, with points", "a;b\n1.500;x\n", "point"],
    ["whole numbers", "a;b\n1;2\n", "point"],
    ["a comma as delimiter", 'a,b\n"1,5",2\n', "comma"],
    ["numbers that change behind more than 256 kB", `a;b\n${"1;x\n".repeat(100_000)}1,5;x\n`, "comma"],
    [
      "both, of which most have a comma: then nobody knows what 1.500 is",
      "a;b\n1,5;x\n2,5;x\n1.5;x\n1.500;x\n",
      "comma",
    ],
  ])("notices how numbers are written: %s", (_name, csv, expected) => {
    expect(readCsvMarks(bytesOf(csv))[0]?.marks).toBe(expected);
  });

  test.each([
    ['sep=;\na;b\n1;"x,y"\n', ";"],
    ["\ufeffsep=,\r\na,b\r\n1,2\r\n", ","],
    ["SEP=\t\na\tb\n1\t2\n", "\t"],
  ])("understands Excel's first line in %j, and counts it among the lines", (csv, delimiter) => {
    const lines: number[] = [];
    const info = readCsv(bytesOf(csv), {}, (_fields, line) => lines.push(line));
    expect(info).toEqual({ columns: ["a", "b"], delimiter, rows: 1 });
    expect(lines).toEqual([3]);
  });
});

describe("refusals", () => {
  test.each([
    ["", "csv_empty"],
    ["\ufeff \r\n\n", "csv_empty"],
    ["a,b\n\n", "csv_header_only"],
  ])("refuses %j as %s", (csv, code) => {
    expect(refusal(csv).code).toBe(code);
  });

  test("names the first line of invalid UTF-8", () => {
    const csv = new Uint8Array([...bytesOf('a,b\r\n1,"x\ny"\r\n2,'), 0xe9, ...bytesOf("t\r\n")]);
    const error = refusal(csv);
    expect(error.code).toBe("csv_encoding");
    expect(error.details.line).toBe(4);
    expect(error.message).toContain("UTF-8");
  });

  test("refuses a file whose last character is cut", () => {
    expect(refusal(bytesOf("a,b\n1,ä").slice(0, -1))).toMatchObject({ code: "csv_encoding", details: { line: 2 } });
  });

  test.each([
    ["UTF-16 LE", [0xff, 0xfe, 0x61, 0x00]],
    ["UTF-16 BE", [0xfe, 0xff, 0x00, 0x61]],
    ["UTF-16 without a mark", [0x61, 0x00, 0x2c, 0x00]],
    ["a workbook", [0x50, 0x4b, 0x03, 0x04, 0x14]],
  ])("refuses %s and says to save as UTF-8", (_name, bytes) => {
    const error = refusal(new Uint8Array(bytes));
    expect(error.code).toBe("csv_encoding");
    expect(error.message).toContain("Save it as CSV in UTF-8");
  });

  test("names the first ragged row and how many there are, and gives no row after it", () => {
    const given: string[][] = [];
    const csv = bytesOf("a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3\n");
    const error = (() => {
      try {
        readCsv(csv, {}, (fields) => given.push(fields));
      } catch (caught) {
        return caught;
      }
      return null;
    })();
    expect(error).toMatchObject({ code: "csv_ragged", details: { line: 3, expected: 3, got: 2, rows: 2 } });
    expect(given).toEqual([["1", "2", "3"]]);
  });

  test("takes a delimiter at the end of some rows for a ragged row, whichever comes first", () => {
    expect(refusal("a,b\n1,2,\n3,4\n").details).toEqual({ line: 2, expected: 2, got: 3, rows: 1 });
    expect(refusal("a,b\n1,2\n3,4,\n").details).toEqual({ line: 3, expected: 2, got: 3, rows: 1 });
    expect(refusal("a,b,\n1,2,\n3,4\n").details).toEqual({ line: 3, expected: 3, got: 2, rows: 1 });
  });

  test("names columns that occur twice or have no name", () => {
    expect(refusal("a,b, a,b\n1,2,3,4\n")).toMatchObject({
      code: "csv_duplicate_header",
      details: { names: ["a", "b"] },
    });
    expect(refusal(",a\n0,1\n")).toMatchObject({ code: "csv_empty_header" });
    expect(refusal(",a\n0,1\n").message).toContain("index=False");
    expect(refusal("a,b,\n1,2,3\n")).toMatchObject({ code: "csv_empty_header", details: { line: 2 } });
  });

  test("names the line on which a quote opens that is never closed", () => {
    expect(refusal('a,b\n1,"x\ny"\n2,"z\n3,4\n')).toMatchObject({ code: "csv_unclosed_quote", details: { line: 4 } });
  });

  test("names the line of a quoted cell that goes on after its quote", () => {
    expect(refusal('a,b\n1,2\n"x" y,3\n')).toMatchObject({ code: "csv_stray_quote", details: { line: 3 } });
  });

  test("takes a cell of 64 kB and refuses a longer one, quoted or not, measured in bytes", () => {
    const full = "ä".repeat(32_000);
    expect(read(`a,b\n${full},1\n`).rows[0]?.[0]).toBe(full);
    expect(read(`a,b\n"${'""'.repeat(64_000)}",1\n`).rows[0]?.[0]).toBe('"'.repeat(64_000));
    expect(refusal(`a,b\n1,2\n${full}x,1\n`)).toMatchObject({ code: "csv_cell_too_large", details: { line: 3 } });
    expect(refusal(`a,b\n"${full}x",1\n`)).toMatchObject({ code: "csv_cell_too_large", details: { line: 2 } });
  });

  test("takes 4,096 columns and refuses more", () => {
    const names = Array.from({ length: 4097 }, (_, index) => `c${index}`);
    const fit = names.slice(0, 4096);
    expect(read(`${fit.join()}\n${fit.join()}\n`).info.columns).toHaveLength(4096);
    expect(refusal(`${names.join()}\n${names.join()}\n`).code).toBe("csv_too_many_columns");
    expect(refusal(`${",".repeat(100_000)}\n`).code).toBe("csv_too_many_columns");
  });
});

describe("properties", () => {
  const cell = fc.oneof(
    fc.constantFrom("", " ", '"', '""', ",", ";", "\t", "\n", "\r\n", "1,5", "-", "naïve", "日本", "🚲"),
    fc.string({ unit: "binary", maxLength: 12 }),
  );
  const table = fc.integer({ min: 2, max: 6 }).chain((width) =>
    fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 12,
    }),
  );

  test("every table comes back as it was written, and as PapaParse reads it", () => {
    const written = fc.record({
      table,
      delimiter: fc.constantFrom("," as const, ";" as const, "\t" as const),
      end: fc.constantFrom("\n", "\r\n", "\r"),
      hasLastEnd: fc.boolean(),
    });
    fc.assert(
      fc.property(written, ({ table: cells, delimiter, end, hasLastEnd }) => {
        // NUL stands for a binary file.
        const clean = cells.map((row) => row.map(([text]) => text.replaceAll("\0", "0")));
        const header = clean[0]?.map((_, index) => `column ${index}`) ?? [];
        const lines = clean.map((row, index) =>
          row.map((text, at) => quoted(text, delimiter, cells[index]?.[at]?.[1] ?? false)).join(delimiter),
        );
        const csv = [header.join(delimiter), ...lines].join(end) + (hasLastEnd ? end : "");
        const { rows, info } = read(csv, { delimiter });
        expect(rows).toEqual(clean);
        expect(info.columns).toEqual(header);
        const papa = Papa.parse<string[]>(csv, { delimiter, newline: end });
        expect([info.columns, ...rows]).toEqual(hasLastEnd ? papa.data.slice(0, -1) : papa.data);
      }),
      { numRuns: rounds(500, 100) },
    );
  });

  test("whatever the bytes are, they are read or refused as a CsvError", () => {
    const bytes = fc.array(fc.oneof(fc.constantFrom(...bytesOf('a1,;\t"\n\r .')), fc.nat(255)), { maxLength: 60 });
    fc.assert(
      fc.property(bytes, (list) => {
        try {
          const { rows, info } = read(new Uint8Array(list));
          expect(rows).toHaveLength(info.rows);
          for (const row of rows) expect(row).toHaveLength(info.columns.length);
        } catch (error) {
          expect(error).toBeInstanceOf(CsvError);
        }
      }),
      { numRuns: rounds(2000, 100) },
    );
  });
});

function quoted(text: string, delimiter: string, always: boolean): string {
  if (!always && !/["\r\n]/.test(text) && !text.includes(delimiter)) return text;
  return `"${text.replaceAll('"', '""')}"`;
}
