import { tryAgain } from "../../lib/try-again.ts";

/** R2 wants the parts of an upload equal, but the last one; 10,000 of these are more than a file may have. */
const PART_BYTES = 8_388_608;
const FIRST_BYTES = 262_144;
/** Memory of writers that are done, for the next ones: a run makes hundreds, and what each lets go of is collected late. */
const spare: Uint8Array[] = [];
const SPARE_MAX = 4;
const SPARE_BYTES_MAX = 4_194_304;

/** Writes an object of any size to R2 in constant memory. Nothing is under the key before `finish`. */
export class ObjectWriter {
  readonly #store: R2Bucket;
  readonly #key: string;
  /** Grows to the size of a part: most objects are smaller than one. */
  #part: Uint8Array = spare.pop() ?? new Uint8Array(FIRST_BYTES);
  readonly #parts: R2UploadedPart[] = [];
  #used = 0;
  #upload: R2MultipartUpload | null = null;

  constructor(store: R2Bucket, key: string) {
    this.#store = store;
    this.#key = key;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      // A full part waits for more to come: it might be the last one.
      if (this.#used === PART_BYTES) await this.#send();
      const piece = bytes.subarray(at, at + PART_BYTES - this.#used);
      this.#makeRoom(piece.length);
      this.#part.set(piece, this.#used);
      this.#used += piece.length;
      at += piece.length;
    }
  }

  /** Puts the object in its place, over one that is there. */
  async finish(): Promise<void> {
    if (this.#upload === null) await tryAgain(() => this.#store.put(this.#key, this.#part.subarray(0, this.#used)));
    else {
      await this.#send();
      await this.#upload.complete(this.#parts);
      this.#upload = null;
    }
    this.#release();
  }

  /** Lets go of what was written. */
  async abort(): Promise<void> {
    await this.#upload?.abort();
    this.#release();
  }

  /** The writer is not to be used any more. */
  #release(): void {
    const { length } = this.#part;
    if (length > 0 && length <= SPARE_BYTES_MAX && spare.length < SPARE_MAX) spare.push(this.#part);
    this.#part = new Uint8Array();
    this.#used = 0;
  }

  #makeRoom(bytes: number): void {
    let size = Math.max(this.#part.length, FIRST_BYTES);
    while (size < this.#used + bytes) size *= 2;
    if (size === this.#part.length) return;
    const grown = new Uint8Array(Math.min(size, PART_BYTES));
    grown.set(this.#part.subarray(0, this.#used));
    this.#part = grown;
  }

  async #send(): Promise<void> {
    const upload = this.#upload ?? (await tryAgain(() => this.#store.createMultipartUpload(this.#key)));
    this.#upload = upload;
    const number = this.#parts.length + 1;
    this.#parts.push(await tryAgain(() => upload.uploadPart(number, this.#part.subarray(0, this.#used))));
    this.#used = 0;
  }
}

/** Writes all of `chunks` under the key; leaves nothing behind where that fails. */
export async function writeObject(store: R2Bucket, key: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const writer = new ObjectWriter(store, key);
  try {
    for await (const chunk of chunks) await writer.write(chunk);
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
