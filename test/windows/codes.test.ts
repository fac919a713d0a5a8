import { describe, expect, it } from "vitest";
import { codeBucket } from "../../src/experiments/training/code-tail.ts";
import { inferSchema } from "../../src/experiments/training/infer-schema.ts";
import { profileTable } from "../../src/experiments/training/profile.ts";
import { readTrainingTable } from "../../src/experiments/training/training-table.ts";
import { addTally, emptyTally, rowsOf, slotOf, tailOf } from "../../src/windows/tally.ts";
import { columnFold } from "../../src/windows/fold-column.ts";
import { referenceColumns } from "../../src/windows/reference.ts";

/** "big" in 40 rows, and 60 codes of which half occur once, half twice. */
const CODES = [...Array.from({ length: 40 }, () => "big"), ...Array.from({ length: 90 }, (_, row) => `c${row % 60}`)];

function codesColumn() {
  const bytes = new TextEncoder().encode(["code", ...CODES].join("\n"));
  const { schema } = inferSchema(bytes, null);
  const [column] = referenceColumns(profileTable(readTrainingTable(bytes, schema)));
  if (!column) throw new Error("One column, one reference.");
  return column;
}

describe("a column of codes that seldom repeat", () => {
  const column = codesColumn();

  it("lists the first 50, and counts the others in buckets", () => {
    expect(column.kind).toBe("categorical");
    expect(column.binning.categories).toHaveLength(50);
    expect(column.binning.categories[0]).toBe("big");
    expect(column.rare).toEqual({ once: 30, twice: 30 });
    expect(rowsOf(column.binning, column.tally)).toBe(130);
    const tail = tailOf(column.binning, column.tally);
    // 30 codes occur twice and are listed first, 19 of those that occur once follow.
    expect(tail?.reduce((sum, count) => sum + count, 0)).toBe(11);
    expect(tail?.[codeBucket("c59")]).toBeGreaterThanOrEqual(1);
  });

  it("tells known codes from new ones, and counts each row once", () => {
    const tally = emptyTally(column.binning);
    columnFold(column)({ texts: ["big", "c7", "c59", "never", "never", null] }, tally);
    expect(slotOf(tally, "unseen")).toBe(2);
    expect(slotOf(tally, "missing")).toBe(1);
    expect(rowsOf(column.binning, tally)).toBe(6);
    expect(tailOf(column.binning, tally)?.reduce((sum, count) => sum + count, 0)).toBe(3);
    addTally(tally, tally.slice());
    expect(rowsOf(column.binning, tally)).toBe(12);
  });
});
