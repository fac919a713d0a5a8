interface Entry<T> {
  value: T;
  readAt: number;
  isBeingRead: boolean;
}

/**
 * Values that were read from elsewhere and are good for a while: younger than `freshMs` as they are, then up to `keepMs` as they are
 * while one reader, and only one, is told to read again. Holds values, never promises: in a Worker a promise belongs to the request
 * that made it. Bounded: the oldest entry goes when there are more than `entriesMax`.
 */
export class FreshCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #freshMs: number;
  readonly #keepMs: number;
  readonly #entriesMax: number;

  constructor({ freshMs, keepMs, entriesMax }: { freshMs: number; keepMs: number; entriesMax: number }) {
    this.#freshMs = freshMs;
    this.#keepMs = keepMs;
    this.#entriesMax = entriesMax;
  }

  /** The value, and whether this caller is the one to read it again behind its answer; null when it has to be read first. */
  get(key: string, nowMs: number): { value: T; isDue: boolean } | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    const ageMs = nowMs - entry.readAt;
    if (ageMs >= this.#keepMs) {
      this.#entries.delete(key);
      return null;
    }
    const isDue = ageMs >= this.#freshMs && !entry.isBeingRead;
    if (isDue) entry.isBeingRead = true;
    return { value: entry.value, isDue };
  }

  set(key: string, value: T, readAt: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, readAt, isBeingRead: false });
    if (this.#entries.size <= this.#entriesMax) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets every value that matches, so that a change is felt at once in this isolate. */
  deleteWhere(matches: (value: T) => boolean): void {
    for (const [key, { value }] of this.#entries) if (matches(value)) this.#entries.delete(key);
  }
}
