import { type HonoOpenAPIRouterType, OpenAPIRoute, type OpenAPIRouteSchema } from "chanfana";
import { z } from "zod";
import { LIMITS } from "./config.ts";
import { AppError, type FieldError, isAppError } from "./errors.ts";
import { type AppContext, type AppEnv, readJson } from "./http.ts";
import { inputSentence } from "./input-sentence.ts";
import { pathText, refuseUnknownMembers, refuseUnknownWords } from "./unknown-members.ts";

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
  /** A list, that takes `limit` and `cursor`: the handler reads them with pageRequest. */
  isPaged?: true;
  /** Headers that the handler reads by itself: what the document says of them. */
  headers?: z.ZodObject;
  /** A bearer token is asked for, unless this says that some things may be had without one. */
  credential?: "optional";
  /** JSON body; it is read with the limits of the contract. */
  body?: B;
  /** What the document says of a body that the handler reads by itself. */
  describedBody?: z.ZodType;
  /** For endpoints that read multipart or raw bodies themselves: what the document says of them. */
  upload?: Record<string, z.ZodType>;
  /** Further content types of such a body, with what the document says of the bytes. */
  raw?: Record<string, z.ZodType>;
  responses: Record<number, { description: string; schema?: z.ZodType }>;
}

/**
 * One endpoint: the OpenAPI entry and the handler in one. `params`, `query` and `body` reach the handler parsed;
 * what does not fit, or has members or query words that are unknown, is answered 422 `invalid_input` with the path of each thing that is
 * wrong. That happens when the handler reaches for it: a handler that looks at the caller's rights first tells nobody else how its input
 * should have been. Words of the query are an exception: which are known is no secret.
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
  const words = [...Object.keys(spec.query?.shape ?? {}), ...(spec.isPaged ? Object.keys(pageQuery.shape) : [])];
  const route = class extends OpenAPIRoute {
    // By a name of its own each would get the same operation id; without one that is made of method and path.
    static override readonly name = "";
    override schema = schema;

    override async handle(c: AppContext): Promise<Response> {
      refuseUnknownWords(words, Object.keys(c.req.query()));
      return handle(c, {
        params: (await orRefused(() => parsePart(spec.params, c.req.param()), c.req.param())) as Parsed<P>,
        query: (await orRefused(() => parsePart(spec.query, c.req.query()))) as Parsed<Q>,
        body: (await orRefused(async () =>
          parseBody(spec.body, spec.body && (await readJson(c.req.raw))),
        )) as Parsed<B>,
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
  const query = spec.isPaged ? pageQuery.extend(spec.query?.shape ?? {}) : spec.query;
  if (query) request.query = query;
  if (spec.headers) request.headers = spec.headers;
  const body = documentedBody(spec);
  if (body) request.body = body;
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
    ...(spec.credential === "optional" ? { security: OPTIONAL_CREDENTIAL } : {}),
    request,
    responses,
  };
}

const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(LIMITS.listItemsMax).default(LIMITS.listItemsDefault).optional(),
  cursor: z.string().optional().describe("`next_cursor` of the page before"),
});

/** What OpenAPI says of a call that may come with a bearer token or with none. */
export const OPTIONAL_CREDENTIAL: Record<string, string[]>[] = [{}, { bearer: [] }];

/** The body by content type; null where none is read. An empty body is `{}`, so what takes that may come without one. */
function documentedBody({
  body,
  describedBody,
  upload,
  raw,
}: Pick<EndpointSpec<undefined, undefined, z.ZodType | undefined>, "body" | "describedBody" | "upload" | "raw">) {
  const json = describedBody ?? body;
  const content = Object.fromEntries(
    Object.entries({
      ...(json && { "application/json": json }),
      ...(upload && { "multipart/form-data": z.object(upload) }),
      ...raw,
    }).map(([type, schema]) => [type, { schema }]),
  );
  if (Object.keys(content).length === 0) return null;
  return { content, required: !body?.safeParse({}).success };
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

/** What `parse` gives; where it refuses, an object that throws the refusal when anything but the `known` members is read from it. */
async function orRefused(parse: () => unknown, known: Record<string, string> = {}): Promise<unknown> {
  try {
    return await parse();
  } catch (error) {
    if (!isAppError(error)) throw error;
    return refusing(error, known);
  }
}

type Refusal = Pick<AppError, "details">;

/** The refusals that stand in for parts of a request that do not fit. */
const refusals = new WeakMap<object, Refusal>();

function refusing(error: Refusal, known: object): object {
  const wrong = new Set(error.details?.errors?.map(({ path }) => path));
  const refuse = (): never => {
    throw error;
  };
  const get = (_: object, member: string | symbol): unknown => {
    // Whoever waits for the object asks whether it is a promise.
    if (member === "then") return undefined;
    return typeof member === "string" && member in known && !wrong.has(member) ? Reflect.get(known, member) : refuse();
  };
  const standIn = new Proxy({}, { get, has: refuse, ownKeys: refuse });
  refusals.set(standIn, error);
  return standIn;
}

/**
 * The input of a verb: what the path names, and the body. A body that does not fit is refused when the verb reads it, behind its
 * check of the caller's rights.
 */
export function verbInput<Names extends object, Body extends object>(names: Names, body: Body): Names & Body {
  const refusal = refusals.get(body);
  if (refusal === undefined) return { ...body, ...names };
  // It has the members of both types, or throws.
  return refusing(refusal, names) as Names & Body;
}

function parseBody(schema: z.ZodType | undefined, value: unknown): unknown {
  return schema && parseJsonBody(schema, value);
}

/** As parseInput, for a whole JSON body: members that the schema does not know are refused as well. */
export function parseJsonBody<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = parseInput(schema, value);
  refuseUnknownMembers(schema, value);
  return parsed;
}

function parsePart(schema: z.ZodType | undefined, value: unknown): unknown {
  return schema ? parseInput(schema, value) : undefined;
}

/** Parses untrusted input; throws 422 `invalid_input` naming each place that is wrong, as in `rows[3].age`. `part` is what it came in. */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, part?: string): z.output<T> {
  const result = schema.safeParse(value, { error: inputSentence });
  if (result.success) return result.data;
  const errors: FieldError[] = result.error.issues.slice(0, 50).map((issue) => ({
    path: pathText(part === undefined ? issue.path : [part, ...issue.path]),
    message: issue.message,
  }));
  const [first] = errors;
  const where = first?.path ? `${first.path}: ` : "";
  throw new AppError("invalid_input", `${where}${first?.message ?? "The input is not valid."}`, { errors });
}
