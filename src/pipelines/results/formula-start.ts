const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const EQUALS = 61;
const AT = 64;
const LETTER_E = 101;
const DELETE = 127;

/** Blanks and digits of a cell that are looked through: a cell with more of them is taken for a formula, so that memory is bounded. */
export const LOOK_AHEAD_BYTES = 256;

/** What the first bytes of a cell say of it; `unknown`: more of them are needed. */
export type CellStart = "harmless" | "formula" | "unknown";

// What Unicode's compatibility forms turn into = + - @ or a text that begins so. Excel takes the full-width ones in East Asian locales,
// Apple Numbers normalizes all of them.
const SIGNS = new Set([
  0x207a, 0x207c, 0x208a, 0x208c, 0x2a75, 0x2a76, 0xfb29, 0xfe62, 0xfe63, 0xfe66, 0xfe6b, 0xff0b, 0xff0d, 0xff1d,
  0xff20,
]);
/** Characters that are passed over, or not seen, in front of a formula. */
const BLANK = /^[\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]$/u;

/**
 * Whether a spreadsheet would take the cell of a CSV that begins at `start` for a formula: behind blanks stands = + - or @ (or a form of
 * these in another width), or among the blanks a tab, a line break or NUL. A plain number such as -1.5 or +3e-7, with spaces around it, is
 * none. `bytes` end somewhere; `isFinal`: where the file does. The answer does not depend on where they end, unless it is `unknown`.
 */
export function cellStart(bytes: Uint8Array, start: number, isFinal: boolean): CellStart {
  const end = bytes.length;
  let isQuoted = bytes[start] === QUOTE;
  let isSpace = true;
  let at = isQuoted ? start + 1 : start;
  for (;;) {
    if (at - start > LOOK_AHEAD_BYTES) return "formula";
    if (at >= end) return isFinal ? "harmless" : "unknown";
    const byte = bytes[at] ?? 0;
    if (byte === SPACE) at += 1;
    else if (isQuoted && byte === QUOTE) {
      if (bytes[at + 1] === QUOTE) return "harmless";
      // What stands behind a quote that has closed is part of the cell for those who are lenient.
      isQuoted = false;
      at += 1;
    } else if (!isQuoted && (byte === COMMA || byte === LF || byte === CR)) return "harmless";
    else if (byte === EQUALS || byte === AT || byte === TAB || byte === LF || byte === CR || byte === 0)
      return "formula";
    else if (byte === PLUS || byte === MINUS)
      return isSpace ? signedStart(bytes, start, at, isQuoted, isFinal) : "formula";
    else if (byte < SPACE || byte === DELETE) {
      isSpace = false;
      at += 1;
    } else if (byte < 0x80) return "harmless";
    else {
      const width = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      if (at + width > end) return isFinal ? "harmless" : "unknown";
      const code = codePoint(bytes, at, width);
      if (SIGNS.has(code)) return "formula";
      if (!BLANK.test(String.fromCodePoint(code))) return "harmless";
      isSpace = false;
      at += width;
    }
  }
}

/** The same for a cell whose first sign is the + or - at `sign`. */
function signedStart(bytes: Uint8Array, start: number, sign: number, isQuoted: boolean, isFinal: boolean): CellStart {
  let at = digitsEnd(bytes, sign + 1);
  let digits = at - sign - 1;
  if (bytes[at] === POINT) {
    const first = at + 1;
    at = digitsEnd(bytes, first);
    digits += at - first;
  }
  let isNumber = digits > 0;
  if (isNumber && ((bytes[at] ?? 0) | 32) === LETTER_E) {
    at += 1;
    if (bytes[at] === PLUS || bytes[at] === MINUS) at += 1;
    const first = at;
    at = digitsEnd(bytes, first);
    isNumber = at > first;
  }
  if (isNumber) {
    while (bytes[at] === SPACE) at += 1;
    if (isQuoted && bytes[at] === QUOTE) {
      at += 1;
      while (bytes[at] === SPACE || bytes[at] === TAB) at += 1;
    } else if (isQuoted && at < bytes.length) isNumber = false;
  }
  if (at - start > LOOK_AHEAD_BYTES) return "formula";
  if (at >= bytes.length && !isFinal) return "unknown";
  const byte = bytes[at] ?? LF;
  return isNumber && (byte === COMMA || byte === LF || byte === CR) ? "harmless" : "formula";
}

function digitsEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let byte = bytes[at] ?? 0; byte >= 48 && byte <= 57; byte = bytes[at] ?? 0) at += 1;
  return at;
}

/** The character of `width` bytes at `at`; of bytes that are no UTF-8 it may be any. */
function codePoint(bytes: Uint8Array, at: number, width: number): number {
  let code = (bytes[at] ?? 0) & (0x7f >> width);
  for (let next = 1; next < width; next += 1) code = (code << 6) | ((bytes[at + next] ?? 0) & 0x3f);
  return Math.min(code, 0x10_ffff);
}
