import { floatLimit, misfit } from "../../engine/build-tensors.ts";
import type { TensorType } from "../../engine/tensor.ts";
import { type NumberMarks, readNumberCell, readTruth } from "../../lib/read-cell.ts";
import type { ServedFeature } from "./serving-spec.ts";

/**
 * A clean value: a number (NaN: missing) or a text (null: missing). `problem` says why what was sent is neither; `text` is what a tensor of
 * strings reads all the same.
 */
export type Coerced<T> = { value: T } | { problem: string; code: "not_coercible" | "overflow"; text?: string };

/** A number for a numeric or boolean feature, by the coercion rules of the contract. Null, "" and missing markers are missing. */
export function coerceNumber(
  feature: ServedFeature,
  sent: unknown,
  tensors: readonly TensorType[],
  marks: NumberMarks = "point",
): Coerced<number> {
  if (sent === null || sent === undefined || sent === "") return { value: Number.NaN };
  // A column of 0 and 1 counts as numeric, also where the model takes it for a boolean.
  const isBoolean = feature.kind === "boolean" || tensors.includes("bool");
  const value = numberOf(sent, marks, isBoolean);
  if (value === null) {
    return unreadable(isBoolean ? "expected true, false, 0 or 1" : `expected a number, got ${described(sent)}`);
  }
  return Number.isNaN(value) ? { value } : fits(value, tensors, sent);
}

/** A text for a categorical or text feature; a number becomes its shortest decimal. Null and "" are missing. */
export function coerceText(
  feature: ServedFeature,
  sent: unknown,
  tensors: readonly TensorType[],
): Coerced<string | null> {
  if (sent === null || sent === undefined || sent === "") return { value: null };
  if (!isScalar(sent)) return unreadable(`expected text, got ${described(sent)}`);
  const text = feature.kind === "boolean" ? booleanText(feature, sent) : String(sent);
  if (text === null) return unreadable("expected true, false, 0 or 1");
  if (typeof sent === "number" && !Number.isFinite(sent)) return overflow(sent);
  if (feature.kind === "boolean" || tensors.every((type) => type === "string")) return { value: text };
  const number = readNumberCell(text);
  const fitting =
    number === null ? unreadable(`the model takes a number here, not ${described(sent)}`) : fits(number, tensors, sent);
  if (!("problem" in fitting)) return { value: text };
  return tensors.includes("string") ? { ...fitting, text } : fitting;
}

function fits(value: number, tensors: readonly TensorType[], sent: unknown): Coerced<number> {
  if (Math.abs(value) === Number.POSITIVE_INFINITY) return overflow(sent);
  for (const type of tensors) {
    if (Math.abs(value) >= floatLimit(type)) return overflow(sent, type);
    const problem = misfit(type, value);
    if (problem !== null) return unreadable(`${problem}, not ${value}`);
  }
  return { value };
}

function unreadable(problem: string): { problem: string; code: "not_coercible" } {
  return { problem, code: "not_coercible" };
}

function overflow(sent: unknown, type: TensorType | "64-bit float" = "64-bit float") {
  return { problem: `${described(sent)} is larger than a ${type} can hold`, code: "overflow" } as const;
}

/** Null for what cannot be read as a number. */
function numberOf(sent: unknown, marks: NumberMarks, isBoolean: boolean): number | null {
  if (typeof sent === "string") return readNumberCell(sent, marks, isBoolean);
  if (typeof sent === "boolean") return Number(sent);
  if (typeof sent !== "number") return null;
  return isBoolean && sent !== 0 && sent !== 1 ? null : sent;
}

/** 1 or 0 for what counts as a boolean in calls; null for anything else. */
export function booleanNumber(sent: unknown): number | null {
  if (sent === true || sent === 1) return 1;
  if (sent === false || sent === 0) return 0;
  const truth = typeof sent === "string" ? readTruth(sent) : null;
  return truth === null ? null : Number(truth);
}

function booleanText(feature: ServedFeature, sent: unknown): string | null {
  const number = booleanNumber(sent);
  return number === null ? null : spelledBoolean(feature, number === 1);
}

/** A boolean as the training data spelled it, which is what a string tensor wants. */
export function spelledBoolean(feature: ServedFeature, isTrue: boolean): string {
  const spelled = feature.summary.reference.categories?.map((category) => category.value) ?? [];
  return spelled.find((text) => booleanNumber(text) === Number(isTrue)) ?? String(isTrue);
}

function described(sent: unknown): string {
  if (Array.isArray(sent)) return "a list";
  if (!isScalar(sent)) return "an object";
  const text = typeof sent === "string" ? `"${sent}"` : String(sent);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function isScalar(sent: unknown): sent is string | number | boolean {
  return typeof sent === "string" || typeof sent === "number" || typeof sent === "boolean";
}
