import { Browser } from "../support/browser.ts";
import { callApi, createUser, fetchInstance, ORIGIN, type TestUser } from "../support/instance.ts";
import * as onnx from "../onnx/build-model.ts";

/** 40 rows: `sold` is yes exactly where area > 20. */
export const TRAINING_CSV = [
  "area,rooms,town,sold",
  ...Array.from(
    { length: 40 },
    (_, row) => `${row + 1},${(row % 4) + 1},${row % 3 ? "Ulm" : "Bonn"},${row < 20 ? "no" : "yes"}`,
  ),
].join("\n");

/** A classifier of [area, rooms] that says class 1 where area is above `threshold`, with the probabilities 0.9 and 0.1. */
export function thresholdModel(threshold: number): Uint8Array {
  const floats = (name: string, dims: number[], values: number[]) =>
    onnx.tensor(name, { dims, elem: "float32", raw: [...new Uint8Array(Float32Array.from(values).buffer)] });
  return onnx.model({
    opsets: { "": 17 },
    inputs: [onnx.tensorValue("x", "float32", [null, 2])],
    nodes: [
      onnx.node("MatMul", ["x", "first"], ["area"]),
      onnx.node("Greater", ["area", "threshold"], ["isLarge"]),
      onnx.node("Where", ["isLarge", "likely", "unlikely"], ["probabilities"]),
      onnx.node("ArgMax", ["probabilities"], ["label"], {
        attributes: [onnx.attribute.int("axis", 1), onnx.attribute.int("keepdims", 0)],
      }),
    ],
    initializers: [
      floats("first", [2, 1], [1, 0]),
      floats("threshold", [1], [threshold]),
      floats("likely", [1, 2], [0.1, 0.9]),
      floats("unlikely", [1, 2], [0.9, 0.1]),
    ],
    outputs: [onnx.tensorValue("label", "int64", [null]), onnx.tensorValue("probabilities", "float32", [null, 2])],
  });
}

/** What goes with `thresholdModel`. */
export const MAPPING = "input: [area, rooms]\nclass_names: ['no', 'yes']";

export interface Site {
  slug: string;
  owner: TestUser;
  /** Signed in as the owner, who is an admin of the project. */
  browser: Browser;
}

/** A project of its own with the browser of its owner. */
export async function startSite(): Promise<Site> {
  const owner = await createUser();
  const project = await callApi("POST", "/api/v1/projects", { name: `Houses ${owner.id}` }, owner.token);
  return { slug: project.text("slug"), owner, browser: await browserOf(owner) };
}

export async function browserOf(user: TestUser): Promise<Browser> {
  const browser = new Browser();
  await browser.signIn(user);
  return browser;
}

/** A browser of a new member of the project. */
export async function memberBrowser(site: Site, role: "contributor" | "viewer" | "end_user"): Promise<Browser> {
  const user = await createUser();
  await callApi("PUT", `/api/v1/projects/${site.slug}/members/${user.id}`, { role }, site.owner.token);
  return browserOf(user);
}

/** Sends a form with files, as a browser does. */
export async function upload(browser: Browser, path: string, parts: Record<string, string | File>): Promise<Response> {
  const body = new FormData();
  for (const [name, part] of Object.entries(parts)) body.append(name, part);
  const headers = { accept: "text/html", cookie: browser.cookie, origin: ORIGIN, "sec-fetch-site": "same-origin" };
  return fetchInstance(path, { method: "POST", headers, body });
}

export function csvFile(text: string): File {
  return new File([text], "training.csv", { type: "text/csv" });
}

export function onnxFile(bytes: Uint8Array<ArrayBuffer> | Uint8Array, name = "forest.onnx"): File {
  return new File([Uint8Array.from(bytes)], name);
}

export async function pageText(browser: Browser, path: string): Promise<string> {
  return (await browser.get(path)).text();
}

/** The address that a 303 leads to; throws with the page when there is none. */
export async function redirectOf(response: Response): Promise<string> {
  const location = response.headers.get("location");
  if (response.status === 303 && location !== null) return location;
  throw new Error(`No redirect but ${response.status}: ${await response.text()}`);
}

/** An experiment for `sold`, made through its form. */
export async function addExperiment(site: Site, name = "Which sell"): Promise<string> {
  const fields = { name, task: "binary_classification", target: "sold", description: "" };
  return redirectOf(await site.browser.post(`/projects/${site.slug}/experiments/new`, fields));
}

/** A version with the training data. */
export async function addVersion(site: Site, experiment: string, csv = TRAINING_CSV): Promise<string> {
  return redirectOf(await upload(site.browser, `${experiment}/versions/new`, { reference: csvFile(csv) }));
}

/** A model whose trial has ended. */
export async function addModel(site: Site, version: string, name: string, threshold: number): Promise<string> {
  const parts = { file: onnxFile(thresholdModel(threshold)), name, mapping: MAPPING };
  const model = await redirectOf(await upload(site.browser, `${version}/models/new`, parts));
  await trialOf(site.browser, model);
  return model;
}

/** Waits as the page does: until the poll is answered with the page of a model that has ended. */
export async function trialOf(browser: Browser, model: string): Promise<string> {
  for (let poll = 0; poll < 200; poll++) {
    const page = await pageText(browser, model);
    if (!page.includes("hx-trigger")) return page;
    await scheduler.wait(50);
  }
  throw new Error(`The trial of ${model} did not end.`);
}
