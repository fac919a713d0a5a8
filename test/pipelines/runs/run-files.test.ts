import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, predictRows, readAs, type TestDeployment } from "../../support/deployment.ts";
import { startInstance } from "../../support/instance.ts";
import { thresholdModel, timesModel } from "../../support/models.ts";
import { cells, fileOf, runBatch } from "./batch.ts";

const TRAINING = ["amount,label", ...Array.from({ length: 40 }, (_, index) => `${index},${index > 20 ? 1 : 0}`)];

let classifier: TestDeployment;
let regression: TestDeployment;

beforeAll(async () => {
  await startInstance();
  classifier = await deployModel({
    csv: TRAINING.join("\n"),
    task: "binary_classification",
    target: "label",
    model: thresholdModel(20),
    challenger: { model: thresholdModel(30) },
  });
  const amounts = Array.from({ length: 40 }, (_, index) => `${index},${index * 3}`);
  regression = await deployModel({
    csv: ["amount,label", ...amounts].join("\n"),
    target: "label",
    model: timesModel(3),
  });
});

describe("a run of a pipeline", () => {
  it("writes a file for each model: the source's columns, the id, the prediction, its probabilities", async () => {
    const { run, id } = await runBatch(classifier, 'order,amount\n"Müller, A",10\nB,25\n"C ""x""",35\n');
    expect(run.body).toMatchObject({ state: "succeeded", rows_total: 3, rows_done: 3, rows_failed: 0, version: 1 });
    const main = await fileOf(classifier, id, "main");
    const name = id.replace("run_", "b");
    expect(main).toBe(
      [
        "order,amount,prediction_id,prediction,probability_0,probability_1",
        `"Müller, A",10,${name}-0,0,0.75,0.25`,
        `B,25,${name}-1,1,0.25,0.75`,
        `"C ""x""",35,${name}-2,1,0.25,0.75`,
        "",
      ].join("\n"),
    );
    const challenger = await fileOf(classifier, id, "challenger");
    expect(challenger.split("\n").map((line) => line.split(",").at(-3))).toEqual([
      "prediction",
      "0",
      "0",
      "1",
      undefined,
    ]);
    expect(await fileOf(classifier, id, "errors")).toBe("line,row,model,reason\n");
  });

  it("predicts as single calls do, over many rows and blocks", async () => {
    const amounts = Array.from({ length: 2_345 }, (_, index) => (index * 37) % 61);
    const { run, id } = await runBatch(classifier, `amount\n${amounts.join("\n")}\n`);
    expect(run.body).toMatchObject({ state: "succeeded", rows_done: 2_345 });
    const lines = cells(await fileOf(classifier, id, "main")).slice(1);
    const calls = await Promise.all(
      [0, 1_000, 2_000].map((from) =>
        predictRows(
          classifier,
          amounts.slice(from, from + 1_000).map((amount) => ({ amount })),
        ),
      ),
    );
    const single = calls.flatMap(
      (answer) => answer.at("predictions") as { prediction: string; probabilities: object }[],
    );
    expect(lines.map(([, , prediction, ...probabilities]) => [prediction, ...probabilities.map(Number)])).toEqual(
      single.map(({ prediction, probabilities }) => [prediction, ...Object.values(probabilities)]),
    );
  });

  it("has no file of a challenger where the version has none", async () => {
    const { run, id } = await runBatch(regression, "amount\n1\n2.5\n");
    expect(run.at("files.challenger")).toBeNull();
    const answer = await readAs(regression.owner, `/api/v1/runs/${id}/files/challenger`);
    expect(answer.status).toBe(404);
    expect(cells(await fileOf(regression, id, "main")).map((line) => line.at(-1))).toEqual(["prediction", "3", "7.5"]);
  });

  it("gives a source with semicolons and decimal commas on with commas and points", async () => {
    const { id } = await runBatch(regression, "name;amount\na,b;1,5\nc;2,25\n");
    const name = id.replace("run_", "b");
    expect(await fileOf(regression, id, "main")).toBe(
      `name,amount,prediction_id,prediction\n"a,b",1.5,${name}-0,4.5\nc,2.25,${name}-1,6.75\n`,
    );
  });
});

describe("rows that cannot be predicted", () => {
  it("go to the errors file with line and reason, and the run goes on", async () => {
    const strict = await deployModel({
      csv: TRAINING.join("\n"),
      task: "binary_classification",
      target: "label",
      model: thresholdModel(20),
      type_policy: "strict",
    });
    const { run, id } = await runBatch(strict, 'note,amount\n"two\nlines",3\nx,many\ny,40\n');
    expect(run.body).toMatchObject({ state: "succeeded", rows_total: 3, rows_done: 3, rows_failed: 1 });
    expect(await fileOf(strict, id, "errors")).toBe(
      'line,row,model,reason\n4,2,main,"amount: expected a number, got ""many"""\n',
    );
    expect((await fileOf(strict, id, "main")).split("\n").at(-2)).toMatch(/^y,40,b[0-9a-z]{20}-2,1,/);
  });
});
