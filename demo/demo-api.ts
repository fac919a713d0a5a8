import { z } from "zod";

// A cold runtime on a small machine loads a model in seconds; after minutes, it hangs.
const WAIT_MS_MAX = 180_000;
const CALL_MS_MAX = 60_000;
const POLL_MS = 250;
const ANSWER_CHARACTERS_SHOWN = 2_000;

export interface DemoApi {
  get: <T>(path: string, answer: z.ZodType<T>) => Promise<T>;
  /** Objects travel as JSON, FormData as multipart, a Blob as it is. */
  post: <T>(path: string, answer: z.ZodType<T>, body: FormData | Blob | object) => Promise<T>;
  put: <T>(path: string, answer: z.ZodType<T>, body: Blob) => Promise<T>;
}

/**
 * Calls the API at `baseUrl`, with `token` as bearer token if given, and parses each answer. 429 and 503 are tried
 * again after the Retry-After of the server; any other refusal, and a timeout, is an Error with the call and the answer.
 */
export function connectDemoApi(baseUrl: string, log: (line: string) => void, token?: string): DemoApi {
  const headers = new Headers({ accept: "application/json" });
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);

  async function call<T>(name: string, url: URL, init: RequestInit, answer: z.ZodType<T>) {
    const deadlineMs = Date.now() + WAIT_MS_MAX;
    for (;;) {
      const { response, text } = await send(name, url, init);
      if (response.ok) return parseAnswer(name, answer, text);
      const retryAfterMs = retryAfter(response);
      if (retryAfterMs === null || Date.now() + retryAfterMs > deadlineMs) {
        throw new Error(`${name} answered ${response.status}: ${shorten(text)}`);
      }
      log(`${name} answered ${response.status}; trying again in ${retryAfterMs / 1000} s.`);
      await sleep(retryAfterMs);
    }
  }

  function sending(method: string, path: string, body: FormData | Blob | object): [string, URL, RequestInit] {
    const sent = new Headers(headers);
    const isJson = !(body instanceof FormData || body instanceof Blob);
    if (isJson) sent.set("content-type", "application/json");
    if (body instanceof Blob) sent.set("content-type", body.type);
    const init = { method, headers: sent, body: isJson ? JSON.stringify(body) : body };
    return [`${method} ${path}`, new URL(path, baseUrl), init];
  }

  return {
    get: (path, answer) => call(`GET ${path}`, new URL(path, baseUrl), { method: "GET", headers }, answer),
    post: (path, answer, body) => call(...sending("POST", path, body), answer),
    put: (path, answer, body) => call(...sending("PUT", path, body), answer),
  };
}

/** Polls `path` until `stateOf` the answer is `done`; throws with the whole answer on "failed" and after three minutes. */
export async function waitForState<T>(
  api: DemoApi,
  path: string,
  answer: z.ZodType<T>,
  stateOf: (answer: T) => string,
  done: string,
): Promise<T> {
  const deadlineMs = Date.now() + WAIT_MS_MAX;
  for (;;) {
    // Loose: a failure must show fields that `answer` does not name, such as the error text.
    const text = JSON.stringify(await api.get(path, z.looseObject({})));
    const parsed = parseAnswer(`GET ${path}`, answer, text);
    const state = stateOf(parsed);
    if (state === done) return parsed;
    if (state === "failed") throw new Error(`GET ${path} says "failed": ${shorten(text)}`);
    if (Date.now() > deadlineMs) {
      throw new Error(
        `GET ${path} still says "${state}" after ${WAIT_MS_MAX / 1000} s, not "${done}": ${shorten(text)}`,
      );
    }
    await sleep(POLL_MS);
  }
}

async function send(name: string, url: URL, init: RequestInit) {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(CALL_MS_MAX) });
    return { response, text: await response.text() };
  } catch (error) {
    throw new Error(`${name} got no answer from ${url.origin}: ${String(error)}`, { cause: error });
  }
}

/** The Retry-After of the server in milliseconds, or null. */
function retryAfter(response: Response): number | null {
  if (response.status !== 429 && response.status !== 503) return null;
  const seconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  return Number.isNaN(seconds) ? null : Math.max(seconds * 1000, POLL_MS);
}

function parseAnswer<T>(name: string, answer: z.ZodType<T>, text: string): T {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} answered what is not JSON: ${shorten(text)}`, { cause: error });
  }
  const parsed = answer.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Error(`${name} answered something unexpected (${z.prettifyError(parsed.error)}): ${shorten(text)}`);
}

function shorten(text: string): string {
  return text.slice(0, ANSWER_CHARACTERS_SHOWN);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
