import { AppError } from "../errors.ts";

const PAGE_BYTES = 65536;

/** Keeps the WASM memory of one instance below a limit: past it, growth fails and the runtime reports "out of memory". */
export class MemoryLimit {
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

/** A run had no memory left for its rows: fewer of them may do. */
export function runMemoryError(): AppError {
  return new AppError("model_memory", "The model needs more memory for these rows than one model may take.");
}
