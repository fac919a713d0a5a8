import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, expectStatus, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";

const amounts = (from: number) =>
  ["amount,price", ...Array.from({ length: 500 }, (_, row) => `${from + (row % 50)},${row}`)].join("\n");

let deployment: TestDeployment;

beforeAll(async () => {
  await startInstance();
  // The challenger has learnt from other data: amounts of 100 and more.
  deployment = await deployModel({
    csv: amounts(0),
    target: "price",
    model: timesModel(2),
    challenger: { model: timesModel(3), csv: amounts(100) },
  });
  await send(0);
  expectStatus(await callApi("POST", `${deployment.path}/promote`, {}, deployment.owner.token), 201);
  await send(0);
});

async function send(from: number): Promise<void> {
  expectStatus(
    await predictRows(
      deployment,
      Array.from({ length: 200 }, (_, row) => ({ amount: from + (row % 50) })),
    ),
    200,
  );
}

function drift(version?: string) {
  return readAs(deployment.owner, `${deployment.path}/monitoring/drift${version ? `?version=${version}` : ""}`);
}

describe("versions with different references", () => {
  it("are compared with their own: what was usual for the first is drift for the one after it", async () => {
    expect((await drift("1")).body).toMatchObject({
      reference: { version: 1 },
      window: { rows: 200 },
      state: "ok",
      features: [{ name: "amount", state: "ok" }],
      prediction: { main: { state: "ok", n: 200 } },
    });
    for (const answer of [await drift(), await drift("2")]) {
      expect(answer.body).toMatchObject({ reference: { version: 2 }, window: { rows: 200 }, state: "drift" });
      expect(answer.at("references.length")).toBe(1);
    }
  });

  it("are all named where all are asked for, each with its state", async () => {
    expect((await drift("all")).body).toMatchObject({
      reference: { version: 2 },
      state: "drift",
      references: [
        { version: 2, deployment_versions: [2], window: { rows: 200 }, state: "drift" },
        { version: 1, deployment_versions: [1], window: { rows: 200 }, state: "ok" },
      ],
    });
  });

  it("have distributions by the bins of their own", async () => {
    const path = `${deployment.path}/monitoring/distributions?feature=amount`;
    const first = await readAs(deployment.owner, `${path}&version=1`);
    expect([first.at("rows"), first.at("above")]).toEqual([200, 0]);
    const second = await readAs(deployment.owner, `${path}&version=2`);
    expect([second.at("rows"), second.at("below")]).toEqual([200, 200]);
  });
});
