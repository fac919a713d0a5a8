import type { Task } from "../../engine/serving-plan.ts";
import type { OutputValue } from "../../engine/read-answers.ts";
import type { StoredAnswer, StoredRecord } from "../../inference/records/records.ts";
import { formatNumber } from "../../lib/format.ts";

/** What a model said, in one line: a label, a number, or several. */
export function valueText(value: OutputValue): string {
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  if (value === null) return "not finite";
  return typeof value === "number" ? formatNumber(value, 5) : String(value);
}

/** The probability that the model gave to what it said; null where it gives none. */
export function confidence({ prediction, probabilities }: StoredAnswer): number | null {
  return typeof prediction === "string" ? (probabilities?.[prediction] ?? null) : null;
}

/** How the answers of main and challenger to one row compare; null where the challenger has not answered it. */
export type Comparison = { agree: true } | { agree: false; difference: number | null };

/**
 * Labels agree when they are the same, numbers when they are equal; `difference` is challenger minus main. Rows on which the two
 * do not agree are those that the filter for disagreements finds.
 */
export function compare(
  task: Task,
  { main, challenger }: Pick<StoredRecord, "main" | "challenger">,
): Comparison | null {
  if (challenger?.state !== "ok") return null;
  if (JSON.stringify(main.prediction) === JSON.stringify(challenger.prediction)) return { agree: true };
  const isNumeric =
    task === "regression" && typeof main.prediction === "number" && typeof challenger.prediction === "number";
  return { agree: false, difference: isNumeric ? Number(challenger.prediction) - Number(main.prediction) : null };
}

/** A value of a feature as it was recorded. */
export function featureText(value: string | number | boolean | null): string {
  if (value === null) return "missing";
  return typeof value === "number" ? String(value) : value === "" ? '""' : String(value);
}
