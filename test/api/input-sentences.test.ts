import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { parseInput } from "../../src/endpoint.ts";
import { callApi, type Instance, startInstance } from "../support/instance.ts";

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});

describe("input that does not fit", () => {
  it.each([
    ["POST", "/api/v1/projects", [], "This must be an object."],
    ["POST", "/api/v1/projects", { name: "" }, "name: Give a name."],
    ["POST", "/api/v1/projects/first-project/connections", { name: "C", kind: "s3" }, "settings: Required: an object."],
    [
      "POST",
      "/api/v1/projects/first-project/deployments",
      { name: "D", experiment_id: "e", main: { version: "1", model_id: 7 } },
      "main.version: This must be a number.",
    ],
    [
      "POST",
      "/api/v1/projects/first-project/deployments",
      { name: "D", experiment_id: "e", main: { version: 0, model_id: "m" } },
      "main.version: This must be at least 1.",
    ],
    [
      "POST",
      "/api/v1/projects/first-project/deployments",
      { name: "D", experiment_id: "e", main: { version: 1, model_id: "m" }, access: "all" },
      'access: This must be "public" or "instance" or "project".',
    ],
    [
      "GET",
      "/api/v1/projects/first-project/audit?from=b",
      undefined,
      "from: Give a date such as 2026-11-22, or a time such as 2026-11-22T10:00:00Z.",
    ],
  ])("%s %s with %j says what to change", async (method, path, body, sentence) => {
    const answer = await callApi(method, path, body, instance.adminToken);
    expect([answer.status, answer.at("code"), answer.text("detail")]).toEqual([422, "invalid_input", sentence]);
  });
});

it("a value of one of two forms says both", () => {
  const query = z.object({ from: z.iso.datetime().or(z.iso.date()), version: z.literal("all").or(z.number().int()) });
  const given = { from: "yesterday", version: "x" };
  expect(() => parseInput(query, given)).toThrow(
    "from: This must be a time as in 2026-11-22T10:00:00Z or a day as in 2026-11-22.",
  );
  expect(() => parseInput(query, { ...given, from: "2026-01-01" })).toThrow('version: This must be "all" or a number.');
});
