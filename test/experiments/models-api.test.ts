import { beforeAll, describe, expect, it } from "vitest";
import { model, node, tensor, tensorValue } from "../onnx/build-model.ts";
import type { Answer } from "../support/answer.ts";
import {
  addExperiment,
  addProject,
  addVersion,
  eventually,
  expectStatus,
  type TestFile,
  upload,
  type UploadParts,
} from "../support/deployment.ts";
import { callApi, createUser, fetchInstance, startInstance, type TestUser } from "../support/instance.ts";
import { sumModel, timesModel } from "../support/models.ts";

let owner: TestUser;
let project: string;
let experiment: string;
let path: string;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
  project = await addProject(owner, "Models");
  experiment = await addExperiment(owner, project, { name: "Prices", target: "price" });
  await addVersion(
    owner,
    experiment,
    [
      "amount,rooms,town,price",
      ...Array.from({ length: 20 }, (_, row) => `${row},${row % 3},${row % 2 ? "Ulm" : "Bonn"},${row * 2}`),
    ].join("\n"),
  );
  path = `/api/v1/experiments/${experiment}/versions/1/models`;
});

function onnx(content: string | Uint8Array, name = "forest.onnx"): TestFile {
  return { name, content };
}

function send(parts: UploadParts, token = owner.token): Promise<Answer> {
  return upload(path, token, parts);
}

function get(at: string): Promise<Answer> {
  return callApi("GET", at, undefined, owner.token);
}

/** The model once its trial has ended. */
async function tried(parts: UploadParts): Promise<Answer> {
  const id = expectStatus(await send(parts), 201).text("id");
  return eventually(
    () => get(`/api/v1/models/${id}`),
    (answer) => ["succeeded", "failed"].includes(answer.text("state")),
  );
}

/** Twice the amount, by a weight that lies in another file. */
function externalModel(location: string): Uint8Array {
  return model({
    inputs: [tensorValue("amount", "float32", [null, 1])],
    outputs: [tensorValue("prediction", "float32", [null, 1])],
    initializers: [tensor("factor", { dims: [1], elem: "float32", external: { location, offset: "0", length: "4" } })],
    nodes: [node("Mul", ["amount", "factor"], ["prediction"])],
  });
}

const WEIGHTS = new Uint8Array(Float32Array.of(2).buffer);

describe("a model", () => {
  it("is tried, measured, and given back byte for byte", async () => {
    const file = timesModel(2);
    const answer = await tried({ file: onnx(file), name: "Double", metrics: '{"rmse": 0.5}' });
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(file)));
    expect(answer.body).toMatchObject({
      id: expect.stringMatching(/^mdl_/),
      name: "Double",
      state: "succeeded",
      error: null,
      inputs: [{ name: "amount", type: "float32", dims: [null, 1], columns: ["amount"] }],
      outputs: [{ name: "prediction", role: "value" }],
      bytes: file.length,
      sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
      stated_metrics: { rmse: 0.5 },
      // The price is twice the amount, so the model is right in every row.
      metrics: { rows: 20, source: "training", values: { mae: 0, rmse: 0 } },
    });
    expect(Number(answer.at("heap_bytes"))).toBeGreaterThan(0);
    const response = await fetchInstance(`/api/v1/models/${answer.text("id")}/file`, {
      headers: { authorization: `Bearer ${owner.token}` },
    });
    expect([
      response.status,
      response.headers.get("content-length"),
      response.headers.get("content-disposition"),
    ]).toEqual([200, String(file.length), 'attachment; filename="Double.onnx"']);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.from(file));
    expect((await get(path)).each("id")).toContain(answer.text("id"));
  });

  it("is named by its file where nothing else is said, and by 1 to 120 characters", async () => {
    expect((await send({ file: onnx(timesModel(1), "My forest.ONNX") })).at("name")).toBe("My forest");
    expect((await send({ file: onnx(timesModel(1)), name: "   " })).at("name")).toBe("forest");
    expect((await send({ file: onnx(timesModel(1)), name: "n".repeat(120) })).at("name")).toBe("n".repeat(120));
    for (const length of [121, 10_000]) {
      const answer = await send({ file: onnx(timesModel(1)), name: "n".repeat(length) });
      expect([answer.status, answer.at("code"), answer.at("errors.0.path")]).toEqual([422, "invalid_input", "name"]);
      expect(answer.text("detail")).toContain("120 characters");
    }
  });

  it("takes its columns by a mapping in JSON, in YAML, and flat", async () => {
    for (const mapping of [
      '{"inputs": {"x": ["rooms", "amount"]}}',
      "inputs:\n  x:\n    - rooms\n    - amount\n",
      "x: [rooms, amount]",
      "input: [rooms, amount]",
    ]) {
      const answer = await tried({ file: onnx(sumModel(2)), mapping });
      expect([mapping, answer.at("state"), answer.at("inputs.0.columns")]).toEqual([
        mapping,
        "succeeded",
        ["rooms", "amount"],
      ]);
    }
  });

  it("takes its external data along", async () => {
    for (const location of ["weights.bin", "./weights.bin", "data/weights.bin"]) {
      const answer = await tried({ file: onnx(externalModel(location)), external: [onnx(WEIGHTS, "weights.bin")] });
      expect([location, answer.at("state"), answer.at("metrics.values.rmse")]).toEqual([location, "succeeded", 0]);
    }
  });
});

