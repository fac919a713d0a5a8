import { LIMITS } from "../config.ts";
import { holdsMissing } from "../engine/build-tensors.ts";
import type { TensorType } from "../engine/tensor.ts";
import { AppError, type FieldError } from "../errors.ts";
import { parseNumber } from "../lib/csv.ts";
import { coerceNumber, coerceText } from "./coerce-value.ts";
import type { PackedRows } from "./packed-rows.ts";
import { isNumberFeature, type ServedFeature, type ServingSpec } from "./serving-spec.ts";

/** Something about a row that did not stop it from being answered. */
export interface Warning {
  feature: string;
  code: "absent" | "not_coercible" | "unseen_category" | "unknown_feature" | "not_finite";
  message: string;
}

export interface CoercedRows {
  rows: PackedRows;
  /** One list a row. */
  warnings: Warning[][];
}

export type SentRow = Readonly<Record<string, unknown>>;

const UNKNOWN_NAMES_MAX = 20;
const COUNTS_AS_MISSING = "; it counts as missing";

/**
 * Turns rows as they were sent into clean columns, by the coercion rules of the contract and the deployment's type policy.
 * `pathOf` names a row in errors, as in `rows[3]`. Throws 422 `invalid_input` that names every wrong value; then no row is predicted.
 */
export function coerceRows(
  spec: ServingSpec,
  rows: readonly SentRow[],
  pathOf: (index: number) => string,
): CoercedRows {
  const plan = coercionPlan(spec);
  const packed: PackedRows = {
    count: rows.length,
    numbers: new Float64Array(plan.numbers * rows.length).fill(Number.NaN),
    texts: Array.from<string | null>({ length: plan.texts * rows.length }).fill(null),
  };
  const warnings: Warning[][] = [];
  const errors: FieldError[] = [];
  const strict = spec.typePolicy === "strict";
  rows.forEach((row, index) => {
    const found: Warning[] = [];
    for (const column of plan.columns) coerceCell(column, row, index, packed, found, pathOf);
    noteUnknownNames(row, plan.known, found);
    const refused = found.filter((warning) => strict || warning.code === "absent" || warning.code === "not_coercible");
    for (const warning of refused) {
      const feature = plan.byName.get(warning.feature);
      if (strict || (feature && !feature.mainTensors.every(holdsMissing))) {
        errors.push({
          path: `${pathOf(index)}.${warning.feature}`,
          message: strict ? strictMessage(warning) : wantsValue(warning),
        });
      }
    }
    for (const name of missingWhereNeeded(plan, packed, index, found)) {
      errors.push({
        path: `${pathOf(index)}.${name}`,
        message: "a value is needed: the model cannot take a missing one here",
      });
    }
    warnings.push(found);
  });
  if (errors.length > 0) throw refusal(errors);
  return { rows: packed, warnings };
}

interface ColumnPlan {
  feature: ServedFeature;
  isNumber: boolean;
  position: number;
  /** null: any value will do. */
  categories: ReadonlySet<string> | null;
  /** Categories that the model reads as numbers: 1, 1.0 and "1.00" are one. */
  areNumbers: boolean;
  asked: boolean;
  /** Any number will do: that holds for most cells of most models, which are then done with at once. */
  takesAnyNumber: boolean;
}

interface CoercionPlan {
  columns: ColumnPlan[];
  byName: ReadonlyMap<string, ServedFeature>;
  known: ReadonlySet<string>;
  numbers: number;
  texts: number;
  /** Asked columns whose tensor cannot say "missing". */
  needed: ColumnPlan[];
}

const plans = new WeakMap<ServingSpec, CoercionPlan>();

