import { joinedBytes } from "../../lib/joined-bytes.ts";
import { cellStart } from "./formula-start.ts";

const LF = 10;
const CR = 13;
const QUOTE = 34;
const APOSTROPHE = 39;
const COMMA = 44;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

// What the first byte of a cell says.
const HARMLESS = 0;
const CELL_END = 1;
const DOUBTFUL = 2;
const FIRST_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === COMMA || byte === LF || byte === CR) return CELL_END;
  return byte <= 32 || byte >= 127 || '"+-=@'.includes(String.fromCharCode(byte)) ? DOUBTFUL : HARMLESS;
});

/**
 * A CSV with commas, in UTF-8, in which no cell is a formula to a spreadsheet: those that `cellStart` calls so, in the header too, get an
 * apostrophe in front of their text, inside their quotes where they have some. Every other byte stays as it is. Constant memory; how
 * the stream is cut into chunks changes nothing. A program that splits lines at another sign than the comma sees other cells.
 */
export function defuseFormulas(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const defuser = new FormulaDefuser();
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        const bytes = defuser.defuse(chunk, false);
        if (bytes.length > 0) controller.enqueue(bytes);
      },
      flush(controller) {
        const bytes = defuser.defuse(new Uint8Array(), true);
        if (bytes.length > 0) controller.enqueue(bytes);
      },
    }),
  );
}

/** Where the next byte stands: at the start of the file or of a cell, in one, or behind a quote in a quoted one. */
type Place = "file" | "cell" | "unquoted" | "quoted" | "quote";

class FormulaDefuser {
  #place: Place = "file";
  /** The start of a cell that cannot be judged yet: a few hundred bytes. */
  #held = new Uint8Array();

  /** The bytes that can be given out once `chunk` has come. */
  defuse(chunk: Uint8Array, isFinal: boolean): Uint8Array {
    const bytes = this.#held.length === 0 ? chunk : joinedBytes(this.#held, chunk);
    const apostrophes: number[] = [];
    const end = this.#scan(bytes, isFinal, apostrophes);
    this.#held = bytes.slice(end);
    return withApostrophes(bytes.subarray(0, end), apostrophes);
  }

  /** Notes where apostrophes are wanted, and returns the place from which on `bytes` are to be read again with more of them. */
  #scan(bytes: Uint8Array, isFinal: boolean, apostrophes: number[]): number {
    const end = bytes.length;
    let at = this.#place === "file" ? textStart(bytes, isFinal) : 0;
    if (at < 0) return 0;
    let place = this.#place === "file" ? "cell" : this.#place;
    while (at < end) {
      if (place === "unquoted") {
        at = cellEnd(bytes, at);
        if (at < end) place = "cell";
      } else if (place === "quoted") {
        const quote = bytes.indexOf(QUOTE, at);
        at = quote < 0 ? end : quote + 1;
        if (quote >= 0) place = "quote";
      } else if (place === "quote") {
        // A second one belongs to the text.
        place = bytes[at] === QUOTE ? "quoted" : "unquoted";
        if (place === "quoted") at += 1;
      } else {
        const kind = FIRST_BYTES[bytes[at] ?? 0];
        const isQuoted = kind === DOUBTFUL && bytes[at] === QUOTE;
        const start = kind === DOUBTFUL ? cellStart(bytes, at, isFinal) : "harmless";
        if (start === "unknown") break;
        if (kind === CELL_END || isQuoted) at += 1;
        if (start === "formula") apostrophes.push(at);
        if (kind !== CELL_END) place = isQuoted ? "quoted" : "unquoted";
      }
    }
    this.#place = place;
    return at;
  }
}

/** The place behind a byte order mark; -1 while it may still come. */
function textStart(bytes: Uint8Array, isFinal: boolean): number {
  const differs = BYTE_ORDER_MARK.findIndex((byte, index) => bytes[index] !== byte);
  if (differs < 0) return BYTE_ORDER_MARK.length;
  return differs >= bytes.length && !isFinal ? -1 : 0;
}

function cellEnd(bytes: Uint8Array, from: number): number {
  const end = bytes.length;
  let at = from;
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    // Digits and letters are above all three.
    if (byte <= COMMA && (byte === COMMA || byte === LF || byte === CR)) break;
  }
  return at;
}

function withApostrophes(bytes: Uint8Array, places: readonly number[]): Uint8Array {
  if (places.length === 0) return bytes;
  const defused = new Uint8Array(bytes.length + places.length);
  let from = 0;
  for (const [index, place] of places.entries()) {
    defused.set(bytes.subarray(from, place), from + index);
    defused[place + index] = APOSTROPHE;
    from = place;
  }
  defused.set(bytes.subarray(from), from + places.length);
  return defused;
}
