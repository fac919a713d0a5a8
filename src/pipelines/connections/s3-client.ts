import { AwsClient } from "aws4fetch";
import { DeliveryError, isDeliveryError, excerpt } from "../delivery/delivery-error.ts";
import type { OpenedS3 } from "./connection-input.ts";
import { TIME_LIMITS } from "./time-limits.ts";
import { messageOf } from "../../lib/message-of.ts";

/** What is asked of an object: the query is of S3's API, as in `uploads` or `partNumber=1&uploadId=...`. */
export interface S3Request {
  method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  key: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer> | string;
}

/** Calls a bucket's objects, signed; answers that are no success are thrown as DeliveryError that says what to do. */
export type CallS3 = (request: S3Request) => Promise<Response>;

/** The client of a connection: one attempt a call, 60 s each, redirects not followed. */
export function s3Client({ settings, secret }: OpenedS3): CallS3 {
  const { endpoint, region, bucket, access_key_id: accessKeyId } = settings;
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey: secret.secret_access_key,
    region,
    service: "s3",
    // Who delivers tries again, with a pause that outlives this request.
    retries: 0,
  });
  return async ({ method, key, query = {}, headers = {}, body }) => {
    const path = [bucket, ...key.split("/")].map(encodeSegment).join("/");
    const search = new URLSearchParams(query).toString();
    const url = `${endpoint.replace(/\/+$/, "")}/${path}${search === "" ? "" : `?${search}`}`;
    try {
      const response = await client.fetch(url, {
        method,
        headers,
        redirect: "manual",
        signal: AbortSignal.timeout(TIME_LIMITS.statementMs),
        ...(body !== undefined && { body }),
      });
      if (response.ok) return response;
      throw s3Refusal(response.status, await response.text(), settings);
    } catch (error) {
      throw s3Error(error, endpoint);
    }
  };
}

/** A segment of a key as S3 signs it: encodeURIComponent leaves !'()* alone, and the signature then does not fit. */
export function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function s3Refusal(status: number, text: string, { endpoint, region, bucket }: OpenedS3["settings"]): DeliveryError {
  const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? "";
  if (code === "NoSuchBucket") return new DeliveryError("unknown_bucket", `${endpoint} has no bucket ${bucket}.`);
  if (code === "InvalidAccessKeyId" || code === "SignatureDoesNotMatch" || code === "Unauthorized" || status === 401)
    return new DeliveryError(
      "wrong_key",
      "The access key or its secret is wrong. Edit the connection and give a valid key.",
    );
  if (code === "AuthorizationHeaderMalformed" || code === "PermanentRedirect" || (status >= 300 && status < 400))
    return new DeliveryError(
      "refused",
      `The bucket ${bucket} is in another region than ${region}, or at another endpoint. Check both.`,
    );
  if (code === "RequestTimeTooSkewed")
    return new DeliveryError("refused", "The clocks of the store and of this instance differ too much.");
  if (status === 403)
    return new DeliveryError(
      "no_right",
      `The access key has no right to do this in the bucket ${bucket}. Allow it to write objects.`,
    );
  const isRetryable = status === 408 || status === 429 || status >= 500;
  return new DeliveryError(
    "refused",
    `The store answered ${status}${code === "" ? "" : ` (${excerpt(code)})`}.`,
    isRetryable,
  );
}

function s3Error(error: unknown, endpoint: string): DeliveryError {
  if (isDeliveryError(error)) return error;
  if (error instanceof Error && error.name === "TimeoutError")
    return new DeliveryError(
      "timeout",
      `${endpoint} did not answer within ${TIME_LIMITS.statementMs / 1_000} s.`,
      true,
    );
  const message = excerpt(messageOf(error));
  if (/tls|ssl|certificate/i.test(message))
    return new DeliveryError(
      "tls",
      `The encrypted connection to ${endpoint} failed (${message}). Its certificate must be valid.`,
    );
  return new DeliveryError("unreachable", `No answer from ${endpoint}. Check the endpoint.`, true, {
    cause: error,
  });
}
