import { beforeAll, describe, expect, it } from "vitest";
import {
  addExperiment,
  addProject,
  deployModel,
  expectStatus,
  readAs,
  type TestDeployment,
  upload,
} from "../support/deployment.ts";
import { createUser, startInstance, type TestUser } from "../support/instance.ts";
import { browserOf } from "../experiments/pages-fixtures.ts";
import { cells, fileOf, runBatch } from "../pipelines/runs/batch.ts";
import { echoModel } from "../support/models.ts";
import { caseModel, caseText } from "./case-files.ts";

let owner: TestUser;
let tree: TestDeployment;
let sum: TestDeployment;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
  const of = (csv: string, model: string, columns: string[]) =>
    deployModel({
      owner,
      csv: caseText(csv),
      target: "y",
      model: caseModel(model),
      mapping: { inputs: { X: columns } },
    });
  tree = await of("30-train.csv", "tree1.onnx", ["revenue"]);
  sum = await of("sum2.csv", "sum2.onnx", ["a", "b"]);
});

async function addReference(csv: string, token = owner.token) {
  const experiment = await addExperiment(owner, await addProject(owner), { target: "y" });
  const reference = { name: "reference.csv", content: csv };
  return { experiment, answer: await upload(`/api/v1/experiments/${experiment}/versions`, token, { reference }) };
}

/** The first prediction of each row of a run. */
async function predictions(deployment: TestDeployment, id: string): Promise<(string | undefined)[]> {
  const [header = [], ...rows] = cells(await fileOf(deployment, id, "main"));
  return rows.map((row) => row[header.indexOf("prediction")]);
}

describe("a batch in which no cell of a feature can be read", () => {
  it("fails by name, and keeps and delivers nothing", async () => {
    const { run } = await runBatch(tree, caseText("31-currency.csv"));
    expect(run.body).toMatchObject({
      state: "failed",
      files: { main: null, errors: null },
      error: { code: "unreadable_feature" },
      warnings: [{ feature: "revenue", code: "not_coercible", count: 3, first: { line: 2, text: "$1234.50" } }],
    });
    expect(run.text("error.message")).toContain('None of the 3 cells of "revenue"');
    const page = (await (await browserOf(owner)).page(`/runs/${run.text("id")}`)).text;
    expect(page).toContain('"$1234.50" on line 2');
    const drift = await readAs(owner, `/api/v1/deployments/${tree.id}/monitoring/drift?source=batch`);
    expect(drift.at("window.rows")).toBe(0);
  });
});

describe("a batch with some cells that cannot be read", () => {
  it("counts them, with the first text and its line: a footer, infinity, a header that comes again", async () => {
    const csv = "a,b\n1,2\ninf,2\na,b\n3,NA\n1e39,\nTotal,true\n";
    const { run, id } = await runBatch(sum, csv);
    expect(run.body).toMatchObject({ state: "succeeded", rows_done: 6, rows_failed: 0 });
    expect(run.at("warnings")).toMatchObject([
      { feature: "a", code: "not_coercible", count: 3, first: { line: 3, text: "inf" } },
      { feature: "a", code: "overflow", count: 1, first: { line: 6, text: "1e39" } },
      { feature: "b", code: "not_coercible", count: 1, first: { line: 4, text: "b" } },
    ]);
    expect(await predictions(sum, id)).toEqual(["3", "", "", "", "", ""]);
    const drift = await readAs(owner, `/api/v1/deployments/${sum.id}/monitoring/drift?source=batch`);
    expect(drift.at("features")).toMatchObject([
      { name: "a", missing: 4, invalid: 4 },
      { name: "b", missing: 3, invalid: 1 },
    ]);
  });

  it("has the cells of all its ranges in one count", async () => {
    const rows = Array.from({ length: 25_000 }, (_, row) => (row % 5_000 === 4_999 ? `n.b. ${row},1` : `${row % 9},1`));
    const { run } = await runBatch(sum, `a,b\n${rows.join("\n")}\n`);
    expect(run.at("warnings")).toMatchObject([
      { feature: "a", code: "not_coercible", count: 5, first: { line: 5_001, text: "n.b. 4999" } },
    ]);
  });
});

describe("a batch with categories that the training data do not have", () => {
  it("counts them, with the first text and its line", async () => {
    const csv = `lead,town,y\n${Array.from({ length: 20 }, (_, row) => `${row},${row % 2 ? "Ulm" : "Bonn"},1`).join("\n")}\n`;
    const towns = await deployModel({ owner, csv, target: "y", model: echoModel({ town: "string" }) });
    const { run } = await runBatch(towns, "lead,town\n1,Ulm\n2,ULM\nlead,town\n3,\n");
    expect(run.at("warnings")).toMatchObject([
      { feature: "lead", code: "not_coercible", count: 1, first: { line: 4, text: "lead" } },
      { feature: "town", code: "unseen_category", count: 2, first: { line: 3, text: "ULM" } },
    ]);
  });
});

