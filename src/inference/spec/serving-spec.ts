import type { FeatureKind } from "../../experiments/training/feature.ts";
import type { FeatureSummary } from "../../experiments/version-features.ts";
import { plannedColumns, type ServingPlan } from "../../engine/serving-plan.ts";
import type { TensorType } from "../../engine/tensor.ts";

/** A model as a host needs it. */
export interface ServedModel {
  id: string;
  name: string;
  plan: ServingPlan;
  /** Of the file that is loaded, which is verified against it. */
  sha256: string;
  objectKey: string;
  heapBytes: number;
  /** Of the experiment: its training reference is what monitoring compares with. */
  experimentVersion: { id: string; number: number; rows: number };
}

/** A column that calls may send. */
export interface ServedFeature {
  name: string;
  /** That of the training reference, but text where only tensors of strings read it. */
  kind: FeatureKind;
  /** Of the training reference of the main model's version, else of the challenger's. */
  summary: FeatureSummary;
  /** Types of the main model's tensors that it feeds; empty: only the challenger reads it. */
  mainTensors: TensorType[];
  challengerTensors: TensorType[];
}

/** Everything that answering for one deployment version needs. A version never changes, so this may be kept for good. */
export interface ServingSpec {
  deploymentId: string;
  version: number;
  typePolicy: "best_effort" | "strict";
  features: ServedFeature[];
  main: ServedModel;
  challenger: ServedModel | null;
}

/**
 * True for features whose values travel as numbers; the others travel as texts, from which each tensor reads its own. A number whose text
 * matters to some tensor is a text: 00501 and 1.0 would not survive as numbers. Of booleans main decides: a challenger gets them in its
 * form.
 */
export function isNumberFeature({ kind, mainTensors, challengerTensors }: TravellingFeature): boolean {
  if (kind === "numeric") return !mainTensors.includes("string") && !challengerTensors.includes("string");
  return kind === "boolean" && !(mainTensors.length > 0 ? mainTensors : challengerTensors).includes("string");
}

type TravellingFeature = Pick<ServedFeature, "kind" | "mainTensors" | "challengerTensors">;

/** The same in records that were written while numbers always travelled as numbers. */
export function wasNumberFeature({ summary: { kind }, mainTensors, challengerTensors }: ServedFeature): boolean {
  const types = mainTensors.length > 0 ? mainTensors : challengerTensors;
  return kind === "numeric" || (kind === "boolean" && !(types.length > 0 && types.every((type) => type === "string")));
}

/** What only tensors of strings read is text, whatever its training data look like. */
function servedKind({ kind }: FeatureSummary, main: TensorType[], challenger: TensorType[]): FeatureKind {
  const types = main.length > 0 ? main : challenger;
  return kind === "numeric" && types.length > 0 && types.every((type) => type === "string") ? "text" : kind;
}

/** The columns of main in its order, then those that only the challenger reads. */
export function servedFeatures(
  main: { plan: ServingPlan; features: readonly FeatureSummary[] },
  challenger: { plan: ServingPlan; features: readonly FeatureSummary[] } | null,
): ServedFeature[] {
  const summaries = new Map(
    [...(challenger?.features ?? []), ...main.features].map((feature) => [feature.name, feature]),
  );
  const names = new Set([...plannedColumns(main.plan), ...(challenger ? plannedColumns(challenger.plan) : [])]);
  return [...names].flatMap((name) => {
    const summary = summaries.get(name);
    if (!summary) return [];
    const mainTensors = tensorsOf(main.plan, name);
    const challengerTensors = challenger ? tensorsOf(challenger.plan, name) : [];
    const kind = servedKind(summary, mainTensors, challengerTensors);
    const spelled =
      kind === summary.kind ? summary : asText(summary, mainTensors.length > 0 ? main.plan : challenger?.plan);
    return [{ name, kind, summary: spelled, mainTensors, challengerTensors }];
  });
}

/** The summary of numbers that are text: their example as the training data spell it. */
function asText(summary: FeatureSummary, plan: ServingPlan | undefined): FeatureSummary {
  const { example } = summary.reference;
  const spelled = plan?.textExamples?.find(([column]) => column === summary.name)?.[1];
  const text = spelled ?? (example === null ? null : String(example));
  return { ...summary, reference: { ...summary.reference, example: text } };
}

function tensorsOf(plan: ServingPlan, column: string): TensorType[] {
  return [...new Set(plan.inputs.filter((input) => input.columns.includes(column)).map((input) => input.type))];
}
