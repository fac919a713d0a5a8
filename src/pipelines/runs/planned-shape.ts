import type { ServingPlan } from "../../engine/serving-plan.ts";
import type { AnswerShape } from "../../inference/batch/result-lines.ts";
import type { ServedModel, ServingSpec } from "../../inference/spec/serving-spec.ts";
import { loadAnswerReference } from "../../windows/reference.ts";

/** What the answers of both models look like, also where none has been seen; null: there is no challenger. */
export interface PlannedShapes {
  main: AnswerShape;
  challenger: AnswerShape | null;
}

/** The shapes that the models of a version are known to answer in since they were tried. */
export async function plannedShapes(
  store: R2Bucket,
  { main, challenger }: Pick<ServingSpec, "main" | "challenger">,
): Promise<PlannedShapes> {
  return {
    main: await plannedShape(store, main),
    challenger: challenger && (await plannedShape(store, challenger)),
  };
}

/** The shape that was seen, and what is known of answers that have not been. */
export function withPlanned(seen: AnswerShape | null, planned: AnswerShape): AnswerShape {
  return seen === null ? planned : { ...seen, predictions: seen.predictions ?? planned.predictions };
}

async function plannedShape(store: R2Bucket, { id, plan }: Pick<ServedModel, "id" | "plan">): Promise<AnswerShape> {
  const { label, probabilities, score, extra } = plan.outputs;
  const isLabel = plan.task !== "regression" && (label !== null || probabilities !== null);
  return {
    classLabels: labelsOf(plan),
    extra: [...new Set(score === null ? extra : [...extra, "score"])],
    predictions: isLabel || (await answersLists(store, id, plan)) ? "text" : "number",
  };
}

function labelsOf({ task, outputs, classes, scoresOnly }: ServingPlan): string[] | null {
  if (task === "regression" || outputs.probabilities === null || scoresOnly) return null;
  // Of several classes without names nobody knows how many there are before a row is answered.
  return classes?.shown ?? (task === "binary_classification" ? ["0", "1"] : null);
}

/** Whether a regression answers several numbers to a row, which are written as a text: then none could be compared when it was tried. */
async function answersLists(store: R2Bucket, modelId: string, { task }: ServingPlan): Promise<boolean> {
  if (task !== "regression") return false;
  const reference = await loadAnswerReference(store, modelId);
  return reference !== null && reference.column === null;
}