describe("a file that is no model", () => {
  it("is refused with the report, by a sentence that says what it is and what to upload", async () => {
    const whole = timesModel(2);
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    for (const [what, content, parts] of [
      ["empty", new Uint8Array(), ["empty"]],
      ["truncated", whole.slice(0, whole.length / 2), ["again"]],
      ["random bytes", Uint8Array.from({ length: 500 }, (_, index) => (index * 197 + 91) % 256), []],
      ["CSV", bytes("amount,price\n1,2\n"), ["a CSV file", "upload the .onnx file"]],
      [
        ".ort",
        Uint8Array.of(8, 0, 0, 0, ...bytes("ORTM"), 0, 0),
        [".ort file", "Upload the .onnx file it was made from"],
      ],
      ["pickle", Uint8Array.of(0x80, 4, 0x95, 1, 2), ["pickle", "skl2onnx"]],
      ["zip", Uint8Array.of(...bytes("PK\x03\x04"), 1, 2), ["zip archive", "torch.onnx.export"]],
      ["JSON", bytes('{"learner": {}}'), ["JSON", "onnxmltools"]],
      ["web page", bytes("<!DOCTYPE html><html></html>"), ["web page", "Raw button"]],
    ] as const) {
      const answer = await send({ file: onnx(content) });
      expect([what, answer.status, answer.at("code")]).toEqual([what, 422, "model_refused"]);
      expect([what, answer.at("report.0.level"), answer.at("errors.0.path")]).toEqual([what, "error", "file"]);
      expect([what, answer.text("detail").length > 20]).toEqual([what, true]);
      for (const part of parts) expect(answer.text("detail").toLowerCase()).toContain(part.toLowerCase());
    }
  });

  it("or is missing, sent twice, or larger than 25 MB is refused before anything is read of it", async () => {
    const none = await send({ name: "nothing" });
    expect([none.status, none.at("errors.0.path"), none.text("detail")]).toEqual([
      422,
      "file",
      expect.stringContaining("part `file` is missing"),
    ]);
    const two = await send({ file: [onnx(timesModel(1)), onnx(timesModel(2))] });
    expect([two.status, two.at("errors.0.path")]).toEqual([422, "file"]);
    const large = await send({
      file: onnx(timesModel(1)),
      external: [onnx(new Uint8Array(25_200_000), "weights.bin")],
    });
    expect([large.status, large.at("code"), large.text("detail")]).toEqual([
      413,
      "too_large",
      expect.stringContaining("25 MB"),
    ]);
    const text = await callApi("POST", path, { file: "x" }, owner.token);
    expect([text.status, text.at("code")]).toEqual([415, "unsupported_media_type"]);
  });
});

