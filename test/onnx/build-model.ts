// A small protobuf writer of its own, so that the tests do not rest on the code they test.
type Bytes = number[];

const encoder = new TextEncoder();

export function varint(value: number | bigint): Bytes {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: Bytes = [];
  for (;;) {
    const low = Number(rest % 128n);
    rest /= 128n;
    if (rest === 0n) return [...bytes, low];
    bytes.push(low + 128);
  }
}

export const int = (field: number, value: number | bigint): Bytes => [...varint(field * 8), ...varint(value)];
export const text = (field: number, value: string): Bytes => message(field, [...encoder.encode(value)]);
export const message = (field: number, body: Bytes): Bytes => [
  ...varint(field * 8 + 2),
  ...varint(body.length),
  ...body,
];

export function float(field: number, value: number): Bytes {
  return [...varint(field * 8 + 5), ...new Uint8Array(Float32Array.of(value).buffer)];
}

export const ELEM = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float64: 11,
  float8: 17,
  int4: 22,
  bfloat16: 16,
};
export type ElemName = keyof typeof ELEM;
export type TestDim = number | string | null;

const dim = (value: TestDim): Bytes =>
  value === null ? [] : typeof value === "number" ? int(1, value) : text(2, value);

export function tensorType(elem: ElemName, shape: TestDim[] | null): Bytes {
  const dims = shape?.flatMap((value) => message(1, dim(value)));
  return message(1, [...int(1, ELEM[elem]), ...(dims ? message(2, dims) : [])]);
}

/** seq(map(int64 -> float32)), what a ZipMap makes. */
export const zipMapType = (): Bytes =>
  message(4, message(1, message(5, [...int(1, ELEM.int64), ...message(2, tensorType("float32", []))])));
export const sequenceType = (elem: ElemName): Bytes => message(4, message(1, tensorType(elem, null)));
export const mapType = (): Bytes => message(5, [...int(1, ELEM.string), ...message(2, tensorType("float32", []))]);

export const value = (name: string, type: Bytes | null): Bytes => [...text(1, name), ...(type ? message(2, type) : [])];
export const tensorValue = (name: string, elem: ElemName, shape: TestDim[] | null): Bytes =>
  value(name, tensorType(elem, shape));

export interface TensorParts {
  dims: number[];
  elem: ElemName;
  integers?: (number | bigint)[];
  strings?: string[];
  raw?: Bytes;
  external?: Record<string, string>;
}

export function tensor(name: string, parts: TensorParts): Bytes {
  const entries = Object.entries(parts.external ?? {}).flatMap(([key, entry]) =>
    message(13, [...text(1, key), ...text(2, entry)]),
  );
  return [
    ...parts.dims.flatMap((size) => int(1, size)),
    ...int(2, ELEM[parts.elem]),
    ...text(8, name),
    ...(parts.integers ? message(7, parts.integers.flatMap(varint)) : []),
    ...(parts.strings ?? []).flatMap((entry) => text(6, entry)),
    ...(parts.raw ? message(9, parts.raw) : []),
    ...entries,
    ...(parts.external ? int(14, 1) : []),
  ];
}

/** A one-dimensional int64 constant. */
export const integers = (name: string, values: (number | bigint)[]): Bytes =>
  tensor(name, { dims: [values.length], elem: "int64", integers: values });
export const scalar = (name: string, single: number | bigint): Bytes =>
  tensor(name, { dims: [], elem: "int64", integers: [single] });

export const attribute = {
  int: (name: string, single: number): Bytes => [...text(1, name), ...int(3, single), ...int(20, 2)],
  float: (name: string, single: number): Bytes => [...text(1, name), ...float(2, single), ...int(20, 1)],
  floats: (name: string, list: number[]): Bytes => [
    ...text(1, name),
    ...list.flatMap((entry) => float(7, entry)),
    ...int(20, 6),
  ],
  ints: (name: string, list: number[]): Bytes => [
    ...text(1, name),
    ...list.flatMap((entry) => int(8, entry)),
    ...int(20, 7),
  ],
  strings: (name: string, list: string[]): Bytes => [
    ...text(1, name),
    ...list.flatMap((entry) => text(9, entry)),
    ...int(20, 8),
  ],
  text: (name: string, single: string): Bytes => [...text(1, name), ...text(4, single), ...int(20, 3)],
  tensor: (name: string, body: Bytes): Bytes => [...text(1, name), ...message(5, body), ...int(20, 4)],
  graph: (name: string, body: Bytes): Bytes => [...text(1, name), ...message(6, body), ...int(20, 5)],
  reference: (name: string, outer: string): Bytes => [...text(1, name), ...text(21, outer)],
};

