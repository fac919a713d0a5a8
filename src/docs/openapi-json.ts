import { z } from "zod";
import { STATUS_OF_CODE } from "../errors.ts";

/** JSON, as a document is made of it. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

/** An object of which all properties are there, but for the optional ones. */
export function object(properties: JsonObject, optional: readonly string[] = []): JsonObject {
  return { type: "object", properties, required: Object.keys(properties).filter((name) => !optional.includes(name)) };
}

/** A reference to a schema of the document. */
export function ref(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema of ours as JSON Schema. Objects stay open: answers may come to carry more. */
export function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return jsonOf(rest);
}

/** A response or body of JSON that a schema of the document describes. */
export function jsonContent(schema: Json, examples?: JsonObject): JsonObject {
  return { "application/json": { schema, ...(examples && { examples }) } };
}

/** The refusals that a call may get, by status, as problem documents. */
export function problems(codes: readonly (keyof typeof STATUS_OF_CODE)[]): JsonObject {
  return Object.fromEntries(
    codes.map((code) => [
      String(STATUS_OF_CODE[code]),
      {
        description: `Problem document with code \`${code}\``,
        content: { "application/problem+json": { schema: ref("Problem") } },
      },
    ]),
  );
}

/** Data of ours, all of which is JSON. */
export function jsonOf(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
