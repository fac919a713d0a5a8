import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadFlightCsvs, loadWeather, measuredCsv, weatherCsv } from "../../demo/demo-data.ts";

/** What a person brings along: data of the demo, cut to a size that is quick to work with. */
export interface Case {
  project: string;
  experiment: string;
  task: string;
  target: string;
  training: string;
  holdout: string;
  mapping: string;
  main: Model;
  challenger: Model;
  /** The words of the choice what happens to values that do not fit. */
  typePolicy: string;
  /** Rows unlike the training data, with what turned out to be true. */
  calls: { features: Record<string, string | number>; actual: string | number }[];
  /** A file of rows, some of which the deployment refuses. */
  batch: string;
  batchRows: number;
  refusedRows: number;
}

interface Model {
  name: string;
  file: Buffer;
}

const DEMO = join(import.meta.dirname, "../../demo");
const CALLS = 150;
const BATCH_ROWS = 40;

async function modelOf(name: string, file: string): Promise<Model> {
  return { name, file: await readFile(join(DEMO, file)) };
}

/** Several classes, numbers only, a mapping; values that do not fit count as missing, so no row is refused. */
export async function weatherCase(): Promise<Case> {
  const days = await loadWeather();
  const seattle = days.filter(({ location }) => location === "Seattle");
  const newYork = days.filter(({ location }) => location === "New York");
  return {
    project: "Forecasts",
    experiment: "Seattle weather",
    task: "Multiclass classification",
    target: "weather",
    training: weatherCsv(seattle.filter(({ year }) => year < 2015)),
    holdout: weatherCsv(seattle.filter(({ year }) => year === 2015)),
    mapping: await readFile(join(DEMO, "seattle-weather.mapping.json"), "utf8"),
    main: await modelOf("Gradient-boosted trees", "seattle-weather-boosted.onnx"),
    challenger: await modelOf("Logistic regression", "seattle-weather-logistic.onnx"),
    typePolicy: "Best effort",
    calls: newYork.slice(0, CALLS).map(({ features, weather }) => ({ features: { ...features }, actual: weather })),
    batch: measuredCsv(newYork.slice(0, BATCH_ROWS)),
    batchRows: BATCH_ROWS,
    refusedRows: 0,
  };
}

/** A number to predict, texts among the features, no mapping; strict, so rows that do not fit are refused. */
export async function flightsCase(): Promise<Case> {
  const { reference, holdout } = await loadFlightCsvs();
  const [header = "", ...all] = reference.trimEnd().split("\n");
  const training = all.slice(0, 2_000);
  const origins = new Set(training.map((line) => line.split(",")[0]));
  const destinations = new Set(training.map((line) => line.split(",")[1]));
  const known = holdout
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","))
    .filter(([origin, destination]) => origins.has(origin) && destinations.has(destination));
  const rows = known.map(([origin = "", destination = "", distance, hour, delay]) => ({
    features: { origin, destination, distance: Number(distance), hour: Number(hour) },
    actual: Number(delay),
  }));
  const batch = known
    .slice(0, BATCH_ROWS)
    .map(([origin, destination, distance, hour]) => [origin, destination, distance, hour]);
  const unfit = [
    ["SEA", "Atlantis", "2000", "12"],
    ["SEA", "SFO", "far", "12"],
  ];
  return {
    project: "Airport",
    experiment: "Flight delays",
    task: "Regression",
    target: "delay",
    training: lines([header, ...training]),
    holdout: lines([header, ...known.slice(0, 400).map((cells) => cells.join(","))]),
    mapping: "",
    main: await modelOf("Random forest", "flight-delays-forest.onnx"),
    challenger: await modelOf("Ridge regression", "flight-delays-linear.onnx"),
    typePolicy: "Strict",
    // Evening flights: later hours than those of the training data.
    calls: rows.filter(({ features }) => features.hour >= 18).slice(0, CALLS),
    batch: lines(["origin,destination,distance,hour", ...[...batch, ...unfit].map((cells) => cells.join(","))]),
    batchRows: BATCH_ROWS,
    refusedRows: unfit.length,
  };
}

function lines(texts: string[]): string {
  return `${texts.join("\n")}\n`;
}
