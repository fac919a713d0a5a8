/**
 * Prints how often somebody who looks after every labelled row is ever told of a winner although neither model is better.
 *
 *     node scripts/interval-coverage/verdicts.ts [runs]
 */
import { followSequence } from "../../src/monitoring/performance/confidence-sequence.ts";
import { normalDraw, seededRandom } from "../../src/lib/seeded-random.ts";

const ROWS = 5000;
const random = seededRandom(20260302);
const normal = () => normalDraw(random);
const sign = () => (random() < 0.5 ? 1 : -1);
/** Squared errors of two models whose errors are normal, and alike by half. */
const squares = (scale: () => number): number => {
  const [shared, one, other, size] = [normal(), normal(), normal(), scale()];
  return ((shared + one) * size) ** 2 - ((shared + other) * size) ** 2;
};

/** Differences of losses with a mean of 0. */
const DIFFERENCES: Record<string, () => number> = {
  normal: normal,
  "labels that differ on 20 % of rows": () => (random() < 0.2 ? sign() : 0),
  "labels that differ on 2 % of rows": () => (random() < 0.02 ? sign() : 0),
  "labels that differ on 0.5 % of rows": () => (random() < 0.005 ? sign() : 0),
  "squared normal errors": () => squares(() => 1),
  "squared errors, 2 % of rows ten times as hard": () => squares(() => (random() < 0.02 ? 10 : 1)),
  "squared t3 errors": () => squares(() => 1 / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3)),
  "better by 0.5 on 90 % of rows, worse by 4.5 on 10 %": () => (random() < 0.1 ? -4.5 : 0.5),
  "better by 0.1 on 98 % of rows, worse by 4.9 on 2 %": () => (random() < 0.02 ? -4.9 : 0.1),
};

const runs = Number(process.argv[2] ?? 1000);
for (const [name, draw] of Object.entries(DIFFERENCES)) {
  let told = 0;
  let missed = 0;
  for (let run = 0; run < runs; run++) {
    const { decidedAt, interval } = followSequence(new Float64Array(ROWS).map(draw));
    if (decidedAt !== null) told++;
    if (interval && (interval[0] > 0 || interval[1] < 0)) missed++;
  }
  const share = (count: number) => `${((100 * count) / runs).toFixed(1)} %`;
  console.log(`${name}: ever told ${share(told)}, after ${ROWS} rows ${share(missed)}`);
}
