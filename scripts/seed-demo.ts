import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { connectDemoApi, waitForState } from "../demo/demo-api.ts";
import type { DemoApi } from "../demo/demo-api.ts";
import { loadFlightCsvs, loadWeather, measuredCsv, weatherCsv } from "../demo/demo-data.ts";
import type { WeatherDay, WeatherFeatures } from "../demo/demo-data.ts";

export interface SeedOptions {
  baseUrl: string;
  setupToken: string;
  /** Receives one line of progress at a time. */
  log: (line: string) => void;
  /** Of the demo admin; a random one is made when it is left out. */
  password?: string | undefined;
}

export interface DemoResult {
  email: string;
  password: string;
  token: string;
  projectSlug: string;
  deploymentSlug: string;
  apiKey: string;
  exampleFeatures: WeatherFeatures;
  formUrl: string;
}

interface Session {
  api: DemoApi;
  log: (line: string) => void;
}

interface Version {
  experimentId: string;
  number: number;
}

const EMAIL = "demo@tiltyard.local";
const MODELS = join(import.meta.dirname, "../demo");
const ROWS_PER_CALL_MAX = 200;
// Every third day: a sample of the whole year, so that the season alone does not look like drift.
const SEATTLE_DAY_STEP = 3;

const setupAnswer = z.object({ token: z.string() });
const projectAnswer = z.object({ slug: z.string() });
const idAnswer = z.object({ id: z.string() });
const numberAnswer = z.object({ number: z.number() });
const keyAnswer = z.object({ key: z.string() });
const workAnswer = z.object({ state: z.string() });
const deploymentAnswer = z.object({
  slug: z.string(),
  deployed: z.string(),
  form_url: z.string(),
  challenger: z.object({ state: z.string() }).nullable(),
});
const comparisonAnswer = z.object({ complete: z.boolean(), challenger: z.object({ pending: z.number() }) });
const actualsAnswer = z.object({ accepted: z.number(), unknown: z.array(z.string()) });
const predictionsAnswer = z.object({
  predictions: z.array(z.object({ prediction_id: z.string() })),
});

/**
 * Fills an empty instance with the demo project, through the public API only: two experiments on real data, their
 * models, a public deployment with a challenger that has answered real rows, and one for the project's members.
 * Returns what a runner prints for a first sign-in and a first call. Not repeatable: an instance that has a user
 * refuses. Any refusal is thrown as an Error that names the call and holds the server's answer.
 */
export async function seedDemo(options: SeedOptions): Promise<DemoResult> {
  const { baseUrl, setupToken, log } = options;
  const password = options.password ?? randomBytes(12).toString("base64url");
  const owner = { setup_token: setupToken, email: EMAIL, name: "Demo", password };
  const anonymous = connectDemoApi(baseUrl, log);
  const { token } = await anonymous.post("/api/v1/setup", setupAnswer, owner);
  const session = { api: connectDemoApi(baseUrl, log, token), log };
  const { slug: projectSlug } = await session.api.post("/api/v1/projects", projectAnswer, {
    name: "Demo",
    description: "Real weather and flights, with models trained by demo/train.py.",
  });

  const days = await loadWeather();
  const seattle = days.filter((day) => day.location === "Seattle");
  const deployment = await seedWeather(session, projectSlug, seattle);
  await seedFlights(session, projectSlug);

  const keysPath = `/api/v1/deployments/${deployment.slug}/keys`;
  const { key } = await session.api.post(keysPath, keyAnswer, { name: "Demo key" });
  const byKey = { api: connectDemoApi(baseUrl, log, key), log };
  const holdout = seattle.filter((day) => day.year === 2015);
  const sample = holdout.filter((_, index) => index % SEATTLE_DAY_STEP === 0);
  const newYork = days.filter((day) => day.location === "New York");
  await predictRows(byKey, deployment.slug, "Seattle 2015", sample);
  await predictRows(byKey, deployment.slug, "New York 2012-2015", newYork);
  await waitUntilCounted(session, deployment.slug);
  await seedPipeline(session, projectSlug, deployment.slug, newYork);

  const [example] = holdout;
  if (example === undefined) {
    throw new Error("weather.csv holds no day of Seattle in 2015. Run npm ci again.");
  }
  return {
    email: EMAIL,
    password,
    token,
    projectSlug,
    deploymentSlug: deployment.slug,
    apiKey: key,
    exampleFeatures: example.features,
    formUrl: new URL(deployment.form_url, baseUrl).href,
  };
}

