import type { ServedFeature } from "../inference/spec/serving-spec.ts";

/** Whole numbers that JSON carries exactly; the 64-bit types reach no further here. */
const SAFE = Number.MAX_SAFE_INTEGER;

const INTEGER_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  UINT64: [0, SAFE],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
  INT64: [-SAFE, SAFE],
};
const FLOATS = ["FP16", "FP32", "FP64"];
const NUMBERS = new Set([...Object.keys(INTEGER_RANGES), ...FLOATS]);

/** The datatypes that tensors of a call may have. */
export const DATATYPES: readonly string[] = ["BOOL", ...NUMBERS, "BYTES"];

/** The datatype in which a feature is described. */
export function datatypeOf({
  kind,
  mainTensors,
}: Pick<ServedFeature, "kind" | "mainTensors">): "BOOL" | "FP64" | "BYTES" {
  // A column of 0 and 1 counts as numeric, also where the model takes it for a boolean.
  if (kind === "boolean" || mainTensors.includes("bool")) return "BOOL";
  return kind === "numeric" ? "FP64" : "BYTES";
}

/**
 * Whether a tensor of `datatype` may carry the feature: its own datatype, any number, booleans for numbers (they are 1 and 0), and texts
 * where the model reads texts.
 */
export function takesDatatype(feature: Pick<ServedFeature, "kind" | "mainTensors">, datatype: string): boolean {
  if (datatype === datatypeOf(feature) || NUMBERS.has(datatype)) return true;
  if (datatype === "BOOL") return feature.kind === "numeric";
  return datatype === "BYTES" && feature.mainTensors.includes("string");
}

/** What a value of `datatype` has to be, where `value` is not; null when it is. A missing value, null, is one of each. */
export function wantedInstead(datatype: string, value: unknown): string | null {
  if (value === null) return null;
  if (datatype === "BYTES") return typeof value === "string" ? null : "a text";
  if (datatype === "BOOL") {
    return typeof value === "boolean" || value === 0 || value === 1 ? null : "true or false";
  }
  const range = INTEGER_RANGES[datatype];
  if (!range) return typeof value === "number" ? null : "a number";
  const [least, greatest] = range;
  const fits = Number.isInteger(value) && Number(value) >= least && Number(value) <= greatest;
  return fits ? null : `a whole number from ${least} to ${greatest}`;
}
