/**
 * P-values corrected for being many (Benjamini and Hochberg), in the order in which they came: rejecting those below q lets
 * at most a share q of the rejections be false.
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[b] ?? 0) - (pValues[a] ?? 0));
  const corrected = pValues.map(() => 1);
  let least = 1;
  for (const [place, index] of order.entries()) {
    const rank = pValues.length - place;
    least = Math.min(least, (pValues[index] ?? 1) * (pValues.length / rank));
    corrected[index] = least;
  }
  return corrected;
}
