import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { database } from "../../src/db.ts";
import { trialKey } from "../../src/experiments/model-files.ts";
import { models } from "../../src/experiments/schema.ts";
import { tryModel } from "../../src/experiments/trial/try-model.ts";
import { attribute, graph, integers, model, node, scalar, tensor, tensorValue } from "../onnx/build-model.ts";
import { Answer } from "../support/answer.ts";
import { callApi, fetchInstance, startInstance } from "../support/instance.ts";

/** sum = x + w in each row. */
const CSV = ["x,w,sum", ...Array.from({ length: 20 }, (_, row) => `${row},${row % 3},${row + (row % 3)}`)].join("\n");

let token: string;
let modelsPath: string;

beforeAll(async () => {
  token = (await startInstance()).adminToken;
  const project = (await callApi("POST", "/api/v1/projects", { name: "Sums" }, token)).text("slug");
  const wanted = { name: "Sum", task: "regression", target: "sum" };
  const experiment = (await callApi("POST", `/api/v1/projects/${project}/experiments`, wanted, token)).text("id");
  const versions = `/api/v1/experiments/${experiment}/versions`;
  await upload(versions, { reference: CSV });
  modelsPath = `${versions}/1/models`;
});

type Part = string | Uint8Array | { name: string; bytes: Uint8Array };

async function upload(path: string, parts: Record<string, Part>): Promise<Answer> {
  const form = new FormData();
  for (const [key, part] of Object.entries(parts)) {
    if (key === "mapping" && typeof part === "string") form.set(key, part);
    else if (typeof part === "string" || part instanceof Uint8Array) form.set(key, new File([part], key));
    else form.set(key, new File([part.bytes], part.name));
  }
  const headers = { authorization: `Bearer ${token}` };
  return Answer.of(await fetchInstance(path, { method: "POST", headers, body: form }));
}

/** The answer to an upload once its trial has ended. */
async function tried(parts: Record<string, Part>): Promise<Answer> {
  const answer = await upload(modelsPath, parts);
  for (let attempt = 0; answer.status === 201 && attempt < 100; attempt += 1) {
    const now = await callApi("GET", `/api/v1/models/${answer.text("id")}`, undefined, token);
    if (now.at("state") === "succeeded" || now.at("state") === "failed") return now;
    await scheduler.wait(100);
  }
  return answer;
}

function codes(answer: Answer): unknown[] {
  const report = answer.at("report");
  return Array.isArray(report) ? report.map((_, index) => answer.at(`report.${index}.code`)) : [];
}

function littleEndian(value: bigint): Uint8Array {
  return new Uint8Array(BigInt64Array.of(value).buffer);
}

function float(value: number): number[] {
  return [...new Uint8Array(Float32Array.of(value).buffer)];
}

describe("a size that stands in external data", () => {
  const zerosModel = model({
    inputs: [tensorValue("x", "float32", [null])],
    outputs: [tensorValue("y", "float32", [null])],
    initializers: [tensor("size", { dims: [1], elem: "int64", external: { location: "size.bin" } })],
    nodes: [
      node("ConstantOfShape", ["size"], ["zeros"]),
      node("ReduceSum", ["zeros"], ["zero"], { attributes: [attribute.int("keepdims", 0)] }),
      node("Add", ["x", "zero"], ["y"]),
    ],
  });
  const mapping = "input: [x]";

  it("is checked once the data is there", async () => {
    const vast = await upload(modelsPath, {
      file: zerosModel,
      mapping,
      external: { name: "size.bin", bytes: littleEndian(2n ** 40n) },
    });
    expect([vast.status, vast.at("code")]).toEqual([422, "model_refused"]);
    expect(codes(vast)).toContain("tensor_too_large");
  });

  it("is no riddle in the report any more", async () => {
    const small = await tried({ file: zerosModel, mapping, external: { name: "size.bin", bytes: littleEndian(5n) } });
    expect(small.at("state")).toBe("succeeded");
    expect(codes(small)).toContain("external_data_inlined");
    expect(codes(small)).not.toContain("sizes_not_known");
  });
});

