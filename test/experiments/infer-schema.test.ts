import { describe, expect, test } from "vitest";
import { parseStatedSchema } from "../../src/experiments/training/feature.ts";
import type { StatedSchema, Target } from "../../src/experiments/training/feature.ts";
import { inferSchema } from "../../src/experiments/training/infer-schema.ts";
import type { InferredSchema } from "../../src/experiments/training/infer-schema.ts";

function infer(csv: string, target: Target | null = null, stated: StatedSchema = {}): InferredSchema {
  return inferSchema(new TextEncoder().encode(csv), target, stated);
}

/** A CSV of one interesting column `x` beside a number, so that an empty cell makes no blank line. */
function column(cells: string[]): string {
  return `x;n\n${cells.map((cell) => `${cell};1`).join("\n")}\n`;
}

function kindOf(cells: string[], stated: StatedSchema = {}): string | undefined {
  return infer(column(cells), null, stated).schema.features[0]?.kind;
}

function repeat(count: number, cell: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => cell(index));
}

describe("the kind of a column", () => {
  test.each([
    ["numbers", ["1", "", "-2.5e3"], "numeric"],
    ["0 and 1", ["0", "1", "1"], "numeric"],
    ["numbers beside missing markers", ["1", "NA", "?", "-", " ", "None"], "numeric"],
    ["nothing at all", ["", "", ""], "numeric"],
    ["nothing but markers", ["NA", ""], "numeric"],
    ["true and false in any case", ["True", "FALSE", "", "true"], "boolean"],
    ["true, false and a number", ["true", "false", "2"], "categorical"],
    ["true and false beside 1 and 0, and missing markers", ["true", "0", "NA", "1.0"], "boolean"],
    ["thousands in groups", ["1.234,50", "12.500,00"], "numeric"],
    ["thousands with no-break blanks", ["1\u00a0234,5", "12\u00a0500,0"], "numeric"],
    ["yes and no", ["yes", "no", "yes"], "categorical"],
    ["words beside a question mark", ["a", "?", "b", "a"], "categorical"],
    ["20 short words, each once", repeat(20, (i) => `w${i}`), "categorical"],
    ["21 short words, each once", repeat(21, (i) => `w${i}`), "text"],
    [
      "3 long sentences, each once",
      repeat(3, (i) => `This is a whole sentence of its own, with the number ${i}.`),
      "text",
    ],
    ["50 words, each twice", repeat(100, (i) => `w${i % 50}`), "categorical"],
    ["51 codes, each twice", repeat(102, (i) => `w${i % 51}`), "categorical"],
    ["51 sentences, each twice", repeat(102, (i) => `a sentence of more than forty characters, ${i % 51}`), "text"],
    ["1,000 codes in 1,190 rows", repeat(1190, (i) => `w${i % 1000}`), "text"],
    ["1,000 codes in 1,200 rows", repeat(1200, (i) => `w${i % 1000}`), "categorical"],
    ["51 words, five times each", repeat(255, (i) => `w${i % 51}`), "categorical"],
    ["1,000 words, five times each", repeat(5000, (i) => `w${i % 1000}`), "categorical"],
    ["1,001 words, five times each", repeat(5005, (i) => `w${i % 1001}`), "categorical"],
    ["tickets, half of them numbers", repeat(400, (i) => (i % 2 === 0 ? `${i}` : `A/${i}`)), "text"],
    ["1 typing error among 100 numbers", repeat(100, (i) => (i === 7 ? "?0.2" : `${i}`)), "numeric"],
    ["2 typing errors among 100 numbers", repeat(100, (i) => (i % 50 === 7 ? "?0.2" : `${i}`)), "text"],
  ])("of %s", (_name, cells, kind) => {
    expect(kindOf(cells)).toBe(kind);
  });

  test("is what the user states", () => {
    expect(kindOf(["1", "2"], { kinds: { x: "categorical" } })).toBe("categorical");
    expect(kindOf(["0", "1"], { kinds: { x: "boolean" } })).toBe("boolean");
    expect(kindOf(["1", "2"], { categories: { x: ["2", "1", "2"] } })).toBe("categorical");
  });

  test("reads numbers with the decimal comma of the file", () => {
    expect(kindOf(["1,5", "2,25"])).toBe("numeric");
  });
});

