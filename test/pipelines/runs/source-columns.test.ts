import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, expectStatus, type TestDeployment } from "../../support/deployment.ts";
import { callApi, startInstance } from "../../support/instance.ts";
import { echoModel } from "../../support/models.ts";
import { browserOf } from "../../experiments/pages-fixtures.ts";
import { addPipeline, storeRun } from "../pipeline-fixtures.ts";
import { addDataset, ended, fileOf, runBatch } from "./batch.ts";

const TRAINING = ["lead,temp_max,target", "1,2,3", "2,3,4", "3,4,5"].join("\n");

let deployment: TestDeployment;

beforeAll(async () => {
  await startInstance();
  const model = echoModel({ temp_max: "float32" });
  deployment = await deployModel({ csv: TRAINING, target: "target", model });
});

describe("a source with none of the columns that the model reads", () => {
  it("fails the run before anything is predicted, naming what is wanted and what is there", async () => {
    const { run } = await runBatch(deployment, "foo,bar\n1,2\n");
    expect(run.body).toMatchObject({
      state: "failed",
      rows_done: 0,
      files: { main: null, challenger: null, errors: null },
      warnings: [],
      error: { code: "columns_missing" },
    });
    expect(run.text("error.message")).toBe(
      'The source has none of the columns that the model reads: "lead", "temp_max". Its columns are "foo", "bar". Name them as in the training data.',
    );
  });

  it("is told what is meant perhaps: another case, blanks, or a delimiter that is none", async () => {
    const { run } = await runBatch(deployment, "Lead,Temp Max\n1,2\n");
    expect(run.text("error.message")).toContain(
      'Did you mean "lead" where it says "Lead", "temp_max" where it says "Temp Max"?',
    );
    const piped = await runBatch(deployment, "lead|temp_max\n1|2\n");
    expect(piped.run.at("error.code")).toBe("columns_missing");
    expect(piped.run.text("error.message")).toContain("Write commas, semicolons or tabs between columns.");
  });
});

describe("a source that was refused for its columns", () => {
  it("is read anew by a retry, which goes on when it has been corrected", async () => {
    const { id, pipeline } = await runBatch(deployment, "foo,bar\n1,2\n");
    const { owner } = deployment;
    const source = { kind: "dataset", dataset_id: await addDataset(deployment, "lead,temp_max\n1,2\n") };
    expectStatus(await callApi("PATCH", `/api/v1/pipelines/${pipeline}`, { source }, owner.token), 200);
    expectStatus(await callApi("POST", `/api/v1/runs/${id}/retry`, {}, owner.token), 202);
    expect((await ended(deployment, id)).body).toMatchObject({ state: "succeeded", attempt: 2, rows_done: 1 });
  });
});

describe("a source with some of the columns that the model reads", () => {
  it("is predicted, and the run says which are missing", async () => {
    const { run, id } = await runBatch(deployment, "lead,TEMP_MAX\n1,2\n");
    expect(run.body).toMatchObject({
      state: "succeeded",
      rows_done: 1,
      rows_failed: 0,
      files: { main: { rows: 1 } },
      warnings: [
        {
          feature: "temp_max",
          code: "absent",
          message:
            'The source has no column "temp_max", so it counts as missing in every row. Did you mean "temp_max" where it says "TEMP_MAX"?',
        },
      ],
    });
    expect(await fileOf(deployment, id, "main")).toMatch(/^lead,TEMP_MAX,prediction_id,prediction/);
    const page = await (await browserOf(deployment.owner)).page(`/runs/${id}`);
    expect(page.text).toContain('The source has no column "temp_max", so it counts as missing in every row.');
  });

  it("is warned of while the run goes on, before there are files", async () => {
    const warning = { feature: "temp_max", code: "absent", message: "It is missing." };
    const files = { main: null, challenger: null, errors: null, warnings: [warning] };
    const stored = { state: "running", step: "predicting", startedAt: Date.now(), files } as const;
    const id = await storeRun(deployment, await addPipeline(deployment), stored);
    const read = await callApi("GET", `/api/v1/runs/${id}`, undefined, deployment.owner.token);
    expect(read.body).toMatchObject({
      files: { main: null, challenger: null, errors: null },
      warnings: [warning],
    });
    const words = (await (await browserOf(deployment.owner)).page(`/runs/${id}`)).text;
    expect(words).toContain("It is missing.");
    expect(words).toContain("They appear once all rows are predicted");
  });

  it("has nothing to say where all of them are there", async () => {
    const { run } = await runBatch(deployment, "temp_max,lead,more\n1,2,3\n");
    expect(run.body).toMatchObject({ state: "succeeded", warnings: [] });
  });
});
