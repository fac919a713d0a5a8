import type { InputJson } from "../inference/spec/describe-deployment.ts";
import type { ServingSpec } from "../inference/spec/serving-spec.ts";

/** All values that a categorical feature has in the training data; null where there are more than are listed, or none. */
export function completeCategories(spec: ServingSpec, name: string): string[] | null {
  const feature = spec.features.find((candidate) => candidate.name === name);
  if (feature?.kind !== "categorical") return null;
  const { categories, other } = feature.summary.reference;
  return categories && categories.length > 0 && other === 0 ? categories.map(({ value }) => value) : null;
}

/** `0 to 55.9, median 2.1`, to six digits. */
export function rangeText({ min, max, median }: NonNullable<InputJson["range"]>): string {
  return `${plain(min)} to ${plain(max)}${median === null ? "" : `, median ${plain(median)}`}`;
}

function plain(value: number): string {
  return String(Number(value.toPrecision(6)));
}
