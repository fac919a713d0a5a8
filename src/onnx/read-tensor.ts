import type { ExternalDataRef, TensorFacts } from "./model-facts.ts";
import { ENTRY, SPARSE, TENSOR } from "./onnx-fields.ts";
import type { ReadBudget } from "./read-budget.ts";
import { elementTypeName } from "./tensor-type.ts";
import { appendIntegers, damaged, lenientUtf8, WireReader } from "./wire.ts";

const EXTERNAL = 1;

/** The head of a TensorProto; its values stay where they are. */
export function readTensor(bytes: Uint8Array, budget: ReadBudget): TensorFacts {
  budget.spend();
  const reader = new WireReader(bytes);
  const dims: bigint[] = [];
  const entries: { key: string; value: string }[] = [];
  let name = "";
  let elem = 0;
  let isExternal = false;
  while (reader.next()) {
    if (reader.field === TENSOR.dims) appendIntegers(reader, dims);
    else if (reader.field === TENSOR.dataType) elem = reader.enumeration();
    else if (reader.field === TENSOR.name) name = reader.text();
    else if (reader.field === TENSOR.dataLocation) isExternal = reader.enumeration() === EXTERNAL;
    else if (reader.field === TENSOR.externalData) {
      budget.spend();
      entries.push(readEntry(reader.slice()));
    }
  }
  const external = isExternal ? externalRef(name, entries) : null;
  return {
    name,
    dims: safeDims(dims, name),
    elem: elementTypeName(elem),
    bytes,
    external,
    sparse: false,
  };
}

/** The head of a SparseTensorProto, as the tensor that it stands for; the name is that of its values. */
export function readSparseTensor(bytes: Uint8Array, budget: ReadBudget): TensorFacts[] {
  const reader = new WireReader(bytes);
  const dims: bigint[] = [];
  const parts: TensorFacts[] = [];
  while (reader.next()) {
    if (reader.field === SPARSE.dims) appendIntegers(reader, dims);
    else if (reader.field === SPARSE.values) parts.unshift(readTensor(reader.slice(), budget));
    else if (reader.field === SPARSE.indices) parts.push(readTensor(reader.slice(), budget));
  }
  const values = parts[0];
  if (!values || parts.length !== 2) throw damaged("a sparse tensor lacks its values or has them twice");
  const spread: TensorFacts = {
    ...values,
    dims: safeDims(dims, values.name),
    external: null,
    sparse: true,
  };
  // The parts come along under their own heads, for they may lie in external files.
  return [spread, ...parts.map((part) => ({ ...part, name: "" }))];
}

/** A StringStringEntryProto. */
export function readEntry(bytes: Uint8Array): { key: string; value: string } {
  const reader = new WireReader(bytes);
  const entry = { key: "", value: "" };
  while (reader.next()) {
    if (reader.field === ENTRY.key) entry.key = lenientUtf8(reader.slice());
    else if (reader.field === ENTRY.value) entry.value = lenientUtf8(reader.slice());
  }
  return entry;
}

function safeDims(dims: bigint[], name: string): number[] {
  return dims.map((dim) => {
    if (dim < 0n || dim > BigInt(Number.MAX_SAFE_INTEGER))
      throw damaged(`the tensor "${name}" has the dimension ${dim}`);
    return Number(dim);
  });
}

function externalRef(tensor: string, entries: { key: string; value: string }[]): ExternalDataRef {
  const ref: ExternalDataRef = { tensor, location: "" };
  for (const { key, value } of entries) {
    if (key === "location") ref.location = value;
    else if (key === "offset") ref.offset = byteCount(value, tensor, key);
    else if (key === "length") ref.length = byteCount(value, tensor, key);
  }
  return ref;
}

function byteCount(text: string, tensor: string, key: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(count))
    throw damaged(
      `the ${key} of the external data of "${tensor}" is "${text.slice(0, 40)}" instead of a number of bytes`,
    );
  return count;
}
