import { alignLabels } from "../../lib/label.ts";
import type { ClassLabels, OutputRoles, Task } from "../../engine/serving-plan.ts";
import { isTensorType } from "../../engine/tensor.ts";
import type { Finding } from "../../onnx/finding.ts";
import type { ModelFacts, ValueInfo } from "../../onnx/model-facts.ts";

export interface OutputPlan {
  outputs: OutputRoles;
  classes: ClassLabels | null;
  findings: Finding[];
}

/**
 * Finds which output is the label, the probabilities, the value or the score, from the task, the types and the shapes. `rawLabels` are
 * the classes that the graph itself names; `classNames` those of the mapping, in the same order; `targetLabels` those of the target, in
 * whose spelling classes are shown.
 */
export function findOutputRoles(
  facts: ModelFacts,
  task: Task,
  rawLabels: string[] | null,
  classNames: string[] | null,
  targetLabels: readonly string[] = [],
): OutputPlan {
  const findings: Finding[] = [];
  const readable = facts.outputs.filter((output) => isReadable(output));
  const outputs: OutputRoles = { label: null, probabilities: null, value: null, score: null, extra: [] };
  if (task === "regression") outputs.value = regressionValue(readable);
  else if (task === "anomaly_detection") assignAnomaly(outputs, readable);
  else assignClassification(outputs, readable);
  const used = new Set(Object.values(outputs).filter((name) => typeof name === "string"));
  outputs.extra = readable.map((output) => output.name).filter((name) => !used.has(name));
  if (used.size === 0) {
    findings.push({
      level: "error",
      code: "no_output_for_task",
      message: `None of the outputs (${names(facts.outputs)}) can be the answer of a ${task.replaceAll("_", " ")} model. Choose the experiment's task that fits, or export the model with its prediction as a tensor output.`,
    });
  } else {
    findings.push({ level: "info", code: "outputs_found", message: roleSentence(outputs) });
  }
  return {
    outputs,
    classes: classLabels(task, { raw: rawLabels, given: classNames }, targetLabels, findings),
    findings,
  };
}

function isReadable(output: ValueInfo): boolean {
  return output.type.kind === "unknown" || (output.type.kind === "tensor" && isTensorType(output.type.elem));
}

function isFloat(output: ValueInfo): boolean {
  return output.type.kind === "unknown" || (output.type.kind === "tensor" && output.type.elem.startsWith("float"));
}

/** [N, C] says columns; a width of 1 or an unknown one may be either. */
function width(output: ValueInfo): number | null {
  if (output.type.kind !== "tensor" || !output.type.shape) return null;
  const rest = output.type.shape.slice(1);
  if (rest.some((dim) => typeof dim !== "number")) return null;
  return rest.reduce<number>((product, dim) => product * Number(dim), 1);
}

function regressionValue(outputs: readonly ValueInfo[]): string | null {
  const floats = outputs.filter((output) => isFloat(output));
  const named = floats.find((output) => /^(variable|prediction|predicted|output|y|value|score)/i.test(output.name));
  return (named ?? floats[0] ?? outputs.find((output) => !isString(output)))?.name ?? null;
}

function isString(output: ValueInfo): boolean {
  return output.type.kind === "tensor" && output.type.elem === "string";
}

function assignAnomaly(roles: OutputRoles, outputs: readonly ValueInfo[]): void {
  roles.label = outputs.find((output) => !isFloat(output))?.name ?? null;
  const floats = outputs.filter((output) => isFloat(output));
  roles.score = (floats.find((output) => /score/i.test(output.name)) ?? floats[0])?.name ?? null;
  if (roles.label === null && roles.score !== null) {
    // A model with nothing but a score: the score is what it says.
    roles.value = roles.score;
  }
}

function assignClassification(roles: OutputRoles, outputs: readonly ValueInfo[]): void {
  const labels = outputs.filter(
    (output) => output.type.kind === "tensor" && !isFloat(output) && (width(output) ?? 1) === 1,
  );
  roles.label = (labels.find((output) => /label|class|pred/i.test(output.name)) ?? labels[0])?.name ?? null;
  const floats = outputs.filter((output) => isFloat(output));
  const named = floats.find((output) => /prob|proba|softmax|sigmoid/i.test(output.name));
  const wide = floats.find((output) => (width(output) ?? 1) > 1);
  roles.probabilities = (named ?? wide ?? floats[0])?.name ?? null;
}

function classLabels(
  task: Task,
  { raw, given }: { raw: string[] | null; given: string[] | null },
  targetLabels: readonly string[],
  findings: Finding[],
): ClassLabels | null {
  if (task === "regression" || task === "anomaly_detection") return null;
  if (given) {
    if (raw && raw.length !== given.length) {
      findings.push({
        level: "error",
        code: "class_names_count",
        message: `The mapping gives ${given.length} class names, the model has ${raw.length} classes: ${raw.slice(0, 10).join(", ")}.`,
      });
    }
    return { raw, shown: alignLabels(given, targetLabels) };
  }
  if (raw) {
    findings.push({
      level: "info",
      code: "classes_found",
      message: `The classes are ${raw.slice(0, 12).join(", ")}${raw.length > 12 ? ", …" : ""}, as the model itself says.`,
    });
    return { raw, shown: alignLabels(raw, targetLabels) };
  }
  findings.push({
    level: "warning",
    code: "classes_unknown",
    message:
      'The model does not say what its classes are called, so they are "0", "1", … Give `class_names` in the mapping to have them named.',
  });
  return null;
}

function roleSentence(roles: OutputRoles): string {
  const parts = [
    roles.label === null ? null : `the label is "${roles.label}"`,
    roles.probabilities === null ? null : `the probabilities are "${roles.probabilities}"`,
    roles.value === null || roles.value === roles.score ? null : `the value is "${roles.value}"`,
    roles.score === null ? null : `the score is "${roles.score}"`,
    roles.extra.length === 0
      ? null
      : `${names(roles.extra.map((name) => ({ name })))} ${roles.extra.length === 1 ? "is" : "are"} kept as extra`,
  ];
  return `Of the outputs, ${parts.filter((part) => part !== null).join(", ")}.`;
}

function names(outputs: readonly { name: string }[]): string {
  return outputs.map((output) => `"${output.name}"`).join(", ");
}
