const BINS = 10;

/** A point of the reliability curve: rows whose confidence lies in [from, to), in the last bin up to and with 1. */
export interface ReliabilityBin {
  from: number;
  to: number;
  rows: number;
  /** Null for a bin without rows. */
  meanConfidence: number | null;
  /** The share of rows in which the outcome came true; null for a bin without rows. */
  meanOutcome: number | null;
}

/**
 * The reliability curve over equal-width bins of `confidences`, 0..1 and finite (beyond: the outermost bin).
 * `outcomes` are 1 where that came true which the confidence was about, else 0: the positive class, or the likeliest label.
 */
export function reliabilityCurve(outcomes: Uint8Array, confidences: Float64Array, bins = BINS): ReliabilityBin[] {
  const sums = Array.from({ length: bins }, () => ({ rows: 0, confidence: 0, outcome: 0 }));
  confidences.forEach((confidence, row) => {
    const sum = sums[Math.min(Math.max(Math.floor(confidence * bins), 0), bins - 1)];
    if (!sum) return;
    sum.rows++;
    sum.confidence += confidence;
    sum.outcome += outcomes[row] ?? 0;
  });
  return sums.map(({ rows, confidence, outcome }, bin) => ({
    from: bin / bins,
    to: (bin + 1) / bins,
    rows,
    meanConfidence: rows === 0 ? null : confidence / rows,
    meanOutcome: rows === 0 ? null : outcome / rows,
  }));
}

/** The mean over rows of |meanConfidence - meanOutcome| of their bin of the reliability curve, 0..1; null for no rows. */
export function expectedCalibrationError(outcomes: Uint8Array, confidences: Float64Array): number | null {
  if (confidences.length === 0) return null;
  let sum = 0;
  for (const { rows, meanConfidence, meanOutcome } of reliabilityCurve(outcomes, confidences)) {
    sum += rows * Math.abs((meanConfidence ?? 0) - (meanOutcome ?? 0));
  }
  return sum / confidences.length;
}
