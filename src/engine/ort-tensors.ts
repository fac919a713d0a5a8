import type { OrtModule } from "onnxruntime-web/ort-wasm-simd-threaded.mjs";
import { AppError } from "../errors.ts";
import { runMemoryError } from "./memory-limit.ts";
import { check, engineError, type Heap } from "./ort-heap.ts";
import { bytesPerElement, elementTypeName, elementTypeNumber, type Tensor, typedArrayOver } from "./tensor.ts";

/** Copies a tensor into the instance. What was allocated for it is added to `allocations`, for the caller to free. */
export function createTensor(heap: Heap, tensor: Tensor, allocations: number[]): number {
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
  if (pointer === 0) throw runMemoryError();
  allocations.push(pointer);
  return pointer;
}

/** Copies an output tensor out of the instance. */
export function readTensor(heap: Heap, handle: number): Tensor {
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
