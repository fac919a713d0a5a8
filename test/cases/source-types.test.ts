import { env } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { readRunResult } from "../../src/inference/batch/run-result.ts";
import { fileToDeliver } from "../../src/pipelines/results/file-to-deliver.ts";
import { deployModel, type TestDeployment } from "../support/deployment.ts";
import { startInstance } from "../support/instance.ts";
import { runBatch } from "../pipelines/runs/batch.ts";
import { echoModel } from "../support/models.ts";

let deployment: TestDeployment;

beforeAll(async () => {
  await startInstance();
  const csv = "lead,whole,zip,y\n1.5,9007199254740993,00501,1\n2.5,2,02138,2\n";
  const model = echoModel({ whole: "float64", zip: "string" });
  deployment = await deployModel({ csv, target: "y", model });
});

/** What a run over a source would deliver: the type of each column, and its cells. */
async function delivered(csv: string) {
  const { run, id } = await runBatch(deployment, csv);
  expect(run.at("state")).toBe("succeeded");
  const result = await readRunResult(env.STORE, id);
  if (!result) throw new Error("the run has no result");
  const file = fileToDeliver(env.STORE, result, { model: "main", challenger: false });
  const rows: unknown[][] = [];
  for await (const batch of file.rows()) rows.push(...batch);
  return new Map(
    file.columns.map(({ name, type }, at): [string, { type: string; cells: unknown[] }] => [
      name,
      { type, cells: rows.map((row) => row[at]) },
    ]),
  );
}

describe("the columns of a source in deliveries", () => {
  it("keep their types where the model does not read them, and lose nothing", async () => {
    const columns = await delivered(
      [
        "lead,whole,zip,PassengerId,price,repr,member,code,phone,version,long,decimal,mixed,note",
        "1,1,00501,9007199254740993,1.50,1.0,True,007,+49,1.10,12345678901234567890,12345678901.123456789,1,a",
        "2,2,02138,2,22.00,22.25,FALSE,012,+1,1.9,1,2.5,x,1",
      ].join("\n"),
    );
    const shown = Object.fromEntries([...columns].map(([name, { type, cells }]) => [name, [type, ...cells]]));
    expect(shown).toMatchObject({
      lead: ["number", 1, 2],
      zip: ["text", "00501", "02138"],
      PassengerId: ["integer", 9007199254740993n, 2],
      price: ["number", 1.5, 22],
      repr: ["number", 1, 22.25],
      member: ["boolean", true, false],
      code: ["text", "007", "012"],
      phone: ["text", "+49", "+1"],
      version: ["text", "1.10", "1.9"],
      long: ["text", "12345678901234567890", "1"],
      decimal: ["text", "12345678901.123456789", "2.5"],
      mixed: ["text", "1", "x"],
      note: ["text", "a", "1"],
    });
  });

  it("are whole numbers where the model reads identifiers as numbers, which a double would round", async () => {
    const whole = await delivered("lead,whole,zip\n1,9007199254740993,1\n2,-9007199254740995,2\n");
    expect(whole.get("whole")).toEqual({ type: "integer", cells: [9007199254740993n, -9007199254740995n] });
    for (const cells of [
      [1.5, 2],
      [1, 2],
    ])
      expect((await delivered(`lead,whole,zip\n1,${cells[0]},1\n2,${cells[1]},2\n`)).get("whole")).toEqual({
        type: "number",
        cells,
      });
  });

  it("are numbers without groups and commas where they are written with them", async () => {
    const columns = await delivered("lead;whole;zip;amount\n1,5;1.234;00501;1.234,50\n2;2.000.000;02138;-1,25\n");
    expect(columns.get("lead")).toEqual({ type: "number", cells: [1.5, 2] });
    expect(columns.get("whole")?.cells).toEqual([1234, 2_000_000]);
    expect(columns.get("zip")?.cells).toEqual(["00501", "02138"]);
    expect(columns.get("amount")).toEqual({ type: "number", cells: [1234.5, -1.25] });
    const quoted = await delivered('lead,whole,zip,amount\n1,"1,234",00501,"1,234.50"\n2,"2,000",02138,"2"\n');
    expect(quoted.get("whole")?.cells).toEqual([1234, 2000]);
    expect(quoted.get("amount")).toEqual({ type: "number", cells: [1234.5, 2] });
  });
});
