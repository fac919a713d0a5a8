import type { BuiltInstance } from "./built-instance.ts";
import { Client } from "./client.ts";

export const ADMIN = { email: "admin@tiltyard.test", name: "Admin", password: "password of the admin" };

/** A version of an experiment with one feature, `amount`, from 0 to 39. */
export interface TestVersion {
  projectId: string;
  experimentId: string;
  modelsPath: string;
}

/** Sets an instance up that nobody has set up yet; answers its first admin. */
export async function setUp({ url, setupToken }: BuiltInstance): Promise<Client> {
  const anybody = new Client(url);
  const answer = anybody.call("POST", "/api/v1/setup", { setup_token: setupToken, ...ADMIN });
  return new Client(url, await anybody.textOf("token", answer));
}

export async function createVersion(owner: Client): Promise<TestVersion> {
  const projectId = await owner.textOf("id", owner.call("POST", "/api/v1/projects", { name: "Project" }));
  const experiments = `/api/v1/projects/${projectId}/experiments`;
  const made = owner.call("POST", experiments, { name: "Experiment", task: "regression" });
  const experimentId = await owner.textOf("id", made);
  const csv = `amount\n${Array.from({ length: 40 }, (_, row) => row).join("\n")}\n`;
  const versions = `/api/v1/experiments/${experimentId}/versions`;
  await owner.call("POST", versions, formOf("reference", "reference.csv", new TextEncoder().encode(csv)));
  return { projectId, experimentId, modelsPath: `${versions}/1/models` };
}

/** Adds a model and waits until it is ready; answers its id. */
export async function addModel(owner: Client, { modelsPath }: TestVersion, file: Uint8Array): Promise<string> {
  const id = await owner.textOf("id", owner.call("POST", modelsPath, formOf("file", "model.onnx", file)));
  for (;;) {
    const { state } = await owner.call("GET", `/api/v1/models/${id}`);
    if (state === "succeeded") return id;
    if (state === "failed") throw new Error("the trial failed");
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** Deploys models of the version; answers the path of the deployment, which may still be being built. */
export async function deploy(
  owner: Client,
  { projectId, experimentId }: TestVersion,
  main: string,
  challenger: string | null,
): Promise<string> {
  const id = await owner.textOf(
    "id",
    owner.call("POST", `/api/v1/projects/${projectId}/deployments`, {
      name: "Deployment",
      experiment_id: experimentId,
      main: { version: 1, model_id: main },
      ...(challenger === null ? {} : { challenger: { version: 1, model_id: challenger } }),
    }),
  );
  return `/api/v1/deployments/${id}`;
}

function formOf(part: string, name: string, bytes: Uint8Array): FormData {
  const form = new FormData();
  form.set(part, new Blob([Uint8Array.from(bytes)]), name);
  return form;
}
