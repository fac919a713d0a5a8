/**
 * Prints how often the 95 % intervals of the estimated performance hold what the labels show in the end: a holdout teaches a calibration,
 * production rows are counted by it, and both go through the functions of the product.
 *
 *     node scripts/coverage/estimates.ts [runs]
 *
 * For each metric: the share of runs with an interval, the share of those that hold the metric of the production rows, and the widths.
 */
import { learnCalibration } from "../../src/experiments/trial/learn-calibration.ts";
import { scoreBin } from "../../src/experiments/trial/learn-calibration.ts";
import { ESTIMATED_METRICS, estimatePerformance } from "../../src/monitoring/performance/estimate-performance.ts";
import { classificationMetrics } from "../../src/experiments/metrics/metrics.ts";
import { normalDraw, seededRandom } from "../../src/lib/seeded-random.ts";

const random = seededRandom(20260303);

interface Row {
  score: number;
  isHit: boolean;
}

/** Log odds of a row's being positive are normal; the model's scores are a function of them. `shift` moves them in production. */
interface Kind {
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

function run(kind: Kind, holdoutRows: number, productionRows: number) {
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

const runs = Number(process.argv[2] ?? 200);
const honest = (chance: number) => chance;
/** Too sure, and of odds five times too high. */
const skewed = (chance: number) => {
  const odds = 5 * (chance / (1 - chance)) ** 1.5;
  return odds / (1 + odds);
};
for (const positives of [0.005, 0.02, 0.1, 0.5]) {
  const kinds: [string, Kind][] = [
    ["calibrated", { positives, shift: 0, threshold: 0.5, score: honest }],
    [
      "threshold at twice the share of positives",
      { positives, shift: 0, threshold: Math.min(0.7, 2 * positives), score: honest },
    ],
    ["uncalibrated", { positives, shift: 0, threshold: 0.5, score: skewed }],
    [
      "covariates shifted, odds doubled",
      { positives, shift: Math.log(2), threshold: Math.min(0.5, 4 * positives), score: honest },
    ],
    [
      "covariates shifted, odds divided by four",
      { positives, shift: -Math.log(4), threshold: Math.min(0.5, 4 * positives), score: skewed },
    ],
  ];
  for (const [name, kind] of kinds) {
    if (!`${100 * positives} % positive, ${name}`.includes(process.env["ONLY"] ?? "")) continue;
    console.log(`\n${100 * positives} % positive, ${name}`);
    for (const holdoutRows of [500, 2000, 8000]) {
      for (const productionRows of [300, 3000]) {
        const cells = new Map(ESTIMATED_METRICS.map((metric) => [metric, { shown: 0, held: 0, width: 0, off: 0 }]));
        for (let index = 0; index < runs; index++) {
          const { estimate, truth } = run(kind, holdoutRows, productionRows);
          if (estimate.state !== "estimated") continue;
          for (const metric of ESTIMATED_METRICS) {
            const { interval = null, value = null } = estimate.metrics[metric] ?? {};
            const real = truth[metric] ?? null;
            const cell = cells.get(metric);
            if (!interval || real === null || value === null || !cell) continue;
            cell.shown++;
            cell.width += interval[1] - interval[0];
            cell.off += value - real;
            if (interval[0] <= real && real <= interval[1]) cell.held++;
          }
        }
        const text = [...cells].map(([metric, { shown, held, width, off }]) =>
          shown === 0
            ? `${metric} none`
            : `${metric} ${((100 * held) / shown).toFixed(1)} % (in ${Math.round((100 * shown) / runs)} %, width ${(width / shown).toFixed(3)}, off by ${(off / shown).toFixed(3)})`,
        );
        console.log(
          `  holdout ${String(holdoutRows).padStart(5)}, rows ${String(productionRows).padStart(4)}: ${text.join("  ")}`,
        );
      }
    }
  }
}
