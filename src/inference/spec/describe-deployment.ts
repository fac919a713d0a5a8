import { z } from "zod";
import { holdsMissing } from "../../engine/build-tensors.ts";
import { plannedOutputs } from "../../engine/serving-plan.ts";
import { FEATURE_KINDS } from "../../experiments/training/feature.ts";
import type { ServedFeature, ServingSpec } from "./serving-spec.ts";

export const inputSchema = z.object({
  name: z.string(),
  kind: z.enum(FEATURE_KINDS),
  required: z.boolean().describe("A call without it is refused"),
  nullable: z.boolean().describe("May be null or an empty text; both count as missing"),
  range: z
    .object({ min: z.number(), max: z.number(), median: z.number().nullable() })
    .nullable()
    .describe("Of the training data"),
  categories: z.array(z.string()).nullable().describe("Of the training data, most frequent first"),
  example: z.union([z.number(), z.string(), z.boolean()]).nullable(),
});

export type InputJson = z.infer<typeof inputSchema>;

export const outputSchema = z.object({
  name: z.string(),
  type: z.enum(["label", "number", "probabilities", "extra"]),
  classes: z.array(z.string()).nullable(),
});

export type OutputJson = z.infer<typeof outputSchema>;

/** The features that callers are asked for: those that main maps, in its order. What only a challenger reads is not among them. */
export function askedFeatures(spec: ServingSpec): ServedFeature[] {
  return spec.features.filter((feature) => feature.mainTensors.length > 0);
}

/** The features that only a challenger reads: a call may leave them out. Where they are listed, that there is a challenger is not said. */
export function optionalFeatures(spec: ServingSpec): ServedFeature[] {
  return spec.features.filter((feature) => feature.mainTensors.length === 0);
}

/** What callers are asked for, as GET /inputs says it. */
export function describeInputs(spec: ServingSpec): InputJson[] {
  return askedFeatures(spec).map((feature) => describeInput(spec, feature));
}

/** The same, and behind them what callers may send besides. */
export function describeSendable(spec: ServingSpec): InputJson[] {
  return [...askedFeatures(spec), ...optionalFeatures(spec)].map((feature) => describeInput(spec, feature));
}

function describeInput(spec: ServingSpec, { name, kind, summary, mainTensors }: ServedFeature): InputJson {
  const isAsked = mainTensors.length > 0;
  const isStrict = spec.typePolicy === "strict" && isAsked;
  const nullable = mainTensors.every(holdsMissing);
  const { min, max, median, categories, example } = summary.reference;
  return {
    name,
    kind,
    required: isStrict || !nullable,
    nullable,
    range: kind === "numeric" && min !== null && max !== null ? { min, max, median } : null,
    categories: kind === "categorical" ? (categories?.map(({ value }) => value) ?? null) : null,
    example,
  };
}

/** What answers carry, as GET /outputs says it. */
export function describeOutputs(spec: ServingSpec): OutputJson[] {
  const { task, outputs, classes, scoresOnly } = spec.main.plan;
  const shown = classes?.shown ?? null;
  const described: OutputJson[] = [
    {
      name: "prediction",
      type: task === "regression" ? "number" : "label",
      classes: task === "regression" ? null : shown,
    },
  ];
  if (outputs.probabilities !== null && !scoresOnly)
    described.push({ name: "probabilities", type: "probabilities", classes: shown });
  if (outputs.score !== null) described.push({ name: "extra.score", type: "extra", classes: null });
  const known = new Set(plannedOutputs(spec.main.plan));
  for (const name of outputs.extra)
    if (known.has(name)) described.push({ name: `extra.${name}`, type: "extra", classes: null });
  return described;
}

/** A row that the deployment answers: the typical value of each feature. */
export function exampleRow(spec: ServingSpec): ExampleRow {
  return typicalValues(askedFeatures(spec));
}

/** The same with what callers may send besides. */
export function fullExampleRow(spec: ServingSpec): ExampleRow {
  return typicalValues([...askedFeatures(spec), ...optionalFeatures(spec)]);
}

type ExampleRow = Record<string, number | string | boolean | null>;

function typicalValues(features: readonly ServedFeature[]): ExampleRow {
  return Object.fromEntries(features.map(({ name, summary }) => [name, summary.reference.example]));
}
