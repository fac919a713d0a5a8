import type { Context } from "hono";
import { LIMITS } from "./config.ts";
import {
  AppError,
  CREDENTIAL_NEEDED,
  type ErrorCode,
  type FieldError,
  invalid,
  isAppError,
  STATUS_OF_CODE,
} from "./errors.ts";
import type { Caller } from "./access/caller.ts";
import { isPacked, unpackedBody } from "./packed-body.ts";

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
  method_not_allowed: "Method not allowed",
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

/**
 * What a program is told of an error: a refusal as it is, and 401 where it named something unknown without a credential, as for what is
 * there and not public. A bug is logged with the request id, and nothing of the inside is said.
 */
export function refusalFor(error: unknown, requestId: string): Pick<AppError, "code" | "message" | "details"> {
  const refusal = refusalOnPage(error, requestId);
  return refusal.details?.askedByNobody ? new AppError("unauthorized", CREDENTIAL_NEEDED) : refusal;
}

/** The same for people: a mistyped address is told as such, because a sign-in would not help. */
export function refusalOnPage(error: unknown, requestId: string): Pick<AppError, "code" | "message" | "details"> {
  if (isAppError(error)) return error;
  console.error(`request ${requestId}`, error);
  return new AppError("internal", "The server failed. Try again. If the error persists, report the request id.");
}

/** Headers that go with a refusal, whatever its body looks like. */
export function refusalHeaders({ code, details }: Pick<AppError, "code" | "details">): [string, string][] {
  const headers: [string, string][] = [];
  if (details?.retryAfterSeconds !== undefined) headers.push(["retry-after", String(details.retryAfterSeconds)]);
  if (details?.allow) headers.push(["allow", details.allow.join(", ")]);
  if (code === "unauthorized") headers.push(["www-authenticate", 'Bearer realm="tiltyard"']);
  return headers;
}

export function problemResponse(error: Pick<AppError, "code" | "message" | "details">, requestId: string): Response {
  const headers = new Headers({
    "content-type": "application/problem+json; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
  for (const [name, value] of refusalHeaders(error)) headers.set(name, value);
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
  if (length === null || isPacked(request)) {
    return decodeJsonText(await readBytes(request, LIMITS.jsonBytesMax, tooLarge));
  }
  if (Number(length) > LIMITS.jsonBytesMax) throw tooLarge();
  // text() costs a fifth of a prediction less than bytes and a decoder. It puts U+FFFD where the bytes are not UTF-8, and that
  // makes the text longer than the body was, but for a character cut off in its fourth byte.
  const text = await request.text();
  if (text.includes("\uFFFD") && encoder.encode(text).byteLength > Number(length)) throw notUtf8();
  return text;
}

const DROPPED_BYTES_MAX = 100_000_000;

/** The bytes of a body, unpacked; `tooLarge` is thrown past `bytesMax`, and no more than that is ever held. */
export async function readBytes(request: Request, bytesMax: number, tooLarge: () => AppError): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? "0");
  if (declared > bytesMax && !isPacked(request)) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of unpackedBody(request)) {
    bytes += piece.byteLength;
    if (bytes <= bytesMax) pieces.push(piece);
    // What a client still sends is read to its end, so that it sees the answer; what a few bytes unpack to is not.
    else if (isPacked(request) || bytes > bytesMax + DROPPED_BYTES_MAX) throw tooLarge();
  }
  if (bytes > bytesMax) throw tooLarge();
  const [only] = pieces;
  if (only && pieces.length === 1) return only;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

function decodeJsonText(bytes: Uint8Array): string {
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
    // The parser's own words are those of an engine; where it stopped is what helps.
    const at = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    const where = at === undefined ? "it ends too early" : `see character ${Number(at) + 1}`;
    throw new AppError(
      "malformed",
      `The body is not valid JSON: ${where}. NaN and Infinity are not JSON; send null for a missing value.`,
    );
  }
}

const DRAIN_MS_MAX = 30_000;

/**
 * Reads what nobody has read of a body, without keeping it, for 30 s at most: a client that is still sending when the answer comes would
 * see a broken connection, and not the answer. Never throws.
 */
export async function drainBody(request: Request): Promise<void> {
  const { body } = request;
  if (body === null || request.bodyUsed || body.locked) return;
  try {
    await body.pipeTo(new WritableStream(), { signal: AbortSignal.timeout(DRAIN_MS_MAX) });
  } catch (error) {
    console.warn("the rest of a body was not read", error);
  }
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
