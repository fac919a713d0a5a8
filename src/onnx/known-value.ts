import type { TensorFacts, ValueInfo } from "./model-facts.ts";
import { rawByteLength } from "./tensor-type.ts";
import { tensorNumbers } from "./tensor-values.ts";

// Operands that give shapes, repeats or limits are short; longer constants are data.
export const NUMBERS_MAX = 64;
// A std::string of the 32-bit engine, without its text.
const STRING_BYTES = 12;
const UNKNOWN_ELEMENT_BYTES = 4;

/** A dimension as far as the file tells it; null where it depends on what is fed. */
export type KnownDim = number | null;

/** What the file tells about one value of a graph, before anything is fed. */
export interface KnownValue {
  elem: string | null;
  dims: KnownDim[] | null;
  /** How many elements it has at the least, free dimensions counted as 1: chains of growth stay in sight. */
  leastCount: number;
  /** The elements themselves, of short constants and of shapes; null inside where one is not known. */
  numbers: KnownDim[] | null;
  /** True when it is the same in every run, so that the engine computes it when the model loads. */
  constant: boolean;
  /** The input whose values (not: whose shape) decide what is in here. */
  fedBy: string | null;
}

export const UNKNOWN: KnownValue = {
  elem: null,
  dims: null,
  leastCount: 0,
  numbers: null,
  constant: false,
  fedBy: null,
};

export function constantValue(tensor: TensorFacts): KnownValue {
  const numbers = tensorNumbers(tensor, NUMBERS_MAX)?.map(Number) ?? null;
  return {
    elem: tensor.elem,
    dims: tensor.dims,
    leastCount: leastCountOf(tensor.dims),
    numbers,
    constant: true,
    fedBy: null,
  };
}

export function inputValue({ name, type }: ValueInfo): KnownValue {
  if (type.kind !== "tensor") return { ...UNKNOWN, fedBy: name };
  const dims = type.shape?.map((dim) => (typeof dim === "number" ? dim : null)) ?? null;
  return { elem: type.elem, dims, leastCount: leastCountOf(dims), numbers: null, constant: false, fedBy: name };
}

/** Elements of dims where free ones count as 1; unknown dims count as none. */
export function leastCountOf(dims: readonly KnownDim[] | null): number {
  return dims === null ? 0 : dims.reduce<number>((product, dim) => product * (dim ?? 1), 1);
}

/** Bytes that a value takes at the least. */
export function leastBytesOf({ elem, leastCount }: KnownValue): number {
  if (elem === "string") return leastCount * STRING_BYTES;
  return (elem === null ? null : rawByteLength(elem, leastCount)) ?? leastCount * UNKNOWN_ELEMENT_BYTES;
}

/** The dims of two operands stretched over each other, as numpy does. */
export function broadcast(left: KnownDim[] | null, right: KnownDim[] | null): KnownDim[] | null {
  if (left === null || right === null) return null;
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, index) => {
    const a = index - rank + left.length < 0 ? 1 : (left[index - rank + left.length] ?? null);
    const b = index - rank + right.length < 0 ? 1 : (right[index - rank + right.length] ?? null);
    if (a === 1) return b;
    if (b === 1 || a === b) return a;
    // One is free: in a run that works it equals the other, which is not 1.
    return a ?? b;
  });
}

/** Elements of dims that are all known; null otherwise. */
export function knownCount(dims: readonly KnownDim[] | null): number | null {
  if (dims === null || dims.includes(null)) return null;
  return dims.reduce<number>((product, dim) => product * (dim ?? 1), 1);
}

/** `axis` counted from the front; out of range is null. */
export function axisOf(axis: number, rank: number): number | null {
  const index = axis < 0 ? axis + rank : axis;
  return index >= 0 && index < rank ? index : null;
}
