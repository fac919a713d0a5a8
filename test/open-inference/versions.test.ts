import { beforeAll, describe, expect, it } from "vitest";
import { addModel, addVersion, deployModel, expectStatus, type TestDeployment } from "../support/deployment.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { sumModel, timesModel } from "../support/models.ts";
import { column, readModel } from "./calls.ts";
import { AMOUNTS } from "./deployments.ts";

const WIDER = ["amount,size,price", ...Array.from({ length: 40 }, (_, row) => `${row % 4},${row},${row}`)].join("\n");

let switched: TestDeployment;

/** A deployment whose second version, of amount and size, is current; its first one reads the amount alone. */
beforeAll(async () => {
  await startInstance();
  switched = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(2) });
  const { owner, experiment, path } = switched;
  const version = await addVersion(owner, experiment, WIDER);
  const model_id = await addModel(owner, experiment, version, { file: sumModel(2), name: "wider" });
  const body = { main: { version, model_id }, allow_schema_change: true };
  expectStatus(await callApi("POST", `${path}/versions`, body, owner.token), 201);
});

const INPUTS = [column("amount", "FP64", [1]), column("size", "FP64", [20])];

function inferWith(rest: string): ReturnType<typeof callApi> {
  return callApi("POST", `/v2/models/${switched.slug}${rest}/infer`, { inputs: INPUTS }, switched.key);
}

describe("versions of a model", () => {
  it("are listed as far as they answer, and each is described", async () => {
    const current = await readModel(switched);
    expect(current.at("versions")).toEqual(["2"]);
    expect([current.at("inputs.0.name"), current.at("inputs.1.name")]).toEqual(["amount", "size"]);
    expect((await readModel(switched, "/versions/2")).body).toEqual(current.body);
    const first = await readModel(switched, "/versions/1");
    expect(first.at("inputs")).toEqual([{ name: "amount", datatype: "FP64", shape: [-1] }]);
    expect(first.at("versions")).toEqual(["2"]);
  });

  it("answer when they are current, by number or without", async () => {
    for (const rest of ["", "/versions/2"]) {
      const answer = await inferWith(rest);
      expect([answer.at("model_version"), answer.at("outputs.0.data")]).toEqual(["2", [21]]);
    }
    expect((await readModel(switched, "/versions/2/ready")).status).toBe(200);
  });

  it("are refused otherwise, with the one that is current", async () => {
    const earlier = await inferWith("/versions/1");
    expect([earlier.status, earlier.text("error")]).toEqual([
      409,
      expect.stringContaining("Version 1 is not current. Call version 2"),
    ]);
    for (const version of ["3", "0", "02", "latest", "1.0"]) {
      const answer = await inferWith(`/versions/${version}`);
      expect([version, answer.status]).toEqual([version, 404]);
      expect(answer.text("error")).toContain(`Version "${version}" not found. The current version is 2.`);
      expect((await readModel(switched, `/versions/${version}`)).status).toBe(404);
      expect((await readModel(switched, `/versions/${version}/ready`)).status).toBe(404);
    }
  });

  it("are not ready unless they are current, by the status as well: most clients look no further", async () => {
    const earlier = await readModel(switched, "/versions/1/ready");
    expect([earlier.status, earlier.body]).toEqual([
      503,
      { name: switched.slug, ready: false, error: expect.stringContaining("Version 1 is not current. Call version 2") },
    ]);
    expect(Number(earlier.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await callApi("GET", `/v2/models/${switched.slug}/versions/1/ready`)).status).toBe(401);
  });

  it("are ready again after a rollback, and then the other is not", async () => {
    const { path, owner } = switched;
    expectStatus(await callApi("POST", `${path}/versions/1/rollback`, {}, owner.token), 200);
    expect((await readModel(switched, "/versions/1/ready")).body).toEqual({ name: switched.slug, ready: true });
    expect((await readModel(switched, "/versions/2/ready")).at("ready")).toBe(false);
    expect((await readModel(switched)).at("versions")).toEqual(["1"]);
  });
});
