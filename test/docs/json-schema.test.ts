import { describe, expect, it } from "vitest";
import { readApiDocument } from "../../src/docs/api-document.ts";
import { type JsonSchema, schemaRows, typeText } from "../../src/docs/json-schema.ts";

describe("a schema as rows", () => {
  it("names values inside objects and lists by their path", () => {
    const schema: JsonSchema = {
      type: "object",
      required: ["items"],
      properties: {
        items: {
          type: "array",
          items: {
            type: "object",
            required: ["id"],
            properties: { id: { type: "string" }, at: { type: "string", format: "date-time" } },
          },
        },
        next: { type: ["string", "null"], description: "Where to go on" },
      },
    };
    expect(schemaRows(schema, {})).toEqual([
      { path: "items", type: "list of object", required: true, description: "" },
      { path: "items[].id", type: "string", required: true, description: "" },
      { path: "items[].at", type: "string (date-time)", required: false, description: "" },
      { path: "next", type: "string or null", required: false, description: "Where to go on" },
    ]);
  });

  it("follows references and ends in a schema that contains itself", () => {
    const tree: JsonSchema = { type: "object", properties: { child: { $ref: "#/components/schemas/Tree" } } };
    const rows = schemaRows({ $ref: "#/components/schemas/Tree" }, { Tree: tree });
    expect(rows[1]?.path).toBe("child.child");
    expect(rows.length).toBeLessThan(20);
  });

  it("has one row for a body that is neither", () => {
    expect(schemaRows({ type: "string" }, {})).toEqual([{ path: "", type: "string", required: true, description: "" }]);
  });

  it("says choices, bounds and constants in words", () => {
    expect(typeText({ enum: ["a", 1, null] }, {})).toBe('"a" or 1 or null');
    expect(typeText({ type: "integer", minimum: 1, maximum: 500 }, {})).toBe("integer, 1 to 500");
    expect(typeText({ type: "integer", minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }, {})).toBe(
      "integer",
    );
    expect(typeText({ type: "string", maxLength: 120 }, {})).toBe("string, at most 120 characters");
    expect(typeText({ anyOf: [{ type: "number" }, { type: "null" }] }, {})).toBe("number or null");
    expect(typeText({ type: "string", format: "binary" }, {})).toBe("file");
    expect(typeText({}, {})).toBe("anything");
  });
});

describe("an OpenAPI document", () => {
  it("is read as calls by their first tag", () => {
    const { groups } = readApiDocument({
      info: { title: "T", version: "1" },
      paths: {
        "/a": {
          post: { tags: ["One"], summary: "Make", responses: { 201: { description: "Made" } } },
          get: { tags: ["Two"] },
        },
        "/b": {
          get: {
            tags: ["One"],
            parameters: [{ name: "q", in: "query", schema: { type: "string", description: "Words" } }],
          },
        },
      },
    });
    expect(groups.map(({ tag, calls }) => [tag, calls.map(({ method, path }) => `${method} ${path}`)])).toEqual([
      ["Two", ["GET /a"]],
      ["One", ["POST /a", "GET /b"]],
    ]);
    expect(groups[1]?.calls[1]?.parameters).toEqual([
      {
        name: "q",
        place: "query",
        required: false,
        schema: { type: "string", description: "Words" },
        description: "Words",
      },
    ]);
  });
});
