/** Fewer rows than these are judged by nobody: almost any shape would do. */
export const DRIFT_ROWS_MIN = 100;
/** P-values below it (after correction) alarm. */
export const P_VALUE_MAX = 0.05;
/** What happens by chance in fewer windows than this share is beyond chance: the level of the quantiles of distances, too. */
export const CHANCE = 0.001;
/** Of many columns judged together, so few windows without any drift may alarm by their distances. */
const CHANCE_TOGETHER = 0.03;

/** The chance with which each of so many distances judged together may alarm without drift. */
export function chanceOf(distances: number): number {
  return Math.min(CHANCE, CHANCE_TOGETHER / Math.max(1, distances));
}
/** A share that a distance does not look at alarms when it moved by so much, beyond chance. */
export const SHARE_SHIFT_MIN = 0.1;

/** Evidently's thresholds: one for distances, one for p-values. */
export const EVIDENTLY = { distance: 0.1, pValue: 0.05 } as const;
