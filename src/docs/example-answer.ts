import { describeOutputs } from "../inference/spec/describe-deployment.ts";
import type { PredictionJson } from "../inference/call/predict.ts";
import { predictionId, predictionIdStem } from "../inference/records/prediction-id.ts";
import type { ServingSpec } from "../inference/spec/serving-spec.ts";

/** An answer of the shape that this deployment gives; the values are made up, as no model is asked. */
export function exampleAnswer(spec: ServingSpec): PredictionJson {
  const outputs = describeOutputs(spec);
  const classes = outputs.find(({ type }) => type === "label")?.classes ?? null;
  const hasProbabilities = outputs.some(({ type }) => type === "probabilities");
  const extra = outputs
    .filter(({ type }) => type === "extra")
    .map(({ name }): [string, number] => [name.replace(/^extra\./, ""), 0.25]);
  const answer: PredictionJson = {
    prediction_id: predictionId(predictionIdStem({ ...spec, region: "weur", shard: 0 }), 1296, 0),
    prediction: outputs.some(({ type }) => type === "number") ? 12.5 : (classes?.[0] ?? "0"),
    probabilities: hasProbabilities ? exampleShares(classes ?? ["0", "1"]) : null,
    version: spec.version,
    model: { id: spec.main.id, name: spec.main.name },
    warnings: [],
  };
  if (extra.length > 0) answer.extra = Object.fromEntries(extra);
  return answer;
}

/** Actuals of the shape that this deployment takes; the prediction is one that never was. */
export function exampleActuals(spec: ServingSpec): { items: { prediction_id: string; actual: string | number }[] } {
  const { prediction_id, prediction } = exampleAnswer(spec);
  return { items: [{ prediction_id, actual: typeof prediction === "number" ? prediction : String(prediction) }] };
}

/** Three quarters for the first, three quarters of the rest for the next, and so on: they add up to one, exactly. */
function exampleShares(classes: readonly string[]): Record<string, number> {
  const last = classes.length - 1;
  return Object.fromEntries(classes.map((label, index) => [label, (index === last ? 1 : 0.75) * 0.25 ** index]));
}
