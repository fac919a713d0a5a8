import { Buffer } from "node:buffer";

/** The words of a reference's texts, packed so that windows can tell new ones: a Bloom filter and what there was of them. Plain JSON. */
export interface PackedWords {
  /** The filter's bits, base64; a power of two of them. */
  bits: string;
  /** Occurrences, different words, and words that occur once. */
  total: number;
  distinct: number;
  once: number;
}

/** Bits for each word: with HASHES of them, 0.8 % of the words that are not in the set are taken for ones that are. */
const BITS_PER_WORD = 10;
const HASHES = 7;
const BITS_MIN = 1_024;
const BITS_MAX = 2 ** 20;
const WORD = /[\p{L}\p{N}]+/gu;
const WORD_CHARACTERS_MAX = 40;

/** The words of a text: runs of letters and digits, in lower case, cut at 40 characters. */
export function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(WORD) ?? []).map((word) => word.slice(0, WORD_CHARACTERS_MAX));
}

/** Packs words with how often each occurs. */
export function packWords(counts: ReadonlyMap<string, number>): PackedWords {
  let size = BITS_MIN;
  while (size < counts.size * BITS_PER_WORD && size < BITS_MAX) size *= 2;
  const bits = new Uint8Array(size / 8);
  let total = 0;
  let once = 0;
  for (const [word, count] of counts) {
    total += count;
    if (count === 1) once += 1;
    for (const bit of bitsOf(word, size)) bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return { bits: Buffer.from(bits).toString("base64"), total, distinct: counts.size, once };
}

/** Whether a word may be among those that were packed: "no" is certain. */
export function wordTest(packed: PackedWords): (word: string) => boolean {
  const bits = Buffer.from(packed.bits, "base64");
  return (word) => bitsOf(word, bits.length * 8).every((bit) => ((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0);
}

/**
 * The share of the words of further texts like these that one expects to be new: words that occur once, of all occurrences
 * (Good and Turing's estimate of the unseen mass). Null for no words.
 */
export function unseenWordRate({ total, once }: PackedWords): number | null {
  return total === 0 ? null : once / total;
}

/** HASHES places for a word, by double hashing of two FNV-1a hashes. `size` is a power of two. */
function bitsOf(word: string, size: number): number[] {
  let one = 0x811c9dc5;
  let other = 0x9747b28c;
  for (let at = 0; at < word.length; at += 1) {
    const code = word.charCodeAt(at);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x85ebca6b);
  }
  // An odd step meets every place of a power of two.
  const step = (other ^ (other >>> 15)) | 1;
  return Array.from({ length: HASHES }, (_, hash) => ((one ^ (one >>> 13)) + hash * step) & (size - 1));
}
