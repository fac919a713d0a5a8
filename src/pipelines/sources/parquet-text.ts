import type { SchemaElement } from "hyparquet";
import type { SourceType } from "./source-type.ts";
import { hex } from "../../lib/hash.ts";

/** A cell of one column as text; null is a missing one. */
export type CellText = (value: unknown) => string | null;

const DAY_MS = 86_400_000;
/** Days to which a Date reaches. */
const DAYS_MAX = 100_000_000;
const PER_SECOND = { MILLIS: 1_000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n };

/**
 * How the stored values of a column become text, so that nothing of them is lost: whole numbers and decimals exactly, fractions as
 * the shortest text that gives the same double, dates and times as ISO 8601 (with Z where they are in UTC), bytes that are no UTF-8
 * as hex. NaN is missing.
 */
export function cellTextOf(element: SchemaElement): CellText {
  const write = writerOf(element);
  return (value) => (value === null || value === undefined ? null : write(value));
}

/** What a column of a Parquet file is; null for what has no type of ours, which is passed on as text. */
export function sourceTypeOf({
  type,
  converted_type: converted,
  logical_type: logical,
  precision,
  scale,
}: SchemaElement): SourceType | null {
  if (logical?.type === "DECIMAL" || converted === "DECIMAL") {
    const digits = logical?.type === "DECIMAL" ? logical : { precision, scale };
    return { type: "decimal", precision: digits.precision ?? DECIMAL_DIGITS, scale: digits.scale ?? 0 };
  }
  if (logical?.type === "DATE" || converted === "DATE") return { type: "date" };
  if (logical?.type === "TIMESTAMP") return { type: logical.isAdjustedToUTC ? "timestamp" : "datetime" };
  if (converted === "TIMESTAMP_MILLIS" || converted === "TIMESTAMP_MICROS") return { type: "timestamp" };
  if (type === "INT96") return { type: "datetime" };
  if (logical?.type === "TIME" || converted === "TIME_MILLIS" || converted === "TIME_MICROS") return { type: "text" };
  if (type === "BOOLEAN") return { type: "boolean" };
  if (type === "INT32" || type === "INT64") return { type: "integer" };
  if (type === "FLOAT" || type === "DOUBLE" || logical?.type === "FLOAT16") return { type: "number" };
  return { type: "text" };
}

const DECIMAL_DIGITS = 38;

function writerOf({
  type,
  type_length: length,
  converted_type: converted,
  logical_type: logical,
  scale,
}: SchemaElement): CellText {
  if (logical?.type === "DECIMAL") return (value) => decimalText(integerOf(value), logical.scale);
  if (converted === "DECIMAL") return (value) => decimalText(integerOf(value), scale ?? 0);
  if (logical?.type === "DATE" || converted === "DATE") return dateText;
  if (logical?.type === "TIMESTAMP") {
    const { unit, isAdjustedToUTC } = logical;
    return (value) => timestampText(integerOf(value), PER_SECOND[unit], isAdjustedToUTC);
  }
  if (converted === "TIMESTAMP_MILLIS") return (value) => timestampText(integerOf(value), PER_SECOND.MILLIS, true);
  if (converted === "TIMESTAMP_MICROS") return (value) => timestampText(integerOf(value), PER_SECOND.MICROS, true);
  // Old writers kept local time in these; which one is not said.
  if (type === "INT96") return (value) => timestampText(integerOf(value), PER_SECOND.NANOS, false);
  if (logical?.type === "TIME") return (value) => timeText(integerOf(value), PER_SECOND[logical.unit]);
  if (converted === "TIME_MILLIS") return (value) => timeText(integerOf(value), PER_SECOND.MILLIS);
  if (converted === "TIME_MICROS") return (value) => timeText(integerOf(value), PER_SECOND.MICROS);
  if (logical?.type === "UUID") return uuidText;
  const isBytes = type === "BYTE_ARRAY" || (type === "FIXED_LEN_BYTE_ARRAY" && length !== undefined);
  if (!isBytes) return plainText;
  const isText = TEXTS.has(converted ?? "") || TEXTS.has(logical?.type ?? "");
  return isText ? bytesText : (value) => bytesOrHex(value);
}

function plainText(value: unknown): string | null {
  if (typeof value === "number") return Number.isNaN(value) ? null : String(value);
  if (typeof value === "string" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  return bytesText(value);
}

const TEXTS = new Set(["UTF8", "STRING", "ENUM", "JSON"]);

/** Bytes that nobody calls a text: such as are one, without a NUL in it, as they are, all others as hex. */
function bytesOrHex(value: unknown): string | null {
  const text = bytesText(value);
  return text?.includes("\0") === true && value instanceof Uint8Array ? hex(value) : text;
}

function bytesText(value: unknown): string | null {
  if (!(value instanceof Uint8Array)) return typeof value === "number" ? plainText(value) : String(value);
  try {
    return UTF8.decode(value);
  } catch (error) {
    if (error instanceof TypeError) return hex(value);
    throw error;
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The whole number that is stored, also in bytes: big-endian, two's complement. */
function integerOf(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return BigInt(value);
  if (!(value instanceof Uint8Array) || value.length === 0) throw new Error("a value is no whole number");
  return BigInt.asIntN(value.length * 8, BigInt(`0x${hex(value)}`));
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const sign = unscaled < 0n ? "-" : "";
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function dateText(value: unknown): string {
  const days = Number(integerOf(value));
  if (Math.abs(days) > DAYS_MAX) return String(days);
  return new Date(days * DAY_MS).toISOString().slice(0, -"T00:00:00.000Z".length);
}

function timestampText(value: bigint, perSecond: bigint, isUtc: boolean): string {
  const fraction = ((value % perSecond) + perSecond) % perSecond;
  const seconds = Number((value - fraction) / perSecond);
  if (Math.abs(seconds) > DAYS_MAX * 86_400) return String(value);
  const whole = new Date(seconds * 1000).toISOString().slice(0, -".000Z".length);
  return `${whole}${fractionText(fraction, perSecond)}${isUtc ? "Z" : ""}`;
}

function timeText(value: bigint, perSecond: bigint): string {
  const fraction = value % perSecond;
  const seconds = Number(value / perSecond);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${parts.map((part) => String(part).padStart(2, "0")).join(":")}${fractionText(fraction, perSecond)}`;
}

/** As many digits as are needed. */
function fractionText(fraction: bigint, perSecond: bigint): string {
  if (fraction === 0n) return "";
  const digits = String(fraction).padStart(String(perSecond).length - 1, "0");
  return `.${digits.replace(/0+$/, "")}`;
}

function uuidText(value: unknown): string {
  if (!(value instanceof Uint8Array)) return String(value);
  return hex(value).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
