import { AppError } from "../errors.ts";
import { keyedByText } from "../lib/keyed-by-text.ts";
import { plural } from "../lib/format.ts";
import { alignLabels, canonicalLabel, labelFinder } from "../lib/label.ts";
import type { ServingPlan } from "./serving-plan.ts";
import { float16Value, type Tensor } from "./tensor.ts";
import { entryWidth } from "./entry-width.ts";

/** What an output says of one row: a label, a number, several numbers, or nothing (not finite). */
export type OutputValue = OutputScalar | OutputScalar[];

type OutputScalar = string | number | boolean | null;

/** The answers to `count` rows, column by column. */
export interface Answers {
  count: number;
  predictions: OutputValue[];
  /** Row-major, `classLabels.length` a row; null: the model gives none. Not finite stands as null. */
  probabilities: (number | null)[] | null;
  classLabels: string[] | null;
  extra: Record<string, OutputValue[]>;
}

/** Reads the outputs of a run over `count` rows by their roles; throws AppError `model_run` when they are not one answer a row. */
export function readAnswers(plan: ServingPlan, outputs: ReadonlyMap<string, Tensor>, count: number): Answers {
  const { outputs: roles, classes } = plan;
  const answers: Answers = { count, predictions: [], probabilities: null, classLabels: null, extra: keyedByText() };
  const said = (name: string): Entries => entriesOf(plan, outputs, name, count);
  for (const name of roles.extra) answers.extra[name] = valuesByRow(said(name));
  if (roles.score !== null) answers.extra["score"] = valuesByRow(said(roles.score));
  if (plan.task === "regression") {
    if (roles.value !== null) answers.predictions = numbersByRow(said(roles.value));
    return answers;
  }
  const table =
    roles.probabilities === null ? null : probabilityTable(said(roles.probabilities), plan.isLogit ?? false);
  const shown = table ? shownLabels(plan, table.width) : (classes?.shown ?? null);
  if (table && shown && !plan.scoresOnly) {
    answers.probabilities = table.values.map((value) => (Number.isFinite(value) ? value : null));
    answers.classLabels = shown;
  }
  if (roles.label !== null) {
    answers.predictions = valuesByRow(said(roles.label)).map((value) => shownLabel(plan, value));
  } else if (table && shown) {
    answers.predictions = Array.from({ length: count }, (_, row) => likeliest(table, row, shown));
  } else if (roles.value !== null) {
    answers.predictions = valuesByRow(said(roles.value));
  }
  return answers;
}

/** An output, and how its values lie: those of a row one behind the other. */
interface Entries {
  tensor: Tensor;
  count: number;
  width: number;
}

function entriesOf(plan: ServingPlan, outputs: ReadonlyMap<string, Tensor>, name: string, count: number): Entries {
  const tensor = outputs.get(name);
  if (!tensor) throw new AppError("model_run", `The model gave no output "${name}".`);
  const width = entryWidth(plan, name, tensor, count);
  if (width !== null) return { tensor, count, width };
  throw new AppError(
    "model_run",
    `The output "${name}" has the shape [${tensor.dims.join(", ")}] for ${plural(count, "row")}, so it is not one answer a row.`,
  );
}

interface ProbabilityTable {
  values: number[];
  width: number;
}

/** One column is the probability of the second class, or its logit: it becomes two. */
function probabilityTable(entries: Entries, isLogit: boolean): ProbabilityTable {
  const { tensor, count, width } = entries;
  const flat = Array.from({ length: count * width }, (_, index) => Number(scalarAt(tensor, index) ?? Number.NaN));
  if (width !== 1) return { values: flat, width };
  const values = flat.flatMap((value) => {
    // Each by its own exponential: 1 minus a probability near 1 would lose what is left of it.
    if (isLogit) return [1 / (1 + Math.exp(value)), 1 / (1 + Math.exp(-value))];
    return [1 - value, value];
  });
  return { values, width: 2 };
}

function shownLabels(plan: ServingPlan, width: number): string[] {
  const { classes } = plan;
  if (classes && classes.shown.length === width) return classes.shown;
  const positions = Array.from({ length: width }, (_, index) => String(index));
  return plan.targetLabels ? alignLabels(positions, plan.targetLabels) : positions;
}

function shownLabel(plan: ServingPlan, value: OutputValue): OutputValue {
  if (value === null || Array.isArray(value)) return value;
  const { classes } = plan;
  const raw = String(value);
  const position = classes?.raw ? classes.raw.indexOf(raw) : Number(raw);
  return classes?.shown[position] ?? namedLabel(plan, raw);
}

const namers = new WeakMap<ServingPlan, (label: string) => string>();

/** A label that the file does not list, as the target spells it. Models before targets were kept say what they say. */
function namedLabel(plan: ServingPlan, raw: string): string {
  if (!plan.targetLabels || plan.task === "anomaly_detection") return raw;
  let namer = namers.get(plan);
  if (!namer) {
    const find = labelFinder(plan.targetLabels);
    namer = (label) => find(label) ?? canonicalLabel(label);
    namers.set(plan, namer);
  }
  return namer(raw);
}

function likeliest(table: ProbabilityTable, row: number, shown: string[]): string | null {
  let best = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let column = 0; column < table.width; column += 1) {
    const probability = table.values[row * table.width + column] ?? Number.NaN;
    // At exactly one half of two classes the second wins, as a threshold of 0.5 says.
    if (probability > highest || (table.width === 2 && probability === highest)) {
      highest = probability;
      best = column;
    }
  }
  return shown[best] ?? null;
}

function valuesByRow({ tensor, count, width }: Entries): OutputValue[] {
  if (width === 1) return Array.from({ length: count }, (_, row) => scalarAt(tensor, row));
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: width }, (__, column) => scalarAt(tensor, row * width + column)),
  );
}

/** The same where numbers are wanted: false and true are 0 and 1. */
function numbersByRow({ tensor, ...place }: Entries): OutputValue[] {
  return valuesByRow({ tensor: tensor.type === "bool" ? { ...tensor, type: "uint8" } : tensor, ...place });
}

function scalarAt(tensor: Tensor, index: number): OutputScalar {
  const value = tensor.data[index];
  if (value === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (tensor.type === "bool") return value !== 0;
  const number = tensor.type === "float16" ? float16Value(value) : value;
  return Number.isFinite(number) ? number : null;
}
