const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CODES = Uint8Array.from({ length: 128 }, (_, code) => Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))));
const LETTERS = Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0));
const ASCII = new TextDecoder();
/** A character stands for five bits of a whole number, the lowest first; a sixth says that more follow. */
const BASE = 32;
const MORE = 32;
/** What stands before a run of zeros, and around a number that is not whole. */
const ZEROS = ".";
const DECIMAL = "!";

/** Bytes that are written before they become text: a whole number takes up to eleven. */
const ROOM = 4_096;
const NUMBER_BYTES_MAX = 11;

/** Numbers of 0 or more as text, exactly: most are small and whole, and many are 0. */
export function packNumbers(values: Float64Array): string {
  const bytes = new Uint8Array(ROOM);
  let packed = "";
  let length = 0;
  const write = (value: number): void => {
    let left = value;
    while (left >= BASE) {
      bytes[length++] = LETTERS[MORE + (left % BASE)] as number;
      left = Math.floor(left / BASE);
    }
    bytes[length++] = LETTERS[left] as number;
  };
  const flush = (): void => {
    packed += ASCII.decode(bytes.subarray(0, length));
    length = 0;
  };
  for (let at = 0; at < values.length; at += 1) {
    if (length > ROOM - 2 * NUMBER_BYTES_MAX) flush();
    const value = values[at] as number;
    if (value === 0) {
      const from = at;
      while (values[at + 1] === 0) at += 1;
      bytes[length++] = ZEROS.charCodeAt(0);
      write(at + 1 - from);
    } else if (Number.isSafeInteger(value) && value > 0) write(value);
    else {
      flush();
      packed += DECIMAL + value + DECIMAL;
    }
  }
  flush();
  return packed;
}

/** Reads back what packNumbers wrote. */
export function unpackNumbers(packed: string): Float64Array {
  // No number takes less than a character; runs of zeros may make more of them.
  let values = new Float64Array(packed.length);
  let length = 0;
  let at = 0;
  const readWhole = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= BASE) {
      const bits = CODES[packed.charCodeAt(at)] ?? 0;
      at += 1;
      value += (bits & (BASE - 1)) * unit;
      if ((bits & MORE) === 0) return value;
    }
  };
  while (at < packed.length) {
    const first = packed[at];
    if (first === ZEROS) {
      at += 1;
      length += readWhole();
      continue;
    }
    if (length >= values.length) values = grown(values, length + packed.length - at);
    if (first === DECIMAL) {
      const end = packed.indexOf(DECIMAL, at + 1);
      values[length] = Number(packed.slice(at + 1, end));
      at = end + 1;
    } else values[length] = readWhole();
    length += 1;
  }
  return length <= values.length ? values.slice(0, length) : grown(values, length);
}

function grown(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(values);
  return larger;
}
