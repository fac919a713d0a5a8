import { floatLimit, holdsMissing } from "../../engine/build-tensors.ts";
import type { TensorType } from "../../engine/tensor.ts";
import { readNumber } from "../../lib/read-cell.ts";
import type { PackedRows } from "./packed-rows.ts";
import { isNumberFeature, type ServedFeature, type ServingSpec } from "./serving-spec.ts";

export interface ColumnPlan {
  feature: ServedFeature;
  isNumber: boolean;
  position: number;
  /** null: any value will do. */
  categories: ReadonlySet<string> | null;
  /** Categories that the model reads as numbers: 1, 1.0 and "1.00" are one. */
  areNumbers: boolean;
  asked: boolean;
  /**
   * Any number of less than this size will do; null: not every one. That holds for most cells of most models, which are then done with at
   * once.
   */
  limit: number | null;
  /** Numbers outside are worth a warning; null: none is. */
  range: { min: number; max: number } | null;
}

/** How the values of each feature are read; made once for a spec. */
export interface CoercionPlan {
  columns: ColumnPlan[];
  byName: ReadonlyMap<string, ServedFeature>;
  known: ReadonlySet<string>;
  numbers: number;
  texts: number;
  /** Asked columns whose tensor cannot say "missing". */
  needed: ColumnPlan[];
}

const plans = new WeakMap<ServingSpec, CoercionPlan>();

/** The plan of a spec. */
export function coercionPlan(spec: ServingSpec): CoercionPlan {
  const present = plans.get(spec);
  if (present) return present;
  let numbers = 0;
  let texts = 0;
  const columns = spec.features.map((feature): ColumnPlan => {
    const isNumber = isNumberFeature(feature);
    const position = isNumber ? numbers++ : texts++;
    const listed = feature.kind === "categorical" ? feature.summary.reference.categories : null;
    const complete = listed && !feature.summary.reference.other;
    const areNumbers = !feature.mainTensors.includes("string");
    const readers = readersOf(feature);
    const { min, max } = feature.summary.reference;
    const hasRange = feature.kind === "numeric" && feature.mainTensors.length > 0 && min !== null && max !== null;
    return {
      feature,
      isNumber,
      position,
      categories: complete ? new Set(listed.map(({ value }) => categoryOf(value, areNumbers))) : null,
      areNumbers,
      asked: feature.mainTensors.length > 0,
      limit: isNumber && feature.kind === "numeric" && readers.every(holdsMissing) ? limitOf(readers) : null,
      range: hasRange ? { min, max } : null,
    };
  });
  const plan: CoercionPlan = {
    columns,
    byName: new Map(spec.features.map((feature) => [feature.name, feature])),
    known: new Set(spec.features.map((feature) => feature.name)),
    numbers,
    texts,
    needed: columns.filter((column) => column.asked && !column.feature.mainTensors.every(holdsMissing)),
  };
  plans.set(spec, plan);
  return plan;
}

/** The tensors that decide what a value must be. What only the challenger reads is taken as it comes, and never spoken of. */
export function readersOf({ mainTensors, challengerTensors }: ServedFeature): readonly TensorType[] {
  return mainTensors.length > 0 ? mainTensors : challengerTensors;
}

function limitOf(tensors: readonly TensorType[]): number {
  return Math.min(...tensors.map(floatLimit));
}

/** A category as it is looked for among those of the training data. */
export function categoryOf(text: string, isNumber: boolean): string {
  return isNumber ? String(readNumber(text) ?? text) : text;
}

/** Room for rows in which every value is missing. */
export function emptyRows(plan: CoercionPlan, count: number): PackedRows {
  return {
    count,
    numbers: new Float64Array(plan.numbers * count).fill(Number.NaN),
    texts: Array.from<string | null>({ length: plan.texts * count }).fill(null),
  };
}

/** Whether a row has no value in a column. */
export function isMissingAt({ isNumber, position }: ColumnPlan, packed: PackedRows, index: number): boolean {
  const at = position * packed.count + index;
  return isNumber ? Number.isNaN(packed.numbers[at] ?? Number.NaN) : (packed.texts[at] ?? null) === null;
}