async function seedWeather(session: Session, project: string, seattle: WeatherDay[]) {
  const version = await createVersion(
    session,
    project,
    {
      name: "Seattle weather",
      task: "multiclass_classification",
      target: "weather",
      description: "The kind of day in Seattle, from its measurements. Trained on 2012-2014, held out: 2015.",
    },
    {
      reference: weatherCsv(seattle.filter((day) => day.year < 2015)),
      holdout: weatherCsv(seattle.filter((day) => day.year === 2015)),
    },
  );
  const mapping = await readFile(join(MODELS, "seattle-weather.mapping.json"), "utf8");
  const add = (name: string, fileName: string, mappingText?: string) =>
    addModel(session, version, name, fileName, mappingText);
  const main = await add("Gradient-boosted trees", "seattle-weather-boosted.onnx", mapping);
  const challenger = await add("Logistic regression", "seattle-weather-logistic.onnx", mapping);
  // Left undeployed on purpose: the model to try a second deployment version with.
  await add("Small neural network", "seattle-weather-perceptron.onnx");
  return deploy(session, project, version, {
    name: "Seattle weather",
    description: "What kind of day was it? Sun, rain, fog, drizzle or snow, from what the instruments measured.",
    access: "public",
    main,
    challenger,
  });
}

async function seedFlights(session: Session, project: string) {
  const version = await createVersion(
    session,
    project,
    {
      name: "Flight delays",
      task: "regression",
      target: "delay",
      description: "Minutes of delay at arrival in the USA, 2001. Trained on January and February, held out: March.",
    },
    await loadFlightCsvs(),
  );
  const main = await addModel(session, version, "Random forest", "flight-delays-forest.onnx");
  const challenger = await addModel(session, version, "Ridge regression", "flight-delays-linear.onnx");
  return deploy(session, project, version, {
    name: "Flight delays",
    description: "Minutes by which a flight will be late, from its route and its hour of departure.",
    access: "project",
    main,
    challenger,
  });
}

/** A pipeline that predicts a file each Monday, and a run of it that is done. */
async function seedPipeline({ api, log }: Session, project: string, deployment: string, days: WeatherDay[]) {
  const file = new FormData();
  file.set("file", new Blob([measuredCsv(days)], { type: "text/csv" }), "new-york.csv");
  file.set("name", "Days of New York");
  const dataset = await api.post(`/api/v1/projects/${project}/datasets`, idAnswer, file);
  await waitForState(api, `/api/v1/datasets/${dataset.id}`, workAnswer, ({ state }) => state, "succeeded");
  const pipeline = await api.post(`/api/v1/projects/${project}/pipelines`, idAnswer, {
    name: "New York, each Monday",
    deployment_id: deployment,
    source: { kind: "dataset", dataset_id: dataset.id },
    destinations: [],
    schedule: { cron: "0 6 * * 1", timezone: "Europe/Paris" },
    enabled: true,
  });
  const run = await api.post(`/api/v1/pipelines/${pipeline.id}/runs`, idAnswer, {});
  await waitForState(api, `/api/v1/runs/${run.id}`, workAnswer, ({ state }) => state, "succeeded");
  log(`Pipeline "New York, each Monday" has predicted ${days.length} days.`);
}

