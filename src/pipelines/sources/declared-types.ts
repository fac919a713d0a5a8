import type { SourceType } from "./source-type.ts";

const INT64_MAX = 2n ** 63n - 1n;
/** So many digits a decimal has at most that others read too. */
const DECIMAL_DIGITS_MAX = 38;
const PLAIN = /^-?(\d+)(?:\.(\d+))?$/;

interface Digits {
  whole: number;
  scale: number;
  /** Whether each cell fits into 64 bits, and is written in digits at all. */
  isInt64: boolean;
  isPlain: boolean;
}

/**
 * What a database declares of its columns, made exact by their cells while these are read: a decimal that comes without its digits gets
 * those that it has, and whole numbers beyond 64 bits are decimals. What no decimal can hold is text.
 */
export class DeclaredTypes {
  readonly #types: readonly (SourceType | null)[];
  readonly #digits: readonly (Digits | null)[];

  constructor(types: readonly (SourceType | null)[]) {
    this.#types = types;
    this.#digits = types.map((type) => {
      const isOpen = type?.type === "integer" || (type?.type === "decimal" && type.precision === undefined);
      return isOpen ? { whole: 0, scale: 0, isInt64: true, isPlain: true } : null;
    });
  }

  /** Passes the rows on. */
  async *watched(batches: AsyncIterable<(string | null)[][]>): AsyncGenerator<(string | null)[][], void, undefined> {
    const looked = this.#digits.flatMap((digits, column) => (digits ? [{ digits, column }] : []));
    for await (const rows of batches) {
      for (const row of rows) for (const { digits, column } of looked) see(digits, row[column] ?? null);
      yield rows;
    }
  }

  /** The types, once all rows have been read. */
  get types(): (SourceType | null)[] {
    return this.#types.map((type, column) => {
      const digits = this.#digits[column];
      if (!digits || (type?.type === "integer" && digits.isInt64)) return type;
      const precision = Math.max(1, digits.whole + digits.scale);
      const isDecimal = digits.isPlain && precision <= DECIMAL_DIGITS_MAX;
      return isDecimal ? { type: "decimal", precision, scale: digits.scale } : { type: "text" };
    });
  }
}

function see(digits: Digits, text: string | null): void {
  if (text === null) return;
  const [, whole, fraction = ""] = PLAIN.exec(text) ?? [];
  if (whole === undefined) {
    digits.isPlain = false;
    digits.isInt64 = false;
    return;
  }
  digits.whole = Math.max(digits.whole, whole.length);
  digits.scale = Math.max(digits.scale, fraction.length);
  if (whole.length < 19 && fraction === "") return;
  const value = fraction === "" ? BigInt(text) : null;
  if (value === null || value > INT64_MAX || value < -INT64_MAX - 1n) digits.isInt64 = false;
}
