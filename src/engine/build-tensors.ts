import { AppError } from "../errors.ts";
import { readNumberCell, readTruth } from "../lib/read-cell.ts";
import type { Column, Rows } from "./rows.ts";
import type { PlannedInput, ServingPlan } from "./serving-plan.ts";
import { emptyTensorArray, float16Bits, type NumericTensorType, type Tensor, type TensorArray } from "./tensor.ts";

/** Whether a tensor of this type can say "missing": floats by NaN, strings by the empty one. */
export function holdsMissing(type: PlannedInput["type"]): boolean {
  return type === "string" || type === "float32" || type === "float64" || type === "float16";
}

const INTEGER_RANGES: Partial<Record<NumericTensorType, [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
  int32: [-2_147_483_648, 2_147_483_647],
  uint32: [0, 4_294_967_295],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

/** The least size that rounds to infinity in a float of so many bits (IEEE 754): half a step above the largest one. */
const OVERFLOWS_FROM: Partial<Record<PlannedInput["type"], number>> = {
  float16: 65_520,
  float32: 3.4028235677973366e38,
};

/** The size up to which (exclusively) numbers fit into floats of a type; infinite for types that are not floats. */
export function floatLimit(type: PlannedInput["type"]): number {
  return OVERFLOWS_FROM[type] ?? Number.POSITIVE_INFINITY;
}

/** Why `value` cannot stand in a tensor of `type` as it is; null when it can. A missing value is NaN. */
export function misfit(type: PlannedInput["type"], value: number): string | null {
  if (Number.isNaN(value)) return holdsMissing(type) ? null : `an ${type} tensor cannot hold a missing value`;
  if (type === "bool") return value === 0 || value === 1 ? null : "expected true, false, 0 or 1";
  const range = type === "string" ? undefined : INTEGER_RANGES[type];
  if (!range) return null;
  if (!Number.isInteger(value)) return "expected a whole number";
  return value < range[0] || value > range[1] ? `expected a number from ${range[0]} to ${range[1]}` : null;
}

/**
 * The input tensors of one run over all of `rows`, by input name. With a fixed batch `padTo` is the number of rows
 * that the model wants: the last row is repeated up to it. Every planned column must be among the rows.
 */
export function buildTensors(plan: ServingPlan, rows: Rows, padTo: number | null): Map<string, Tensor> {
  const feeds = new Map<string, Tensor>();
  const count = padTo ?? rows.count;
  for (const input of plan.inputs) {
    const columns = input.columns.map((name) => columnOf(rows, name));
    const dims = input.dims.map((dim) => dim ?? count);
    if (input.type === "string") {
      feeds.set(input.name, { type: "string", dims, data: stringData(columns, rows.count, count) });
    } else {
      feeds.set(input.name, { type: input.type, dims, data: numericData(input.type, columns, rows.count, count) });
    }
  }
  return feeds;
}

function columnOf(rows: Rows, name: string): Column {
  const column = rows.columns.get(name);
  if (!column) throw new AppError("model_run", `The rows have no column "${name}".`);
  return column;
}

function numericData(type: NumericTensorType, columns: Column[], rowCount: number, count: number): TensorArray {
  const width = columns.length;
  const data = emptyTensorArray(type, count * width);
  const put = writer(type, data);
  columns.forEach((column, position) => {
    for (let row = 0; row < count; row += 1) {
      put(row * width + position, numberAt(column, Math.min(row, rowCount - 1)));
    }
  });
  return data;
}

function writer(type: NumericTensorType, data: TensorArray): (index: number, value: number) => void {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return (index, value) => {
      data[index] = BigInt(value);
    };
  }
  const limit = floatLimit(type);
  if (type === "float16") {
    return (index, value) => {
      data[index] = float16Bits(Math.abs(value) < limit ? value : Number.NaN);
    };
  }
  if (limit === Number.POSITIVE_INFINITY) {
    return (index, value) => {
      data[index] = value;
    };
  }
  // What a tensor cannot hold is missing, and not infinite.
  return (index, value) => {
    data[index] = Math.abs(value) < limit ? value : Number.NaN;
  };
}

function numberAt(column: Column, row: number): number {
  if ("numbers" in column) return column.numbers[row] ?? Number.NaN;
  const text = column.texts[row] ?? "";
  // Where the same column feeds a tensor of strings, a boolean stands here as the training data spell it.
  return readNumberCell(text) ?? numberOfTruth(text);
}

function numberOfTruth(text: string): number {
  const truth = readTruth(text);
  return truth === null ? Number.NaN : Number(truth);
}

function stringData(columns: Column[], rowCount: number, count: number): string[] {
  const data: string[] = [];
  for (let row = 0; row < count; row += 1) {
    for (const column of columns) data.push(textAt(column, Math.min(row, rowCount - 1)));
  }
  return data;
}

function textAt(column: Column, row: number): string {
  if ("texts" in column) return column.texts[row] ?? "";
  const value = column.numbers[row] ?? Number.NaN;
  // The shortest decimal that reads back as the same number is what String gives.
  return Number.isNaN(value) ? "" : String(value);
}
