import { WIRE_FIXED32, WIRE_LENGTH, WIRE_VARINT, WireReader } from "./wire.ts";

/** Pieces of a message that are joined once, at the end: untouched pieces stay views on the original bytes. */
export class Rope {
  readonly pieces: Uint8Array[] = [];
  byteLength = 0;

  add(piece: Uint8Array | Rope): this {
    if (piece instanceof Rope) for (const part of piece.pieces) this.pieces.push(part);
    else if (piece.length > 0) this.pieces.push(piece);
    this.byteLength += piece.byteLength;
    return this;
  }

  /** One array of all pieces, in order. */
  join(): Uint8Array {
    const joined = new Uint8Array(this.byteLength);
    let position = 0;
    for (const piece of this.pieces) {
      joined.set(piece, position);
      position += piece.length;
    }
    return joined;
  }
}

/** A varint of a signed 64-bit integer. */
export function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export function integerField(field: number, value: number | bigint): Rope {
  return new Rope().add(varint(field * 8 + WIRE_VARINT)).add(varint(value));
}

export function floatField(field: number, value: number): Rope {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return new Rope().add(varint(field * 8 + WIRE_FIXED32)).add(bytes);
}

/** A length-delimited field: bytes, or a message under construction. */
export function bytesField(field: number, value: Uint8Array | Rope): Rope {
  return new Rope()
    .add(varint(field * 8 + WIRE_LENGTH))
    .add(varint(value.byteLength))
    .add(value);
}

export function textField(field: number, value: string): Rope {
  return bytesField(field, new TextEncoder().encode(value));
}

export type FieldEdit = "keep" | "drop" | Rope;

/**
 * A message with some of its fields replaced or dropped. `edit` sees each field in order and answers what becomes of
 * it; a Rope stands in the field's place and brings its own tag. Fields that are kept keep their bytes and their order,
 * `append` goes behind them. Answers the very same array when nothing changed.
 */
export function rewriteMessage(
  message: Uint8Array,
  edit: (reader: WireReader) => FieldEdit,
  append: Rope = new Rope(),
): Uint8Array | Rope {
  const reader = new WireReader(message);
  const rope = new Rope();
  let keptFrom = 0;
  let changed = append.byteLength > 0;
  while (reader.next()) {
    const answer = edit(reader);
    if (answer === "keep") continue;
    rope.add(message.subarray(keptFrom, reader.fieldStart));
    if (answer !== "drop") rope.add(answer);
    keptFrom = reader.fieldEnd;
    changed = true;
  }
  if (!changed) return message;
  return rope.add(message.subarray(keptFrom)).add(append);
}
