import { beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "../support/answer.ts";
import { deployModel, predictOne, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { tableModel, wholeDivisionModel } from "../support/models.ts";

const AMOUNTS = ["amount,price", ...Array.from({ length: 40 }, (_, row) => `${(row % 3) + 1},${row}`)].join("\n");
/** What is said of place 99 of a table of four. */
const OUT_OF_BOUNDS = "a value looks up a place outside of a table";

let table: TestDeployment;

beforeAll(async () => {
  await startInstance();
  table = await deployModel({ csv: AMOUNTS, target: "price", model: tableModel([5, 6, 7, 8]) });
});

function rowsOf(count: number, culprits: number[]): { amount: number }[] {
  return Array.from({ length: count }, (_, row) => ({ amount: culprits.includes(row) ? 99 : row % 4 }));
}

function expectRefusal(answer: Answer, path: string): void {
  expect([answer.status, answer.at("code"), answer.at("errors")]).toEqual([
    422,
    "invalid_input",
    [{ path, message: `the model could not predict this row: ${OUT_OF_BOUNDS} (in a node of kind Gather)` }],
  ]);
  expect(answer.text("detail")).toBe(
    `${path}: the model could not predict this row: ${OUT_OF_BOUNDS} (in a node of kind Gather). Change its values; nothing was predicted.`,
  );
}

describe("rows of which the model does not take one", () => {
  it.each([
    [4, [3]],
    [4, [0]],
    [1, [0]],
    [7, [5]],
    [1_000, [617]],
    [1_000, [999]],
  ])("are refused with the row's place: %i rows with %j", async (count, culprits) => {
    expectRefusal(await predictRows(table, rowsOf(count, culprits)), `rows[${culprits[0]}]`);
  });

  it("are refused with the first one's place where there are several", async () => {
    expectRefusal(await predictRows(table, rowsOf(100, [41, 40, 90])), "rows[40]");
  });

  it("leave no record, count as one failed call, and keep no other call of the same moment from its answer", async () => {
    const busy = await deployModel({ csv: AMOUNTS, target: "price", model: tableModel([5, 6, 7, 8]) });
    const calls = [rowsOf(5, []), rowsOf(5, [2]), rowsOf(3, [])].map((rows) => predictRows(busy, rows));
    const answers = await Promise.all(calls);
    expect(answers.map(({ status }) => status)).toEqual([200, 422, 200]);
    expect(answers[1]?.at("errors.0.path")).toBe("rows[2]");
    expect((await readAs(busy.owner, `${busy.path}/predictions`)).each("prediction_id")).toHaveLength(8);
    const usage = await readAs(busy.owner, `${busy.path}/usage`);
    const points = usage.at("series") as { main: { calls: number; errors: number } }[];
    expect(points.reduce((sum, { main }) => sum + main.errors, 0)).toBe(1);
  });

  it("are refused alike where a client speaks the Open Inference Protocol", async () => {
    const inputs = [{ name: "amount", datatype: "FP64", shape: [3], data: [1, 99, 2] }];
    const answer = await callApi("POST", `/v2/models/${table.slug}/infer`, { inputs }, table.key);
    expect(answer.status).toBe(422);
    expect(answer.text("error")).toContain("rows[1]: the model could not predict this row");
  });
});

describe("a row by itself that the model does not take", () => {
  it("is refused with the same sentence", async () => {
    expectRefusal(await predictOne(table, { amount: 99 }), "features");
  });

  it("is told the reason without the engine's words and codes", async () => {
    const division = await deployModel({ csv: AMOUNTS, target: "price", model: wholeDivisionModel() });
    const answer = await predictOne(division, { amount: 0 });
    expect(answer.at("errors.0.message")).toBe(
      "the model could not predict this row: a whole number is divided by zero (in a node of kind Div)",
    );
  });
});
