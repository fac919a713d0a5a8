import { canonicalLabel } from "../../lib/label.ts";
import { packWords, type PackedWords } from "./word-set.ts";

/** The categories of a column that are not listed, as counts in buckets: enough to see that their mix changes. Plain JSON. */
export interface CodeTail {
  /** Cells by `codeBucket`. */
  buckets: number[];
  /** Which categories these are. */
  known: PackedWords;
}

export const TAIL_BUCKETS = 64;

/** The bucket of a category, 0 to 63, by a hash of its canonical spelling (FNV-1a). Stored counts depend on it, so it never changes. */
export function codeBucket(category: string): number {
  const label = canonicalLabel(category);
  let hash = 0x811c9dc5;
  for (let at = 0; at < label.length; at += 1) hash = Math.imul(hash ^ label.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) & (TAIL_BUCKETS - 1);
}

/** Packs categories with how often each occurs. */
export function packCodes(unlisted: readonly { value: string; count: number }[]): CodeTail {
  const buckets = Array.from({ length: TAIL_BUCKETS }, () => 0);
  for (const { value, count } of unlisted) {
    const bucket = codeBucket(value);
    buckets[bucket] = (buckets[bucket] ?? 0) + count;
  }
  return { buckets, known: packWords(new Map(unlisted.map(({ value, count }) => [canonicalLabel(value), count]))) };
}
