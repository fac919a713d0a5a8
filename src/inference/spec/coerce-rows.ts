import { LIMITS } from "../../config.ts";
import { holdsMissing } from "../../engine/build-tensors.ts";
import type { TensorType } from "../../engine/tensor.ts";
import { AppError, type FieldError } from "../../errors.ts";
import { parseNumber } from "../../lib/csv.ts";
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
  const packed = emptyRows(plan, rows.length);
  const warnings: Warning[][] = [];
  const refusals: RefusedValue[] = [];
  rows.forEach((row, index) => {
    const found: Warning[] = [];
    for (const column of plan.columns) coerceCell(column, row, index, packed, found, refusals);
    noteUnknownNames(row, plan.known, found);
    refuseValues(spec, plan, packed, index, found, refusals);
    warnings.push(found);
  });
  if (refusals.length > 0) throw refusal(refusals, pathOf);
  return { rows: packed, warnings };
}

/** A value that keeps its row from being predicted, and the sentence that says why. */
export interface RefusedValue {
  row: number;
  feature: string;
  message: string;
  isTooLarge?: boolean;
}

export interface ColumnPlan {
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

/** Room for rows in which every value is missing. */
export function emptyRows(plan: CoercionPlan, count: number): PackedRows {
  return {
    count,
    numbers: new Float64Array(plan.numbers * count).fill(Number.NaN),
    texts: Array.from<string | null>({ length: plan.texts * count }).fill(null),
  };
}

function coerceCell(
  column: ColumnPlan,
  row: SentRow,
  index: number,
  packed: PackedRows,
  warnings: Warning[],
  refusals: RefusedValue[],
): void {
  const { feature } = column;
  if (column.takesAnyNumber) {
    const number = row[feature.name];
    if (typeof number === "number") {
      packed.numbers[column.position * packed.count + index] = number;
      return;
    }
  }
  if (!Object.hasOwn(row, feature.name)) noteAbsent(column, warnings);
  else coerceValue(column, row[feature.name], index, packed, warnings, refusals);
}

/** Notes that a value was not sent: it stays missing. */
export function noteAbsent({ feature, asked }: ColumnPlan, warnings: Warning[]): void {
  if (asked) warnings.push({ feature: feature.name, code: "absent", message: "was not sent, so it counts as missing" });
}

/** Puts a value that was sent into its place, or notes why it cannot stand there. */
export function coerceValue(
  column: ColumnPlan,
  sent: unknown,
  index: number,
  packed: PackedRows,
  warnings: Warning[],
  refusals: RefusedValue[],
): void {
  const { feature, asked } = column;
  const at = column.position * packed.count + index;
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
  else if (asked) refusals.push({ row: index, feature: feature.name, message: TOO_LONG, isTooLarge: true });
  if (
    asked &&
    column.categories &&
    typeof result.value === "string" &&
    !column.categories.has(categoryOf(result.value, column.areNumbers))
  ) {
    warnings.push({
      feature: feature.name,
      code: "unseen_category",
      message: `"${result.value.slice(0, 60)}" is not in the training data`,
    });
  }
}

/** Refuses what of a row's warnings the deployment or its model does not put up with, and what is missing where the model needs a value. */
export function refuseValues(
  spec: ServingSpec,
  plan: CoercionPlan,
  packed: PackedRows,
  index: number,
  found: readonly Warning[],
  refusals: RefusedValue[],
): void {
  const strict = spec.typePolicy === "strict";
  for (const warning of found) {
    if (!strict && warning.code !== "absent" && warning.code !== "not_coercible") continue;
    const feature = plan.byName.get(warning.feature);
    if (!strict && (!feature || feature.mainTensors.every(holdsMissing))) continue;
    const message = strict ? strictMessage(warning) : wantsValue(warning);
    refusals.push({ row: index, feature: warning.feature, message });
  }
  for (const name of missingWhereNeeded(plan, packed, index, found)) {
    refusals.push({
      row: index,
      feature: name,
      message: "required: the model cannot take a missing value here",
    });
  }
}

const utf8 = new TextEncoder();

function isTooLong(text: string): boolean {
  // Three bytes a character is the worst that UTF-8 makes of one, so most texts need not be encoded to be measured.
  return text.length * 3 > LIMITS.cellBytesMax && utf8.encode(text).byteLength > LIMITS.cellBytesMax;
}

const TOO_LONG = `is longer than ${LIMITS.cellBytesMax / 1000} kB, the limit for one value`;

function noteUnknownNames(row: SentRow, known: ReadonlySet<string>, warnings: Warning[]): void {
  let count = 0;
  for (const name of Object.keys(row)) {
    if (known.has(name)) continue;
    count += 1;
    if (count > UNKNOWN_NAMES_MAX) return;
    warnings.push({
      feature: name.slice(0, 120),
      code: "unknown_feature",
      message: "is not a feature of this deployment; it was ignored",
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
  if (code === "absent")
    return "was not sent; a strict deployment requires every feature, with null for a missing value";
  return message.replace(COUNTS_AS_MISSING, "").replace("; it was ignored", "");
}

function refusal(refusals: readonly RefusedValue[], pathOf: (index: number) => string): AppError {
  const tooLarge = refusals.find(({ isTooLarge }) => isTooLarge);
  const shown = tooLarge ? [tooLarge] : refusals.slice(0, 100);
  const errors = shown.map(({ row, feature, message }): FieldError => ({ path: `${pathOf(row)}.${feature}`, message }));
  const [first] = errors;
  const said = `${first?.path ?? ""}${tooLarge ? " " : ": "}${first?.message ?? ""}`;
  const more = !tooLarge && refusals.length > 1 ? ` (and ${refusals.length - 1} more)` : "";
  return new AppError(tooLarge ? "too_large" : "invalid_input", `${said}${more}. Nothing was predicted.`, { errors });
}
