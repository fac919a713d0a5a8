/** Element types that can be fed to and read from the engine. */
export const TENSOR_TYPES = [
  "float32",
  "float64",
  "float16",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "bool",
  "string",
] as const;
export type TensorType = (typeof TENSOR_TYPES)[number];

interface ElementType {
  name: string;
  /** Bits of one element in raw data; strings have none. */
  bits: number;
}

// Indexed by TensorProto.DataType of onnx.proto.
const ELEMENT_TYPES: readonly ElementType[] = [
  { name: "undefined", bits: 0 },
  { name: "float32", bits: 32 },
  { name: "uint8", bits: 8 },
  { name: "int8", bits: 8 },
  { name: "uint16", bits: 16 },
  { name: "int16", bits: 16 },
  { name: "int32", bits: 32 },
  { name: "int64", bits: 64 },
  { name: "string", bits: 0 },
  { name: "bool", bits: 8 },
  { name: "float16", bits: 16 },
  { name: "float64", bits: 64 },
  { name: "uint32", bits: 32 },
  { name: "uint64", bits: 64 },
  { name: "complex64", bits: 64 },
  { name: "complex128", bits: 128 },
  { name: "bfloat16", bits: 16 },
  { name: "float8e4m3fn", bits: 8 },
  { name: "float8e4m3fnuz", bits: 8 },
  { name: "float8e5m2", bits: 8 },
  { name: "float8e5m2fnuz", bits: 8 },
  { name: "uint4", bits: 4 },
  { name: "int4", bits: 4 },
  { name: "float4e2m1", bits: 4 },
  { name: "float8e8m0", bits: 8 },
  { name: "uint2", bits: 2 },
  { name: "int2", bits: 2 },
];

/** The name of an ONNX element type number; a number that the format does not know is named "type <n>". */
export function elementTypeName(number: number): string {
  return ELEMENT_TYPES[number]?.name ?? `type ${number}`;
}

/** The number that ONNX gives an element type; -1 for a name that it does not know. */
export function elementTypeNumber(name: string): number {
  return ELEMENT_TYPES.findIndex((type) => type.name === name);
}

/** Whether tensors of this element type can be fed and read. */
export function isTensorType(name: string): name is TensorType {
  return (TENSOR_TYPES as readonly string[]).includes(name);
}

/** Bytes that `count` elements take in raw data (4-bit types are packed); null for strings and unknown types. */
export function rawByteLength(name: string, count: number): number | null {
  const bits = ELEMENT_TYPES.find((type) => type.name === name)?.bits ?? 0;
  return bits === 0 ? null : Math.ceil((count * bits) / 8);
}