describe("an input with a default", () => {
  const sumModel = (ir: number): Uint8Array =>
    model({
      ir,
      inputs: [tensorValue("x", "float32", [null]), tensorValue("w", "float32", [1])],
      outputs: [tensorValue("y", "float32", [null])],
      initializers: [tensor("w", { dims: [1], elem: "float32", raw: float(100) })],
      nodes: [node("Add", ["x", "w"], ["y"])],
    });

  it("keeps its default unless the mapping names a column for it", async () => {
    const kept = await tried({ file: sumModel(8) });
    expect(kept.at("state")).toBe("succeeded");
    expect(codes(kept)).toContain("inputs_with_default");
    // 100 instead of w, which is 19/20 on average (seven 0s, seven 1s, six 2s).
    expect(kept.at("metrics.values.mae")).toBeCloseTo(99.05, 3);
    const fed = await tried({ file: sumModel(8), mapping: '{"inputs": {"w": ["w"]}}' });
    expect(fed.at("state")).toBe("succeeded");
    expect(fed.at("metrics.values.mae")).toBe(0);
  });

  it("cannot be fed up to IR version 3, and the refusal says so", async () => {
    const refused = await upload(modelsPath, { file: sumModel(3), mapping: '{"inputs": {"w": ["w"]}}' });
    expect(refused.status).toBe(422);
    expect(codes(refused)).toContain("input_is_constant");
    expect((await tried({ file: sumModel(3) })).at("state")).toBe("succeeded");
  });

  it("that says how often a loop runs is taken as it stands, and not from a column", async () => {
    const body = graph({
      inputs: [tensorValue("i", "int64", []), tensorValue("go", "bool", []), tensorValue("v", "float32", [1])],
      nodes: [node("Identity", ["go"], ["on"]), node("Add", ["v", "v"], ["doubled"])],
      outputs: [tensorValue("on", "bool", []), tensorValue("doubled", "float32", [1])],
    });
    const loopModel = model({
      inputs: [tensorValue("x", "float32", [1]), tensorValue("rounds", "int64", [])],
      outputs: [tensorValue("y", "float32", [1])],
      initializers: [scalar("rounds", 3)],
      nodes: [node("Loop", ["rounds", "", "x"], ["y"], { attributes: [attribute.graph("body", body)] })],
    });
    expect((await tried({ file: loopModel })).at("state")).toBe("succeeded");
    const fed = await upload(modelsPath, { file: loopModel, mapping: "x: [x]\nrounds: [w]" });
    expect(fed.status).toBe(422);
    expect(codes(fed)).toContain("loop_unbounded");
  });
});

describe("a model that is deleted while it is tried", () => {
  it("leaves nothing behind", async () => {
    const addOne = model({
      inputs: [tensorValue("x", "float32", [null])],
      outputs: [tensorValue("y", "float32", [null])],
      initializers: [tensor("one", { dims: [1], elem: "float32", raw: float(1) }), integers("unused", [1])],
      nodes: [node("Add", ["x", "one"], ["y"])],
    });
    const id = (await tried({ file: addOne })).text("id");
    expect(await env.STORE.head(trialKey(id))).not.toBeNull();
    const db = database(env);
    // The model goes just before the trial writes what it found.
    const store = new Proxy(env.STORE, {
      get: (target, name) => {
        if (name !== "put") {
          const member: unknown = Reflect.get(target, name);
          return typeof member === "function" ? member.bind(target) : member;
        }
        return async (key: string, body: string) => {
          await db.delete(models).where(eq(models.id, id));
          await target.delete(key);
          return target.put(key, body);
        };
      },
    });
    await expect(tryModel({ ...env, STORE: store }, db, id)).rejects.toMatchObject({ code: "not_found" });
    expect(await env.STORE.head(trialKey(id))).toBeNull();
  });
});
