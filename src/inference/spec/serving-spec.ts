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

/** True for features whose values travel as numbers; the others travel as texts. */
export function isNumberFeature(feature: Pick<ServedFeature, "kind" | "mainTensors" | "challengerTensors">): boolean {
  return feature.kind === "numeric" || (feature.kind === "boolean" && !readsStrings(feature));
}

/** Main decides where it reads the feature: a challenger must not change what it is fed. */
function readsStrings({
  mainTensors,
  challengerTensors,
}: Pick<ServedFeature, "mainTensors" | "challengerTensors">): boolean {
  const types = mainTensors.length > 0 ? mainTensors : challengerTensors;
  return types.length > 0 && types.every((type) => type === "string");
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
    return [{ name, kind: summary.kind, summary, mainTensors, challengerTensors }];
  });
}

function tensorsOf(plan: ServingPlan, column: string): TensorType[] {
  return [...new Set(plan.inputs.filter((input) => input.columns.includes(column)).map((input) => input.type))];
}
