import type { Answer } from "../../support/answer.ts";
import { eventually, expectStatus, readAs, type TestDeployment, upload } from "../../support/deployment.ts";
import { callApi, fetchInstance } from "../../support/instance.ts";

/** Uploads a CSV as a dataset of the deployment's project; returns its id. */
export async function addDataset({ owner, project }: TestDeployment, csv: string): Promise<string> {
  const path = `/api/v1/projects/${project}/datasets`;
  const file = { name: "rows.csv", content: csv };
  return expectStatus(await upload(path, owner.token, { file, name: "Rows" }), 201).text("id");
}

/** Makes a pipeline of a deployment that runs when it is told to; returns its id. */
export async function addPipeline(deployment: TestDeployment, wanted: Record<string, unknown>): Promise<string> {
  const { id, owner, project } = deployment;
  const body = { name: "Batch", deployment_id: id, destinations: [], schedule: null, enabled: true, ...wanted };
  return expectStatus(await callApi("POST", `/api/v1/projects/${project}/pipelines`, body, owner.token), 201).text(
    "id",
  );
}

/** Starts a run of a pipeline; returns its id. */
export async function startRun({ owner }: TestDeployment, pipeline: string): Promise<string> {
  return expectStatus(await callApi("POST", `/api/v1/pipelines/${pipeline}/runs`, {}, owner.token), 202).text("id");
}

/** The run once it has ended. */
export async function ended({ owner }: TestDeployment, run: string, ms = 20_000): Promise<Answer> {
  const isDone = (answer: Answer) => !["queued", "running"].includes(String(answer.at("state")));
  return eventually(() => readAs(owner, `/api/v1/runs/${run}`), isDone, ms);
}

/** Predicts a CSV as a batch: dataset, pipeline and run in one. */
export async function runBatch(
  deployment: TestDeployment,
  csv: string,
  wanted: Record<string, unknown> = {},
): Promise<{ run: Answer; id: string; pipeline: string }> {
  const dataset = await addDataset(deployment, csv);
  const pipeline = await addPipeline(deployment, { source: { kind: "dataset", dataset_id: dataset }, ...wanted });
  const id = await startRun(deployment, pipeline);
  return { run: await ended(deployment, id), id, pipeline };
}

/** The text of a file of a run, as a program gets it. */
export async function fileOf({ owner }: TestDeployment, run: string, file: string): Promise<string> {
  const headers = { authorization: `Bearer ${owner.token}` };
  const response = await fetchInstance(`/api/v1/runs/${run}/files/${file}`, { headers });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  // Of any bytes, each as one character: a Parquet file is no text.
  return file.includes("parquet") ? new TextDecoder("latin1").decode(await response.arrayBuffer()) : response.text();
}

/** The lines of a CSV without quotes, as cells. */
export function cells(csv: string): string[][] {
  return csv
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
}
