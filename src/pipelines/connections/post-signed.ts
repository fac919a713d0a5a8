import { signWebhook } from "../../alerts/sign-webhook.ts";
import { DeliveryError, isDeliveryError, excerpt } from "../delivery/delivery-error.ts";
import type { OpenedHttp } from "./connection-input.ts";
import { Silence, TIME_LIMITS } from "./time-limits.ts";
import { messageOf } from "../../lib/message-of.ts";

/** So many bytes are handed over at a time: then it is seen whether they are taken. */
const PIECE_BYTES = 65_536;

/**
 * Sends a body to an http connection, with X-Tiltyard-Timestamp (seconds) and X-Tiltyard-Signature: `sha256=` and the HMAC-SHA-256 of
 * `timestamp.body`. A 2xx answer within 60 s after the body has been sent is success, anything else a DeliveryError; a receiver that takes
 * nothing of the body for 60 s is given up too. Redirects are not followed.
 */
export async function postSigned(
  { settings, secret }: OpenedHttp,
  body: string,
  headers: Record<string, string>,
  nowMs: number,
  limitMs: number = TIME_LIMITS.statementMs,
): Promise<void> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const { host } = new URL(settings.url);
  const silence = new Silence(limitMs);
  try {
    const response = await fetch(settings.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-ndjson",
        "user-agent": "Tiltyard",
        "x-tiltyard-timestamp": timestamp,
        "x-tiltyard-signature": await signWebhook(secret.signing_key, timestamp, body),
        ...headers,
      },
      body: sent(new TextEncoder().encode(body), silence),
      // A redirect could lead to an address that may not be called.
      redirect: "manual",
      signal: silence.signal,
    });
    await response.body?.cancel();
    if (!response.ok) throw refusal(response, host, nowMs);
  } catch (error) {
    throw httpError(error, host, limitMs);
  } finally {
    silence.end();
  }
}

/** The bytes as a body of that length; the time begins anew with each piece that is taken. */
function sent(bytes: Uint8Array, silence: Silence): ReadableStream<Uint8Array> | string {
  if (bytes.length === 0) return "";
  const { readable, writable } = new FixedLengthStream(bytes.length);
  const writer = writable.getWriter();
  const send = async (): Promise<void> => {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      await writer.write(bytes.subarray(at, at + PIECE_BYTES));
      silence.begin();
    }
    await writer.close();
    silence.begin();
  };
  // Who does not take it to the end has answered, or is given up: the call says so.
  void send().catch(() => undefined);
  return readable;
}

/** How long the receiver asks to be left alone, ms: seconds, or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterMs({ headers }: Response, nowMs: number): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function refusal(response: Response, host: string, nowMs: number): DeliveryError {
  const { status } = response;
  if (status >= 300 && status < 400)
    return new DeliveryError(
      "refused",
      `${host} answered ${status}, a redirect, which is not followed. Give the address that it leads to.`,
    );
  if (status === 401 || status === 403)
    return new DeliveryError(
      "no_right",
      `${host} answered ${status}. Check that it verifies the signature with the signing key of this connection.`,
    );
  if (status === 404 || status === 410)
    return new DeliveryError("refused", `${host} answered ${status}. Check the path of the URL.`);
  if (status === 413) return new DeliveryError("refused", `${host} answered 413. It must accept bodies of 5 MB.`);
  const isRetryable = status === 408 || status === 425 || status === 429 || status >= 500;
  const refused = new DeliveryError("refused", `${host} answered ${status}. Check its log.`, isRetryable);
  if (isRetryable) refused.retryAfterMs = retryAfterMs(response, nowMs);
  return refused;
}

function httpError(error: unknown, host: string, limitMs: number): DeliveryError {
  if (isDeliveryError(error)) return error;
  if (error instanceof Error && error.name === "TimeoutError")
    return new DeliveryError("timeout", `${host} did not answer within ${limitMs / 1_000} s.`, true);
  const message = excerpt(messageOf(error));
  if (/tls|ssl|certificate/i.test(message))
    return new DeliveryError(
      "tls",
      `The encrypted connection to ${host} failed (${message}). Its certificate must be valid.`,
    );
  return new DeliveryError("unreachable", `No answer from ${host}. Check the URL.`, true, { cause: error });
}