describe("notes", () => {
  test("tell of markers, of cells that are no numbers and where the first one is, and of empty columns", () => {
    const cells = repeat(200, (i) => (i === 0 ? "NA" : i === 5 ? "n.b." : `${i}`));
    const { notes } = infer(`x,y\n${cells.map((cell) => `${cell},`).join("\n")}`);
    expect(notes.map((note) => note.code)).toEqual(["missing_markers", "not_a_number", "column_empty"]);
    expect(notes[1]?.message).toContain('line 7 has "n.b."');
  });

  test("tell of the cell that keeps a column of numbers from being numeric", () => {
    const { notes, cells } = infer(`x,y\n${repeat(50, (i) => (i === 3 ? "inf,1" : `${i},1`)).join("\n")}\n`);
    expect(notes).toMatchObject([{ code: "mostly_numbers", message: expect.stringContaining('line 5 has "inf"') }]);
    expect(cells.get("x")).toEqual({ unreadable: null, notNumeric: { line: 5, text: "inf" } });
  });

  test("count the cells of booleans that are none, among words that say yes and no", () => {
    const stated = { kinds: { x: "boolean" } } as const;
    const { cells } = infer("x,y\nyes,1\nN,1\nperhaps,1\n2,1\ntrue,1\n", null, stated);
    expect(cells.get("x")?.unreadable).toEqual({ count: 2, first: { line: 4, text: "perhaps" } });
  });

  test("say when the header looks like data, but not for numbered columns", () => {
    expect(infer("5.1,setosa\n4.9,setosa\n").notes.map((note) => note.code)).toEqual(["header_looks_like_data"]);
    expect(infer("0,1\n4.9,3\n").notes).toEqual([]);
  });

  test("are absent for a plain file", () => {
    expect(infer("x,y\n1,a\n2,b\n").notes).toEqual([]);
  });
});

describe("the target", () => {
  test("is no feature; its labels are canonical and in order", () => {
    const { schema } = infer("y,x\n10,1\n2.0,2\n2,3\n,4\nNA,5\n", { name: "y", kind: "label" });
    expect(schema.features.map((feature) => feature.name)).toEqual(["x"]);
    expect(schema.target).toEqual({ name: "y", kind: "label", labels: ["2", "10"] });
  });

  test("keeps a label that looks like a missing marker among words", () => {
    const { schema } = infer("y,x\nNone,1\nlow,2\n-,3\n", { name: "y", kind: "label" });
    expect(schema.target?.labels).toEqual(["-", "None", "low"]);
  });

  test("of a regression has no labels and has to be numbers", () => {
    expect(infer("y,x\n1.5,1\nNA,2\n", { name: "y", kind: "numeric" }).schema.target?.labels).toEqual([]);
    expect(() => infer("y,x\n1.5,1\nlow,2\n", { name: "y", kind: "numeric" })).toThrow('line 3 has "low"');
  });

  test("is refused when it is absent, empty, or has too many labels", () => {
    const target: Target = { name: "y", kind: "label" };
    expect(() => infer("x,z\n1,2\n", target)).toThrow("no column y");
    expect(() => infer("x,y\n1,\n", target)).toThrow("no value in any row");
    expect(() => infer("x,y\nNA,\n", { name: "x", kind: "numeric" })).toThrow("no value in any row");
    const csv = `x,y\n${repeat(1001, (i) => `1,${i}`).join("\n")}`;
    expect(() => infer(csv, target)).toThrow("more than 1,000 different labels");
  });

  test("with one label only is worth a warning", () => {
    const { notes } = infer("x,y\n1,a\n2,a\n", { name: "y", kind: "label" });
    expect(notes.map((note) => note.code)).toEqual(["single_label"]);
  });
});

describe("a stated schema", () => {
  test("takes columns out of the features", () => {
    const { schema } = infer("id,x\n1,2\n", null, { not_features: ["id"] });
    expect(schema).toEqual({
      features: [{ name: "x", kind: "numeric", categories: null }],
      target: null,
      notFeatures: ["id"],
    });
  });

  test("is refused when it names columns that are not there, all of them named", () => {
    const json = '{"kinds": {"ag": "text", "toString": "text"}, "not_features": ["ids"]}';
    const stated = parseStatedSchema(JSON.parse(json));
    expect(() => infer("id,age\n1,2\n", null, stated)).toThrow(
      "The CSV has no column ag. The CSV has no column toString. The CSV has no column ids. Its columns are id, age.",
    );
  });

  test("is refused when a column has categories and another kind", () => {
    const stated: StatedSchema = { kinds: { x: "numeric" }, categories: { x: ["1"] } };
    expect(() => infer("x,y\n1,2\n", null, stated)).toThrow("its kind cannot be numeric");
  });

  test("about the target has no effect, and a note says so", () => {
    const { notes } = infer("x,y\n1,2\n3,4\n", { name: "y", kind: "numeric" }, { kinds: { y: "text" } });
    expect(notes.map((note) => note.code)).toEqual(["target_is_no_feature"]);
  });
});
