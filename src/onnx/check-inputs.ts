import type { CheckLimits } from "./check-limits.ts";
import { listed, quoted } from "./describe.ts";
import type { Finding } from "./finding.ts";
import type { InputInfo, ModelFacts } from "./model-facts.ts";
import { typeText } from "./read-type.ts";
import { isTensorType, TENSOR_TYPES } from "./tensor-type.ts";

const NAMED_MAX = 5;

/** Inputs that cannot be fed from the cells of a table. Those with a default are never fed. */
export function checkInputs(facts: ModelFacts, limits: CheckLimits): Finding[] {
  const inputs = facts.inputs.filter((input) => !input.hasDefault);
  const findings: Finding[] = [];
  const refuse = (code: string, message: string): number => findings.push({ level: "error", code, message });
  if (inputs.length === 0) {
    refuse(
      "no_inputs",
      "The model has no inputs, so nothing can be predicted with it. Export it with its features as inputs.",
    );
  }
  if (inputs.length > limits.inputsMax) {
    refuse(
      "too_many_inputs",
      `The model has ${inputs.length.toLocaleString("en")} inputs; at most ${limits.inputsMax.toLocaleString("en")} can be fed. Export it with one tensor input of many columns.`,
    );
  }
  const untyped = inputs.filter((input) => input.type.kind === "unknown");
  if (untyped.length > 0) {
    refuse(
      "input_without_type",
      `These inputs have no declared type: ${listed(
        untyped.map((input) => quoted(input.name)),
        NAMED_MAX,
      )}. Export the model with typed inputs such as float32[None, 4].`,
    );
  }
  const others = inputs.filter((input) => input.type.kind !== "tensor" && input.type.kind !== "unknown");
  if (others.length > 0) {
    refuse(
      "input_not_tensor",
      `These inputs are not tensors, so a table cannot feed them: ${describe(others)}. ${notTensorCure(facts, others)}`,
    );
  }
  const unsupported = inputs.filter((input) => input.type.kind === "tensor" && !isTensorType(input.type.elem));
  if (unsupported.length > 0) {
    refuse(
      "input_type_unsupported",
      `These inputs have an element type that cannot be fed: ${describe(unsupported)}. Export the model with inputs of ${TENSOR_TYPES[0]}, or another of ${TENSOR_TYPES.slice(1).join(", ")}.`,
    );
  }
  return findings;
}

function describe(inputs: InputInfo[]): string {
  return listed(
    inputs.map((input) => `${quoted(input.name)} is ${typeText(input.type)}`),
    NAMED_MAX,
  );
}

function notTensorCure(facts: ModelFacts, inputs: InputInfo[]): string {
  const names = new Set(inputs.map((input) => input.name));
  const reader = facts.nodes.find((node) => node.inputs.some((name) => names.has(name)));
  return reader?.opType === "DictVectorizer"
    ? "They feed a DictVectorizer, which takes dictionaries: train with a OneHotEncoder or OrdinalEncoder in its place (or vectorize before the call), and export that."
    : "Export the model with tensor inputs.";
}