describe("numbers with thousands in groups", () => {
  it.each([
    ["31-us-thousands.csv", "1,234.50"],
    ["31-german.csv", "1.234,50"],
    ["31-german-int.csv", "1.234"],
  ])("are read in %s, and the run says how", async (file, text) => {
    const { run, id } = await runBatch(tree, caseText(file));
    expect(run.body).toMatchObject({
      state: "succeeded",
      warnings: [{ feature: "revenue", code: "grouped_numbers", count: 3, first: { line: 2, text } }],
    });
    const [header = [], ...rows] = cells(await fileOf(tree, id, "main"));
    const revenue = rows.map((row) => Number(row[header.indexOf("revenue")]));
    expect(revenue).toEqual(file === "31-german-int.csv" ? [1234, 2500, 12000] : [1234.5, 2500, 12000]);
    const plain = await runBatch(tree, `id,revenue\n${revenue.map((value, row) => `${row},${value}`).join("\n")}\n`);
    expect(await predictions(tree, id)).toEqual(await predictions(tree, plain.id));
    expect(plain.run.at("warnings")).toEqual([]);
  });

  it.each([
    ["10-german-thousands.csv", 1234.5],
    ["10-german-thousands-int.csv", 1234],
  ])("are read in the training data %s", async (file, min) => {
    const { answer } = await addReference(caseText(file));
    expect(expectStatus(answer, 201).at("features")).toMatchObject([
      { name: "a", kind: "numeric", reference: { min, max: 12500, unreadable: null } },
      { name: "b", kind: "numeric", reference: { min: 0.5 } },
    ]);
    expect(JSON.stringify(answer.at("notes"))).toContain("thousands in groups");
  });
});

describe("training data", () => {
  it("may begin with the line sep=; that Excel understands", async () => {
    const { answer } = await addReference(caseText("10-sep-line.csv"));
    expect(expectStatus(answer, 201).at("features")).toMatchObject([
      { name: "a", kind: "numeric" },
      { name: "b", kind: "numeric" },
    ]);
  });

  it.each(["1\u00a0100,5", "inf"])(
    "with one cell %j among numbers name it, and so does the refusal of a model",
    async (cell) => {
      const rows = Array.from({ length: 50 }, (_, row) => `${row === 7 ? `"${cell}"` : row / 4},1,${row}`);
      const { experiment, answer } = await addReference(`a,b,y\n${rows.join("\n")}\n`);
      const shown = `line 9 has "${cell}"`;
      expect(expectStatus(answer, 201).at("features.0.kind")).toBe("text");
      expect(JSON.stringify(answer.at("notes"))).toContain(JSON.stringify(shown).slice(1, -1));
      const file = { name: "sum2.onnx", content: caseModel("sum2.onnx") };
      const mapping = JSON.stringify({ inputs: { X: ["a", "b"] } });
      const refused = await upload(`/api/v1/experiments/${experiment}/versions/1/models`, owner.token, {
        file,
        mapping,
      });
      expect(refused.status).toBe(422);
      expect(refused.text("detail")).toContain(shown);
    },
  );

  it("tell of each feature how many cells could not be read, on the version, its page and the report of a model", async () => {
    const rows = Array.from({ length: 300 }, (_, row) => `${row === 3 || row === 9 ? "n.b." : row},1,${row}`);
    const { experiment, answer } = await addReference(`a,b,y\n${rows.join("\n")}\n`);
    const unreadable = { count: 2, first: { line: 5, text: "n.b." } };
    expect(expectStatus(answer, 201).at("features.0")).toMatchObject({
      kind: "numeric",
      reference: { missing: 2, unreadable },
    });
    const page = (await (await browserOf(owner)).page(`/experiments/${experiment}/versions/1`)).text;
    expect(page).toContain('line 5 has "n.b."');
    const file = { name: "sum2.onnx", content: caseModel("sum2.onnx") };
    const mapping = JSON.stringify({ inputs: { X: ["a", "b"] } });
    const model = await upload(`/api/v1/experiments/${experiment}/versions/1/models`, owner.token, { file, mapping });
    expect(expectStatus(model, 201).at("report")).toContainEqual({
      level: "warning",
      code: "unreadable_cells",
      message:
        'The model reads the column "a", of which 2 cells of the training reference could not be read and count as missing: line 5 has "n.b.".',
    });
  });
});
