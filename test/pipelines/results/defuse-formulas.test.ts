import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { defuseFormulas } from "../../../src/pipelines/results/defuse-formulas.ts";
import { rounds } from "../../support/thorough.ts";

/** The bytes of the text in pieces of these sizes, over and over. */
function streamOf(text: string, sizes: readonly number[]): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  let index = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const size = sizes[index++ % sizes.length] ?? bytes.length;
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

async function defused(text: string, sizes: readonly number[] = [65_536]): Promise<string> {
  const bytes = await new Response(defuseFormulas(streamOf(text, sizes))).arrayBuffer();
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** By regular expressions and Unicode's own normalization, where the code has a table and reads bytes. */
function isFormula(text: string): boolean {
  if (/^ *[+-](\d+\.?\d*|\.\d+)(e[+-]?\d+)? *$/i.test(text)) return false;
  const [, blanks = "", rest = ""] = /^([\p{White_Space}\p{Cc}\p{Cf}\p{DI}]*)(.*)$/su.exec(text) ?? [];
  if (/[\t\r\n\0]/.test(blanks)) return true;
  const [first = ""] = rest;
  return /^[=+\-@]/.test(first.normalize("NFKC"));
}

interface Cell {
  text: string;
  isQuoted: boolean;
}

function csvOf(rows: readonly Cell[][], textOf: (text: string) => string): string {
  const cell = ({ text, isQuoted }: Cell) => (isQuoted ? `"${textOf(text).replaceAll('"', '""')}"` : textOf(text));
  return rows.map((row) => `${row.map(cell).join(",")}\n`).join("");
}

const ASCII = "=+-@\t\r\n\0 ,;\"'xeE.09\u000b\u007f".split("");
const OTHERS = "\ufeff \u00a0 \u3000 \u200b \u00ad ＝ ＋ － ＠ ﹦ ⁺ ⩵ ä 東 😀 \u0338".split(" ");
const PIECES = [...ASCII, ...OTHERS, "1.5", "e-7", "\r\n"];
const CELL = fc
  .oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join("")),
    fc.string({ unit: "binary", maxLength: 5 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  )
  // A quoted cell may hold anything; another begins with no quote and holds nothing that would end it.
  .chain((text) => fc.boolean().map((isQuoted) => ({ text, isQuoted: isQuoted || /^"|[,\r\n]/.test(text) })));
const ROWS = fc
  .tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .chain(([columns, rows]) =>
    fc.array(fc.array(CELL, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
  );
const SIZES = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });

describe("a CSV for spreadsheets", () => {
  it("has an apostrophe in front of exactly the dangerous cells, however it comes in pieces", async () => {
    await fc.assert(
      fc.asyncProperty(ROWS, SIZES, async (rows, sizes) => {
        // A byte order mark at the start belongs to the file, not to a cell.
        const plain = [[{ text: "h", isQuoted: false }], ...rows];
        const input = csvOf(plain, (text) => text);
        const output = await defused(input, sizes);
        expect(output).toBe(csvOf(plain, (text) => (isFormula(text) ? `'${text}` : text)));
        const read = (text: string) => Papa.parse<string[]>(text, { delimiter: ",", newline: "\n" }).data;
        expect(read(output)).toEqual(
          read(input).map((row) => row.map((text) => (isFormula(text) ? `'${text}` : text))),
        );
      }),
      { numRuns: rounds(1_500, 100) },
    );
  });

  it.each<[string, string]>([
    ["=1+1,a\n", "'=1+1,a\n"],
    ["\"=cmd|'/C calc'!A0\",x\n", "\"'=cmd|'/C calc'!A0\",x\n"],
    ["a\n@SUM(1)\n", "a\n'@SUM(1)\n"],
    ["-1.5,+3e-7,-.5,+5.,-1E+21, -2 \n", "-1.5,+3e-7,-.5,+5.,-1E+21, -2 \n"],
    ["-1+1,-,+,-e5,-1e,-1.2.3,--1,-Infinity\n", "'-1+1,'-,'+,'-e5,'-1e,'-1.2.3,'--1,'-Infinity\n"],
    ['"-1.5","-1.5" ,"-1,5","-1""","-1\n"\n', '"-1.5","-1.5" ,"\'-1,5","\'-1""","\'-1\n"\n'],
    ["  =1,\ta,\u00a0\u200b=1\n", "'  =1,'\ta,'\u00a0\u200b=1\n"],
    ['"\r=1","\n=1","\ra"\r\n', '"\'\r=1","\'\n=1","\'\ra"\r\n'],
    ["＝1,＋1,－1,＠a,−1,ー1\n", "'＝1,'＋1,'－1,'＠a,−1,ー1\n"],
    ['"""=1",a=1,a"=1\n', '"""=1",a=1,a"=1\n'],
    // What no CSV should have, and a lenient reader takes for =1 all the same.
    ['""=1,"" =1\n', '"\'"=1,"\'" =1\n'],
    ["a\r=1\r\n=2", "a\r'=1\r\n'=2"],
    ["-1", "-1"],
    ["-1+", "'-1+"],
    ['"-1"', '"-1"'],
    ["", ""],
    ["\ufeff", "\ufeff"],
    ["\ufeff=a,b\n", "\ufeff'=a,b\n"],
    ['\ufeff"=a",b\n', '\ufeff"\'=a",b\n'],
    ["\ufeff-1,\ufeff-1\n", "\ufeff-1,'\ufeff-1\n"],
  ])("%j becomes %j, also byte by byte", async (input, output) => {
    expect(await defused(input)).toBe(output);
    expect(await defused(input, [1])).toBe(output);
  });

  it("knows every character that normalization turns into one that begins a formula", async () => {
    const characters = Array.from({ length: 0x11_0000 }, (_, code) => code)
      .filter((code) => (code < 0xd800 || code > 0xdfff) && code > 0x7f)
      .map((code) => String.fromCodePoint(code));
    const lines = (await defused(`x\n${characters.join("\n")}`)).split("\n").slice(1);
    const marked = characters.filter((_, index) => lines[index]?.startsWith("'"));
    expect(marked).toEqual(characters.filter((character) => /^[=+\-@]/.test(character.normalize("NFKC"))));
    expect(marked.length).toBeGreaterThan(10);
  });

  it("takes a cell for a formula that begins with more blanks or digits than it looks at, and holds no more of it", async () => {
    for (const size of [1, 7, 100_000]) {
      const blanks = " ".repeat(300);
      expect(await defused(`${blanks}a,"${blanks}b",${" ".repeat(200)}c\n`, [size])).toBe(
        `'${blanks}a,"'${blanks}b",${" ".repeat(200)}c\n`,
      );
      const digits = "1".repeat(300);
      expect(await defused(`-${digits},${digits},-${digits.slice(100)}\n`, [size])).toBe(
        `'-${digits},${digits},-${digits.slice(100)}\n`,
      );
    }
  });

  it("passes an error of its source on", async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error("the store is gone"));
      },
    });
    await expect(new Response(defuseFormulas(broken)).text()).rejects.toThrow("the store is gone");
  });
});
