import { reliabilityCurve } from "../metrics/metrics-calibration.ts";

/** How often that came true, on rows with known actuals, of which a model was so and so sure. Plain JSON. */
export interface Calibration {
  /** What confidences are of: the second of two classes, or the likeliest of more. */
  of: "second_class" | "likeliest_class";
  /** Rows it was learnt from. */
  rows: number;
  /**
   * For each bin of confidence of equal width over 0..1, the share in which it came true, never falling; null for a bin
   * that no row was in.
   */
  outcomes: (number | null)[];
}

/**
 * Learns a calibration from the holdout, else from the training reference, as confidencesOf gives them: `outcomes` are 1 where it came
 * true, else 0; `confidences` are 0..1. The means of the bins are made monotone by pooling adjacent violators, weighted by rows.
 */
export function learnCalibration(
  outcomes: Uint8Array,
  confidences: Float64Array,
  of: Calibration["of"] = "second_class",
  binCount = 10,
): Calibration {
  const bins = reliabilityCurve(outcomes, confidences, binCount).map(({ meanOutcome, rows }) => ({
    mean: meanOutcome,
    rows,
  }));
  return { of, rows: confidences.length, outcomes: poolAdjacentViolators(bins) };
}

/** The never falling sequence that is nearest by weighted squares; null stays null and binds nobody. */
function poolAdjacentViolators(bins: readonly { mean: number | null; rows: number }[]): (number | null)[] {
  const pools: { mean: number; rows: number; bins: number[] }[] = [];
  bins.forEach(({ mean, rows }, bin) => {
    if (mean === null) return;
    let pool = { mean, rows, bins: [bin] };
    for (let last = pools.at(-1); last && last.mean > pool.mean; last = pools.at(-1)) {
      pools.pop();
      const together = last.rows + pool.rows;
      pool = {
        mean: (last.mean * last.rows + pool.mean * pool.rows) / together,
        rows: together,
        bins: [...last.bins, ...pool.bins],
      };
    }
    pools.push(pool);
  });
  return bins.map((_, bin) => pools.find((pool) => pool.bins.includes(bin))?.mean ?? null);
}
