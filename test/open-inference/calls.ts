import { Answer } from "../support/answer.ts";
import type { TestDeployment } from "../support/deployment.ts";
import { callApi, fetchInstance } from "../support/instance.ts";

/** A tensor as tests write it. */
export interface Tensor {
  name: string;
  shape: number[];
  datatype: string;
  data?: unknown;
  parameters?: Record<string, unknown>;
}

/** One value a row, as a tensor [n]. */
export function column(name: string, datatype: string, data: unknown[]): Tensor {
  return { name, shape: [data.length], datatype, data };
}

/** Asks for inference with the deployment's key. */
export function infer(
  deployment: TestDeployment,
  inputs: Tensor[],
  more: Record<string, unknown> = {},
): Promise<Answer> {
  return callApi("POST", `/v2/models/${deployment.slug}/infer`, { inputs, ...more }, deployment.key);
}

/** Asks for inference with a body and headers that are sent as they stand. */
export async function inferRaw(
  deployment: TestDeployment,
  body: BodyInit,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const all = { authorization: `Bearer ${deployment.key}`, "content-type": "application/json", ...headers };
  return Answer.of(await fetchInstance(`/v2/models/${deployment.slug}/infer`, { method: "POST", headers: all, body }));
}

/** Reads something of the model with the deployment's key. */
export function readModel(deployment: TestDeployment, rest = ""): Promise<Answer> {
  return callApi("GET", `/v2/models/${deployment.slug}${rest}`, undefined, deployment.key);
}
