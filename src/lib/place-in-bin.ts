/** A value at the upper end of its bin has this place, one at the lower end 0. */
export const PLACES = 255;

/**
 * Where values of the bin from `from` on lie within it, as a whole number from 0 to PLACES: sums of places say where the mean of a bin is.
 * Stored counts depend on it, so it never changes. Bins too wide for a double have all values at 0.
 */
export function placesPerUnit(from: number, to: number): number {
  const scale = PLACES / (to - from);
  return Number.isFinite(scale) ? scale : 0;
}

/** The place of a value within its bin: see placesPerUnit. */
export function placeInBin(value: number, from: number, perUnit: number): number {
  return ((value - from) * perUnit + 0.5) | 0;
}
