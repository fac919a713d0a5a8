import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, type TestDeployment } from "../../support/deployment.ts";
import { fetchInstance, startInstance } from "../../support/instance.ts";
import { timesModel } from "../../support/models.ts";
import { addDataset, addPipeline, rowsOf, storeRun } from "../pipeline-fixtures.ts";

let deployment: TestDeployment;
let paths: string[];

beforeAll(async () => {
  await startInstance();
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2) });
  const source = { kind: "dataset", dataset_id: await addDataset(deployment.owner, deployment.project) };
  const pipeline = await addPipeline(deployment, { source });
  const run = `/api/v1/runs/${await storeRun(deployment, pipeline, { state: "failed", finishedAt: 1 })}`;
  paths = [`/api/v1/pipelines/${pipeline}/runs`, `${run}/cancel`, `${run}/retry`];
});

async function post(path: string, body: string, headers: Record<string, string>): Promise<unknown[]> {
  const response = await fetchInstance(path, { method: "POST", body, headers });
  const { code }: { code?: string } = await response.json();
  return [response.status, code];
}

describe("a call that needs no body", () => {
  it("is refused with one that cannot be read, and changes nothing", async () => {
    const headers = { authorization: `Bearer ${deployment.owner.token}`, "content-type": "application/json" };
    const before = await rowsOf("runs");
    for (const path of paths) {
      expect(await post(path, "garbage{", headers)).toEqual([400, "malformed"]);
      expect(await post(path, "[1]", headers)).toEqual([422, "invalid_input"]);
      expect(await post(path, "a=1", { ...headers, "content-type": "text/html" })).toEqual([
        415,
        "unsupported_media_type",
      ]);
    }
    expect(await rowsOf("runs")).toEqual(before);
  });

  it("says nothing of its body to who may not make it", async () => {
    for (const path of paths) {
      expect(await post(path, "garbage{", { "content-type": "application/json" })).toEqual([401, "unauthorized"]);
    }
  });

  it("takes none, whatever it is said to be of, and an empty object", async () => {
    const [path = ""] = paths;
    const authorization = `Bearer ${deployment.owner.token}`;
    expect(await post(path, "", { authorization, "content-type": "application/x-www-form-urlencoded" })).toEqual([
      202,
      undefined,
    ]);
    expect(await post(path, "{}", { authorization, "content-type": "application/json" })).toEqual([202, undefined]);
  });
});
