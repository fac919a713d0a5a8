import { predictRows } from "../../engine/predict-rows.ts";
import type { Answers, OutputValue } from "../../engine/read-answers.ts";
import type { Session } from "../../engine/runtime.ts";
import type { ServingPlan } from "../../engine/serving-plan.ts";
import type { Finding } from "../../onnx/finding.ts";
import { tableRows } from "../training/table-rows.ts";
import type { TrainingTable } from "../training/training-table.ts";

export interface Tried {
  table: TrainingTable;
  answers: Answers;
  rowNumbers: number[];
  /** Rows that fit into one run. */
  rowsPerRun: number;
}

/** Rows that are predicted once more, one by one. */
const COMPARED_ROWS = 12;
/** A sum of probabilities may be off by the rounding of floats. */
const PROBABILITY_TOLERANCE = 0.01;
/** Past this difference rows are said to influence one another; quantised models differ by about 1e-3. */
const DEPENDENCE_TOLERANCE = 0.01;
const ROUNDING_TOLERANCE = 1e-5;

/**
 * Looks at what the model answered and corrects the plan where looking at the graph could not know better: scores that are no
 * probabilities, rows that influence one another. Where the plan that is returned runs rows by themselves, its answers are to be asked
 * for anew.
 */
export function judgeAnswers(
  session: Session,
  tentative: ServingPlan,
  tried: Tried,
): { plan: ServingPlan; answers: Answers; findings: Finding[] } {
  const findings: Finding[] = [];
  const { plan, answers } = withoutFalseProbabilities(tentative, tried.answers, findings);
  const corrected = separatedRows(session, plan, tried, findings);
  noteNotFinite(answers, findings);
  return { plan: corrected, answers, findings };
}

function withoutFalseProbabilities(
  plan: ServingPlan,
  answers: Answers,
  findings: Finding[],
): { plan: ServingPlan; answers: Answers } {
  const { probabilities, classLabels } = answers;
  const name = plan.outputs.probabilities;
  if (!probabilities || !classLabels || name === null || areProbabilities(probabilities, classLabels.length))
    return { plan, answers };
  findings.push({
    level: "warning",
    code: "scores_not_probabilities",
    message: `The output "${name}" holds scores, not probabilities (they leave 0 to 1, or do not add up to 1), so answers carry them as extra and no probabilities. Export the model with its probabilities, as with a softmax, to have them.`,
  });
  const hasLabel = plan.outputs.label !== null;
  return {
    plan: {
      ...plan,
      // Without a label output the highest score still says the class, so the output keeps its place for that.
      outputs: { ...plan.outputs, probabilities: hasLabel ? null : name, extra: [...plan.outputs.extra, name] },
      scoresOnly: true,
    },
    answers: { ...answers, probabilities: null, classLabels: null },
  };
}

function areProbabilities(values: readonly (number | null)[], width: number): boolean {
  for (let start = 0; start < values.length; start += width) {
    let sum = 0;
    for (let column = 0; column < width; column += 1) {
      const value = values[start + column] ?? null;
      if (value === null) continue;
      if (value < -PROBABILITY_TOLERANCE || value > 1 + PROBABILITY_TOLERANCE) return false;
      sum += value;
    }
    if (Math.abs(sum - 1) > PROBABILITY_TOLERANCE && sum !== 0) return false;
  }
  return true;
}

/** Calls of different people share a batch, so a model whose rows influence one another must run row by row. */
function separatedRows(
  session: Session,
  plan: ServingPlan,
  { table, rowNumbers, rowsPerRun }: Tried,
  findings: Finding[],
): ServingPlan {
  if (plan.batchRows === 1) return plan;
  const numbers = spread(rowNumbers, Math.min(COMPARED_ROWS, rowsPerRun));
  const together = predictRows(session, plan, tableRows(table, plan, numbers));
  let difference = 0;
  numbers.forEach((number, index) => {
    const alone = predictRows(session, plan, tableRows(table, plan, [number]));
    difference = Math.max(difference, distance(together, index, alone));
  });
  if (difference <= ROUNDING_TOLERANCE) return plan;
  const size = difference.toPrecision(2);
  if (difference <= DEPENDENCE_TOLERANCE) {
    findings.push({
      level: "warning",
      code: "batch_changes_answers",
      message: `A row predicted together with others differs from the same row alone by up to ${size}, as with dynamically quantised models. Answers may differ by that much from call to call.`,
    });
    return plan;
  }
  findings.push({
    level: "repaired",
    code: "rows_separated",
    message: `Rows of one run influence one another (the same row differs by ${size} among other rows), so the model runs one row at a time. This is slower but correct.`,
  });
  return plan.batchRows === null ? { ...plan, batchRows: 1 } : { ...plan, rowsAlone: true };
}

/** Up to `count` of the numbers, from all over and not in their order: a graph that sorts its rows would pass on sorted ones. */
function spread(numbers: readonly number[], count: number): number[] {
  const step = Math.max(1, Math.floor(numbers.length / count));
  const taken = numbers.filter((_, index) => index % step === 0).slice(0, count);
  return [...taken.filter((_, index) => index % 2 === 1), ...taken.filter((_, index) => index % 2 === 0).reverse()];
}

function distance(together: Answers, index: number, alone: Answers): number {
  const width = together.classLabels?.length ?? 0;
  const pairs: [OutputValue, OutputValue][] = [[together.predictions[index] ?? null, alone.predictions[0] ?? null]];
  for (let column = 0; column < width; column += 1) {
    pairs.push([together.probabilities?.[index * width + column] ?? null, alone.probabilities?.[column] ?? null]);
  }
  for (const [name, values] of Object.entries(together.extra))
    pairs.push([values[index] ?? null, alone.extra[name]?.[0] ?? null]);
  return Math.max(...pairs.map(([one, other]) => valueDistance(one, other)));
}

/** Relative for large numbers, absolute for small ones; different labels are as far apart as can be. */
function valueDistance(one: OutputValue, other: OutputValue): number {
  if (Array.isArray(one) && Array.isArray(other)) {
    if (one.length !== other.length) return Number.POSITIVE_INFINITY;
    return one.reduce<number>((most, value, index) => Math.max(most, valueDistance(value, other[index] ?? null)), 0);
  }
  if (typeof one === "number" && typeof other === "number") {
    return Math.abs(one - other) / Math.max(1, Math.abs(one), Math.abs(other));
  }
  // A label may flip where two classes are nearly even; the probabilities tell whether that is more than rounding.
  if (typeof one === "string" && typeof other === "string") return one === other ? 0 : ROUNDING_TOLERANCE * 2;
  return one === other ? 0 : Number.POSITIVE_INFINITY;
}

function noteNotFinite(answers: Answers, findings: Finding[]): void {
  const count = answers.predictions.filter((prediction) => prediction === null).length;
  if (count === 0) return;
  findings.push({
    level: "warning",
    code: "not_finite",
    message: `${count} of ${answers.count} answers on the reference are not finite numbers and are returned as null. Missing values that the model does not expect are the usual cause.`,
  });
}
