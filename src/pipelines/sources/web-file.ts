import { outgoingUrlProblem } from "../../lib/outgoing-url.ts";
import { Silence } from "../connections/time-limits.ts";
import { SourceError } from "./source-error.ts";

const REDIRECTS_MAX = 5;
export const SOURCE_BYTES_MAX = 5_000_000_000;
/** Without a byte for so long, the other side is taken for dead. */
export const SILENCE_MS = 60_000;

const TYPES = new Set([
  "text/csv",
  "text/plain",
  "text/tab-separated-values",
  "application/csv",
  "application/x-csv",
  "application/vnd.ms-excel",
  "application/octet-stream",
  "binary/octet-stream",
  "application/vnd.apache.parquet",
  "application/x-parquet",
]);

/**
 * The bytes behind a URL that a user named. Redirects are followed by hand, up to five, and each address is checked like the first;
 * at most 5 GB; only types that a table may have. Throws SourceError with what is wrong, which may be while reading.
 */
export async function readUrl(
  url: string,
  ports: { fetch: typeof fetch; allowPrivate: boolean },
): Promise<AsyncIterable<Uint8Array>> {
  const silence = new Silence(SILENCE_MS);
  try {
    const response = await follow(url, ports, silence.signal);
    const body = await acceptedBody(response);
    return limitedBytes(body, Number(response.headers.get("content-length") ?? "0"), silence);
  } catch (error) {
    silence.end();
    throw error;
  }
}

async function acceptedBody(response: Response): Promise<ReadableStream<Uint8Array>> {
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw refusedStatus(response.status);
  }
  const type = (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== "" && !TYPES.has(type)) {
    await response.body.cancel();
    throw new SourceError(
      "url_type",
      `The URL answers with ${type.slice(0, 80)}, not with a CSV or Parquet file. Give the address of the file itself.`,
    );
  }
  return response.body;
}

async function follow(
  url: string,
  { fetch: call, allowPrivate }: { fetch: typeof fetch; allowPrivate: boolean },
  signal: AbortSignal,
): Promise<Response> {
  let address = url;
  for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
    const problem = outgoingUrlProblem(address, allowPrivate);
    if (problem !== null)
      throw new SourceError(
        "url_address",
        hops === 0 ? problem : `The URL redirects to an address that is not called. ${problem}`,
      );
    const response = await reached(
      call(address, { redirect: "manual", signal, headers: { accept: "text/csv, */*;q=0.5" } }),
    );
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    if (!URL.canParse(location, address))
      throw new SourceError(
        "url_redirect",
        "The URL redirects to an invalid address. Give the address of the file itself.",
      );
    address = new URL(location, address).href;
  }
  throw new SourceError(
    "url_redirect",
    `The URL redirects more than ${REDIRECTS_MAX} times. Give the address of the file itself.`,
  );
}

/** Counts the bytes of a body and gives up past 5 GB or when no more come. */
export async function* limitedBytes(
  body: AsyncIterable<Uint8Array>,
  declared: number,
  silence = new Silence(SILENCE_MS),
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  try {
    if (declared > SOURCE_BYTES_MAX) throw tooLarge();
    for await (const chunk of body) {
      silence.end();
      bytes += chunk.length;
      if (bytes > SOURCE_BYTES_MAX) throw tooLarge();
      yield chunk;
      silence.begin();
    }
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw brokenOff(error);
  } finally {
    silence.end();
  }
}

/** The answer to a call; throws SourceError where there is none. */
export async function reached(call: Promise<Response>): Promise<Response> {
  try {
    return await call;
  } catch (error) {
    const isSilent = error instanceof Error && error.name === "TimeoutError";
    const reason = isSilent ? `did not answer within ${SILENCE_MS / 1_000} s` : "could not be reached";
    throw new SourceError(
      "source_unreachable",
      `The address of the source ${reason}. Look whether it is right and the server runs, and try again.`,
      true,
      {
        cause: error,
      },
    );
  }
}

function brokenOff(error: unknown): SourceError {
  return new SourceError("source_broken_off", "The source broke off before its end. Try again.", true, {
    cause: error,
  });
}

function tooLarge(): SourceError {
  return new SourceError("source_too_large", "The source has more than 5 GB, which is the limit. Split it.");
}

function refusedStatus(status: number): SourceError {
  const isPassing = status >= 500 || status === 429 || status === 408;
  const cure = isPassing ? "Try again later." : "Look whether the address is right and open to everybody who has it.";
  return new SourceError("url_status", `The URL answers with status ${status} instead of a file. ${cure}`, isPassing);
}
