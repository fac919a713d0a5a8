import { OnnxError } from "./onnx-error.ts";

export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_LENGTH = 2;
export const WIRE_FIXED32 = 5;

// Fatal and BOM-keeping, so that two different names in the file can never become one name here.
const strictText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenientText = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** The error for bytes that are not a whole protobuf message; `what` completes "The file is damaged: ". */
export function damaged(what: string): OnnxError {
  return new OnnxError(
    "truncated_or_damaged",
    `The file is damaged or was cut off: ${what}. Export or download the model again, and upload that file.`,
  );
}

/**
 * Walks the fields of one protobuf message in order. `next()` steps to a field and checks that it lies wholly inside
 * the message; the value is decoded only by the accessor that is called for it. Slices are views on the given bytes.
 * Everything throws OnnxError `truncated_or_damaged` when the bytes are not protobuf.
 */
export class WireReader {
  readonly bytes: Uint8Array;
  field = 0;
  wire = 0;
  /** Where the current field begins (its tag) and where it ends. */
  fieldStart = 0;
  fieldEnd = 0;
  /** Where the current field's value begins, behind tag and length. */
  valueStart = 0;
  #low = 0;
  #high = 0;
  #afterVarint = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Steps to the next field; false at the end of the message. */
  next(): boolean {
    this.fieldStart = this.fieldEnd;
    if (this.fieldStart >= this.bytes.length) return false;
    this.#readVarint(this.fieldStart);
    const tag = this.#low;
    this.field = tag >>> 3;
    this.wire = tag & 7;
    if (this.#high !== 0 || this.field === 0) throw damaged(`byte ${this.fieldStart} does not start a field`);
    this.valueStart = this.#afterVarint;
    this.fieldEnd = this.#findEnd();
    if (this.fieldEnd > this.bytes.length) {
      throw damaged(
        `field ${this.field} should reach to byte ${this.fieldEnd}, but its message ends at byte ${this.bytes.length}`,
      );
    }
    return true;
  }

  #findEnd(): number {
    switch (this.wire) {
      case WIRE_VARINT:
        this.#readVarint(this.valueStart);
        return this.#afterVarint;
      case WIRE_FIXED64:
        return this.valueStart + 8;
      case WIRE_FIXED32:
        return this.valueStart + 4;
      case WIRE_LENGTH: {
        this.#readVarint(this.valueStart);
        if (this.#high !== 0) throw damaged(`field ${this.field} claims more bytes than any file has`);
        this.valueStart = this.#afterVarint;
        return this.valueStart + this.#low;
      }
      default:
        throw damaged(`field ${this.field} has the unknown wire type ${this.wire}`);
    }
  }

  #readVarint(start: number): void {
    const bytes = this.bytes;
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      const byte = bytes[start + index];
      if (byte === undefined) throw damaged("it ends in the middle of a number");
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index === 4) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (7 * index - 32);
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        this.#afterVarint = start + index + 1;
        return;
      }
    }
    throw damaged(`the number at byte ${start} does not end`);
  }

  #expect(wire: number): void {
    if (this.wire !== wire) throw damaged(`field ${this.field} has wire type ${this.wire} instead of ${wire}`);
  }

  /** The current field as a signed 64-bit integer, exact. */
  bigint(): bigint {
    this.#expect(WIRE_VARINT);
    return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low));
  }

  /** The current field as a signed integer; one beyond ±2^53 counts as damage. */
  integer(): number {
    this.#expect(WIRE_VARINT);
    const value = (this.#high | 0) * 0x1_0000_0000 + this.#low;
    if (!Number.isSafeInteger(value)) throw damaged(`field ${this.field} holds a number that cannot be right`);
    return value;
  }

  /** The current field as the engine reads an enum: its low 32 bits, signed. */
  enumeration(): number {
    this.#expect(WIRE_VARINT);
    return this.#low | 0;
  }

  float(): number {
    this.#expect(WIRE_FIXED32);
    return viewOf(this.bytes).getFloat32(this.valueStart, true);
  }

  double(): number {
    this.#expect(WIRE_FIXED64);
    return viewOf(this.bytes).getFloat64(this.valueStart, true);
  }

  /** The current length-delimited field, as a view. */
  slice(): Uint8Array {
    this.#expect(WIRE_LENGTH);
    return this.bytes.subarray(this.valueStart, this.fieldEnd);
  }

  /** The current field as a name: refuses what is not UTF-8. */
  text(): string {
    try {
      return strictText.decode(this.slice());
    } catch (error) {
      if (error instanceof OnnxError) throw error;
      throw damaged(`the name in field ${this.field} is not UTF-8 text`);
    }
  }
}

/** Bytes as text for people; what is not UTF-8 becomes U+FFFD. */
export function lenientUtf8(bytes: Uint8Array): string {
  return lenientText.decode(bytes);
}

/** A little helper for fixed-width numbers in a view. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The integers of a `repeated int64` field's current occurrence, packed or not, appended to `into`. */
export function appendIntegers(reader: WireReader, into: (number | bigint)[]): void {
  if (reader.wire === WIRE_VARINT) {
    into.push(reader.bigint());
    return;
  }
  const packed = reader.slice();
  for (let position = 0; position < packed.length;) {
    let value = 0n;
    let shift = 0n;
    for (;;) {
      const byte = packed[position++];
      if (byte === undefined || shift > 63n) throw damaged(`the list in field ${reader.field} ends inside a number`);
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) break;
    }
    into.push(BigInt.asIntN(64, value));
  }
}
