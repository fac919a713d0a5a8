import { env } from "cloudflare:test";
import { parquetReadObjects } from "hyparquet";
import { beforeAll, describe, expect, it } from "vitest";
import { readRunResult, resultParquetKey } from "../../src/inference/batch/run-result.ts";
import { fileToDeliver } from "../../src/pipelines/results/file-to-deliver.ts";
import { Answer } from "../support/answer.ts";
import { deployModel, predictOne, type TestDeployment } from "../support/deployment.ts";
import { createUser, fetchInstance, startInstance, type TestUser } from "../support/instance.ts";
import { cells, fileOf, runBatch } from "../pipelines/runs/batch.ts";
import { caseModel, caseText } from "./case-files.ts";

let owner: TestUser;
/** `member` is 0 and 1 in the training data. */
let numbers: TestDeployment;
/** `member` is True and False in the training data. */
let words: TestDeployment;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
  const of = (csv: string) =>
    deployModel({
      owner,
      csv,
      target: "y",
      model: caseModel("sum2.onnx"),
      mapping: { inputs: { X: ["a", "member"] } },
      access: "public",
    });
  numbers = await of(caseText("60-bool-train.csv"));
  words = await of(
    caseText("60-bool-train.csv").replaceAll(
      /^(\d+),([01]),/gm,
      (_, a, member) => `${a},${member === "1" ? "True" : "False"},`,
    ),
  );
});

async function infer({ slug }: TestDeployment, datatype: string, data: unknown[]): Promise<Answer> {
  const inputs = [
    { name: "a", shape: [data.length], datatype: "FP64", data: data.map(() => 2) },
    { name: "member", shape: [data.length], datatype, data },
  ];
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify({ inputs }) };
  return Answer.of(await fetchInstance(`/v2/models/${slug}/infer`, request));
}

describe("true and false for a column of numbers", () => {
  it("are 1 and 0 in calls, under /v2 and in batches", async () => {
    for (const deployment of [numbers, words]) {
      for (const [sent, sum] of [
        [true, 3],
        [false, 2],
        ["true", 3],
        ["False", 2],
        [1, 3],
        ["0", 2],
      ] as const) {
        const answer = await predictOne(deployment, { a: 2, member: sent });
        expect([sent, answer.at("prediction"), answer.at("warnings")]).toEqual([sent, sum, []]);
      }
      expect((await infer(deployment, "BOOL", [true, false])).at("outputs.0.data")).toEqual([3, 2]);
      expect((await infer(deployment, "INT64", [1, 0])).at("outputs.0.data")).toEqual([3, 2]);
      const { run, id } = await runBatch(deployment, "a,member\n2,true\n2,FALSE\n2,1\n2,0\n");
      expect(run.at("warnings")).toEqual([]);
      const [header = [], ...rows] = cells(await fileOf(deployment, id, "main"));
      expect(rows.map((row) => row[header.indexOf("prediction")])).toEqual(["3", "2", "3", "2"]);
    }
  });
});

describe("a column of booleans", () => {
  it("is read by one rule in training data, calls and batches: 1.0, 0.0, yes, no and the like", async () => {
    for (const [sent, sum] of [
      ["1.0", 3],
      ["0.0", 2],
      ["yes", 3],
      ["No", 2],
      ["t", 3],
      ["off", 2],
    ] as const) {
      const answer = await predictOne(words, { a: 2, member: sent });
      expect([sent, answer.at("prediction"), answer.at("warnings")]).toEqual([sent, sum, []]);
    }
    const { run, id } = await runBatch(words, "a,member\n2,1.0\n2,yes\n2,N\n2,perhaps\n2,NA\n");
    expect(run.at("warnings")).toMatchObject([
      { feature: "member", code: "not_coercible", count: 1, first: { line: 5, text: "perhaps" } },
    ]);
    const [header = [], ...rows] = cells(await fileOf(words, id, "main"));
    expect(rows.map((row) => row[header.indexOf("prediction")])).toEqual(["3", "3", "2", "", ""]);
  });
});

/** What a run over a source delivers of `member`, and what its Parquet result has of it. */
async function memberOf(deployment: TestDeployment, csv: string) {
  const { run, id } = await runBatch(deployment, csv);
  expect(run.at("state")).toBe("succeeded");
  const result = await readRunResult(env.STORE, id);
  const parquet = await (await env.STORE.get(resultParquetKey(id, "main")))?.arrayBuffer();
  if (!result || !parquet) throw new Error("the run has no result");
  const file = fileToDeliver(env.STORE, result, { model: "main", challenger: false });
  const at = file.columns.findIndex(({ name }) => name === "member");
  const delivered: unknown[] = [];
  for await (const batch of file.rows()) delivered.push(...batch.map((row) => row[at]));
  const rows = await parquetReadObjects({ file: parquet });
  return { type: file.columns[at]?.type, delivered, parquet: rows.map((row) => row["member"]) };
}

describe("what a model reads of booleans", () => {
  it("is delivered and in the Parquet result, for a column of numbers", async () => {
    const csv = "a,member\n2,true\n3,false\n4,1\n5,TRUE\n6,NA\n7,\n8,yes\n";
    const cells = [1, 0, 1, 1, null, null, null];
    expect(await memberOf(numbers, csv)).toEqual({ type: "number", delivered: cells, parquet: cells });
    const all = await memberOf(numbers, "a,member\n2,true\n3,false\n");
    expect(all).toEqual({ type: "number", delivered: [1, 0], parquet: [1, 0] });
  });

  it("is delivered and in the Parquet result, for a column of booleans", async () => {
    const csv = "a,member\n2,yes\n3,No\n4,1.0\n5,0.0\n6,True\n7,0\n8,off\n9,perhaps\n10,?\n";
    const cells = [true, false, true, false, true, false, false, null, null];
    expect(await memberOf(words, csv)).toEqual({ type: "boolean", delivered: cells, parquet: cells });
  });
});
