import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadFlightCsvs, loadWeather, weatherCsv } from "../demo/demo-data.ts";
import { shown, table } from "./figures.ts";
import { createVersion, type ImportedModel, importModel, type Project } from "./seed.ts";
import { importZoo } from "./zoo.ts";

const DEMO = join(import.meta.dirname, "../demo");

/** Imports the models of the demo and of `zooDir`, and returns a table of these and of `imported`. */
export async function measureImports(
  project: Project,
  imported: readonly ImportedModel[],
  zooDir: string | null,
): Promise<string> {
  const models = [...imported, ...(await importWeather(project)), ...(await importFlights(project))];
  const rows = models.map((model) => rowOf(model.name, model));
  for (const { name, imported: model, refusal } of zooDir === null ? [] : await importZoo(project, zooDir)) {
    rows.push(model ? rowOf(name, model) : [name, "", "", refusal?.slice(0, 160) ?? ""]);
  }
  return table(["model", "kB", "import, s", "heap, MB"], rows);
}

function rowOf(name: string, { bytes, seconds, heapBytes }: ImportedModel): string[] {
  return [name, shown(bytes / 1_000), shown(seconds), shown(heapBytes / 1_000_000)];
}

async function importWeather(project: Project): Promise<ImportedModel[]> {
  const days = await loadWeather();
  const version = await createVersion(project, "Weather", "multiclass_classification", "weather", weatherCsv(days));
  const mapping = await readFile(join(DEMO, "seattle-weather.mapping.json"), "utf8");
  return [
    await importModel(project, version, join(DEMO, "seattle-weather-boosted.onnx"), mapping),
    await importModel(project, version, join(DEMO, "seattle-weather-logistic.onnx"), mapping),
    await importModel(project, version, join(DEMO, "seattle-weather-perceptron.onnx")),
  ];
}

async function importFlights(project: Project): Promise<ImportedModel[]> {
  const { reference } = await loadFlightCsvs();
  const version = await createVersion(project, "Flights", "regression", "delay", reference);
  return [
    await importModel(project, version, join(DEMO, "flight-delays-forest.onnx")),
    await importModel(project, version, join(DEMO, "flight-delays-linear.onnx")),
  ];
}