describe("a model that does not go with the data", () => {
  it("is refused with the columns in question and an example of a mapping", async () => {
    const width = await send({ file: onnx(sumModel(7)) });
    expect([width.status, width.at("code"), width.at("report.0.level") !== undefined]).toEqual([
      422,
      "model_refused",
      true,
    ]);
    expect(width.text("detail")).toMatch(
      /takes 7 columns a row, the training reference has 3 feature columns.*mapping of columns to inputs, such as/,
    );
    const stranger = model({
      inputs: [tensorValue("weight", "float32", [null, 1])],
      outputs: [tensorValue("prediction", "float32", [null, 1])],
      nodes: [node("Identity", ["weight"], ["prediction"])],
    });
    expect((await send({ file: onnx(stranger) })).text("detail")).toContain("weight");
    const absent = await send({ file: onnx(sumModel(2)), mapping: '{"inputs": {"x": ["amount", "weight"]}}' });
    expect([absent.status, absent.text("detail")]).toEqual([
      422,
      expect.stringMatching(/"weight".*missing in the training reference/),
    ]);
    const town = await send({ file: onnx(sumModel(2)), mapping: '{"inputs": {"x": ["amount", "town"]}}' });
    expect([town.status, town.text("detail")]).toEqual([
      422,
      expect.stringMatching(/"town" holds text.*Encode it in the model/),
    ]);
  });

  it("by a mapping of the wrong form is refused at the mapping", async () => {
    for (const [mapping, part] of [
      ["{", "neither JSON nor YAML"],
      ["just words", "must be an object"],
      ["[amount]", "must be an object"],
      ['{"inputs": {"x": 5}}', "inputs.x"],
      ['{"inputs": ["amount"]}', "inputs"],
      ['{"x": {"a": 1}}', "list of column names"],
      ["a: &a [amount]\nb: *a", ""],
    ] as const) {
      const answer = await send({ file: onnx(sumModel(2)), mapping });
      expect([mapping, answer.status, answer.at("code")]).toEqual([mapping, 422, "invalid_input"]);
      expect(answer.text("detail")).toContain(part);
      expect([mapping, String(answer.at("errors.0.path"))]).toEqual([mapping, expect.stringMatching(/^mapping/)]);
    }
    const width = await send({ file: onnx(sumModel(2)), mapping: '{"inputs": {"x": ["amount"]}}' });
    expect([width.status, width.text("detail")]).toEqual([422, expect.stringContaining("takes 2 columns a row")]);
    const input = await send({ file: onnx(sumModel(2)), mapping: '{"inputs": {"y": ["amount", "rooms"]}}' });
    expect([input.status, input.text("detail")]).toEqual([422, expect.stringMatching(/names the input "y".*"x"/)]);
  });

  it("by metrics that are no numbers is refused at the metrics", async () => {
    for (const metrics of ["{", '{"rmse": "low"}', "[1]"]) {
      const answer = await send({ file: onnx(timesModel(1)), metrics });
      expect([metrics, answer.status, answer.at("code"), String(answer.at("errors.0.path"))]).toEqual([
        metrics,
        422,
        "invalid_input",
        expect.stringMatching(/^metrics/),
      ]);
    }
  });
});

describe("external data", () => {
  it("that is missing, too short or outside the upload is refused with the name of the file", async () => {
    const missing = await send({ file: onnx(externalModel("weights.bin")) });
    expect([missing.status, missing.at("code")]).toEqual([422, "model_refused"]);
    expect(missing.text("detail")).toMatch(
      /"factor" in another file, "weights.bin", which is not in the upload. Add that file/,
    );
    const short = await send({
      file: onnx(externalModel("weights.bin")),
      external: [onnx(WEIGHTS.slice(0, 2), "weights.bin")],
    });
    expect([short.status, short.text("detail")]).toEqual([422, expect.stringContaining("has 2 bytes")]);
    for (const location of [
      "../secret.bin",
      "/etc/passwd",
      "a/../../b",
      "C:\\weights.bin",
      "https://example.org/w.bin",
    ]) {
      const answer = await send({ file: onnx(externalModel(location)), external: [onnx(WEIGHTS, "weights.bin")] });
      expect([location, answer.status, answer.at("code")]).toEqual([location, 422, "model_refused"]);
      expect(answer.text("detail")).toContain("a path outside the upload");
    }
  });
});
