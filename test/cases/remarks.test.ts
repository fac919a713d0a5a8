import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, predictOne, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { fetchInstance, startInstance } from "../support/instance.ts";
import { caseModel, caseText } from "./case-files.ts";

let sum: TestDeployment;

beforeAll(async () => {
  await startInstance();
  sum = await deployModel({
    csv: caseText("sum2.csv"),
    target: "y",
    model: caseModel("sum2.onnx"),
    mapping: { inputs: { X: ["a", "b"] } },
    access: "public",
  });
});

async function sendForm(values: Record<string, string>): Promise<string> {
  const body = new URLSearchParams(values);
  return (await fetchInstance(`/f/${sum.slug}`, { method: "POST", body })).text();
}

describe("a row in which every value is missing", () => {
  it("says so, beside what says why", async () => {
    for (const features of [{ a: null, b: "" }, { a: "NA", b: "?" }, { a: "x", b: "y" }, {}]) {
      const answer = await predictOne(sum, features);
      expect(answer.at("warnings")).toContainEqual({
        feature: "",
        code: "all_missing",
        message: "every value is missing, so the prediction says nothing about this row",
      });
    }
    const some = await predictRows(sum, [{ a: null, b: 1 }]);
    expect(JSON.stringify(some.body)).not.toContain("all_missing");
  });

  it("is told by the form when every field is empty", async () => {
    expect(await sendForm({ a: "", b: "" })).toContain(
      "Every value is missing, so the prediction says nothing about this row.",
    );
    expect(await sendForm({ a: "1", b: "" })).not.toContain("Every value is missing");
  });
});

describe("a number outside the training data", () => {
  it("is told by the form with the range of the training data", async () => {
    expect(await sendForm({ a: "1000000", b: "1" })).toContain(
      "1000000 is outside the range of the training data, 0.5 to",
    );
  });
});

describe("values that could not be read", () => {
  it("are counted beside the missing ones in monitoring, among calls of several rows and of one", async () => {
    await predictRows(sum, [
      { a: 1, b: "n.b." },
      { a: "Total", b: 1e39 },
      { a: null, b: 1 },
    ]);
    await predictOne(sum, { a: "$5", b: 1 });
    const drift = await readAs(sum.owner, `${sum.path}/monitoring/drift`);
    // Two more of each feature were sent above, as "x" and "y".
    expect(drift.at("features")).toMatchObject([
      { name: "a", invalid: 3 },
      { name: "b", invalid: 3 },
    ]);
  });
});
