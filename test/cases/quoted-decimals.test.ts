import { beforeAll, describe, expect, it } from "vitest";
import { cells, fileOf, runBatch } from "../pipelines/runs/batch.ts";
import { deployModel, type TestDeployment } from "../support/deployment.ts";
import { createUser, startInstance } from "../support/instance.ts";
import { caseModel, caseText } from "./case-files.ts";

let deployment: TestDeployment;
/** Trained on thousands in groups. */
let grouped: TestDeployment;

beforeAll(async () => {
  await startInstance();
  const owner = await createUser();
  const of = (csv: string) =>
    deployModel({
      owner,
      csv,
      target: "y",
      model: caseModel("sum2.onnx"),
      mapping: { inputs: { X: ["a", "member"] } },
    });
  deployment = await of(caseText("60-bool-train.csv"));
  const rows = Array.from({ length: 40 }, (_, row) => `${1 + (row % 3)}.${100 + row},5;${row % 2};${row}`);
  grouped = await of(`a;member;y\n${rows.join("\n")}\n`);
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

describe("numbers that may have decimals or thousands in groups", () => {
  const csv = "a;member\n1.234;1\n2.500;0\n";
  const unclear = { feature: "a", code: "unclear_numbers", count: 2, first: { line: 2, text: "1.234" } };

  it("have a warning where only the other reading is in the range of the training data", async () => {
    const { run } = await runBatch(grouped, csv);
    expect(run.at("warnings")).toMatchObject([unclear]);
    expect(run.text("warnings.0.message")).toContain("It is read as 1.234");
    expect(run.text("warnings.0.message")).toContain("where 1234 would be in it");
  });

  it("have none where they are as the training data, or where a cell of the file says it", async () => {
    expect((await runBatch(deployment, csv)).run.at("warnings")).toEqual([]);
    const { run } = await runBatch(grouped, `${csv}1.300,5;1\n`);
    expect(JSON.stringify(run.at("warnings"))).not.toContain("unclear_numbers");
  });
});
