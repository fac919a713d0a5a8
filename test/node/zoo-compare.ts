import { z } from "zod";
import type { Answer } from "../support/answer.ts";
import type { Cell, KnownOutput, ZooCase } from "./zoo-cases.ts";

const scalar = z.union([z.number(), z.string(), z.boolean(), z.null()]);
const value = z.union([scalar, z.array(scalar)]);
const prediction = z.object({
  prediction: value,
  probabilities: z.record(z.string(), z.number().nullable()).nullable(),
  extra: z.record(z.string(), value).optional(),
  warnings: z.array(z.object({ code: z.string() })),
});
const tried = z.object({
  outputs: z.array(z.object({ name: z.string(), role: z.string() })),
  classes: z.array(z.string()).nullable(),
});
type Prediction = z.infer<typeof prediction>;
type Tried = z.infer<typeof tried>;

/**
 * The largest absolute difference between what the deployment answers, alone and together, and what another runtime gave; a
 * wrong label is infinitely far away. Throws for an answer with a null that is not explained by a warning.
 */
export function largestDifference(
  zooCase: ZooCase,
  model: Answer,
  answers: { alone: Answer[]; together: Answer },
): { difference: number | null; compared: number } {
  const signature = tried.parse(model.body);
  const alone = answers.alone.map((answer) => prediction.parse(answer.body));
  const together = z.object({ predictions: z.array(prediction) }).parse(answers.together.body).predictions;
  if (together.length !== zooCase.asked) throw new Error(`${together.length} answers to ${zooCase.asked} rows`);
  const differences = [alone, together].flatMap((rows) =>
    rows.flatMap((row, index) => differencesOfRow(zooCase, signature, row, index)),
  );
  for (const row of [...alone, ...together]) checkNulls(row);
  return { difference: differences.length > 0 ? Math.max(...differences) : null, compared: differences.length };
}

function checkNulls(row: Prediction): void {
  const isNull = [row.prediction].flat().includes(null);
  if (isNull && !row.warnings.some(({ code }) => code === "not_finite")) {
    throw new Error(`a null without a warning: ${JSON.stringify(row).slice(0, 500)}`);
  }
}

function differencesOfRow(zooCase: ZooCase, signature: Tried, row: Prediction, index: number): number[] {
  const named = [...zooCase.outputs].flatMap(([name, known]) => {
    const given = givenValues(signature, row, name, known);
    return compare(given, known, index);
  });
  if (!zooCase.probabilities) return named;
  return [...named, ...compare(byClass(signature, row), zooCase.probabilities, index)];
}

/** What the answer says where the graph has the output `name`; null: the answer does not carry it. */
function givenValues(signature: Tried, row: Prediction, name: string, known: KnownOutput): Cell[] | null {
  const role = signature.outputs.find((output) => output.name === name)?.role;
  if (role === "label" || role === "value") return cells(row.prediction);
  if (role === "score") return cells(row.extra?.["score"] ?? null);
  if (role === "extra") return cells(row.extra?.[name] ?? null);
  if (role !== "probabilities") return null;
  const all = byClass(signature, row);
  // One column is the probability of the second class.
  return known.width === 1 ? all.slice(1) : all;
}

/** In the order of the probability columns. */
function byClass({ classes }: Tried, { probabilities }: Prediction): Cell[] {
  const labels =
    classes && Object.keys(probabilities ?? {}).length === classes.length ? classes : Object.keys(probabilities ?? {});
  return labels.map((label) => probabilities?.[label] ?? null);
}

function cells(given: Prediction["prediction"]): Cell[] {
  return [given].flat().map((one) => (typeof one === "boolean" ? Number(one) : one));
}

function compare(given: Cell[] | null, known: KnownOutput, row: number): number[] {
  const wanted = known.data.slice(row * known.width, (row + 1) * known.width);
  if (given === null || wanted.length === 0) return [];
  if (given.length !== known.width) return [Number.POSITIVE_INFINITY];
  return wanted.map((one, index) => distance(given[index] ?? null, one));
}

/** Labels are texts in an answer, whatever they are in the graph. */
function distance(given: Cell, wanted: Cell): number {
  if (typeof given === "number" && typeof wanted === "number") return Math.abs(given - wanted);
  if (given === null) return wanted === "NaN" ? 0 : Number.POSITIVE_INFINITY;
  return String(given) === String(wanted) ? 0 : Number.POSITIVE_INFINITY;
}
