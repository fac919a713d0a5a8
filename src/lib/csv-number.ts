import { type NumberMarks, readNumber } from "./read-cell.ts";

// Both parts of a decimal fraction are exact below 2^53 and 10^22, so that one division rounds correctly.
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
/** A number has fewer characters than this, however it is written. */
const NUMBER_BYTES_MAX = 1_024;

/** `readNumber` of the UTF-8 text that `bytes` hold in [start, end): plain numbers without making a text of them. */
export function readNumberIn(bytes: Uint8Array, start: number, end: number, marks: NumberMarks): number | null {
  const isComma = marks === "comma" || marks === "comma+groups";
  const plain = parsePlainIn(bytes, start, end, isComma);
  if (plain !== null || !mayBeGrouped(bytes, start, end)) return plain;
  return readNumber(new TextDecoder().decode(bytes.subarray(start, end)), marks);
}

/** Whether a cell that is no plain number can be one with groups or no-break blanks: most texts are told by their first sign. */
function mayBeGrouped(bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end || end - start > NUMBER_BYTES_MAX) return false;
  let from = start;
  while (from < end && isBlank(bytes[from])) from++;
  const first = bytes[from] ?? 0;
  const isSigned = first === 43 || first === 45 || first === 44 || first === 46;
  if (!isSigned && first < 0x80 && (first < 48 || first > 57)) return false;
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0;
    // Letters but that of an exponent are in no number.
    if (byte < 0x80 && byte >= 58 && (byte | 32) !== 101) return false;
  }
  return true;
}

/**
 * The number of the ASCII text that `bytes` hold in [start, end): sign, digits, decimals behind a comma or else a point, exponent, with
 * blanks around it. Infinite where it is too large; else null.
 */
export function parsePlainIn(bytes: Uint8Array, start: number, end: number, isComma: boolean): number | null {
  let from = start;
  let to = end;
  while (from < to && isBlank(bytes[from])) from++;
  while (to > from && isBlank(bytes[to - 1])) to--;
  const sign = from < to ? bytes[from] : 0;
  const mark = isComma ? 44 : 46;
  let at = sign === 43 || sign === 45 ? from + 1 : from;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; at < to; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
      if (decimals >= 0) decimals++;
    } else if (bytes[at] === mark && decimals < 0) decimals = 0;
    else break;
  }
  if (digits === 0) return null;
  if (at === to && digits <= EXACT_DIGITS) {
    const size = decimals > 0 ? mantissa / (POWERS_OF_TEN[decimals] ?? Number.NaN) : mantissa;
    return sign === 45 && size !== 0 ? -size : size;
  }
  return parseLong(bytes.subarray(from, to), at - from, isComma);
}

/** A number of many digits or with an exponent from `exponentAt` on. */
function parseLong(bytes: Uint8Array, exponentAt: number, isComma: boolean): number | null {
  // A cell of text that begins with a digit ends here in most columns that are not numeric.
  if (exponentAt < bytes.length && ((bytes[exponentAt] ?? 0) | 32) !== 101) return null;
  // A decoder costs more than a short text is worth, and a long text does not fit in a list of arguments.
  const isShort = bytes.length < 256;
  const text: string = isShort ? Reflect.apply(String.fromCharCode, null, bytes) : new TextDecoder().decode(bytes);
  if (exponentAt < bytes.length && !/^[eE][+-]?\d+$/.test(text.slice(exponentAt))) return null;
  const value = Number(isComma ? text.replace(",", ".") : text);
  return value === 0 ? 0 : value;
}

function isBlank(code: number | undefined): boolean {
  return code === 32 || (code !== undefined && code >= 9 && code <= 13);
}
