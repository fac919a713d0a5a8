import { signWebhook } from "../../alerts/sign-webhook.ts";
import { DeliveryError, isDeliveryError, excerpt } from "../delivery/delivery-error.ts";
import type { OpenedHttp } from "./connection-input.ts";
import { TIME_LIMITS } from "./time-limits.ts";
import { messageOf } from "../../lib/message-of.ts";

/**
 * Sends a body to an http connection, with X-Tiltyard-Timestamp (seconds) and X-Tiltyard-Signature: `sha256=` and the HMAC-SHA-256 of
 * `timestamp.body`. A 2xx answer within 60 s is success, anything else a DeliveryError; redirects are not followed.
 */
export async function postSigned(
  { settings, secret }: OpenedHttp,
  body: string,
  headers: Record<string, string>,
  nowMs: number,
): Promise<void> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const { host } = new URL(settings.url);
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
      body,
      // A redirect could lead to an address that may not be called.
      redirect: "manual",
      signal: AbortSignal.timeout(TIME_LIMITS.statementMs),
    });
    await response.body?.cancel();
    if (!response.ok) throw refusal(response.status, host);
  } catch (error) {
    throw httpError(error, host);
  }
}

function refusal(status: number, host: string): DeliveryError {
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
  return new DeliveryError("refused", `${host} answered ${status}. Check its log.`, isRetryable);
}

function httpError(error: unknown, host: string): DeliveryError {
  if (isDeliveryError(error)) return error;
  if (error instanceof Error && error.name === "TimeoutError")
    return new DeliveryError("timeout", `${host} did not answer within ${TIME_LIMITS.statementMs / 1_000} s.`, true);
  const message = excerpt(messageOf(error));
  if (/tls|ssl|certificate/i.test(message))
    return new DeliveryError(
      "tls",
      `The encrypted connection to ${host} failed (${message}). Its certificate must be valid.`,
    );
  return new DeliveryError("unreachable", `No answer from ${host}. Check the URL.`, true, { cause: error });
}
