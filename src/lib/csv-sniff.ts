import { characterEnd, textStart } from "./csv-encoding.ts";

export type CsvDelimiter = "," | ";" | "\t";

// On a tie the rarer sign in plain text wins: a comma is often part of a number or a sentence.
const CANDIDATES: readonly CsvDelimiter[] = ["\t", ";", ","];
const SAMPLE_BYTES = 262_144;
const SAMPLE_ROWS = 50;

/** Where the header of a CSV begins, and what stands before it. */
export interface CsvStart {
  /** In bytes. */
  at: number;
  /** The line, from 1. */
  line: number;
  /** What the file itself says its delimiter is; null: nothing. */
  delimiter: CsvDelimiter | null;
}

const SEPARATOR_LINE = /^"?sep=([,;\t])"?(\r\n|\n|\r)/i;
const SEPARATOR_BYTES_MAX = 10;

/**
 * Where the header begins: behind a byte order mark, and behind the line `sep=;` that Excel understands. Throws csv_encoding as
 * `textStart` does.
 */
export function csvStart(bytes: Uint8Array): CsvStart {
  const at = textStart(bytes);
  const head = bytes.subarray(at, at + SEPARATOR_BYTES_MAX);
  const match = head[0] === 0x22 || ((head[0] ?? 0) | 32) === 0x73 ? SEPARATOR_LINE.exec(LATIN.decode(head)) : null;
  const delimiter = CANDIDATES.find((candidate) => candidate === match?.[1]);
  return match && delimiter ? { at: at + match[0].length, line: 2, delimiter } : { at, line: 1, delimiter: null };
}

const LATIN = new TextDecoder("latin1");

/**
 * The delimiter of a CSV: the one that its line `sep=` names, else by counting outside quotes the candidate of the header line that most of
 * the first rows hold as often as the header does. A file with a single column gives a comma.
 */
export function sniffDelimiter(bytes: Uint8Array): CsvDelimiter {
  const { at: start, delimiter } = csvStart(bytes);
  if (delimiter) return delimiter;
  const sample = bytes.subarray(start, characterEnd(bytes, start + SAMPLE_BYTES));
  const [header, ...rows] = countPerRow(sample);
  if (header === undefined) return ",";
  // The last row of a sample is cut somewhere.
  const whole = start + sample.length < bytes.length && rows.length < SAMPLE_ROWS ? rows.slice(0, -1) : rows;
  let best: CsvDelimiter = ",";
  let bestShare = -1;
  let bestCount = 0;
  for (const [index, candidate] of CANDIDATES.entries()) {
    const count = header[index] ?? 0;
    if (count === 0) continue;
    const share = whole.length === 0 ? 1 : whole.filter((row) => row[index] === count).length / whole.length;
    if (share > bestShare || (share === bestShare && count > bestCount)) {
      best = candidate;
      bestShare = share;
      bestCount = count;
    }
  }
  return best;
}

/** How often each candidate stands outside quotes, for the header and the first rows; blank lines left out. */
function countPerRow(sample: Uint8Array): number[][] {
  const codes = CANDIDATES.map((candidate) => candidate.charCodeAt(0));
  const rows: number[][] = [];
  let counts = codes.map(() => 0);
  let inQuotes = false;
  let isCellStart = true;
  let isBlankLine = true;
  for (const byte of sample) {
    if (inQuotes) {
      if (byte === 34) inQuotes = false;
      continue;
    }
    if (byte === 10 || byte === 13) {
      if (!isBlankLine) rows.push(counts);
      if (rows.length > SAMPLE_ROWS) return rows;
      counts = codes.map(() => 0);
      isBlankLine = true;
      isCellStart = true;
      continue;
    }
    const index = codes.indexOf(byte);
    if (index !== -1) counts[index] = (counts[index] ?? 0) + 1;
    // A doubled quote closes and opens again at once, so that it needs no case of its own.
    if (byte === 34) inQuotes = isCellStart;
    isCellStart = index !== -1 || inQuotes;
    if (byte !== 32 && byte !== 9) isBlankLine = false;
  }
  if (!isBlankLine) rows.push(counts);
  return rows;
}
