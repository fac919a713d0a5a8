/**
 * What comes in chunks of any size, in one piece of memory that is used again and again. How it is cut depends on the capacity
 * alone, never on the chunks.
 */
export class ChunkBuffer {
  /** Holds the bytes from `start` to `end`; one more byte than the capacity, for a mark behind the last one. */
  bytes: Uint8Array;
  start = 0;
  end = 0;
  /** Nothing comes behind `end`. */
  isFinal = false;

  readonly #source: AsyncIterator<Uint8Array>;
  #capacity: number;
  #chunk: Uint8Array = new Uint8Array();
  #position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>, capacity: number) {
    this.#source = chunks[Symbol.asyncIterator]();
    this.#capacity = capacity;
    this.bytes = new Uint8Array(capacity + 1);
  }

  /** Whether no more fits in before something is consumed. */
  get isFull(): boolean {
    return this.start === 0 && this.end === this.#capacity;
  }

  /** Where `start` lies in the stream. */
  get position(): number {
    return this.#position;
  }

  /** Moves what is left to the front and reads until the memory is full or the stream ends. */
  async fill(): Promise<void> {
    this.bytes.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    while (this.end < this.#capacity && !this.isFinal) {
      if (this.#chunk.length === 0) {
        const { value, done } = await this.#source.next();
        if (done === true) this.isFinal = true;
        else this.#chunk = value;
      }
      const taken = this.#chunk.subarray(0, this.#capacity - this.end);
      this.bytes.set(taken, this.end);
      this.end += taken.length;
      this.#chunk = this.#chunk.subarray(taken.length);
    }
  }

  /** Lets go of the bytes before `place` of the memory. */
  consume(place: number): void {
    this.#position += place - this.start;
    this.start = place;
  }

  /** Doubles the memory; false when it would become larger than `capacityMax`. */
  grow(capacityMax: number): boolean {
    const capacity = this.#capacity * 2;
    if (capacity > capacityMax) return false;
    const larger = new Uint8Array(capacity + 1);
    larger.set(this.bytes.subarray(this.start, this.end));
    this.end -= this.start;
    this.start = 0;
    this.bytes = larger;
    this.#capacity = capacity;
    return true;
  }

  /** Tells the source that no more is wanted. */
  async cancel(): Promise<void> {
    if (!this.isFinal) await this.#source.return?.();
  }
}