export interface NodeParts {
  name?: string;
  domain?: string;
  attributes?: Bytes[];
}

export function node(opType: string, inputs: string[], outputs: string[], parts: NodeParts = {}): Bytes {
  return [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(3, parts.name ?? ""),
    ...text(4, opType),
    ...(parts.attributes ?? []).flatMap((body) => message(5, body)),
    ...(parts.domain ? text(7, parts.domain) : []),
  ];
}

export interface GraphParts {
  nodes?: Bytes[];
  inputs?: Bytes[];
  outputs?: Bytes[];
  initializers?: Bytes[];
  valueInfos?: Bytes[];
}

export function graph(parts: GraphParts): Bytes {
  return [
    ...(parts.nodes ?? []).flatMap((body) => message(1, body)),
    ...text(2, "graph"),
    ...(parts.initializers ?? []).flatMap((body) => message(5, body)),
    ...(parts.inputs ?? []).flatMap((body) => message(11, body)),
    ...(parts.outputs ?? []).flatMap((body) => message(12, body)),
    ...(parts.valueInfos ?? []).flatMap((body) => message(13, body)),
  ];
}

export interface ModelParts extends GraphParts {
  ir?: number;
  opsets?: Record<string, number> | [string, number][];
  functions?: Bytes[];
  /** Fields that stand behind all others. */
  tail?: Bytes;
}

export function functionBody(domain: string, name: string, inputs: string[], outputs: string[], nodes: Bytes[]): Bytes {
  return [
    ...text(1, name),
    ...inputs.flatMap((entry) => text(4, entry)),
    ...outputs.flatMap((entry) => text(5, entry)),
    ...nodes.flatMap((body) => message(7, body)),
    ...text(10, domain),
  ];
}

/** A model file; without parts for them, one float input "x" [null, 3] and one output "y". */
export function model(parts: ModelParts): Uint8Array {
  const opsets = Array.isArray(parts.opsets)
    ? parts.opsets
    : Object.entries(parts.opsets ?? { "": 17, "ai.onnx.ml": 3 });
  const body = graph({
    ...parts,
    inputs: parts.inputs ?? [tensorValue("x", "float32", [null, 3])],
    outputs: parts.outputs ?? [tensorValue("y", "float32", [null, 3])],
  });
  return Uint8Array.from([
    ...int(1, parts.ir ?? 8),
    ...text(2, "test"),
    ...text(3, "1.0"),
    ...message(7, body),
    ...opsets.flatMap(([domain, version]) => message(8, [...(domain ? text(1, domain) : []), ...int(2, version)])),
    ...(parts.functions ?? []).flatMap((entry) => message(25, entry)),
    ...(parts.tail ?? []),
  ]);
}

/** A tree classifier of two classes with the ZipMap that skl2onnx appends. */
export function zipMapModel(extra: ModelParts = {}): Uint8Array {
  const classifier = node("LinearClassifier", ["x"], ["label", "probabilities"], {
    domain: "ai.onnx.ml",
    name: "classify",
    attributes: [attribute.ints("classlabels_ints", [0, 1])],
  });
  const zipMap = node("ZipMap", ["probabilities"], ["output_probability"], {
    domain: "ai.onnx.ml",
    name: "zip",
    attributes: [attribute.strings("classlabels_strings", ["no", "yes"])],
  });
  return model({
    ...extra,
    nodes: [classifier, zipMap, ...(extra.nodes ?? [])],
    outputs: extra.outputs ?? [tensorValue("label", "int64", [null]), value("output_probability", zipMapType())],
  });
}
