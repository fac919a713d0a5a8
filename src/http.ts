import type { Context } from "hono";
import { LIMITS } from "./config.ts";
import { AppError, type ErrorCode, type FieldError, invalid, isAppError, STATUS_OF_CODE } from "./errors.ts";
import type { Caller } from "./access/caller.ts";

/** What every route finds in its context. */
export interface AppEnv {
  Bindings: Env;
  Variables: { requestId: string | undefined; caller: Caller };
}

export type AppContext = Context<AppEnv>;

/** The id under which the logs name this request; made on first use. */
export function requestIdOf(c: AppContext): string {
  const present = c.get("requestId");
  if (present !== undefined) return present;
  const made = crypto.randomUUID();
  c.set("requestId", made);
  return made;
}

const TITLES: Record<ErrorCode, string> = {
  malformed: "Malformed request",
  unauthorized: "Sign in required",
  forbidden: "Not allowed",
  not_found: "Not found",
  conflict: "Conflict with the current state",
  too_large: "Too large",
  unsupported_media_type: "Unsupported content type",
  invalid_input: "The input is not valid",
  model_refused: "The model was refused",
  model_load: "The model could not be loaded",
  model_memory: "The model needs too much memory",
  model_run: "The model could not predict",
  rate_limited: "Too many requests",
  internal: "Internal error",
  not_running: "The deployment is not running",
};

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  request_id: string;
  errors?: FieldError[];
}

/** The RFC 9457 document of a refusal. */
export function problemOf(error: Pick<AppError, "code" | "message" | "details">, requestId: string): Problem {
  const problem: Problem = {
    type: `urn:tiltyard:error:${error.code}`,
    title: TITLES[error.code],
    status: STATUS_OF_CODE[error.code],
    detail: error.message,
    code: error.code,
    request_id: requestId,
  };
  if (error.details?.errors) problem.errors = error.details.errors;
  return { ...error.details?.extra, ...problem };
}

/** What a caller is told of an error: a refusal as it is; a bug is logged with the request id, and nothing of the inside is said. */
export function refusalFor(error: unknown, requestId: string): Pick<AppError, "code" | "message" | "details"> {
  if (isAppError(error)) return error;
  console.error(`request ${requestId}`, error);
  return new AppError("internal", "The server failed. Try again. If the error persists, report the request id.");
}

export function problemResponse(error: Pick<AppError, "code" | "message" | "details">, requestId: string): Response {
  const headers = new Headers({
    "content-type": "application/problem+json; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
  const retryAfter = error.details?.retryAfterSeconds;
  if (retryAfter !== undefined) headers.set("retry-after", String(retryAfter));
  if (error.code === "unauthorized") headers.set("www-authenticate", 'Bearer realm="tiltyard"');
  return new Response(JSON.stringify(problemOf(error, requestId)), { status: STATUS_OF_CODE[error.code], headers });
}

/**
 * The JSON body of a request; an empty body is `{}`.
 * Refuses text that is not JSON (400), past 8 MB (413), deeper than 32 levels (422), or declared as something else (415).
 */
export async function readJson(request: Request): Promise<unknown> {
  return parseJson(await readJsonText(request));
}

/** The text of a JSON body, with the refusals of readJson that do not need it parsed. */
export async function readJsonText(request: Request): Promise<string> {
  const type = request.headers.get("content-type");
  if (type !== null && !/^(application\/([\w.+-]+\+)?json|text\/plain)\b/i.test(type)) {
    throw new AppError(
      "unsupported_media_type",
      `Send the body as application/json; this one says ${type.slice(0, 80)}.`,
    );
  }
  const length = request.headers.get("content-length");
  if (length === null) return decodeJsonText(await request.arrayBuffer());
  if (Number(length) > LIMITS.jsonBytesMax) {
    await discardBody(request);
    throw tooLarge();
  }
  // text() costs a fifth of a prediction less than bytes and a decoder. It puts U+FFFD where the bytes are not UTF-8, and that
  // makes the text longer than the body was, but for a character cut off in its fourth byte.
  const text = await request.text();
  if (text.includes("\uFFFD") && encoder.encode(text).byteLength > Number(length)) throw notUtf8();
  return text;
}

function decodeJsonText(bytes: ArrayBuffer): string {
  if (bytes.byteLength > LIMITS.jsonBytesMax) throw tooLarge();
  try {
    return utf8.decode(bytes);
  } catch {
    throw notUtf8();
  }
}

/** Parses the text of a body; an empty one is `{}`. 400 for text that is not JSON, 422 for JSON that is nested too deep. */
export function parseJson(text: string): unknown {
  if (text === "") return {};
  if (jsonDepth(text) > LIMITS.jsonDepthMax) {
    throw new AppError(
      "invalid_input",
      `The JSON is nested deeper than ${LIMITS.jsonDepthMax} levels. Send flatter data.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown reason";
    throw new AppError(
      "malformed",
      `The body is not valid JSON: ${reason.slice(0, 200)}. NaN and Infinity are not JSON; send null for a missing value.`,
    );
  }
}

/** Reads a body without keeping it: a client that is still sending would otherwise see a broken connection, and not the answer. */
export async function discardBody(request: Request): Promise<void> {
  await request.body?.pipeTo(new WritableStream());
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
const encoder = new TextEncoder();

function notUtf8(): AppError {
  return new AppError("malformed", "The body is not valid UTF-8. Send JSON encoded as UTF-8.");
}

function tooLarge(): AppError {
  return new AppError(
    "too_large",
    `A JSON body may be at most ${LIMITS.jsonBytesMax / 1_000_000} MB. Send fewer rows per call.`,
  );
}

/** The deepest nesting of arrays and objects in a JSON text, without parsing it. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charCodeAt(index);
    if (char === 0x22) index = endOfString(text, index);
    else if (char === 0x7b || char === 0x5b) deepest = Math.max(deepest, (depth += 1));
    else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return deepest;
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const char = text.charCodeAt(index);
    if (char === 0x5c) index += 1;
    else if (char === 0x22) return index;
  }
  return text.length;
}

/** A page of a list: `limit` items behind the opaque `cursor`. */
export interface PageRequest {
  limit: number;
  cursor: string | null;
}

/** Reads `?limit=&cursor=`; 422 when the limit is not a whole number from 1 to 500. */
export function pageRequest(c: AppContext): PageRequest {
  const text = c.req.query("limit");
  const limit = text === undefined ? LIMITS.listItemsDefault : Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMITS.listItemsMax) {
    const range = `from 1 to ${LIMITS.listItemsMax}`;
    throw invalid("limit", `limit must be a whole number ${range}.`, range);
  }
  return { limit, cursor: c.req.query("cursor") ?? null };
}

/** True when the caller is a browser that asked for a page: it gets pages and redirects instead of JSON. */
export function wantsPage(c: AppContext): boolean {
  return !c.req.path.startsWith("/api/") && (c.req.header("accept") ?? "").includes("text/html");
}

/** True when htmx asked: it gets the fragment instead of the page around it. */
export function isFragmentRequest(c: AppContext): boolean {
  return c.req.header("hx-request") === "true";
}

/** The origin that the links of answers begin with: the setting ORIGIN, else that of the request. */
export function originOf(c: AppContext): string {
  return c.env.ORIGIN || new URL(c.req.url).origin;
}
