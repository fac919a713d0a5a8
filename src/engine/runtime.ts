import createOrtModule, { type OrtModule } from "onnxruntime-web/ort-wasm-simd-threaded.mjs";
import ortWasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm";
import { AppError } from "../errors.ts";
import {
  bytesPerElement,
  elementTypeName,
  elementTypeNumber,
  type Tensor,
  type TensorType,
  typedArrayOver,
} from "./tensor.ts";

/**
 * The only door to onnxruntime-web. Each session owns a WASM instance with a memory of its own, so that
 * what a model takes is exactly known, is given back when it goes, and cannot pass the limit it was given.
 * docs/decisions/0003-one-wasm-instance-per-model.md has the measurements.
 */

/** What the runtime itself reports of an input or output; `type` is null for sequences and maps. */
export interface SessionValue {
  name: string;
  type: TensorType | null;
  dims: (number | string | null)[];
}

/** onnxruntime-web reports an unnamed free dimension as this number. */
const UNNAMED_FREE_DIM = 4294967295;
const PAGE_BYTES = 65536;
const LOG_LEVEL_FATAL = 4;
const GRAPH_OPTIMIZATION_ALL = 99;

/** A model loaded and ready to run. `run` is synchronous: the isolate does nothing else meanwhile. */
export class Session {
  readonly inputs: SessionValue[];
  readonly outputs: SessionValue[];
  readonly #heap: Heap;
  readonly #handle: number;
  readonly #runOptions: number;
  readonly #namePointers = new Map<string, number>();
  #isBroken = false;
  #isReleased = false;

