import type { Answers } from "../../engine/read-answers.ts";
import type { ServingPlan } from "../../engine/serving-plan.ts";
import type { Finding } from "../../onnx/finding.ts";

/**
 * The plan of a classifier whose only output is one column that leaves 0 to 1: log-odds of the second class, as a network without its
 * last sigmoid gives. Null where `answers`, which were read as probabilities, do not show that.
 */
export function logitPlan(plan: ServingPlan, answers: Answers): { plan: ServingPlan; finding: Finding } | null {
  const { probabilities: name, label } = plan.outputs;
  const width = plan.widths?.find(({ output }) => output === name)?.width;
  const isAlone = name !== null && label === null && width === 1;
  if (!isAlone || !answers.probabilities?.some(isOutside)) return null;
  const second = answers.classLabels?.[1] ?? "1";
  const message = `The output "${name}" is one column that leaves 0 to 1, so it is read as the log-odds of the class "${second}": the label changes at 0, and the probability is its sigmoid. Export the model with a sigmoid at the end if it is not.`;
  return { plan: { ...plan, isLogit: true }, finding: { level: "warning", code: "log_odds", message } };
}

/** A probability may be off by the rounding of floats. */
const TOLERANCE = 0.01;

function isOutside(value: number | null): boolean {
  return value !== null && (value < -TOLERANCE || value > 1 + TOLERANCE);
}
