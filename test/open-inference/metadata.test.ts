import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { forgetDeployment } from "../../src/deployments/find-deployment.ts";
import { deployments } from "../../src/deployments/schema.ts";
import { database } from "../../src/db.ts";
import { VERSION } from "../../src/version.ts";
import { deployModel, type TestDeployment } from "../support/deployment.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { echoModel, timesModel } from "../support/models.ts";
import { readModel } from "./calls.ts";
import { AMOUNTS, deployLabels, deployPrices } from "./deployments.ts";

let prices: TestDeployment;
let labels: TestDeployment;

beforeAll(async () => {
  await startInstance();
  prices = await deployPrices();
  labels = await deployLabels();
});

describe("the server", () => {
  it("says what it is, and that it is alive and ready, to anybody", async () => {
    for (const path of ["/v2", "/v2/"]) {
      const answer = await callApi("GET", path);
      expect([answer.status, answer.body]).toEqual([200, { name: "tiltyard", version: VERSION, extensions: [] }]);
    }
    expect((await callApi("GET", "/v2/health/live")).body).toEqual({ live: true });
    expect((await callApi("GET", "/v2/health/ready")).body).toEqual({ live: true, ready: true });
  });

  it("answers what there is not as the protocol says, under the request's id", async () => {
    for (const [method, path] of [
      ["GET", "/v2/nothing"],
      ["GET", "/v2/models"],
      ["GET", "/v2/models/there-is-none"],
      ["POST", "/v2/models/there-is-none/infer"],
    ] as const) {
      const answer = await callApi(method, path, method === "POST" ? {} : undefined, prices.key);
      expect([path, answer.status, Object.keys(answer.body ?? {})]).toEqual([path, 404, ["error"]]);
      expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
      expect(answer.headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
    }
  });
});

describe("the metadata of a model", () => {
  it("have a tensor for each feature, under the slug and under the id", async () => {
    for (const name of [prices.slug, prices.id]) {
      const answer = await callApi("GET", `/v2/models/${name}`, undefined, prices.key);
      expect([answer.status, answer.body]).toEqual([
        200,
        {
          name: prices.slug,
          versions: ["1"],
          platform: "onnxruntime_onnx",
          inputs: [
            { name: "amount", datatype: "FP64", shape: [-1] },
            { name: "rooms", datatype: "FP64", shape: [-1] },
            { name: "furnished", datatype: "BOOL", shape: [-1] },
            { name: "city", datatype: "BYTES", shape: [-1] },
            { name: "note", datatype: "BYTES", shape: [-1] },
          ],
          outputs: [{ name: "prediction", datatype: "FP64", shape: [-1] }],
        },
      ]);
    }
  });

  it("name the classes in the order of the probabilities, and no challenger", async () => {
    const answer = await readModel(labels);
    const parameters = { class_names: ["10", "9"] };
    expect(answer.at("outputs")).toEqual([
      { name: "prediction", datatype: "BYTES", shape: [-1], parameters },
      { name: "probabilities", datatype: "FP64", shape: [-1, 2], parameters },
    ]);
    expect(JSON.stringify(answer.body)).not.toMatch(/challenger/i);
    expect(JSON.stringify(answer.body)).not.toContain(labels.challengerId);
  });

  it("list further outputs", async () => {
    const echo = await deployModel({
      csv: "lead,word\n1,a\n2,b\n",
      model: echoModel({ word: "string" }),
    });
    expect((await readModel(echo)).at("outputs.1")).toEqual({
      name: "extra.echo_word",
      datatype: "FP64",
      shape: [-1, -1],
    });
  });
});

describe("readiness", () => {
  it("is 200 while the deployment answers", async () => {
    for (const rest of ["/ready", "/versions/1/ready"]) {
      const answer = await readModel(prices, rest);
      expect([answer.status, answer.body]).toEqual([200, { name: prices.slug, ready: true }]);
    }
  });

  it("is 503 while it is built or could not be, and the metadata are there all the same", async () => {
    const unready = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(2) });
    for (const deployed of ["building", "failed"] as const) {
      await database(env).update(deployments).set({ deployed }).where(eq(deployments.id, unready.id));
      forgetDeployment(unready);
      const answer = await readModel(unready, "/ready");
      expect([deployed, answer.status, answer.at("ready")]).toEqual([deployed, 503, false]);
      expect(answer.text("error")).toContain("does not answer");
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect((await readModel(unready)).status).toBe(200);
      const call = { inputs: [{ name: "amount", shape: [1], datatype: "FP32", data: [1] }] };
      expect((await callApi("POST", `/v2/models/${unready.slug}/infer`, call, unready.key)).status).toBe(503);
    }
  });
});
