import { misfit } from "../../engine/build-tensors.ts";
import type { TensorType } from "../../engine/tensor.ts";
import { parseNumber } from "../../lib/csv.ts";
import type { ServedFeature } from "./serving-spec.ts";

/** A clean value: a number (NaN: missing) or a text (null: missing). `problem` says why what was sent is neither. */
export type Coerced<T> = { value: T } | { problem: string };

/** A number for a numeric or boolean feature, by the coercion rules of the contract. Null and "" are missing. */
export function coerceNumber(feature: ServedFeature, sent: unknown, tensors: readonly TensorType[]): Coerced<number> {
  if (sent === null || sent === undefined || sent === "") return { value: Number.NaN };
  // A column of 0 and 1 counts as numeric, also where the model takes it for a boolean.
  const isBoolean = feature.kind === "boolean" || tensors.includes("bool");
  const value = isBoolean ? booleanNumber(sent) : plainNumber(sent);
  if (value === null) {
    return { problem: isBoolean ? "expected true, false, 0 or 1" : `expected a number, got ${described(sent)}` };
  }
  return fits(value, tensors);
}

/** A text for a categorical or text feature; a number becomes its shortest decimal. Null and "" are missing. */
export function coerceText(
  feature: ServedFeature,
  sent: unknown,
  tensors: readonly TensorType[],
): Coerced<string | null> {
  if (sent === null || sent === undefined || sent === "") return { value: null };
  if (!isScalar(sent)) return { problem: `expected text, got ${described(sent)}` };
  const text = feature.kind === "boolean" ? booleanText(feature, sent) : String(sent);
  if (text === null) return { problem: "expected true, false, 0 or 1" };
  if (tensors.every((type) => type === "string")) return { value: text };
  const number = parseNumber(text);
  if (number === null) return { problem: `the model takes a number here, not ${described(sent)}` };
  const fitting = fits(number, tensors);
  return "problem" in fitting ? fitting : { value: text };
}

function fits(value: number, tensors: readonly TensorType[]): Coerced<number> {
  for (const type of tensors) {
    const problem = misfit(type, value);
    if (problem !== null) return { problem: `${problem}, not ${value}` };
  }
  return { value };
}

function plainNumber(sent: unknown): number | null {
  if (typeof sent === "number") return sent;
  return typeof sent === "string" ? parseNumber(sent) : null;
}

/** 1 or 0 for what counts as a boolean in calls; null for anything else. */
export function booleanNumber(sent: unknown): number | null {
  if (sent === true || sent === 1) return 1;
  if (sent === false || sent === 0) return 0;
  if (typeof sent !== "string") return null;
  const text = sent.trim().toLowerCase();
  if (text === "true" || text === "1") return 1;
  return text === "false" || text === "0" ? 0 : null;
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
