import type { AttributeFacts, NodeFacts, TensorFacts } from "./model-facts.ts";
import { ATTRIBUTE } from "./onnx-fields.ts";
import { appendIntegers, lenientUtf8, viewOf, WIRE_FIXED32, WireReader } from "./wire.ts";

export function attributeOf(node: NodeFacts, name: string): AttributeFacts | null {
  return node.attributes.find((attribute) => attribute.name === name) ?? null;
}

// Longer lists are data (trees, vectors), never what is asked for here; decoding them would take many times their bytes.
const LIST_BYTES_MAX = 1 << 20;

function listReaderOf(node: NodeFacts, name: string): WireReader | null {
  const attribute = attributeOf(node, name);
  return attribute && attribute.bytes.length <= LIST_BYTES_MAX ? new WireReader(attribute.bytes) : null;
}

function readerOf(node: NodeFacts, name: string): WireReader | null {
  const attribute = attributeOf(node, name);
  return attribute ? new WireReader(attribute.bytes) : null;
}

/** An integer attribute; null when the node does not have it. */
export function integerAttribute(node: NodeFacts, name: string): number | null {
  const reader = readerOf(node, name);
  let value: number | null = null;
  while (reader?.next()) if (reader.field === ATTRIBUTE.i) value = reader.integer();
  return value;
}

/** An attribute that is a list of integers, exact; null when the node does not have it, or one beyond 1 MiB. */
export function integersAttribute(node: NodeFacts, name: string): bigint[] | null {
  const reader = listReaderOf(node, name);
  if (!reader) return null;
  const values: bigint[] = [];
  while (reader.next()) if (reader.field === ATTRIBUTE.ints) appendIntegers(reader, values);
  return values;
}

/** An attribute that is a list of floats; null when the node does not have it, or one beyond 1 MiB. */
export function floatsAttribute(node: NodeFacts, name: string): number[] | null {
  const reader = listReaderOf(node, name);
  if (!reader) return null;
  const values: number[] = [];
  while (reader.next()) {
    if (reader.field !== ATTRIBUTE.floats) continue;
    if (reader.wire === WIRE_FIXED32) {
      values.push(reader.float());
      continue;
    }
    const packed = viewOf(reader.slice());
    for (let byte = 0; byte + 4 <= packed.byteLength; byte += 4) values.push(packed.getFloat32(byte, true));
  }
  return values;
}

/** An attribute that is a list of texts; null when the node does not have it, or one beyond 1 MiB. */
export function stringsAttribute(node: NodeFacts, name: string): string[] | null {
  const reader = listReaderOf(node, name);
  if (!reader) return null;
  const values: string[] = [];
  while (reader.next()) if (reader.field === ATTRIBUTE.strings) values.push(lenientUtf8(reader.slice()));
  return values;
}

/** A text attribute; null when the node does not have it. */
export function stringAttribute(node: NodeFacts, name: string): string | null {
  const reader = readerOf(node, name);
  let value: string | null = null;
  while (reader?.next()) if (reader.field === ATTRIBUTE.s) value = lenientUtf8(reader.slice());
  return value;
}

/** A float attribute; null when the node does not have it. */
export function floatAttribute(node: NodeFacts, name: string): number | null {
  const reader = readerOf(node, name);
  let value: number | null = null;
  while (reader?.next()) if (reader.field === ATTRIBUTE.f) value = reader.float();
  return value;
}

/** The tensor of a tensor attribute; null when the node does not have it. */
export function tensorAttribute(node: NodeFacts, name: string): TensorFacts | null {
  return attributeOf(node, name)?.tensors[0] ?? null;
}
