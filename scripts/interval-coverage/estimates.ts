/**
 * Prints how often the 95 % intervals of the estimated performance hold what the labels show in the end: a holdout teaches a calibration,
 * production rows are counted by it, and both go through the functions of the product.
 *
 *     node scripts/interval-coverage/estimates.ts [runs]
 *
 * For each metric: the share of runs with an interval, the share of those that hold the metric of the production rows, and the widths.
 */
import { ESTIMATED_METRICS } from "../../src/monitoring/performance/estimate-performance.ts";
import { estimateOnce, type Kind } from "./estimate-once.ts";

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
          const { estimate, truth } = estimateOnce(kind, holdoutRows, productionRows);
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
