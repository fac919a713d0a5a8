import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { actionWords, fieldChanges } from "../../src/pages/audit/action-words.ts";
import { csvCell } from "../../src/audit/audit-file.ts";
import { readCsv } from "../../src/lib/csv.ts";

describe("a cell of the audit file", () => {
  it.each([
    ["plain", "plain"],
    ["", ""],
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
    ["a=1", "a=1"],
  ])("writes %j as %j", (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  it("reads back as the text, behind an apostrophe where it began as a formula does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), (text) => {
        const bytes = new TextEncoder().encode(`a,b\r\n${csvCell(text)},end\r\n`);
        const cells: string[] = [];
        readCsv(bytes, { delimiter: "," }, (row) => void cells.push(...row));
        expect(cells).toEqual([/^[=+\-@\t\r]/.test(text) ? `'${text}` : text, "end"]);
      }),
    );
  });
});

describe("the words of an action", () => {
  it.each([
    ["project.create", "created the project"],
    ["member.set", "gave a role to"],
    ["model.delete", "deleted the model"],
    ["connection.create", "created the connection"],
    ["dataset.delete", "deleted the dataset"],
    ["api_key.revoke", "revoked the api key"],
    ["pipeline.start_over", "start over the pipeline"],
  ])("of %s are %s", (action, words) => {
    expect(actionWords(action)).toBe(words);
  });

  it("come with what has changed, each field once", () => {
    expect(fieldChanges({ role: "viewer", gone: 1 }, { role: "admin", rows: [1, 2], note: null })).toEqual([
      { field: "role", before: "viewer", after: "admin" },
      { field: "gone", before: "1", after: null },
      { field: "rows", before: null, after: "[1,2]" },
      { field: "note", before: null, after: "" },
    ]);
    expect(fieldChanges(null, null)).toEqual([]);
  });
});
