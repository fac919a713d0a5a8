import {
  elementTypeName as anyElementTypeName,
  elementTypeNumber as anyElementTypeNumber,
  isTensorType,
  TENSOR_TYPES,
  type TensorType,
} from "../onnx/tensor-type.ts";

export { isTensorType, type TensorType };
export type NumericTensorType = Exclude<TensorType, "string">;

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  // float16 travels as its bits; convert with float16Bits and float16Value.
  float16: Uint16Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

export type TensorArray = InstanceType<(typeof ARRAYS)[NumericTensorType]>;

/** Elements lie in row-major order; `data` has as many as the product of `dims`. */
export type Tensor =
  | { type: NumericTensorType; dims: number[]; data: TensorArray }
  | { type: "string"; dims: number[]; data: string[] };

const NUMBERS = new Map(TENSOR_TYPES.map((type) => [type, anyElementTypeNumber(type)]));

/** The name of an ONNX element type; null when it is none that can be fed or read (bfloat16, float8, int4, complex). */
export function elementTypeName(number: number): TensorType | null {
  const name = anyElementTypeName(number);
  return isTensorType(name) ? name : null;
}

export function elementTypeNumber(type: TensorType): number {
  return NUMBERS.get(type) ?? 0;
}

export function bytesPerElement(type: NumericTensorType): number {
  return ARRAYS[type].BYTES_PER_ELEMENT;
}

/** A typed array over the whole of `buffer`, without copying. */
export function typedArrayOver(type: NumericTensorType, buffer: ArrayBuffer): TensorArray {
  return new ARRAYS[type](buffer);
}

/** A typed array of `length` zeros. */
export function emptyTensorArray(type: NumericTensorType, length: number): TensorArray {
  return new ARRAYS[type](length);
}

const float16View = new DataView(new ArrayBuffer(4));

/** IEEE 754 half precision bits of `value`, rounded to nearest even; overflow becomes infinity. */
export function float16Bits(value: number): number {
  float16View.setFloat32(0, value);
  const bits = float16View.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
  const shifted = exponent - 127 + 15;
  if (shifted >= 0x1f) return sign | 0x7c00;
  if (shifted <= 0) {
    if (shifted < -10) return sign;
    return sign | roundShift(mantissa | 0x800000, 14 - shifted);
  }
  // A mantissa that rounds up past its width carries into the exponent, which is what IEEE wants.
  return sign | ((shifted << 10) + roundShift(mantissa, 13));
}

function roundShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** The number that half precision `bits` stand for. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
