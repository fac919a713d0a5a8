import { beforeAll, describe, expect, it } from "vitest";
import { Answer } from "../support/answer.ts";
import { deployModel, predictOne, readAs, type TestDeployment } from "../support/deployment.ts";
import { callApi, createUser, fetchInstance, startInstance, type TestUser } from "../support/instance.ts";
import { echoModel } from "../support/models.ts";
import { readPage } from "../support/page-dom.ts";
import { cells, fileOf, runBatch } from "../pipelines/runs/batch.ts";
import { caseModel, caseText } from "./case-files.ts";

let owner: TestUser;
let zip: TestDeployment;
let code: TestDeployment;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
  const of = (csv: string, model: string) =>
    deployModel({ owner, csv: caseText(csv), target: "y", model: caseModel(model), access: "public" });
  zip = await of("01-zip.csv", "zip_lookup.onnx");
  code = await of("02-code.csv", "code_lookup.onnx");
});

describe("a column that looks like numbers and that only tensors of strings read", () => {
  it("keeps its text in the training data, so that the model is measured rightly", async () => {
    for (const { mainId } of [zip, code]) {
      const model = await readAs(owner, `/api/v1/models/${mainId}`);
      expect(model.at("metrics.values")).toMatchObject({ rmse: 0, r2: 1 });
      expect(JSON.stringify(model.at("report"))).toContain("read_as_text");
    }
  });

  it("is text in calls: codes with zeros in front, numbers with a fraction of zero", async () => {
    expect((await predictOne(zip, { zip: "00501" })).body).toMatchObject({ prediction: 100, warnings: [] });
    expect((await predictOne(code, { code: "1.0" })).body).toMatchObject({ prediction: 100, warnings: [] });
    expect((await predictOne(zip, { zip: 10001 })).at("prediction")).toBe(300);
    const record = await readAs(owner, `${zip.path}/predictions?limit=2`);
    expect(record.each("features")).toEqual([{ zip: "10001" }, { zip: "00501" }]);
  });

  it("is described as text, with a code as its example, and a text in the form and under /v2", async () => {
    const inputs = await callApi("GET", `${zip.path}/inputs`, undefined, zip.key);
    expect(JSON.stringify(inputs.body)).toContain('"kind":"text"');
    expect(JSON.stringify(inputs.body)).toContain('"example":"00501"');
    const field = (await readPage(await fetchInstance(`/f/${zip.slug}?example=1`))).byName("zip");
    expect([field.attribute("type"), field.value]).toEqual(["text", "00501"]);
    const headers = { "content-type": "application/json" };
    const metadata = await Answer.of(await fetchInstance(`/v2/models/${zip.slug}`));
    expect(metadata.at("inputs.0.datatype")).toBe("BYTES");
    const body = JSON.stringify({ inputs: [{ name: "zip", shape: [1], datatype: "BYTES", data: ["02138"] }] });
    const answer = await Answer.of(
      await fetchInstance(`/v2/models/${zip.slug}/infer`, { method: "POST", headers, body }),
    );
    expect(answer.at("outputs.0.data")).toEqual([200]);
  });

  it("is text in batches, their files and their records", async () => {
    const { run, id } = await runBatch(
      zip,
      "id,zip,share,member,ticket\n1,00501,1.0,true,007\n2,02138,22.25,false,+49\n",
    );
    expect(run.body).toMatchObject({ state: "succeeded", warnings: [] });
    const [header = [], ...rows] = cells(await fileOf(zip, id, "main"));
    expect(rows.map((row) => [row[1], row[header.indexOf("prediction")]])).toEqual([
      ["00501", "100"],
      ["02138", "200"],
    ]);
    const records = await readAs(owner, `${zip.path}/predictions?source=batch&limit=2`);
    expect(records.each("features")).toEqual([{ zip: "02138" }, { zip: "00501" }]);
  });
});

describe("a column that feeds tensors of strings and of numbers", () => {
  it("is read by each in its own way", async () => {
    const csv = "lead,code,flag,y\n1,007,True,1\n2,010,False,2\n3,1.0,True,3\n";
    const mapping = {
      inputs: { lead: ["lead"], as_text: ["code"], as_number: ["code"], flag: ["flag"], truth: ["flag"] },
    };
    const model = echoModel({ as_text: "string", as_number: "float32", flag: "string", truth: "bool" });
    const both = await deployModel({ owner, csv, target: "y", model, mapping });
    const answer = await predictOne(both, { lead: 1, code: "007", flag: true });
    expect(answer.at("extra")).toEqual({ echo_as_text: "007", echo_as_number: 7, echo_flag: "True", echo_truth: true });
    const wrong = await predictOne(both, { lead: 1, code: "A7", flag: false });
    expect(wrong.at("extra")).toMatchObject({ echo_as_text: "A7", echo_as_number: null });
    expect(wrong.at("warnings.0")).toMatchObject({ feature: "code", code: "not_coercible" });
    const { run } = await runBatch(both, "lead,code,flag\n1,010,FALSE\n2,$7,true\n");
    expect(run.at("warnings")).toMatchObject([
      { feature: "code", code: "not_coercible", count: 1, first: { line: 3, text: "$7" } },
    ]);
  });
});
