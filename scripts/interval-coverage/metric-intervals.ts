/**
 * Prints how often the 95 % intervals of metrics hold the true value: samples are drawn from a population of 200,000 made rows, whose own
 * metric is the truth, and go through the functions of the product.
 *
 *     node scripts/interval-coverage/metric-intervals.ts [samples] [labelled.csv]
 *
 * Without a file it prints the table of docs/performance.md. A file is your own population: columns `actual` and `prediction` of a
 * regression, or `actual` (0, 1), `score` and `prediction` (default: 1 from a score of 0.5 on).
 *
 * For each metric: the share of samples with an interval, and the share of those that hold the truth. The same seed gives the same table.
 */
import { readFileSync } from "node:fs";
import type { LabelledRows } from "../../src/monitoring/performance/labelled-rows.ts";
import { rowsAt } from "../../src/monitoring/performance/labelled-rows.ts";
import { metricEstimates, metricValues } from "../../src/monitoring/performance/model-metrics.ts";
import { normalDraw, seededRandom } from "../../src/lib/seeded-random.ts";
import { binaryRows, manyClasses, numberRows } from "./made-rows.ts";

const POPULATION = 200_000;
const SIZES = [30, 100, 300, 1000, 4000];

/** A population, by what it is called. */
type Populations = Record<string, () => LabelledRows>;

const random = seededRandom(20260301);
const normal = () => normalDraw(random);
const student = (degrees: number): number => {
  let squares = 0;
  for (let term = 0; term < degrees; term++) squares += normal() ** 2;
  return normal() / Math.sqrt(squares / degrees);
};

/** Errors of a regression whose predictions have a standard deviation of 2 around 10. */
const ERRORS: Record<string, () => number> = {
  "normal errors": normal,
  "Laplace errors": () => Math.log(1 - random()) * (random() < 0.5 ? 1 : -1),
  "t5 errors": () => student(5),
  "t3 errors": () => student(3),
  "lognormal errors": () => Math.exp(normal()) * (random() < 0.5 ? 1 : -1),
  "5 % with five times the error": () => normal() * (random() < 0.05 ? 5 : 1),
  "1 % with ten times the error": () => normal() * (random() < 0.01 ? 10 : 1),
};

function madePopulations(): Populations {
  const populations: Populations = {};
  for (const [name, error] of Object.entries(ERRORS)) {
    populations[name] = () =>
      numberRows(
        POPULATION,
        () => 10 + 2 * normal(),
        (prediction) => prediction + error(),
      );
  }
  for (const positives of [0.005, 0.02, 0.1, 0.5]) {
    for (const distance of [1, 2.2, 3.3]) {
      populations[`${100 * positives} % positive, classes ${distance} sd apart`] = () =>
        binaryRows(POPULATION, random, { positives, distance });
    }
  }
  populations["10 % positive, half of them like the others"] = () =>
    binaryRows(POPULATION, random, { positives: 0.1, distance: 3, hidden: 0.5 });
  populations["3 classes (70, 25, 5 %)"] = () => manyClasses(POPULATION, random, [0.7, 0.25, 0.05]);
  populations["10 classes (40 to 1 %)"] = () =>
    manyClasses(POPULATION, random, [0.4, 0.2, 0.12, 0.08, 0.06, 0.05, 0.04, 0.03, 0.01, 0.01]);
  return populations;
}

function ownPopulation(file: string): Populations {
  const [header = "", ...lines] = readFileSync(file, "utf8").trim().split(/\r?\n/);
  const names = header.split(",");
  const column = (name: string): string[] => {
    const place = names.indexOf(name);
    if (place < 0) throw new Error(`${file} has no column "${name}"`);
    return lines.map((line) => line.split(",")[place] ?? "");
  };
  const actual = column("actual");
  const at = new Float64Array(actual.length);
  if (!names.includes("score")) {
    const [truth, prediction] = [Float64Array.from(actual, Number), Float64Array.from(column("prediction"), Number)];
    return { [file]: () => ({ task: "regression", at, actual: truth, main: { prediction }, challenger: null }) };
  }
  const scores = column("score").map(Number);
  const says = names.includes("prediction") ? column("prediction") : scores.map((score) => (score >= 0.5 ? "1" : "0"));
  const main = {
    prediction: says.map((value) => String(Number(value))),
    probabilities: Float64Array.from(scores.flatMap((score) => [1 - score, score])),
    classLabels: ["0", "1"],
  };
  const labels = actual.map((value) => String(Number(value)));
  return { [file]: () => ({ task: "binary_classification", at, actual: labels, main, challenger: null }) };
}

function printCoverage(name: string, population: LabelledRows, samples: number): void {
  const positive = population.task === "binary_classification" ? (population.main.classLabels?.[1] ?? "1") : undefined;
  const truth = metricValues(population, "main", positive) ?? {};
  const count = population.at.length;
  console.log(
    `\n${name}: ${Object.entries(truth)
      .map(([metric, value]) => `${metric} ${value?.toFixed(3)}`)
      .join(", ")}`,
  );
  for (const size of SIZES) {
    const shown = new Map<string, { shown: number; held: number }>();
    for (let sample = 0; sample < samples; sample++) {
      const positions = Array.from({ length: size }, () => Math.floor(random() * count));
      const estimates = metricEstimates(rowsAt(population, positions), "main", positive) ?? {};
      for (const [metric, { interval }] of Object.entries(estimates)) {
        const tally = shown.get(metric) ?? { shown: 0, held: 0 };
        shown.set(metric, tally);
        const value = truth[metric] ?? Number.NaN;
        if (!interval) continue;
        tally.shown++;
        if (interval[0] <= value && value <= interval[1]) tally.held++;
      }
    }
    const cells = [...shown].map(([metric, tally]) => {
      const held = tally.shown === 0 ? "none" : `${((100 * tally.held) / tally.shown).toFixed(1)} %`;
      const share =
        tally.shown === samples || tally.shown === 0 ? "" : ` (in ${Math.round((100 * tally.shown) / samples)} %)`;
      return `${metric} ${held}${share}`;
    });
    console.log(`  n = ${String(size).padStart(5)}  ${cells.join("  ")}`);
  }
}

const [samplesText = "400", file] = process.argv.slice(2);
const populations = file === undefined ? madePopulations() : ownPopulation(file);
const only = process.env["ONLY"];
for (const [name, make] of Object.entries(populations)) {
  if (only === undefined || name.includes(only)) printCoverage(name, make(), Number(samplesText));
}