  private constructor(heap: Heap, handle: number) {
    const { ort } = heap;
    this.#heap = heap;
    this.#handle = handle;
    const counts = ort.stackAlloc(8);
    check(heap, ort._OrtGetInputOutputCount(handle, counts, counts + 4));
    const inputCount = heap.readInt(counts);
    const outputCount = heap.readInt(counts + 4);
    const values = Array.from({ length: inputCount + outputCount }, (_, index) => this.#readValue(index));
    this.inputs = values.slice(0, inputCount);
    this.outputs = values.slice(inputCount);
    this.#runOptions = ort._OrtCreateRunOptions(LOG_LEVEL_FATAL, 0, false, 0);
    if (this.#runOptions === 0) throw engineError(heap);
  }

  /**
   * Compiles `model` (the bytes of an ONNX file without external data) into a session of its own.
   * Throws AppError `model_load` with the runtime's reason, or `model_memory` when more than `memoryBytesMax` would be needed.
   */
  static async load(model: Uint8Array, memoryBytesMax: number): Promise<Session> {
    const limit = new MemoryLimit(memoryBytesMax);
    const ort = await asSingleThread(() => createOrtModule({
      numThreads: 1,
      // The runtime writes its warnings to the console; the errors that matter come back as messages.
      print: () => undefined,
      printErr: () => undefined,
      instantiateWasm: (imports, done) => {
        limit.guard(imports);
        void WebAssembly.instantiate(ortWasm, imports).then((instance) => done(instance, ortWasm));
      },
    }));
    const heap = new Heap(ort, limit.memory());
    try {
      check(heap, ort._OrtInit(1, LOG_LEVEL_FATAL));
      return new Session(heap, createSession(heap, model));
    } catch (error) {
      if (limit.reached) throw limit.error();
      throw asAppError(error, "model_load");
    }
  }

  /** True after a run that stopped in the middle: the session is to be unloaded and loaded anew. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Bytes of the WASM memory that this session holds: it grows as needed and never shrinks. */
  get memoryBytes(): number {
    return this.#heap.memory.buffer.byteLength;
  }

  /**
   * Runs the model once. `feeds` are the inputs by name (those with a default may be left out), `fetches` the outputs wanted; the
   * answer is in the order of `fetches`.
   * Throws AppError `model_run` with the runtime's reason.
   */
  run(feeds: ReadonlyMap<string, Tensor>, fetches: readonly string[]): Tensor[] {
    if (this.#isReleased) throw new AppError("model_run", "The model was unloaded before it ran.");
    const heap = this.#heap;
    const { ort } = heap;
    const stack = ort.stackSave();
    const allocations: number[] = [];
    const tensors: number[] = [];
    const outputs: number[] = [];
    try {
      const inputNames = ort.stackAlloc(feeds.size * 4);
      const inputValues = ort.stackAlloc(feeds.size * 4);
      const outputNames = ort.stackAlloc(fetches.length * 4);
      const outputValues = ort.stackAlloc(fetches.length * 4);
      let position = 0;
      for (const [name, tensor] of feeds) {
        const handle = createTensor(heap, tensor, allocations);
        tensors.push(handle);
        heap.writeInt(inputNames + position * 4, this.#pointerOf(name));
        heap.writeInt(inputValues + position * 4, handle);
        position += 1;
      }
      fetches.forEach((name, index) => {
        heap.writeInt(outputNames + index * 4, this.#pointerOf(name));
        heap.writeInt(outputValues + index * 4, 0);
      });
      const code = ort._OrtRun(
        this.#handle,
        inputNames,
        inputValues,
        feeds.size,
        outputNames,
        fetches.length,
        outputValues,
        this.#runOptions,
      );
      for (let index = 0; index < fetches.length; index += 1) {
        outputs.push(heap.readPointer(outputValues + index * 4));
      }
      check(heap, code);
      return outputs.map((handle) => readTensor(heap, handle));
    } catch (error) {
      // A trap leaves the instance in the middle of something: nothing that it says after that is to be believed.
      if (error instanceof WebAssembly.RuntimeError) this.#isBroken = true;
      throw asAppError(error, "model_run");
    } finally {
      for (const handle of [...tensors, ...outputs]) if (handle !== 0) ort._OrtReleaseTensor(handle);
      for (const pointer of allocations) ort._free(pointer);
      ort.stackRestore(stack);
    }
  }

  /** Ends the session. Its memory goes with the instance, as soon as nothing refers to this object. */
  release(): void {
    const isUsable = !this.#isBroken && !this.#isReleased;
    this.#isReleased = true;
    if (!isUsable) return;
    this.#heap.ort._OrtReleaseRunOptions(this.#runOptions);
    this.#heap.ort._OrtReleaseSession(this.#handle);
  }

  #pointerOf(name: string): number {
    const known = this.#namePointers.get(name);
    if (known !== undefined) return known;
    // Inputs with a default are not among those that the runtime lists, and yet they can be fed.
    const { ort } = this.#heap;
    const size = ort.lengthBytesUTF8(name) + 1;
    const pointer = ort._malloc(size);
    if (pointer === 0) throw new AppError("model_memory", "The model left no memory to run in.");
    ort.stringToUTF8(name, pointer, size);
    this.#namePointers.set(name, pointer);
    return pointer;
  }

  #readValue(index: number): SessionValue {
    const heap = this.#heap;
    const { ort } = heap;
    const slots = ort.stackAlloc(8);
    check(heap, ort._OrtGetInputOutputMetadata(this.#handle, index, slots, slots + 4));
    const namePointer = heap.readPointer(slots);
    const metadata = heap.readPointer(slots + 4);
    const name = ort.UTF8ToString(namePointer);
    this.#namePointers.set(name, namePointer);
    const elementType = heap.readInt(metadata);
    const dims: (number | string | null)[] = [];
    if (elementType !== 0) {
      const rank = heap.readInt(metadata + 4);
      for (let axis = 0; axis < rank; axis += 1) {
        const symbol = heap.readPointer(metadata + 8 + axis * 4);
        const size = heap.readPointer(metadata + 8 + (axis + rank) * 4);
        if (symbol !== 0) dims.push(ort.UTF8ToString(symbol));
        else dims.push(size === UNNAMED_FREE_DIM ? null : size);
      }
    }
    ort._OrtFree(metadata);
    return { name, type: elementTypeName(elementType), dims };
  }
}

/** The memory of one instance. Views are made anew after growth: a grown shared memory has a new buffer. */
class Heap {
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

/** Keeps the WASM memory of one instance below a limit: past it, growth fails and the runtime reports "out of memory". */
class MemoryLimit {
  reached = false;
  readonly #bytesMax: number;
  #memory: WebAssembly.Memory | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  guard(imports: WebAssembly.Imports): void {
    for (const value of Object.values(imports).flatMap((module) => Object.values(module))) {
      if (value instanceof WebAssembly.Memory) this.#memory = value;
    }
    const memory = this.memory();
    const grow = memory.grow.bind(memory);
    memory.grow = (pages: number) => {
      if (memory.buffer.byteLength + pages * PAGE_BYTES > this.#bytesMax) {
        this.reached = true;
        throw new RangeError("memory limit of the model");
      }
      return grow(pages);
    };
  }

  memory(): WebAssembly.Memory {
    if (!this.#memory) throw new Error("onnxruntime-web was instantiated without a memory");
    return this.#memory;
  }

  error(): AppError {
    const mb = Math.round(this.#bytesMax / 1_000_000);
    return new AppError("model_memory", `The model needs more than the ${mb} MB of memory that one model may take.`);
  }
}

/**
 * Starts `start` where two things look different to the runtime's loader, which looks only before its first await:
 * - `process` as in a browser: under nodejs_compat it would take itself to be in Node and ask for files;
 * - no Atomics.waitAsync: it would wait for messages of threads that there are none of, and a wait that never ends keeps the
 *   instance with all of its memory for as long as the isolate lives.
 */
function asSingleThread<T>(start: () => Promise<T>): Promise<T> {
  const { process } = globalThis;
  const { waitAsync } = Atomics;
  Reflect.set(process, "type", "renderer");
  Reflect.set(Atomics, "waitAsync", undefined);
  try {
    return start();
  } finally {
    Reflect.deleteProperty(process, "type");
    Reflect.set(Atomics, "waitAsync", waitAsync);
  }
}

function createSession(heap: Heap, model: Uint8Array): number {
  const { ort } = heap;
  const bytes = ort._malloc(model.byteLength);
  if (bytes === 0) throw new AppError("model_memory", "The model does not fit into the engine's memory.");
  const logId = ort._malloc(1);
  heap.bytes[logId] = 0;
  const options = ort._OrtCreateSessionOptions(
    GRAPH_OPTIMIZATION_ALL,
    false, // no arena: memory goes back to malloc, so that the figure is the model's and not the arena's
    false,
    0,
    false,
    0,
    logId,
    LOG_LEVEL_FATAL,
    0,
    0,
  );
  try {
    heap.bytes.set(model, bytes);
    const handle = ort._OrtCreateSession(bytes, model.byteLength, options);
    if (handle === 0) throw engineError(heap);
    return handle;
  } finally {
    ort._free(bytes);
    ort._free(logId);
    if (options !== 0) ort._OrtReleaseSessionOptions(options);
  }
}

function createTensor(heap: Heap, tensor: Tensor, allocations: number[]): number {
  const { ort } = heap;
  const dims = ort.stackAlloc(tensor.dims.length * 4);
  tensor.dims.forEach((size, axis) => heap.writeInt(dims + axis * 4, size));
  let data: number;
  let byteLength: number;
  if (tensor.type === "string") {
    byteLength = tensor.data.length * 4;
    data = allocate(heap.ort, byteLength, allocations);
    tensor.data.forEach((text, index) => {
      const size = ort.lengthBytesUTF8(text) + 1;
      const pointer = allocate(heap.ort, size, allocations);
      ort.stringToUTF8(text, pointer, size);
      heap.writeInt(data + index * 4, pointer);
    });
  } else {
    const { data: source } = tensor;
    byteLength = source.byteLength;
    data = allocate(heap.ort, byteLength, allocations);
    heap.bytes.set(new Uint8Array(source.buffer, source.byteOffset, byteLength), data);
  }
  const handle = ort._OrtCreateTensor(elementTypeNumber(tensor.type), data, byteLength, dims, tensor.dims.length, 1);
  if (handle === 0) throw engineError(heap);
  return handle;
}

function allocate(ort: OrtModule, byteLength: number, allocations: number[]): number {
  const pointer = ort._malloc(Math.max(1, byteLength));
  if (pointer === 0) throw new AppError("model_run", "The rows do not fit into the engine's memory.");
  allocations.push(pointer);
  return pointer;
}

function readTensor(heap: Heap, handle: number): Tensor {
  const { ort } = heap;
  const slots = ort.stackAlloc(16);
  check(heap, ort._OrtGetTensorData(handle, slots, slots + 4, slots + 8, slots + 12));
  const type = elementTypeName(heap.readInt(slots));
  const data = heap.readPointer(slots + 4);
  const dimsPointer = heap.readPointer(slots + 8);
  const rank = heap.readInt(slots + 12);
  const dims = Array.from({ length: rank }, (_, axis) => heap.readInt(dimsPointer + axis * 4));
  ort._OrtFree(dimsPointer);
  if (type === null) throw new AppError("model_run", "An output of the model has an element type that cannot be read.");
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (type !== "string") {
    const copy = heap.bytes.slice(data, data + size * bytesPerElement(type));
    return { type, dims, data: typedArrayOver(type, copy.buffer) };
  }
  const texts: string[] = [];
  for (let index = 0; index < size; index += 1) {
    const start = heap.readPointer(data + index * 4);
    // Strings lie one behind the other, so that the next one's start bounds this one, even across a NUL.
    const next = index + 1 < size ? heap.readPointer(data + (index + 1) * 4) : undefined;
    texts.push(next === undefined ? ort.UTF8ToString(start) : ort.UTF8ToString(start, next - start));
  }
  ort._free(data);
  return { type, dims, data: texts };
}

function check(heap: Heap, code: number): void {
  if (code !== 0) throw engineError(heap);
}

function engineError(heap: Heap): Error {
  const { ort } = heap;
  const stack = ort.stackSave();
  const slots = ort.stackAlloc(8);
  ort._OrtGetLastError(slots, slots + 4);
  const message = heap.readPointer(slots + 4);
  const text = message === 0 ? "unknown error" : ort.UTF8ToString(message);
  ort.stackRestore(stack);
  return new Error(text);
}

function asAppError(error: unknown, code: "model_load" | "model_run"): AppError {
  if (error instanceof AppError) return error;
  return new AppError(code, error instanceof Error ? error.message : String(error));
}
