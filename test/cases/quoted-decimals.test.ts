import { beforeAll, describe, expect, it } from "vitest";
import { cells, fileOf, runBatch } from "../pipelines/runs/batch.ts";
import { deployModel, type TestDeployment } from "../support/deployment.ts";
import { createUser, startInstance } from "../support/instance.ts";
import { caseModel, caseText } from "./case-files.ts";

let deployment: TestDeployment;

beforeAll(async () => {
  await startInstance();
  deployment = await deployModel({
    owner: await createUser(),
    csv: caseText("60-bool-train.csv"),
    target: "y",
    model: caseModel("sum2.onnx"),
    mapping: { inputs: { X: ["a", "member"] } },
  });
});

describe("decimal commas in a CSV with commas", () => {
  it.each([
    ["beside whole numbers without quotes", 'a,member\n"1,5",1\n2,2\n-3,1\n', ["2.5", "4", "-2"]],
    ["with groups of thousands", 'a,member\n"1.234,5",1\n2000,2\n', ["1235.5", "2002"]],
    ["where the file names the comma", 'sep=,\na,member\n"1,5",1\n2,2\n', ["2.5", "4"]],
    ["in the last column", 'member,a\n1,"1,5"\n2,2\n', ["2.5", "4"]],
  ])("are read from quoted cells: %s", async (_name, csv, sums) => {
    const { run, id } = await runBatch(deployment, csv);
    expect(run.at("state")).toBe("succeeded");
    const [header = [], ...rows] = cells(await fileOf(deployment, id, "main"));
    expect(rows.map((row) => row[header.indexOf("prediction")])).toEqual(sums);
  });
});
