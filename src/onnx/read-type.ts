import type { Dim, ValueInfo, ValueType } from "./model-facts.ts";
import { DIM, SHAPE, TYPE, TYPE_PART, VALUE_INFO } from "./onnx-fields.ts";
import type { ReadBudget } from "./read-budget.ts";
import { elementTypeName } from "./tensor-type.ts";
import { damaged, WireReader } from "./wire.ts";

const UNTYPED: ValueType = { kind: "unknown", text: "no declared type" };

/** Name and type of an input, output or inner value. */
export function readValueInfo(bytes: Uint8Array, budget: ReadBudget): ValueInfo {
  budget.spend();
  const reader = new WireReader(bytes);
  let name = "";
  let type: ValueType | null = null;
  while (reader.next()) {
    if (reader.field === VALUE_INFO.name) name = reader.text();
    else if (reader.field === VALUE_INFO.type) {
      if (type) throw damaged(`the value "${name}" has two types`);
      type = readType(reader.slice(), budget);
    }
  }
  return { name, type: type ?? UNTYPED };
}

function readType(bytes: Uint8Array, budget: ReadBudget): ValueType {
  budget.spend();
  return budget.deeper(() => {
    const reader = new WireReader(bytes);
    let type: ValueType | null = null;
    while (reader.next()) {
      const part = readTypePart(reader, budget);
      if (part && type) throw damaged("a value is declared with two kinds of type");
      type ??= part;
    }
    return type ?? UNTYPED;
  });
}

function readTypePart(reader: WireReader, budget: ReadBudget): ValueType | null {
  switch (reader.field) {
    case TYPE.tensor:
      return readTensorType(reader.slice(), budget);
    case TYPE.sequence: {
      const elem = readElementType(reader.slice(), budget);
      return {
        kind: elem.kind === "map" ? "sequence_of_map" : "sequence",
        text: `seq(${typeText(elem)})`,
      };
    }
    case TYPE.optional:
      return {
        kind: "optional",
        text: `optional(${typeText(readElementType(reader.slice(), budget))})`,
      };
    case TYPE.map:
      return { kind: "map", text: readMapText(reader.slice(), budget) };
    case TYPE.sparse:
      return {
        kind: "sparse",
        text: `sparse(${typeText(readTensorType(reader.slice(), budget))})`,
      };
    case TYPE.opaque:
      return { kind: "unknown", text: "an opaque type" };
    default:
      return null;
  }
}

function readTensorType(bytes: Uint8Array, budget: ReadBudget): ValueType {
  const reader = new WireReader(bytes);
  let elem = 0;
  let shape: Dim[] | null = null;
  while (reader.next()) {
    if (reader.field === TYPE_PART.elem) elem = reader.enumeration();
    else if (reader.field === TYPE_PART.shape) {
      if (shape) throw damaged("a value has two shapes");
      shape = readShape(reader.slice(), budget);
    }
  }
  return { kind: "tensor", elem: elementTypeName(elem), shape };
}

function readShape(bytes: Uint8Array, budget: ReadBudget): Dim[] {
  const reader = new WireReader(bytes);
  const dims: Dim[] = [];
  while (reader.next()) {
    if (reader.field !== SHAPE.dim) continue;
    budget.spend();
    dims.push(readDim(reader.slice()));
  }
  return dims;
}

function readDim(bytes: Uint8Array): Dim {
  const reader = new WireReader(bytes);
  let dim: Dim = null;
  while (reader.next()) {
    // Old exporters write a free dimension as -1 or as an empty name.
    if (reader.field === DIM.value) dim = reader.integer() < 0 ? null : reader.integer();
    else if (reader.field === DIM.param) dim = reader.text() || null;
  }
  return dim;
}

function readElementType(bytes: Uint8Array, budget: ReadBudget): ValueType {
  const reader = new WireReader(bytes);
  let type = UNTYPED;
  while (reader.next()) if (reader.field === TYPE_PART.elem) type = readType(reader.slice(), budget);
  return type;
}

function readMapText(bytes: Uint8Array, budget: ReadBudget): string {
  const reader = new WireReader(bytes);
  let key = "?";
  let value = UNTYPED;
  while (reader.next()) {
    if (reader.field === TYPE_PART.mapKey) key = elementTypeName(reader.enumeration());
    else if (reader.field === TYPE_PART.mapValue) value = readType(reader.slice(), budget);
  }
  return `map(${key}->${typeText(value)})`;
}

/** A type as people write it: `float32[batch,4]`, `seq(map(int64->float32))`. */
export function typeText(type: ValueType): string {
  if (type.kind !== "tensor") return type.text;
  return type.shape === null ? type.elem : `${type.elem}[${type.shape.map((dim) => dim ?? "?").join(",")}]`;
}
