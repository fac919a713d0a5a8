import { expect } from "vitest";

/** What checks of an OpenAPI document look at. */
export interface CheckedOperation {
  method: string;
  path: string;
  operation: {
    operationId?: string;
    summary?: string;
    parameters?: { name: string; in: string; required?: boolean; schema?: unknown }[];
    requestBody?: { content: Record<string, unknown>; required?: boolean };
    responses: Record<string, { description?: unknown }>;
    security?: unknown;
  };
}

/** All operations of a document. */
export function operationsOf(document: unknown): CheckedOperation[] {
  return Object.entries(Object(Object(document).paths)).flatMap(([path, item]) =>
    Object.entries(Object(item)).map(([method, operation]) => ({ method, path, operation: Object(operation) })),
  );
}

/** Expects what OpenAPI 3.1 wants of every document, as far as it can be told without knowing the API. */
export function expectOpenapi(document: unknown): void {
  const { openapi, info, components } = Object(document);
  expect(openapi).toMatch(/^3\.1\.\d+$/);
  expect([typeof info.title, typeof info.version]).toEqual(["string", "string"]);
  const operations = operationsOf(document);
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(ids.filter((id) => typeof id !== "string" || id === "")).toEqual([]);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  for (const { method, path, operation } of operations) {
    const name = `${method} ${path}`;
    const { parameters = [], requestBody, responses, security } = operation;
    const declared = parameters.filter((parameter) => parameter.in === "path");
    const named = [...path.matchAll(/\{([^}]+)\}/g)].map(([, found]) => found);
    expect([name, declared.map((parameter) => parameter.name).toSorted()]).toEqual([name, named.toSorted()]);
    expect([name, declared.every(({ required }) => required === true)]).toEqual([name, true]);
    const places = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    expect([name, new Set(places).size]).toEqual([name, places.length]);
    if (requestBody) expect([name, Object.keys(requestBody.content)]).not.toEqual([name, []]);
    expect([name, Object.keys(responses).some((status) => /^2\d\d$/.test(status))]).toEqual([name, true]);
    for (const { description } of Object.values(responses))
      expect([name, typeof description]).toEqual([name, "string"]);
    if (security !== undefined) expect([name, Array.isArray(security)]).toEqual([name, true]);
  }
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
  const schemas = Object.keys(components.schemas ?? {});
  for (const [, reference = ""] of references) expect(schemas).toContain(reference);
}

/** Why a schema of a row refuses one; null when it takes it. Knows what the documents of deployments use. */
export function refusalOf(schema: unknown, row: Record<string, unknown>): string | null {
  const { properties, required, additionalProperties } = Object(schema);
  for (const name of required) if (!Object.hasOwn(row, name)) return `${name} is not there`;
  for (const [name, value] of Object.entries(row)) {
    if (!Object.hasOwn(properties, name)) {
      if (additionalProperties === false) return `${name} is unknown`;
      continue;
    }
    const { type, enum: listed, minLength = 0 } = properties[name];
    if (![type].flat().includes(typeOf(value)) && !(typeOf(value) === "integer" && [type].flat().includes("number")))
      return `${name} is of another type`;
    if (listed && !listed.includes(value)) return `${name} is not listed`;
    if (typeof value === "string" && value.length < minLength) return `${name} is too short`;
  }
  return null;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}
