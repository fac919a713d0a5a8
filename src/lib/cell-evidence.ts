import { readNumber } from "./read-cell.ts";

/** A cell as messages show it. */
export interface ShownCell {
  /** The line on which its row begins, from 1. */
  line: number;
  text: string;
}

/** What is found in the cells of a column, so that nobody has to guess from the first rows. */
export type CellType = "text" | "number" | "integer" | "boolean";

/** A column has numbers when no more than this share of its cells are none: others say nothing of how numbers are written. */
const OTHERS_SHARE_MAX = 0.1;
const INTEGER_DIGITS_MAX = 18;
/** Up to this many digits a double gives back what it was made of. */
const DOUBLE_DIGITS_SURE = 15;
const CELL_BYTES_MAX = 64;
const SHOWN_CHARACTERS = 40;
/** A column with more cells than this that are no numbers, and fewer that are, is looked at no longer. */
const OTHERS_SURE = 1_000;
/** Long decimals that are looked at: where so many come back from a double, they were written from doubles. */
const LONG_LOOKS_MAX = 200;

/** Blanks and apostrophes between digits. */
const GROUP = /\d[ '’ʼ\u00a0\u2007\u2009\u202f]\d/;

const ZERO = 48;
const NINE = 57;
const COMMA = 44;
const POINT = 46;
const MINUS = 45;
const PLUS = 43;
const LETTER_E = 101;

/** How the cells of one column are written: counted in one pass over the whole file. Empty cells are in none of the counts. */
export class CellEvidence {
  /** Whole numbers in digits alone. */
  wholes = 0;
  /** Numbers that can only have a decimal point (1.5, 1,234.5), or only a decimal comma. */
  points = 0;
  commas = 0;
  /** 1.234 and 1,234: decimals, or a group of thousands. */
  lonePoints = 0;
  loneCommas = 0;
  /** 1e5 and the like, without decimals. */
  exponents = 0;
  /** true and false, in any case. */
  truths = 0;
  others = 0;
  /** The first number with a group of thousands, or what may be one. */
  firstGroup: ShownCell | null = null;
  /** Cells that are surely grouped. */
  groups = 0;
  /** By the sign of their decimals, the first number that can only have that one. */
  firstPoint: ShownCell | null = null;
  firstComma: ShownCell | null = null;
  #isCode = false;
  #longLooks = 0;
  #digitsMost = 0;
  #decimalsLeast = Number.POSITIVE_INFINITY;
  #decimalsMost = 0;
  #hasZeroEnd = false;
  #hasZeroEndOfMany = false;

  /** Takes the cell that `bytes` hold in [start, end), of the row that begins on `line`. */
  add(bytes: Uint8Array, start: number, end: number, line: number): void {
    if (start >= end) return;
    const first = bytes[start] ?? 0;
    const from = first === MINUS ? start + 1 : start;
    let at = from;
    while (at < end && isDigit(bytes[at])) at++;
    const whole = at - from;
    if (whole > 1 && bytes[from] === ZERO) this.#isCode = true;
    if (at === end && whole > 0) {
      this.wholes++;
      if (whole > this.#digitsMost) this.#digitsMost = whole;
      return;
    }
    const mark = bytes[at];
    if ((mark === POINT || mark === COMMA) && at > from) {
      const decimalsAt = at + 1;
      at = decimalsAt;
      while (at < end && isDigit(bytes[at])) at++;
      if (at === end && at > decimalsAt) {
        this.#addDecimal(bytes, start, end, line, {
          whole,
          decimals: at - decimalsAt,
          mark,
          isZero: bytes[from] === ZERO,
        });
        return;
      }
    }
    this.#addUnusual(bytes, start, end, line);
  }

  /** Whether numbers are what the column is made of. */
  get hasNumbers(): boolean {
    return this.#numbers > 0 && this.others <= OTHERS_SHARE_MAX * (this.#numbers + this.others);
  }

  /**
   * What all cells are, so that nothing of them is lost: codes such as 007 and +49 are text, and so are numbers that a double cannot give
   * back.
   */
  get type(): CellType {
    if (this.others > 0 || this.#isCode) return "text";
    if (this.truths > 0) return this.#numbers === 0 ? "boolean" : "text";
    if (this.#numbers === 0 || this.#digitsMost > INTEGER_DIGITS_MAX) return "text";
    if (this.#numbers === this.wholes) return "integer";
    const isEven = this.#decimalsLeast === this.#decimalsMost && this.wholes === 0;
    // 1.0 beside 22.25 is how programs write doubles; 1.10 beside 1.9 is none.
    const isRepr = !this.#hasZeroEndOfMany && this.wholes === 0;
    return this.#hasZeroEnd && !isEven && !isRepr ? "text" : "number";
  }

  /** Whole numbers beyond what a double holds exactly may be among them. */
  get isLong(): boolean {
    return this.#digitsMost > DOUBLE_DIGITS_SURE;
  }

  get #numbers(): number {
    return this.wholes + this.points + this.commas + this.lonePoints + this.loneCommas + this.exponents;
  }

  #addDecimal(
    bytes: Uint8Array,
    start: number,
    end: number,
    line: number,
    { whole, decimals, mark, isZero }: { whole: number; decimals: number; mark: number; isZero: boolean },
  ): void {
    const isPoint = mark === POINT;
    if (decimals === 3 && whole <= 3 && !isZero) {
      if (isPoint) this.lonePoints++;
      else this.loneCommas++;
      this.firstGroup ??= shown(bytes, start, end, line);
    } else if (isPoint) {
      this.points++;
      this.firstPoint ??= shown(bytes, start, end, line);
    } else {
      this.commas++;
      this.firstComma ??= shown(bytes, start, end, line);
    }
    if (decimals < this.#decimalsLeast) this.#decimalsLeast = decimals;
    if (decimals > this.#decimalsMost) this.#decimalsMost = decimals;
    if (bytes[end - 1] === ZERO) {
      this.#hasZeroEnd = true;
      if (decimals > 1) this.#hasZeroEndOfMany = true;
    }
    if (whole + decimals > DOUBLE_DIGITS_SURE && this.#longLooks < LONG_LOOKS_MAX) {
      this.#longLooks++;
      if (!isKept(text(bytes, start, end))) this.#isCode = true;
    }
  }

  /** Anything but digits with a sign and decimals: most cells of text end at their first letter. */
  #addUnusual(bytes: Uint8Array, start: number, end: number, line: number): void {
    const first = bytes[start] ?? 0;
    if (isTruth(bytes, start, end)) {
      this.truths++;
      return;
    }
    const isText = this.others > OTHERS_SURE && this.others > this.#numbers;
    if (isText || end - start > CELL_BYTES_MAX || !mayBeNumber(bytes, start, end)) {
      this.others++;
      return;
    }
    const cell = text(bytes, start, end);
    if (first === PLUS) this.#isCode = true;
    const [asPoint, asComma] = [readNumber(cell, "point"), readNumber(cell, "comma")];
    if (asPoint === null && asComma === null) {
      if (cell.trim() !== "") this.others++;
      return;
    }
    if (GROUP.test(cell) || (cell.match(/[.,]/g) ?? []).length > 1) {
      this.groups++;
      this.firstGroup ??= shown(bytes, start, end, line);
    }
    if (asPoint !== null && asComma !== null) {
      // No decimals that tell: neither here nor there.
      if (/e/i.test(cell)) this.exponents++;
      else this.wholes++;
      if (/^[+-]?0\d/.test(cell.trim())) this.#isCode = true;
    } else if (asPoint !== null) {
      this.points++;
      this.firstPoint ??= shown(bytes, start, end, line);
    } else {
      this.commas++;
      this.firstComma ??= shown(bytes, start, end, line);
    }
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

const TRUE = [116, 114, 117, 101];
const FALSE = [102, 97, 108, 115, 101];

/** true or false, in any case. */
function isTruth(bytes: Uint8Array, start: number, end: number): boolean {
  const word = end - start === TRUE.length ? TRUE : end - start === FALSE.length ? FALSE : null;
  if (word === null) return false;
  for (let at = 0; at < word.length; at++) if (((bytes[start + at] ?? 0) | 32) !== word[at]) return false;
  return true;
}

/** False for most texts: letters but that of an exponent are in no number, nor is a hyphen between digits. */
function mayBeNumber(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= 58 && byte < 0x80 && (byte | 32) !== LETTER_E) return false;
    if (byte === MINUS && isDigit(bytes[at - 1]) && at > start) return false;
  }
  return true;
}

function isKept(cell: string): boolean {
  const point = cell.replace(",", ".");
  return String(Number(point)) === point;
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder().decode(bytes.subarray(start, end));
}

function shown(bytes: Uint8Array, start: number, end: number, line: number): ShownCell {
  return { line, text: text(bytes, start, end).trim().slice(0, SHOWN_CHARACTERS) };
}
