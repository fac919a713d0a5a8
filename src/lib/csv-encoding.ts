import { CsvError } from "./csv-error.ts";

// A text file has no NUL; UTF-16 without a byte order mark and binary formats show one early.
const NUL_SEARCH_BYTES = 4096;
// A file is validated in pieces, so that it never exists as one string.
const PIECE_BYTES = 262_144;
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// By their first bytes.
const COMPRESSED: readonly (readonly [readonly number[], string])[] = [
  [[0x1f, 0x8b], "gzip"],
  [[0x28, 0xb5, 0x2f, 0xfd], "Zstandard"],
  [[0x42, 0x5a, 0x68], "bzip2"],
  [[0xfd, 0x37, 0x7a, 0x58], "xz"],
];
const SAVE_AS_UTF8 = 'Save it as CSV in UTF-8 (Excel calls that "CSV UTF-8") and upload it again.';

/** Where the text begins: 3 after a UTF-8 byte order mark, else 0. Throws csv_encoding for bytes that are plainly not UTF-8 text. */
export function textStart(bytes: Uint8Array): number {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw new CsvError("csv_encoding", `The file is encoded as UTF-16. ${SAVE_AS_UTF8}`, { line: 1 });
  }
  if (a === 0x50 && b === 0x4b && c === 0x03 && d === 0x04) {
    throw new CsvError("csv_encoding", `The file is an Excel workbook or a ZIP archive, not a CSV. ${SAVE_AS_UTF8}`, {
      line: 1,
    });
  }
  for (const [start, name] of COMPRESSED) {
    if (start.every((byte, index) => bytes[index] === byte))
      throw new CsvError("csv_encoding", `The file is compressed (${name}). Unpack it and send the CSV itself.`, {
        line: 1,
      });
  }
  if (a === 0x50 && b === 0x41 && c === 0x52 && d === 0x31) {
    throw new CsvError("csv_encoding", "The file is a Parquet file, not a CSV. Send it as one.", { line: 1 });
  }
  if (bytes.subarray(0, NUL_SEARCH_BYTES).includes(0)) {
    throw new CsvError("csv_encoding", `The file is UTF-16 or binary, not a CSV in UTF-8. ${SAVE_AS_UTF8}`, {
      line: 1,
    });
  }
  return a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
}

/** The largest end <= `end` that does not cut a UTF-8 character of valid text in two. */
export function characterEnd(bytes: Uint8Array, end: number): number {
  if (end >= bytes.length) return bytes.length;
  let cut = end;
  while (cut > end - 4 && cut > 0 && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut--;
  return cut;
}

/** Throws csv_encoding, naming the line, when `bytes` are not valid UTF-8 from first to last. */
export function refuseInvalidUtf8(bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length;) {
    const end = characterEnd(bytes, start + PIECE_BYTES);
    if (!decodes(bytes.subarray(start, end))) refuseLine(bytes);
    start = end;
  }
}

function refuseLine(bytes: Uint8Array): never {
  let line = 1;
  let lineStart = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== 10 && byte !== 13) continue;
    if (!decodes(bytes.subarray(lineStart, at))) break;
    if (byte === 13 && bytes[at + 1] === 10) at++;
    lineStart = at + 1;
    line++;
  }
  throw new CsvError("csv_encoding", `Line ${line} is not valid UTF-8. ${SAVE_AS_UTF8}`, { line });
}

function decodes(bytes: Uint8Array): boolean {
  try {
    DECODER.decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
