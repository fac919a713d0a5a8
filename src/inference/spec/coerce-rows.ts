import { LIMITS } from "../../config.ts";
import { holdsMissing } from "../../engine/build-tensors.ts";
import { AppError, type FieldError } from "../../errors.ts";
import { type NumberMarks, readNumber } from "../../lib/read-cell.ts";
import { coerceNumber, coerceText } from "./coerce-value.ts";
import type { PackedRows } from "./packed-rows.ts";
import {
  categoryOf,
  type ColumnPlan,
  coercionPlan,
  type CoercionPlan,
  emptyRows,
  isMissingAt,
  readersOf,
} from "./coercion-plan.ts";
import type { ServingSpec } from "./serving-spec.ts";

/** Something about a row that did not stop it from being answered. */
export interface Warning {
  feature: string;
  code:
    | "absent"
    | "not_coercible"
    | "overflow"
    | "out_of_range"
    | "unseen_category"
    | "unknown_feature"
    | "all_missing"
    | "not_finite";
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
/** What keeps a strict deployment from answering, and any where the model cannot take a missing value. */
const LOST_VALUES: ReadonlySet<Warning["code"]> = new Set(["absent", "not_coercible", "overflow"]);
/** Said of a row, and never a reason not to answer it. */
const REMARKS: ReadonlySet<Warning["code"]> = new Set(["out_of_range", "all_missing"]);

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
  const invalid = new Map<string, number>();
  rows.forEach((row, index) => {
    const found: Warning[] = [];
    for (const column of plan.columns) coerceCell(column, row, index, packed, found, refusals);
    for (const { feature, code } of found) {
      if (isUnread(code)) invalid.set(feature, (invalid.get(feature) ?? 0) + 1);
    }
    noteUnknownNames(row, plan.known, found);
    refuseValues(spec, plan, packed, index, found, refusals);
    if (isAllMissing(plan, packed, index)) found.push(ALL_MISSING);
    warnings.push(found);
  });
  if (refusals.length > 0) throw refusal(refusals, pathOf);
  packed.invalid = [...invalid];
  return { rows: packed, warnings };
}

/** Whether a warning is about a value that was sent and could not be read. */
export function isUnread(code: Warning["code"]): code is "not_coercible" | "overflow" {
  return code === "not_coercible" || code === "overflow";
}

const ALL_MISSING: Warning = {
  feature: "",
  code: "all_missing",
  message: "every value is missing, so the prediction says nothing about this row",
};

function isAllMissing({ columns }: CoercionPlan, packed: PackedRows, index: number): boolean {
  let asked = 0;
  for (const column of columns) {
    if (!column.asked) continue;
    if (!isMissingAt(column, packed, index)) return false;
    asked += 1;
  }
  return asked > 0;
}

/** A value that keeps its row from being predicted, and the sentence that says why. */
export interface RefusedValue {
  row: number;
  feature: string;
  message: string;
  isTooLarge?: boolean;
}

function coerceCell(
  column: ColumnPlan,
  row: SentRow,
  index: number,
  packed: PackedRows,
  warnings: Warning[],
  refusals: RefusedValue[],
): void {
  const { feature, limit, range } = column;
  if (limit !== null) {
    const number = row[feature.name];
    const isPlain = typeof number === "number" && Math.abs(number) < limit;
    if (isPlain && (range === null || (number >= range.min && number <= range.max))) {
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
  marks: NumberMarks = "point",
): void {
  const { feature, asked, range } = column;
  const at = column.position * packed.count + index;
  const tensors = readersOf(feature);
  const result = column.isNumber ? coerceNumber(feature, sent, tensors, marks) : coerceText(feature, sent, tensors);
  if ("problem" in result) {
    const { problem, code } = result;
    if (asked) warnings.push({ feature: feature.name, code, message: `${problem}${COUNTS_AS_MISSING}` });
    if (column.isNumber) packed.numbers[at] = Number.NaN;
    else if (result.text !== undefined && !isTooLong(result.text)) packed.texts[at] = result.text;
    return;
  }
  const number = typeof result.value === "number" ? result.value : range && readNumber(result.value ?? "");
  if (range && number !== null && (number < range.min || number > range.max)) {
    const message = `${number} is outside the range of the training data, ${range.min} to ${range.max}`;
    warnings.push({ feature: feature.name, code: "out_of_range", message });
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
    if (REMARKS.has(warning.code) || (!strict && !LOST_VALUES.has(warning.code))) continue;
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
    .filter((column) => isMissingAt(column, packed, index))
    .map(({ feature }) => feature.name)
    .filter((name) => !found.some((warning) => warning.feature === name && LOST_VALUES.has(warning.code)));
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