async function createVersion(
  { api, log }: Session,
  project: string,
  experiment: { name: string; task: string; target: string; description: string },
  data: { reference: string; holdout: string },
): Promise<Version> {
  const { id } = await api.post(`/api/v1/projects/${project}/experiments`, idAnswer, experiment);
  const form = new FormData();
  form.set("reference", new Blob([data.reference], { type: "text/csv" }), "reference.csv");
  form.set("holdout", new Blob([data.holdout], { type: "text/csv" }), "holdout.csv");
  const versionsPath = `/api/v1/experiments/${id}/versions`;
  const { number } = await api.post(versionsPath, numberAnswer, form);
  await waitForState(api, `${versionsPath}/${number}`, workAnswer, (a) => a.state, "succeeded");
  log(`Experiment "${experiment.name}", version ${number}, is ready.`);
  return { experimentId: id, number };
}

/** Returns the id of the model once it has loaded and predicted the holdout. */
async function addModel(
  { api, log }: Session,
  version: Version,
  name: string,
  fileName: string,
  mapping?: string,
): Promise<string> {
  const bytes = new Uint8Array(await readFile(join(MODELS, fileName)));
  const form = new FormData();
  form.set("file", new Blob([bytes], { type: "application/octet-stream" }), fileName);
  form.set("name", name);
  if (mapping !== undefined) form.set("mapping", mapping);
  const path = `/api/v1/experiments/${version.experimentId}/versions/${version.number}/models`;
  const { id } = await api.post(path, idAnswer, form);
  await waitForState(api, `/api/v1/models/${id}`, workAnswer, (a) => a.state, "succeeded");
  log(`Model "${name}" is ready.`);
  return id;
}

async function deploy(
  { api, log }: Session,
  project: string,
  { experimentId, number }: Version,
  wanted: { name: string; description: string; access: string; main: string; challenger: string },
) {
  const path = `/api/v1/projects/${project}/deployments`;
  const { slug } = await api.post(path, deploymentAnswer, {
    name: wanted.name,
    description: wanted.description,
    experiment_id: experimentId,
    main: { version: number, model_id: wanted.main },
    challenger: { version: number, model_id: wanted.challenger },
    access: wanted.access,
  });
  const deployment = await waitForState(
    api,
    `/api/v1/deployments/${slug}`,
    deploymentAnswer,
    // A deployment without its challenger still answers, but a demo without one shows nothing of it.
    (a) => (a.challenger?.state === "failed" ? "failed" : a.deployed),
    "deployed",
  );
  log(`Deployment "${wanted.name}" answers.`);
  return deployment;
}

/** Waits until the challenger has answered all, and all is counted: then the charts are whole from the first look on. */
async function waitUntilCounted({ api }: Session, slug: string) {
  const path = `/api/v1/deployments/${slug}`;
  const isCounted = ({ complete, challenger }: z.infer<typeof comparisonAnswer>) =>
    complete && challenger.pending === 0 ? "counted" : "pending";
  await waitForState(api, `${path}/monitoring/comparison?limit=1`, comparisonAnswer, isCounted, "counted");
  await api.get(`${path}/usage`, z.looseObject({}));
}

/** Has days predicted, and says of each what weather it turned out to be. */
async function predictRows({ api, log }: Session, slug: string, what: string, days: WeatherDay[]) {
  const path = `/api/v1/deployments/${slug}/predict`;
  for (let from = 0; from < days.length; from += ROWS_PER_CALL_MAX) {
    const rows = days.slice(from, from + ROWS_PER_CALL_MAX).map((day) => day.features);
    const { predictions } = await api.post(path, predictionsAnswer, { rows });
    if (predictions.length !== rows.length) {
      throw new Error(`POST ${path} answered ${predictions.length} predictions for ${rows.length} rows.`);
    }
    const items = predictions.map(({ prediction_id }, index) => ({
      prediction_id,
      actual: days[from + index]?.weather,
    }));
    const { unknown } = await api.post(`/api/v1/deployments/${slug}/actuals`, actualsAnswer, { items });
    if (unknown.length > 0) throw new Error(`${unknown.length} predictions of the demo were not found again.`);
  }
  log(`Predicted ${days.length} days of ${what}.`);
}
