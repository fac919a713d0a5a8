import { cellText, type ColumnType, type DeliveredFile, isMissing } from "./delivered-file.ts";

/** Of one statement: below the smallest `max_allowed_packet` that servers come with (4 MB), also in UTF-8 of three bytes a character. */
const CHUNK_CHARS_MAX = 1_000_000;

/** A cell as a text, a number, a truth value, or nothing. */
type Cell = (value: unknown) => string | number | boolean | null;

/** How the cells of each column are written: times as MySQL reads them, truth values by their words in a column of text. */
export function cellsOf(
  { columns }: Pick<DeliveredFile, "columns">,
  present: ReadonlyMap<string, string> | null,
): Cell[] {
  return columns.map(({ name, type }) => {
    const isText = /text|char/.test(present?.get(name.toLowerCase()) ?? "");
    return isText ? WORDS : CELLS[type];
  });
}

const plain: Cell = (value) => (typeof value === "number" || typeof value === "boolean" ? value : cellText(value));
const WORDS: Cell = (value) => (typeof value === "boolean" ? String(value) : plain(value));
/** The server has no sign for UTC: its own times have no zone. */
const time: Cell = (value) => cellText(value).replace("T", " ").replace(/Z$/, "");

const CELLS: Record<ColumnType, Cell> = {
  text: plain,
  number: plain,
  integer: plain,
  boolean: plain,
  decimal: plain,
  date: plain,
  timestamp: time,
  datetime: time,
};

/** Rows as the lists of an `insert ... values`, in texts of about 1 MB; `literal` quotes a text. A missing cell is null. */
export async function* valueLists(
  batches: AsyncIterable<unknown[][]>,
  cells: readonly Cell[],
  literal: (text: string) => string,
): AsyncGenerator<string> {
  for await (const batch of batches) {
    let text = "";
    for (const row of batch) {
      text += text === "" ? "(" : ",(";
      for (const [index, cell] of cells.entries())
        text += (index === 0 ? "" : ",") + sqlCell(row[index], cell, literal);
      text += ")";
      if (text.length < CHUNK_CHARS_MAX) continue;
      yield text;
      text = "";
    }
    if (text !== "") yield text;
  }
}

function sqlCell(value: unknown, cell: Cell, literal: (text: string) => string): string {
  if (isMissing(value)) return "null";
  const written = cell(value);
  return typeof written === "string" ? literal(written.toWellFormed()) : String(written);
}
