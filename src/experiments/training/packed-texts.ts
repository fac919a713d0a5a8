// Small, since a table may have thousands of such columns.
const BYTES_MIN = 1024;
// A UTF-16 unit takes at most 3 bytes of UTF-8.
const BYTES_PER_UNIT_MAX = 3;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A column of texts in one buffer of UTF-8: five bytes a row beside the text itself, where a string takes dozens. */
export class PackedTexts {
  #length = 0;
  readonly #ends: Uint32Array;
  readonly #missing: Uint8Array;
  #bytes = new Uint8Array(BYTES_MIN);
  #used = 0;

  /** Room for `capacity` rows. */
  constructor(capacity: number) {
    this.#ends = new Uint32Array(capacity);
    this.#missing = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds the text of the next row; null is a missing one. Throws RangeError beyond the capacity. */
  push(text: string | null): void {
    const row = this.#length;
    if (row === this.#ends.length) throw new RangeError("The column of texts is full.");
    if (text === null) this.#missing[row] = 1;
    else {
      this.#reserve(text.length * BYTES_PER_UNIT_MAX);
      this.#used += ENCODER.encodeInto(text, this.#bytes.subarray(this.#used)).written;
    }
    this.#ends[row] = this.#used;
    this.#length = row + 1;
  }

  /** The text of a row; null where it is missing, and for rows that are not there. */
  at(row: number): string | null {
    const end = this.#ends[row];
    if (end === undefined || row >= this.#length || this.#missing[row] === 1) return null;
    return DECODER.decode(this.#bytes.subarray(row === 0 ? 0 : this.#ends[row - 1], end));
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + bytes));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}
