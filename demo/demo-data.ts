import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

// The names and the order are those of demo/train.py.
const WEATHER_FEATURES = ["precipitation", "temp_max", "temp_min", "wind", "month"] as const;
const FLIGHT_FEATURES = ["origin", "destination", "distance", "hour"] as const;
const WEATHER_HEADER = "location,date,precipitation,temp_max,temp_min,wind,weather";
const DATA = join(import.meta.dirname, "../node_modules/vega-datasets/data");

/** mm, degrees Celsius, degrees Celsius, m/s, 1 (January) to 12. */
export type WeatherFeatures = Record<(typeof WEATHER_FEATURES)[number], number>;

export interface WeatherDay {
  location: string;
  /** YYYY-MM-DD. */
  date: string;
  year: number;
  weather: string;
  features: WeatherFeatures;
}

const flightRows = z.array(
  z.object({
    date: z.string(),
    delay: z.number(),
    distance: z.number(),
    origin: z.string(),
    destination: z.string(),
  }),
);

/** The days of Seattle and New York, 2012 to 2015, each city in chronological order. Throws if the file is a different one. */
export async function loadWeather(): Promise<WeatherDay[]> {
  const text = await readFile(join(DATA, "weather.csv"), "utf8");
  const [header = "", ...lines] = text.trimEnd().split("\n");
  if (header !== WEATHER_HEADER) {
    throw new Error(`weather.csv begins with "${header}" instead of "${WEATHER_HEADER}". Run npm ci again.`);
  }
  return lines.map((line) => {
    const [location = "", date = "", rain, high, low, wind, weather = ""] = line.split(",");
    const features = {
      precipitation: Number(rain),
      temp_max: Number(high),
      temp_min: Number(low),
      wind: Number(wind),
      month: Number(date.slice(5, 7)),
    };
    return { location, date: date.slice(0, 10), year: Number(date.slice(0, 4)), weather, features };
  });
}

/** Features and target `weather` of `days` as CSV. */
export function weatherCsv(days: WeatherDay[]): string {
  const rows = days.map((day) => [...WEATHER_FEATURES.map((name) => day.features[name]), day.weather]);
  return csvText([...WEATHER_FEATURES, "weather"], rows);
}

/** The days without their target: place, date and features, as CSV. */
export function measuredCsv(days: WeatherDay[]): string {
  const rows = days.map((day) => [day.location, day.date, ...WEATHER_FEATURES.map((name) => day.features[name])]);
  return csvText(["location", "date", ...WEATHER_FEATURES], rows);
}

/** Features and target `delay` (minutes) as CSV: January and February for training, March as the holdout. */
export async function loadFlightCsvs(): Promise<{ reference: string; holdout: string }> {
  const text = await readFile(join(DATA, "flights-20k.json"), "utf8");
  const header = [...FLIGHT_FEATURES, "delay"];
  const training: (string | number)[][] = [];
  const march: (string | number)[][] = [];
  for (const flight of flightRows.parse(JSON.parse(text))) {
    const { date, origin, destination, distance, delay } = flight;
    const part = date.slice(5, 7) === "03" ? march : training;
    part.push([origin, destination, distance, Number(date.slice(11, 13)), delay]);
  }
  return { reference: csvText(header, training), holdout: csvText(header, march) };
}

/** The cells of the demo data contain no comma, quote or line break, so they need no quotes. */
function csvText(header: string[], rows: (string | number)[][]): string {
  return `${[header, ...rows].map((row) => row.join(",")).join("\n")}\n`;
}
