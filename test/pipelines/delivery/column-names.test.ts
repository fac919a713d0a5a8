import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnNames } from "../../../src/pipelines/delivery/column-names.ts";
import { MYSQL_NAMES, parseTable, POSTGRES_NAMES, quoteName } from "../../../src/pipelines/delivery/table-name.ts";

const anyNames = fc.uniqueArray(
  fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 90 }),
    fc.constantFrom(
      "Yes",
      "yes",
      "YES",
      "ctid",
      "xmin",
      "FTS_DOC_ID",
      "é".repeat(40),
      "x".repeat(80),
      "x".repeat(81),
      "🙂",
    ),
  ),
  { minLength: 1, maxLength: 30 },
);

describe.each([POSTGRES_NAMES, MYSQL_NAMES])("the names of columns in $product", (rules) => {
  it("are ones that it takes, no two the same to it, and the same in any order of the columns", () => {
    fc.assert(
      fc.property(anyNames, (names) => {
        const given = columnNames(names, rules);
        expect(new Set(given.map(rules.folded)).size).toBe(names.length);
        for (const name of given) expect(() => quoteName(name, rules)).not.toThrow();
        const turned = columnNames(names.toReversed(), rules).toReversed();
        expect(turned).toEqual(given);
      }),
    );
  });

  it("stay as they are where it takes them", () => {
    const names = ["select", "Ünïcode name", "a.b", 'it"s', "x".repeat(63)];
    expect(columnNames(names, rules)).toEqual(names);
  });
});

describe("a table's name", () => {
  it.each([
    ["sales.t", "sales", "t"],
    ['sales."t"', "sales", "t"],
    ['"my sales"."my.table"', "my sales", "my.table"],
    ['"a""b"', null, 'a"b'],
    ["plain", null, "plain"],
    ['scores "x"; drop', null, 'scores "x"; drop'],
  ])("%s of PostgreSQL is that table of that schema", (label, schema, name) => {
    expect(parseTable(label, POSTGRES_NAMES)).toEqual({ label, schema, name });
  });

  it("may be in the quotes of MySQL too", () => {
    expect(parseTable("`sales`.`t`", MYSQL_NAMES)).toMatchObject({ schema: "sales", name: "t" });
    expect(parseTable("sales.`t``x`", MYSQL_NAMES)).toMatchObject({ schema: "sales", name: "t`x" });
  });
});