function coercionPlan(spec: ServingSpec): CoercionPlan {
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
    return {
      feature,
      isNumber,
      position,
      categories: complete ? new Set(listed.map(({ value }) => categoryOf(value, areNumbers))) : null,
      areNumbers,
      asked: feature.mainTensors.length > 0,
      takesAnyNumber: feature.kind === "numeric" && readersOf(feature).every(holdsMissing),
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
function readersOf({ mainTensors, challengerTensors }: ServedFeature): readonly TensorType[] {
  return mainTensors.length > 0 ? mainTensors : challengerTensors;
}

function categoryOf(text: string, isNumber: boolean): string {
  return isNumber ? String(parseNumber(text) ?? text) : text;
}

function coerceCell(
  column: ColumnPlan,
  row: SentRow,
  index: number,
  packed: PackedRows,
  warnings: Warning[],
  pathOf: (index: number) => string,
): void {
  const { feature, asked } = column;
  const at = column.position * packed.count + index;
  if (column.takesAnyNumber) {
    const number = row[feature.name];
    if (typeof number === "number") {
      packed.numbers[at] = number;
      return;
    }
  }
  const present = Object.hasOwn(row, feature.name);
  const sent = present ? row[feature.name] : null;
  if (!present && asked)
    warnings.push({ feature: feature.name, code: "absent", message: "was not sent, so it counts as missing" });
  const tensors = readersOf(feature);
  const result = column.isNumber ? coerceNumber(feature, sent, tensors) : coerceText(feature, sent, tensors);
  if ("problem" in result) {
    if (asked)
      warnings.push({ feature: feature.name, code: "not_coercible", message: `${result.problem}${COUNTS_AS_MISSING}` });
    if (column.isNumber) packed.numbers[at] = Number.NaN;
    return;
  }
  if (typeof result.value === "number") packed.numbers[at] = result.value;
  else if (result.value === null || !isTooLong(result.value)) packed.texts[at] = result.value;
  else if (asked) throw tooLong(`${pathOf(index)}.${feature.name}`);
  if (
    asked &&
    column.categories &&
    typeof result.value === "string" &&
    !column.categories.has(categoryOf(result.value, column.areNumbers))
  ) {
    warnings.push({
      feature: feature.name,
      code: "unseen_category",
      message: `"${result.value.slice(0, 60)}" was not among the training data`,
    });
  }
}

const utf8 = new TextEncoder();

function isTooLong(text: string): boolean {
  // Three bytes a character is the worst that UTF-8 makes of one, so most texts need not be encoded to be measured.
  return text.length * 3 > LIMITS.cellBytesMax && utf8.encode(text).byteLength > LIMITS.cellBytesMax;
}

function tooLong(path: string): AppError {
  const message = `has more than ${LIMITS.cellBytesMax / 1000} kB of text, the most that one value may have`;
  return new AppError("too_large", `${path} ${message}. Nothing was predicted.`, { errors: [{ path, message }] });
}

function noteUnknownNames(row: SentRow, known: ReadonlySet<string>, warnings: Warning[]): void {
  let count = 0;
  for (const name of Object.keys(row)) {
    if (known.has(name)) continue;
    count += 1;
    if (count > UNKNOWN_NAMES_MAX) return;
    warnings.push({
      feature: name.slice(0, 120),
      code: "unknown_feature",
      message: "is no feature of this deployment; it was ignored",
    });
  }
}

const NONE: readonly string[] = [];

function missingWhereNeeded(
  plan: CoercionPlan,
  packed: PackedRows,
  index: number,
  found: readonly Warning[],
): readonly string[] {
  if (plan.needed.length === 0) return NONE;
  return plan.needed
    .filter(({ isNumber, position }) => {
      const at = position * packed.count + index;
      return isNumber ? Number.isNaN(packed.numbers[at] ?? Number.NaN) : (packed.texts[at] ?? null) === null;
    })
    .map(({ feature }) => feature.name)
    .filter(
      (name) =>
        !found.some(
          (warning) => warning.feature === name && (warning.code === "absent" || warning.code === "not_coercible"),
        ),
    );
}

function wantsValue(warning: Warning): string {
  const what = warning.code === "absent" ? "was not sent" : warning.message.replace(COUNTS_AS_MISSING, "");
  return `${what}; the model cannot take a missing value here`;
}

/** The same without its consequence: a strict deployment predicts nothing then. */
function strictMessage({ code, message }: Warning): string {
  if (code === "absent") return "was not sent; a strict deployment wants every feature, null for a missing value";
  return message.replace(COUNTS_AS_MISSING, "").replace("; it was ignored", "");
}

function refusal(errors: FieldError[]): AppError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new AppError("invalid_input", `${first?.path ?? ""}: ${first?.message ?? ""}${more}. Nothing was predicted.`, {
    errors: errors.slice(0, 100),
  });
}
