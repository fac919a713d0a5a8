import { z } from "zod";

/** The part of JSON Schema that our own documents use. */
export interface JsonSchema {
  $ref?: string | undefined;
  type?: string | string[] | undefined;
  format?: string | undefined;
  description?: string | undefined;
  enum?: unknown[] | undefined;
  const?: unknown;
  default?: unknown;
  properties?: Record<string, JsonSchema> | undefined;
  required?: string[] | undefined;
  items?: JsonSchema | undefined;
  additionalProperties?: boolean | JsonSchema | undefined;
  anyOf?: JsonSchema[] | undefined;
  oneOf?: JsonSchema[] | undefined;
  allOf?: JsonSchema[] | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  minItems?: number | undefined;
  maxItems?: number | undefined;
}

const bound = z.number().optional();

export const jsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    format: z.string().optional(),
    description: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    default: z.unknown().optional(),
    properties: z.record(z.string(), jsonSchema).optional(),
    required: z.array(z.string()).optional(),
    items: jsonSchema.optional(),
    additionalProperties: z.union([z.boolean(), jsonSchema]).optional(),
    anyOf: z.array(jsonSchema).optional(),
    oneOf: z.array(jsonSchema).optional(),
    allOf: z.array(jsonSchema).optional(),
    minimum: bound,
    maximum: bound,
    minLength: bound,
    maxLength: bound,
    minItems: bound,
    maxItems: bound,
  }),
);

export type Schemas = Readonly<Record<string, JsonSchema>>;

/** One value of a body: where it stands, as in `items[].id`, and what it is. */
export interface SchemaRow {
  path: string;
  type: string;
  required: boolean;
  description: string;
}

/** A schema that contains itself ends here. */
const DEPTH_MAX = 6;

/** Every value that a body of this schema has, outer ones first. A body that is no object or list is one row with the path "". */
export function schemaRows(schema: JsonSchema, schemas: Schemas): SchemaRow[] {
  const rows = rowsOf(schema, schemas, "", 0);
  return rows.length > 0
    ? rows
    : [{ path: "", type: typeText(schema, schemas), required: true, description: schema.description ?? "" }];
}

function rowsOf(schema: JsonSchema, schemas: Schemas, path: string, depth: number): SchemaRow[] {
  if (depth > DEPTH_MAX) return [];
  const { properties, required = [], items, additionalProperties, anyOf, oneOf, allOf } = resolved(schema, schemas);
  const rows: SchemaRow[] = [];
  for (const [name, property] of Object.entries(properties ?? {})) {
    const at = path === "" ? name : `${path}.${name}`;
    rows.push(rowOf(property, schemas, at, required.includes(name)), ...rowsOf(property, schemas, at, depth + 1));
  }
  if (items) rows.push(...rowsOf(items, schemas, `${path}[]`, depth + 1));
  if (typeof additionalProperties === "object" && hasParts(resolved(additionalProperties, schemas))) {
    rows.push(...rowsOf(additionalProperties, schemas, `${path}.<name>`.replace(/^\./, ""), depth + 1));
  }
  for (const part of [...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? [])])
    rows.push(...rowsOf(part, schemas, path, depth + 1));
  return rows;
}

function rowOf(schema: JsonSchema, schemas: Schemas, path: string, required: boolean): SchemaRow {
  const { description = "" } = resolved(schema, schemas);
  return { path, type: typeText(schema, schemas), required, description: schema.description ?? description };
}

function hasParts({ properties, items }: JsonSchema): boolean {
  return properties !== undefined || items !== undefined;
}

/** What a value may be, in words: `string`, `integer, 1 to 500`, `list of objects`, `"a" or "b"`, `string or null`. */
export function typeText(schema: JsonSchema, schemas: Schemas): string {
  const found = resolved(schema, schemas);
  if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (found.const !== undefined) return JSON.stringify(found.const);
  const choices = [...(found.anyOf ?? []), ...(found.oneOf ?? [])];
  if (choices.length > 0) return [...new Set(choices.map((choice) => typeText(choice, schemas)))].join(" or ");
  if (found.allOf?.[0]) return typeText(found.allOf[0], schemas);
  const types = found.type === undefined ? [found.properties ? "object" : "anything"] : [found.type].flat();
  return types.map((type) => oneType(type, found, schemas)).join(" or ") + boundsText(found);
}

function oneType(type: string, schema: JsonSchema, schemas: Schemas): string {
  if (type === "array") return schema.items ? `list of ${typeText(schema.items, schemas)}` : "list";
  if (type === "string" && schema.format) return schema.format === "binary" ? "file" : `string (${schema.format})`;
  return type;
}

function boundsText({ minimum, maximum, minLength, maxLength, minItems, maxItems }: JsonSchema): string {
  const pairs: [number | undefined, number | undefined, string][] = [
    [minimum, maximum, ""],
    [minLength, maxLength, " characters"],
    [minItems, maxItems, " items"],
  ];
  return pairs.map(([from, to, unit]) => boundText(from, to, unit)).join("");
}

function boundText(from: number | undefined, to: number | undefined, unit: string): string {
  const low = from !== undefined && from > Number.MIN_SAFE_INTEGER ? from : undefined;
  const high = to !== undefined && to < Number.MAX_SAFE_INTEGER ? to : undefined;
  if (low !== undefined && high !== undefined) return `, ${low} to ${high}${unit}`;
  if (low !== undefined) return `, ${low}${unit} or more`;
  return high === undefined ? "" : `, at most ${high}${unit}`;
}

function resolved(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const name = schema.$ref?.split("/").at(-1);
  return (name === undefined ? undefined : schemas[name]) ?? schema;
}
