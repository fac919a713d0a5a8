import { beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.tsx";
import { callApi, fetchInstance, startInstance } from "../support/instance.ts";
import { type CheckedOperation, expectOpenapi, operationsOf } from "./openapi-checks.ts";

let document: unknown;
let operations: CheckedOperation[];
beforeAll(async () => {
  await startInstance();
  document = (await callApi("GET", "/openapi.json")).body;
  operations = operationsOf(document);
});

const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);
/** Documents for programs; what else stands outside of /api and /v2 is pages. */
const DOCUMENTS = ["GET /docs/{slug}/openapi.json", "GET /openapi.json"];

function operation(method: string, path: string): CheckedOperation["operation"] {
  const found = operations.find((candidate) => candidate.method === method && candidate.path === path);
  if (!found) throw new Error(`the document has no ${method} ${path}`);
  return found.operation;
}

function contentTypes(method: string, path: string): string[] {
  return Object.keys(operation(method, path).requestBody?.content ?? {});
}

describe("the document of the whole API", () => {
  it("has every route under /api, /v2 and /health, with its method, and names no other", () => {
    const served = createApp()
      .routes.filter(({ method, path }) => METHODS.has(method) && /^\/(api|v2|health)(\/|$)/.test(path))
      .map(({ method, path }) => `${method} ${path.replace(/(?<=.)\/$/, "").replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(served.length).toBeGreaterThan(90);
    const named = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(named.toSorted()).toEqual([...new Set([...served, ...DOCUMENTS])].toSorted());
  });

  it("is what OpenAPI 3.1 wants", () => {
    expectOpenapi(document);
  });

  it("is the same as YAML", async () => {
    const yaml = await (await fetchInstance("/openapi.yaml")).text();
    for (const { path } of operations) expect(yaml).toContain(path);
  });

  it("names the header that makes a call safe to repeat", () => {
    for (const path of ["/api/v1/deployments/{d}/predict", "/v2/models/{name}/infer"]) {
      const header = operation("post", path).parameters?.find(({ name }) => name === "Idempotency-Key");
      expect([header?.in, header?.required, Object(header?.schema).maxLength]).toEqual(["header", false, 255]);
    }
  });

  it("has every content type that a body may have", () => {
    expect(contentTypes("post", "/api/v1/deployments/{d}/actuals")).toEqual(["application/json", "text/csv"]);
    const datasets = "/api/v1/projects/{p}/datasets";
    expect(contentTypes("post", datasets)).toEqual([
      "multipart/form-data",
      "text/csv",
      "application/vnd.apache.parquet",
    ]);
    expect(operation("post", datasets).parameters?.map(({ name }) => name)).toContain("name");
    expect(contentTypes("put", `${datasets}/uploads/{id}/parts/{k}`)).toEqual(["application/octet-stream"]);
  });

  it("says which bodies may be left out: those that take {}", () => {
    expect(operation("post", "/api/v1/deployments/{d}/predict").requestBody?.required).toBe(true);
    expect(operation("post", "/api/v1/projects").requestBody?.required).toBe(true);
    expect(operation("post", "/api/v1/deployments/{d}/promote").requestBody?.required).toBe(false);
  });

  it("says where no token is asked for", () => {
    expect(operation("get", "/health").security).toEqual([]);
    expect(operation("post", "/api/v1/deployments/{d}/predict").security).toEqual([{}, { bearer: [] }]);
    expect(operation("post", "/api/v1/deployments/{d}/actuals").security).toBeUndefined();
  });

  it("describes all that /inputs and /outputs answer", () => {
    for (const [name, also] of [
      ["inputs", "features"],
      ["outputs", "outputs"],
    ]) {
      const response = Object(operation("get", `/api/v1/deployments/{d}/${name}`).responses["200"]);
      const { properties } = response.content["application/json"].schema;
      expect(Object.keys(properties)).toEqual(["items", also, "next_cursor"]);
    }
  });
});
