import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, predictOne, predictRows, readAs } from "../support/deployment.ts";
import { startInstance } from "../support/instance.ts";
import { aboveTenModel } from "../support/models.ts";
import { fileOf, runBatch } from "../pipelines/runs/batch.ts";

const AMOUNTS = ["amount,price", ...Array.from({ length: 40 }, (_, row) => `${row},${row > 10 ? 1 : 0}`)].join("\n");

beforeAll(startInstance);

describe("a regression whose model says true or false", () => {
  it("answers the numbers 1 and 0, in one row, in several, in records and in files", async () => {
    const deployed = await deployModel({ csv: AMOUNTS, target: "price", model: aboveTenModel() });
    const one = await predictOne(deployed, { amount: 11 });
    expect([one.at("prediction"), one.at("warnings")]).toEqual([1, []]);
    const rows = await predictRows(deployed, [{ amount: 10 }, { amount: 12 }]);
    expect([0, 1].map((row) => rows.at(`predictions.${row}.prediction`))).toEqual([0, 1]);
    expect((await readAs(deployed.owner, `${deployed.path}/predictions`)).each("main.prediction")).toEqual([1, 0, 1]);
    const { id } = await runBatch(deployed, "amount\n10\n11\n");
    const name = id.replace("run_", "b");
    expect(await fileOf(deployed, id, "main")).toBe(
      `amount,prediction_id,prediction\n10,${name}-0,0\n11,${name}-1,1\n`,
    );
  });

  it("answers a list of numbers where its output has several columns", async () => {
    const deployed = await deployModel({ csv: AMOUNTS, target: "price", model: aboveTenModel(2) });
    const rows = await predictRows(deployed, [{ amount: 10 }, { amount: 12 }]);
    expect([0, 1].map((row) => rows.at(`predictions.${row}.prediction`))).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });
});
