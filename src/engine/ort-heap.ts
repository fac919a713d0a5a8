import type { OrtModule } from "onnxruntime-web/ort-wasm-simd-threaded.mjs";

/** The memory of one instance. Views are made anew after growth: a grown shared memory has a new buffer. */
export class Heap {
  readonly ort: OrtModule;
  readonly memory: WebAssembly.Memory;
  #bytes: Uint8Array;
  #ints: Int32Array;

  constructor(ort: OrtModule, memory: WebAssembly.Memory) {
    this.ort = ort;
    this.memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#ints = new Int32Array(memory.buffer);
  }

  get bytes(): Uint8Array {
    this.#refresh();
    return this.#bytes;
  }

  readInt(pointer: number): number {
    this.#refresh();
    return this.#ints[pointer >>> 2] ?? 0;
  }

  readPointer(pointer: number): number {
    return this.readInt(pointer) >>> 0;
  }

  writeInt(pointer: number, value: number): void {
    this.#refresh();
    this.#ints[pointer >>> 2] = value;
  }

  #refresh(): void {
    if (this.#bytes.buffer === this.memory.buffer) return;
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#ints = new Int32Array(this.memory.buffer);
  }
}

/** Throws the runtime's reason unless `code` says that all went well. */
export function check(heap: Heap, code: number): void {
  if (code !== 0) throw engineError(heap);
}

/** The reason that the runtime gives for its last failure. */
export function engineError(heap: Heap): Error {
  const { ort } = heap;
  const stack = ort.stackSave();
  const slots = ort.stackAlloc(8);
  ort._OrtGetLastError(slots, slots + 4);
  const message = heap.readPointer(slots + 4);
  const text = message === 0 ? "unknown error" : ort.UTF8ToString(message);
  ort.stackRestore(stack);
  return new Error(text);
}
