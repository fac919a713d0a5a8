import { type Counts, countsAt } from "./counts.ts";

/** Of one feature; a name that no model, and no feature of an empty name, has. */
function invalidName(feature: string): string {
  return `invalid:${feature}`;
}

/** Under this name stand the rows whose values were looked at. */
const LOOKED_AT = invalidName("");

/** Counts values that were sent and could not be read, beside the rows among which they were looked for. */
export function countInvalid(into: Counts, rows: number, invalid: readonly (readonly [string, number])[]): void {
  const looked = countsAt(into, LOOKED_AT, 1);
  looked[0] = (looked[0] ?? 0) + rows;
  for (const [feature, count] of invalid) {
    const counted = countsAt(into, invalidName(feature), 1);
    counted[0] = (counted[0] ?? 0) + count;
  }
}

/** How many values of a feature could not be read; null where no row was looked at, as before this was counted. */
export function invalidOf(counts: Counts, feature: string): number | null {
  if (!counts.has(LOOKED_AT)) return null;
  return counts.get(invalidName(feature))?.[0] ?? 0;
}
