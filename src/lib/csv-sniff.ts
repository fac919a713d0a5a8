import { characterEnd, textStart } from "./csv-encoding.ts";

export type CsvDelimiter = "," | ";" | "\t";

// On a tie the rarer sign in plain text wins: a comma is often part of a number or a sentence.
const CANDIDATES: readonly CsvDelimiter[] = ["\t", ";", ","];
const SAMPLE_BYTES = 262_144;
const SAMPLE_ROWS = 50;

const COMMA_NUMBER = /^\s*[+-]?\d*,\d+(?:[eE][+-]?\d+)?\s*$/;
const POINT_NUMBER = /^\s*[+-]?\d*\.\d+(?:[eE][+-]?\d+)?\s*$/;
// 1,234 and 12,345,678 say nothing: the comma may stand between thousands.
const MAYBE_THOUSANDS = /^\s*[+-]?[1-9]\d{0,2}(?:,\d{3})+\s*$/;

/**
 * The delimiter of a CSV, by counting outside quotes: the candidate of the header line that most of the first rows hold
 * as often as the header does. A file with a single column gives a comma.
 */
export function sniffDelimiter(bytes: Uint8Array): CsvDelimiter {
  const start = textStart(bytes);
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

/** Whether numbers like 1,5 outweigh numbers like 1.5 in these rows of a file whose delimiter is not a comma. */
export function hasDecimalComma(rows: Iterable<string[]>): boolean {
  let commas = 0;
  let points = 0;
  for (const row of rows) {
    for (const cell of row) {
      if (COMMA_NUMBER.test(cell) && !MAYBE_THOUSANDS.test(cell)) commas++;
      else if (POINT_NUMBER.test(cell)) points++;
    }
  }
  return commas > points;
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
