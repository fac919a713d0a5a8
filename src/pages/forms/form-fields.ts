import { holdsMissing } from "../../engine/build-tensors.ts";
import { askedFeatures, optionalFeatures } from "../../inference/spec/describe-deployment.ts";
import type { ServedFeature, ServingSpec } from "../../inference/spec/serving-spec.ts";
import { parseNumber } from "../../lib/csv.ts";
import { featureLabels } from "./label.ts";

/** How a value is entered. `suggestion`: a text for which known values are offered, where the training data may hold others. */
export type Control =
  | { kind: "number"; isWhole: boolean }
  | { kind: "choice"; options: string[] }
  | { kind: "suggestion"; options: string[] }
  | { kind: "tick" }
  | { kind: "truth" }
  | { kind: "text" };

/** One field of a form page. */
export interface FormField {
  name: string;
  label: string;
  control: Control;
  /** The model cannot take a missing value here. */
  required: boolean;
  hint: string | undefined;
  /** What "Fill with an example" puts in; "" where there is no typical value. */
  example: string;
}

/** The fields of a deployment's form: one for each feature that main maps, in its order, and behind them those that may be left empty. */
export function formFields(spec: ServingSpec): FormField[] {
  const features = [...askedFeatures(spec), ...optionalFeatures(spec)];
  const labels = featureLabels(features.map(({ name }) => name));
  return features.map((feature, index) => {
    const required = !feature.mainTensors.every(holdsMissing);
    const control = controlOf(feature, required);
    const { example } = feature.summary.reference;
    return {
      name: feature.name,
      label: labels[index] ?? feature.name,
      control,
      required,
      hint: feature.mainTensors.length > 0 ? hintOf(feature, control) : optionalHint(hintOf(feature, control)),
      example: example === null ? "" : String(example),
    };
  });
}

function controlOf({ kind, summary }: ServedFeature, required: boolean): Control {
  const { categories, other, integer } = summary.reference;
  switch (kind) {
    case "numeric":
      return { kind: "number", isWhole: integer };
    case "boolean":
      return { kind: required ? "tick" : "truth" };
    case "categorical": {
      const options = sorted((categories ?? []).map(({ value }) => value));
      return { kind: other === 0 && options.length > 0 ? "choice" : "suggestion", options };
    }
    case "text":
      // Codes that look like numbers in the training data: a line is enough for them.
      return summary.kind === "text" ? { kind: "text" } : { kind: "suggestion", options: [] };
  }
}

/** Numbers by size, texts by the alphabet: the counts by which they come say nothing to who looks for one. */
function sorted(options: string[]): string[] {
  const areNumbers = options.every((option) => parseNumber(option) !== null);
  const compare = areNumbers
    ? (one: string, other: string) => (parseNumber(one) ?? 0) - (parseNumber(other) ?? 0)
    : (one: string, other: string) => one.localeCompare(other, "en", { numeric: true });
  return options.toSorted(compare);
}

function hintOf({ summary }: ServedFeature, control: Control): string | undefined {
  if (control.kind === "suggestion" && control.options.length > 0) return "Choose a known value, or write another one.";
  if (control.kind !== "number") return undefined;
  const { min, max, median } = summary.reference;
  if (min === null || max === null) return undefined;
  if (min === max) return `Always ${plain(min)} in the training data`;
  const middle = median === null ? "" : `, median ${plain(median)}`;
  return `In the training data ${plain(min)} to ${plain(max)}${middle}`;
}

function optionalHint(hint: string | undefined): string {
  return `${hint === undefined ? "" : `${hint.replace(/\.$/, "")}. `}Optional: it does not change the answer.`;
}

/** To six digits and without separators, so that it can be typed as it is read. */
function plain(value: number): string {
  return String(Number(value.toPrecision(6)));
}
