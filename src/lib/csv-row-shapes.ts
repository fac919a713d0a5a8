import { CsvError } from "./csv-error.ts";
import type { CsvRow } from "./csv-scanner.ts";

interface Shape {
  rows: number;
  line: number;
  got: number;
}

/** Watches over the number of fields of each row: all like the header, or all with one delimiter too many at their end. */
export class RowShapes {
  readonly #expected: number;
  readonly #isHeaderTrailing: boolean;
  readonly #plain: Shape = { rows: 0, line: 0, got: 0 };
  readonly #trailing: Shape = { rows: 0, line: 0, got: 0 };
  readonly #other: Shape = { rows: 0, line: 0, got: 0 };

  /** `expected` columns have a name; the header row has `headerFields` fields: one more when it ends in a delimiter. */
  constructor(expected: number, headerFields: number) {
    this.#expected = expected;
    this.#isHeaderTrailing = headerFields > expected;
  }

  /** Takes note of a row; false once the rows up to here do not fit together. */
  admit(row: Pick<CsvRow, "line" | "length" | "isEmpty">): boolean {
    const isTrailing = row.length === this.#expected + 1 && row.isEmpty(this.#expected);
    const shape = isTrailing ? this.#trailing : row.length === this.#expected ? this.#plain : this.#other;
    if (shape.rows === 0) {
      shape.line = row.line;
      shape.got = row.length;
    }
    shape.rows++;
    return this.#misfits().length === 0;
  }

  /** Throws csv_ragged (or csv_empty_header for values under a column without a name) when rows did not fit. */
  refuse(): void {
    const misfits = this.#misfits();
    const first = misfits.toSorted((a, b) => a.line - b.line)[0];
    if (first === undefined) return;
    const { line, got } = first;
    const expected = this.#expected + (this.#isHeaderTrailing ? 1 : 0);
    if (got === expected) {
      throw new CsvError(
        "csv_empty_header",
        `Column ${expected} has no name in the header row, but line ${line} has a value in it. Name it or leave it out.`,
        { line },
      );
    }
    const rows = misfits.reduce((sum, shape) => sum + shape.rows, 0);
    const others = rows === 1 ? "It is the only such row." : `${rows.toLocaleString("en-US")} rows do not fit.`;
    throw new CsvError(
      "csv_ragged",
      `Line ${line} has ${got} ${got === 1 ? "field" : "fields"}, the header row has ${expected}. ${others} Give every row all its cells, and put quotes around cells that hold the delimiter.`,
      { line, expected, got, rows },
    );
  }

  // One delimiter too many is let pass only on every row: cut from a single one it could be a comma inside the text.
  #misfits(): Shape[] {
    const isAllTrailing = this.#trailing.rows > 0 && this.#plain.rows === 0 && this.#other.rows === 0;
    if (this.#isHeaderTrailing || isAllTrailing) return [this.#plain, this.#other].filter(hasRows);
    return [this.#trailing, this.#other].filter(hasRows);
  }
}

function hasRows(shape: Shape): boolean {
  return shape.rows > 0;
}
