import type { TensorFacts } from "./model-facts.ts";
import { TENSOR } from "./onnx-fields.ts";
import { rawByteLength } from "./tensor-type.ts";
import { appendIntegers, lenientUtf8, viewOf, WIRE_FIXED32, WIRE_FIXED64, WIRE_VARINT, WireReader } from "./wire.ts";

type RawRead = (view: DataView, byte: number) => number | bigint;

const RAW_READS: Record<string, { bytes: number; read: RawRead }> = {
  float32: { bytes: 4, read: (view, byte) => view.getFloat32(byte, true) },
  float64: { bytes: 8, read: (view, byte) => view.getFloat64(byte, true) },
  int8: { bytes: 1, read: (view, byte) => view.getInt8(byte) },
  uint8: { bytes: 1, read: (view, byte) => view.getUint8(byte) },
  bool: { bytes: 1, read: (view, byte) => view.getUint8(byte) },
  int16: { bytes: 2, read: (view, byte) => view.getInt16(byte, true) },
  uint16: { bytes: 2, read: (view, byte) => view.getUint16(byte, true) },
  int32: { bytes: 4, read: (view, byte) => view.getInt32(byte, true) },
  uint32: { bytes: 4, read: (view, byte) => view.getUint32(byte, true) },
  int64: { bytes: 8, read: (view, byte) => view.getBigInt64(byte, true) },
  uint64: { bytes: 8, read: (view, byte) => view.getBigUint64(byte, true) },
};

/** How many elements the dims of a tensor promise; a scalar has one. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/**
 * The values of a small numeric constant, in row-major order, 64-bit and protobuf integers exact as bigint. Null when it
 * has more than `countMax` elements, lies in an external file, is sparse, has no numbers, or not as many as it claims.
 */
export function tensorNumbers(tensor: TensorFacts, countMax: number): (number | bigint)[] | null {
  const count = elementCount(tensor.dims);
  const raw = RAW_READS[tensor.elem];
  if (!raw || tensor.external || tensor.sparse || count > countMax) return null;
  const values: (number | bigint)[] = [];
  const reader = new WireReader(tensor.bytes);
  while (reader.next()) {
    // Ten bytes are the longest varint: what is longer cannot be `count` values, and is not decoded at all.
    if (reader.fieldEnd - reader.valueStart > 10 * count && isData(reader.field)) return null;
    if (reader.field === TENSOR.rawData) readFixed(reader.slice(), raw.bytes, raw.read, values);
    else if (reader.field === TENSOR.floatData) readFloats(reader, WIRE_FIXED32, values);
    else if (reader.field === TENSOR.doubleData) readFloats(reader, WIRE_FIXED64, values);
    else if (isIntegerData(reader.field)) appendIntegers(reader, values);
  }
  return values.length === count ? values : null;
}

function readFixed(bytes: Uint8Array, size: number, read: RawRead, into: (number | bigint)[]): void {
  const view = viewOf(bytes);
  for (let byte = 0; byte + size <= bytes.length; byte += size) into.push(read(view, byte));
}

function readFloats(
  reader: WireReader,
  wire: typeof WIRE_FIXED32 | typeof WIRE_FIXED64,
  into: (number | bigint)[],
): void {
  const raw = RAW_READS[wire === WIRE_FIXED32 ? "float32" : "float64"];
  if (reader.wire === wire) into.push(wire === WIRE_FIXED32 ? reader.float() : reader.double());
  else if (raw) readFixed(reader.slice(), raw.bytes, raw.read, into);
}

const isIntegerData = (field: number): boolean =>
  field === TENSOR.int32Data || field === TENSOR.int64Data || field === TENSOR.uint64Data;

const isData = (field: number): boolean =>
  isIntegerData(field) || field === TENSOR.rawData || field === TENSOR.floatData || field === TENSOR.doubleData;

/** The values of a small string constant; null when it has more than `countMax` or is none. */
export function tensorStrings(tensor: TensorFacts, countMax: number): string[] | null {
  if (tensor.external || tensor.elem !== "string" || elementCount(tensor.dims) > countMax) return null;
  const values: string[] = [];
  const reader = new WireReader(tensor.bytes);
  while (reader.next()) if (reader.field === TENSOR.stringData) values.push(lenientUtf8(reader.slice()));
  return values;
}

/**
 * Whether the file holds as many values as the dims of the tensor promise. External and sparse tensors are not looked
 * into (true), an element type that nobody knows neither.
 */
export function holdsWhatItClaims(tensor: TensorFacts): boolean {
  if (tensor.external || tensor.sparse) return true;
  const count = elementCount(tensor.dims);
  const rawBytes = rawByteLength(tensor.elem, count);
  if (rawBytes === null && tensor.elem !== "string") return true;
  const reader = new WireReader(tensor.bytes);
  let typed = 0;
  let raw: number | null = null;
  while (reader.next()) {
    if (reader.field === TENSOR.rawData) raw = reader.slice().length;
    else if (reader.field === TENSOR.stringData) typed++;
    else if (reader.field === TENSOR.floatData) typed += storedFixed(reader, 4);
    else if (reader.field === TENSOR.doubleData) typed += storedFixed(reader, 8);
    else if (isIntegerData(reader.field)) typed += storedVarints(reader);
  }
  if (raw !== null) return raw === rawBytes;
  // Complex numbers take two entries; sub-byte types share one.
  return typed >= Math.min(count, rawBytes ?? count);
}

function storedFixed(reader: WireReader, size: number): number {
  return reader.wire === WIRE_FIXED32 || reader.wire === WIRE_FIXED64 ? 1 : reader.slice().length / size;
}

function storedVarints(reader: WireReader): number {
  if (reader.wire === WIRE_VARINT) return 1;
  let ends = 0;
  for (const byte of reader.slice()) if (byte < 0x80) ends++;
  return ends;
}
