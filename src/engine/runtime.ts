import createOrtModule from "onnxruntime-web/ort-wasm-simd-threaded.mjs";
import ortWasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm";
import { AppError } from "../errors.ts";
import { MemoryLimit, runMemoryError } from "./memory-limit.ts";
import { check, engineError, Heap } from "./ort-heap.ts";
import { createTensor, readTensor } from "./ort-tensors.ts";
import { loadReason } from "./load-reason.ts";
import { isMemoryFailure, runReason } from "./run-reason.ts";
import { elementTypeName, type Tensor, type TensorType } from "./tensor.ts";
import { messageOf } from "../lib/message-of.ts";

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
const LOG_LEVEL_FATAL = 4;
const GRAPH_OPTIMIZATION_ALL = 99;

/** A model loaded and ready to run. `run` is synchronous: the isolate does nothing else meanwhile. */
export class Session {
  readonly inputs: SessionValue[];
  readonly outputs: SessionValue[];
  readonly #heap: Heap;
  readonly #limit: MemoryLimit;
  readonly #handle: number;
  readonly #runOptions: number;
  readonly #namePointers = new Map<string, number>();
  #isBroken = false;
  #isReleased = false;

  private constructor(heap: Heap, limit: MemoryLimit, handle: number) {
    const { ort } = heap;
    this.#heap = heap;
    this.#limit = limit;
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
   * Compiles `model` (the bytes of an ONNX file without external data) into a session of its own. Throws AppError `model_load` with the
   * reason, as loadReason words it, or `model_memory` when more than `memoryBytesMax` would be needed.
   */
  static async load(model: Uint8Array, memoryBytesMax: number): Promise<Session> {
    const limit = new MemoryLimit(memoryBytesMax);
    const ort = await asSingleThread(() =>
      createOrtModule({
        numThreads: 1,
        // The runtime writes its warnings to the console; the errors that matter come back as messages.
        print: () => undefined,
        printErr: () => undefined,
        instantiateWasm: (imports, done) => {
          limit.guard(imports);
          void WebAssembly.instantiate(ortWasm, imports).then((instance) => done(instance, ortWasm));
        },
      }),
    );
    const heap = new Heap(ort, limit.memory());
    try {
      check(heap, ort._OrtInit(1, LOG_LEVEL_FATAL));
      return new Session(heap, limit, createSession(heap, model));
    } catch (error) {
      if (limit.reached) throw limit.error();
      if (error instanceof AppError) throw error;
      console.warn("the engine did not load a model", error);
      throw new AppError("model_load", loadReason(messageOf(error)));
    }
  }

  /** True after a run that stopped in the middle or had no memory left: the session is to be unloaded and loaded anew. */
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
   * Throws AppError `model_memory` when the memory does not suffice, and `model_run` with any other reason, as runReason words it.
   */
  run(feeds: ReadonlyMap<string, Tensor>, fetches: readonly string[]): Tensor[] {
    if (this.#isReleased) throw new AppError("model_run", "The model was unloaded before it ran.");
    if (this.#isBroken) throw new AppError("model_run", "The model stopped in an earlier run.");
    const heap = this.#heap;
    const { ort } = heap;
    this.#limit.reached = false;
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
      // A trap leaves the instance in the middle of something: its later answers cannot be trusted.
      if (error instanceof WebAssembly.RuntimeError) this.#isBroken = true;
      const said = messageOf(error);
      const isMemory =
        error instanceof AppError
          ? error.code === "model_memory"
          : isMemoryFailure(said) || (this.#isBroken && this.#limit.reached);
      // The runtime does not give back all that a run took which then found no more: fewer rows would not fit either.
      if (isMemory) this.#isBroken = true;
      if (error instanceof AppError) throw error;
      throw isMemory ? runMemoryError() : new AppError("model_run", runReason(said));
    } finally {
      if (!this.#isBroken) {
        for (const handle of [...tensors, ...outputs]) if (handle !== 0) ort._OrtReleaseTensor(handle);
        for (const pointer of allocations) ort._free(pointer);
        ort.stackRestore(stack);
      }
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

/**
 * Starts `start` where two things look different to the runtime's loader, which looks only before its first await:
 * - `process` as in a browser: under nodejs_compat it would take itself to be in Node and ask for files;
 * - no Atomics.waitAsync: it would wait for messages of threads that do not exist, and a wait that never ends keeps the
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
