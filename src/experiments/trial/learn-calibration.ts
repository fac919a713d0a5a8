import { binIndex } from "../../lib/histogram.ts";
import { quantileBins } from "../training/profile-bins.ts";

/** How often that came true, on holdout rows, of which a model was so and so sure. Plain JSON. */
export interface Calibration {
  /** What scores are of: the second of two classes, or the label that the model answered. */
  of: "second_class" | "answered_class";
  /** Ascending, the first 0 and the last 1: bin i is [edges[i], edges[i + 1]), the last one holds 1. */
  edges: number[];
  /** Rows in each bin, and in how many of them it came true. */
  rows: number[];
  hits: number[];
}

/** A row's score, 0..1, and whether that came true which it is about. */
export interface ScoredOutcome {
  score: number;
  isHit: boolean;
}

// As many quantiles as resolve the ranking, wherever the scores of this model lie.
const QUANTILES = 100;
// Steps of a quarter in log odds from 1 : 8,000 to 8,000 : 1, so that rows of one bin are alike where there were few on the holdout.
const LOG_ODDS_MAX = 9;
const LOG_ODDS_STEP = 0.25;

/** Counts rows by their score, and how many of them came true. Null for no rows. */
export function learnCalibration(rows: readonly ScoredOutcome[], of: Calibration["of"]): Calibration | null {
  if (rows.length === 0) return null;
  const edges = calibrationEdges(rows.map(({ score }) => score));
  const calibration: Calibration = { of, edges, rows: edges.slice(1).fill(0), hits: edges.slice(1).fill(0) };
  for (const { score, isHit } of rows) {
    const bin = scoreBin(edges, score);
    calibration.rows[bin] = (calibration.rows[bin] ?? 0) + 1;
    if (isHit) calibration.hits[bin] = (calibration.hits[bin] ?? 0) + 1;
  }
  return calibration;
}

/** The bin of a score; beyond 0..1, the outermost one. */
export function scoreBin(edges: readonly number[], score: number): number {
  return binIndex(edges, Math.min(Math.max(score, 0), 1));
}

function calibrationEdges(scores: readonly number[]): number[] {
  const inner = quantileBins(Float64Array.from(scores).sort(), QUANTILES).edges.slice(1, -1);
  for (let odds = -LOG_ODDS_MAX; odds <= LOG_ODDS_MAX; odds += LOG_ODDS_STEP) inner.push(1 / (1 + Math.exp(-odds)));
  return [...new Set([0, ...inner.filter((edge) => edge > 0 && edge < 1), 1])].sort((one, other) => one - other);
}
