import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { connectDemoApi, type DemoApi, waitForState } from "../demo/demo-api.ts";
import { parseTable } from "./rows.ts";

export const MODELS = join(import.meta.dirname, "models");
export const SETUP_TOKEN = "setup-token-of-the-benchmark";

const tokenAnswer = z.object({ token: z.string() });
const slugAnswer = z.object({ slug: z.string() });
const idAnswer = z.object({ id: z.string() });
const keyAnswer = z.object({ key: z.string() });
const numberAnswer = z.object({ number: z.number() });
const stateAnswer = z.object({ state: z.string() });
const deployedAnswer = z.object({ deployed: z.string() });
const modelAnswer = z.object({ heap_bytes: z.number().nullable(), bytes: z.number() });

/** A deployment that can be called. */
export interface Target {
  path: string;
  key: string;
}

/** What the benchmarks need of a new instance. */
export interface Project {
  api: DemoApi;
  slug: string;
  /** The headers of the calls, for bodies that are not JSON. */
  headers: Record<string, string>;
}

/** An experiment version that is ready for models. */
export interface Version {
  experimentId: string;
  modelsPath: string;
}

export interface ImportedModel {
  id: string;
  name: string;
  bytes: number;
  heapBytes: number;
  /** From the upload to the state `succeeded`, polled every quarter of a second. */
  seconds: number;
}

/** Creates the first user and a project, in an empty instance. */
export async function setUp(baseUrl: string): Promise<Project> {
  const owner = {
    setup_token: SETUP_TOKEN,
    email: "bench@tiltyard.local",
    name: "Bench",
    password: crypto.randomUUID(),
  };
  const { token } = await connectDemoApi(baseUrl, console.error).post("/api/v1/setup", tokenAnswer, owner);
  const api = connectDemoApi(baseUrl, console.error, token);
  const { slug } = await api.post("/api/v1/projects", slugAnswer, { name: "Bench" });
  return { api, slug, headers: { authorization: `Bearer ${token}` } };
}

/** Creates an experiment with one version from a CSV file; `target` is a column, or null. */
export async function createVersion(
  { api, slug }: Project,
  name: string,
  task: string,
  target: string | null,
  csv: string,
): Promise<Version> {
  const experiment = { name, task, ...(target === null ? {} : { target }) };
  const { id } = await api.post(`/api/v1/projects/${slug}/experiments`, idAnswer, experiment);
  const form = new FormData();
  form.set("reference", new Blob([csv], { type: "text/csv" }), "reference.csv");
  const versionsPath = `/api/v1/experiments/${id}/versions`;
  const { number } = await api.post(versionsPath, numberAnswer, form);
  await waitForState(api, `${versionsPath}/${number}`, stateAnswer, (answer) => answer.state, "succeeded");
  return { experimentId: id, modelsPath: `${versionsPath}/${number}/models` };
}

/** Uploads a model and waits until it is ready. Throws with the server's reason if it is refused. */
export async function importModel(
  { api }: Project,
  version: Version,
  file: string,
  mapping?: string,
): Promise<ImportedModel> {
  const name = basename(file, ".onnx");
  const form = new FormData();
  form.set("file", new Blob([new Uint8Array(await readFile(file))]), basename(file));
  form.set("name", name.slice(0, 120));
  if (mapping !== undefined) form.set("mapping", mapping);
  const startedMs = performance.now();
  const { id } = await api.post(version.modelsPath, idAnswer, form);
  await waitForState(api, `/api/v1/models/${id}`, stateAnswer, (answer) => answer.state, "succeeded");
  const seconds = (performance.now() - startedMs) / 1_000;
  const { bytes, heap_bytes: heapBytes } = await api.get(`/api/v1/models/${id}`, modelAnswer);
  return { id, name, bytes, heapBytes: heapBytes ?? Number.NaN, seconds };
}

/** Deploys models of `version` and creates a key. The deployment is warm, but has never been called. */
export async function deploy(
  { api, slug }: Project,
  version: Version,
  name: string,
  main: string,
  challenger: string | null,
): Promise<Target> {
  const made = await api.post(`/api/v1/projects/${slug}/deployments`, slugAnswer, {
    name,
    experiment_id: version.experimentId,
    main: { version: 1, model_id: main },
    ...(challenger === null ? {} : { challenger: { version: 1, model_id: challenger } }),
  });
  const path = `/api/v1/deployments/${made.slug}`;
  await waitForState(api, path, deployedAnswer, (answer) => answer.deployed, "deployed");
  const { key } = await api.post(`${path}/keys`, keyAnswer, { name: "bench" });
  return { path: `${path}/predict`, key };
}

/** The experiment of the models in models/, its rows, and deployments of them with and without the challenger. */
export async function seedBench(project: Project) {
  const csv = await readFile(join(MODELS, "reference.csv"), "utf8");
  const version = await createVersion(project, "Bench", "binary_classification", "answer", csv);
  const rows = parseTable(csv).map(({ answer: _answer, ...features }) => features);
  const mapping = JSON.stringify({ inputs: { float_input: Object.keys(rows[0] ?? {}) } });
  const boosted = await importModel(project, version, join(MODELS, "boosted.onnx"), mapping);
  const perceptron = await importModel(project, version, join(MODELS, "perceptron.onnx"), mapping);
  const large = await importModel(project, version, join(MODELS, "boosted-large.onnx"), mapping);
  return {
    rows,
    imported: [boosted, perceptron, large],
    both: await deploy(project, version, "Both", boosted.id, perceptron.id),
    solo: await deploy(project, version, "Solo", boosted.id, null),
    /** Deploys models of the experiment and returns the slug. */
    deployedAs: async (name: string, main: string, challenger: string | null) => {
      const { path } = await deploy(project, version, name, main, challenger);
      return path.split("/")[4] ?? "";
    },
    deployAnother: (name: string) => deploy(project, version, name, boosted.id, perceptron.id),
  };
}
