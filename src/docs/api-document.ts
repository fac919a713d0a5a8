import { z } from "zod";
import { type JsonSchema, jsonSchema } from "./json-schema.ts";

const media = z.object({ schema: jsonSchema.optional() });
const content = z.record(z.string(), media).optional();
const operation = z.object({
  tags: z.array(z.string()).optional(),
  summary: z.string().optional(),
  description: z.string().optional(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.string(),
        required: z.boolean().optional(),
        description: z.string().optional(),
        schema: jsonSchema.optional(),
      }),
    )
    .optional(),
  requestBody: z.object({ content, required: z.boolean().optional() }).optional(),
  security: z.array(z.record(z.string(), z.unknown())).optional(),
  responses: z.record(z.string(), z.object({ description: z.string().optional(), content })).optional(),
});

const METHODS = ["get", "post", "put", "patch", "delete"] as const;
const document = z.object({
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.partialRecord(z.enum(METHODS), operation)),
  components: z.object({ schemas: z.record(z.string(), jsonSchema).optional() }).optional(),
});

export interface ApiCall {
  method: string;
  path: string;
  summary: string;
  description: string;
  parameters: { name: string; place: string; required: boolean; schema: JsonSchema; description: string }[];
  /** Whether a bearer token is asked for, may be sent, or is none of the call's business. */
  credential: "required" | "optional" | "none";
  /** One for each content type that the call takes. */
  bodies: ApiBody[];
  responses: { status: string; description: string; body: ApiBody | null }[];
}

export interface ApiBody {
  type: string;
  schema: JsonSchema;
}

export interface ApiGroup {
  tag: string;
  calls: ApiCall[];
}

export interface ApiDocument {
  version: string;
  groups: ApiGroup[];
  /** What `$ref` points at. */
  schemas: Readonly<Record<string, JsonSchema>>;
}

/** An OpenAPI document as the documentation page shows it: its calls by their first tag, both in the order of the document. */
export function readApiDocument(source: unknown): ApiDocument {
  const { info, paths, components } = document.parse(source);
  const groups = new Map<string, ApiCall[]>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const method of METHODS) {
      const found = operations[method];
      if (!found) continue;
      const tag = found.tags?.[0] ?? "Other";
      groups.set(tag, [...(groups.get(tag) ?? []), callOf(method, path, found)]);
    }
  }
  return {
    version: info.version,
    groups: [...groups].map(([tag, calls]) => ({ tag, calls })),
    schemas: components?.schemas ?? {},
  };
}

function callOf(method: string, path: string, found: z.infer<typeof operation>): ApiCall {
  return {
    method: method.toUpperCase(),
    path,
    summary: found.summary ?? "",
    description: found.description ?? "",
    parameters: (found.parameters ?? []).map(
      ({ name, in: place, required = false, schema = {}, description = schema.description ?? "" }) => ({
        name,
        place,
        required,
        schema,
        description,
      }),
    ),
    credential: credentialOf(found.security),
    bodies: bodiesOf(found.requestBody?.content),
    responses: Object.entries(found.responses ?? {}).map(([status, response]) => ({
      status,
      description: response.description ?? "",
      body: bodiesOf(response.content)[0] ?? null,
    })),
  };
}

/** An operation that says nothing of it has what the document says: a bearer token. */
function credentialOf(security: z.infer<typeof operation>["security"]): ApiCall["credential"] {
  if (!security) return "required";
  if (security.length === 0) return "none";
  return security.some((one) => Object.keys(one).length === 0) ? "optional" : "required";
}

function bodiesOf(found: z.infer<typeof content>): ApiBody[] {
  return Object.entries(found ?? {}).map(([type, { schema = {} }]) => ({ type, schema }));
}
