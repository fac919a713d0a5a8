import type { DriftMethod } from "./methods.ts";
import type { ShareShift } from "./share-shifts.ts";

type Named = Pick<DriftMethod, "statisticLabel">;

const SHARES: Record<ShareShift["of"], string> = {
  missing: "Missing values",
  unseen: "Values that the reference does not have",
  outside: "Values out of the range of the reference",
  words: "Words that the reference does not have",
};

/** "The Wasserstein distance … is 0.41, the threshold 0.12." */
export function distanceReason({ statisticLabel }: Named, statistic: number, threshold: number): string {
  return `${statisticLabel} is ${short(statistic)}, the threshold ${short(threshold)}.`;
}

/** `together`: how many tests the p-value was corrected for; 1 for none. */
export function testReason({ statisticLabel }: Named, statistic: number, pValue: number, together: number): string {
  const corrected = together > 1 ? `, corrected for ${together} tests at once` : "";
  return `${statisticLabel} is ${short(statistic)}; without drift one as large has a chance of ${short(pValue)}${corrected}.`;
}

export function shiftReason({ of, from, to }: ShareShift): string {
  return `${SHARES[of]} went from ${percent(from)} to ${percent(to)}.`;
}

export function calmReason({ statisticLabel }: Named, statistic: number, calm: number): string {
  return `${statisticLabel} is ${short(statistic)}, above the ${short(calm)} that this deployment's calm windows stay below.`;
}

function short(value: number): string {
  if (value === 0) return "0";
  if (Math.abs(value) < 0.0001) return "less than 0.0001";
  return String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
