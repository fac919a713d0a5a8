import { learnCalibration, scoreBin } from "../../src/experiments/trial/learn-calibration.ts";
import { classificationMetrics } from "../../src/experiments/metrics/metrics.ts";
import { normalDraw, seededRandom } from "../../src/lib/seeded-random.ts";
import { type Estimate, estimatePerformance } from "../../src/monitoring/performance/estimate-performance.ts";

const random = seededRandom(20260303);

interface Row {
  score: number;
  isHit: boolean;
}

/** Log odds of a row's being positive are normal; the model's scores are a function of them. `shift` moves them in production. */
export interface Kind {
  positives: number;
  shift: number;
  threshold: number;
  score: (chance: number) => number;
}

const SPREAD = 2;

function centreOf(positives: number): number {
  let [low, high] = [-30, 30];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    let share = 0;
    for (let place = -5; place <= 5; place += 0.05) {
      share +=
        (0.05 * Math.exp(-(place ** 2) / 2)) / Math.sqrt(2 * Math.PI) / (1 + Math.exp(-(middle + SPREAD * place)));
    }
    if (share < positives) low = middle;
    else high = middle;
  }
  return low;
}

const CENTRES = new Map<number, number>();

function draw(count: number, { positives, score }: Kind, shift: number): Row[] {
  const centre = (CENTRES.get(positives) ?? centreOf(positives)) + shift;
  CENTRES.set(positives, centre - shift);
  return Array.from({ length: count }, () => {
    const chance = 1 / (1 + Math.exp(-(centre + SPREAD * normalDraw(random))));
    return { score: score(chance), isHit: random() < chance };
  });
}

/** An estimate, and the metrics that the labels of the same rows show. */
export function estimateOnce(
  kind: Kind,
  holdoutRows: number,
  productionRows: number,
): { estimate: Estimate; truth: Record<string, number | null> } {
  const calibration = learnCalibration(draw(holdoutRows, kind, 0), "second_class");
  const rows = draw(productionRows, kind, kind.shift);
  if (!calibration) throw new Error("no holdout");
  const { edges } = calibration;
  const counts = new Float64Array(2 * (edges.length - 1));
  for (const { score } of rows) {
    const slot = scoreBin(edges, score) + (score >= kind.threshold ? 0 : edges.length - 1);
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  const truth = classificationMetrics({
    actual: rows.map(({ isHit }) => (isHit ? "yes" : "no")),
    predicted: rows.map(({ score }) => (score >= kind.threshold ? "yes" : "no")),
    labels: ["no", "yes"],
    probabilities: rows.flatMap(({ score }) => [1 - score, score]),
    positive: "yes",
  });
  return { estimate: estimatePerformance(counts, calibration), truth };
}
