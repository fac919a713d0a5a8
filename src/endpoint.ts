import { type HonoOpenAPIRouterType, OpenAPIRoute, type OpenAPIRouteSchema } from "chanfana";
import { z } from "zod";
import { AppError, type FieldError } from "./errors.ts";
import { type AppContext, type AppEnv, readJson } from "./http.ts";

/** The router on which the domains mount their endpoints; the OpenAPI document is made from it. */
export type Api = HonoOpenAPIRouterType<AppEnv>;

type Parsed<T extends z.ZodType | undefined> = T extends z.ZodType ? z.output<T> : undefined;

interface EndpointSpec<
  P extends z.ZodObject | undefined,
  Q extends z.ZodObject | undefined,
  B extends z.ZodType | undefined,
> {
  tag: string;
  summary: string;
  description?: string;
  params?: P;
  query?: Q;
  /** JSON body; it is read with the limits of the contract. */
  body?: B;
  /** What the document says of a body that the handler reads by itself. */
  describedBody?: z.ZodType;
  /** For endpoints that read multipart or raw bodies themselves: what the document says of them. */
  upload?: Record<string, z.ZodType>;
  responses: Record<number, { description: string; schema?: z.ZodType }>;
}

/**
 * One endpoint: the OpenAPI entry and the handler in one. `params`, `query` and `body` reach the handler parsed;
 * what does not fit is answered 422 `invalid_input` with the path of each thing that is wrong.
 */
export function endpoint<
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  spec: EndpointSpec<P, Q, B>,
  handle: (c: AppContext, input: { params: Parsed<P>; query: Parsed<Q>; body: Parsed<B> }) => Promise<Response>,
): typeof OpenAPIRoute {
  const schema = documented(spec);
  const route = class extends OpenAPIRoute {
    override schema = schema;

    override async handle(c: AppContext): Promise<Response> {
      return handle(c, {
        params: parsePart(spec.params, c.req.param()) as Parsed<P>,
        query: parsePart(spec.query, c.req.query()) as Parsed<Q>,
        body: (spec.body ? parseInput(spec.body, await readJson(c.req.raw)) : undefined) as Parsed<B>,
      });
    }

    // Reading and checking happen in `handle`, with our limits and our errors.
    override async execute(c: AppContext): Promise<Response> {
      return this.handle(c);
    }
  };
  // The router wants the base class itself; ours narrows its arguments to the one that the Hono adapter gives.
  return route as unknown as typeof OpenAPIRoute;
}

function documented(
  spec: EndpointSpec<z.ZodObject | undefined, z.ZodObject | undefined, z.ZodType | undefined>,
): OpenAPIRouteSchema {
  const request: NonNullable<OpenAPIRouteSchema["request"]> = {};
  if (spec.params) request.params = spec.params;
  if (spec.query) request.query = spec.query;
  if (spec.body) request.body = { content: { "application/json": { schema: spec.body } } };
  if (spec.describedBody) request.body = { content: { "application/json": { schema: spec.describedBody } } };
  if (spec.upload) request.body = { content: { "multipart/form-data": { schema: z.object(spec.upload) } } };
  const responses: NonNullable<OpenAPIRouteSchema["responses"]> = {};
  for (const [status, { description, schema }] of Object.entries(spec.responses)) {
    responses[status] = schema ? { description, content: { "application/json": { schema } } } : { description };
  }
  responses["default"] = {
    description: "A refusal: RFC 9457 problem document with a stable `code`",
    content: { "application/problem+json": { schema: problemSchema } },
  };
  return {
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description ? { description: spec.description } : {}),
    request,
    responses,
  };
}

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

function parsePart(schema: z.ZodType | undefined, value: unknown): unknown {
  return schema ? parseInput(schema, value) : undefined;
}

/** Parses untrusted input; throws 422 `invalid_input` naming each place that is wrong, as in `rows[3].age`. `part` is what it came in. */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, part?: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors: FieldError[] = result.error.issues.slice(0, 50).map((issue) => ({
    path: pathText(part === undefined ? issue.path : [part, ...issue.path]),
    message: issue.message,
  }));
  const [first] = errors;
  const where = first?.path ? `${first.path}: ` : "";
  throw new AppError("invalid_input", `${where}${first?.message ?? "The input is not valid."}`, { errors });
}

/** `["rows", 3, "age"]` as `rows[3].age`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}
