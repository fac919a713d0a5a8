/** Why something outside could not be read or written. */
export type DeliveryErrorCode =
  | "refused_address"
  | "unreachable"
  | "timeout"
  | "wrong_password"
  | "tls"
  | "unknown_database"
  | "unknown_bucket"
  | "wrong_key"
  | "no_right"
  | "schema_changed"
  | "bad_value"
  | "in_the_way"
  | "wrong_destination"
  | "sealed"
  | "superseded"
  | "refused"
  | "incomplete";

/**
 * What went wrong outside: `message` is the sentence that says what to do, and holds no secret. `retryable`: the same attempt may succeed
 * later without anybody changing anything.
 */
export class DeliveryError extends Error {
  readonly code: DeliveryErrorCode;
  readonly retryable: boolean;
  /** How long the other side asks to be left alone, ms. */
  retryAfterMs?: number | undefined;

  constructor(code: DeliveryErrorCode, message: string, retryable = false, options?: ErrorOptions) {
    super(message, options);
    this.name = "DeliveryError";
    this.code = code;
    this.retryable = retryable;
  }
}

/** True for a DeliveryError, also for one that came over RPC or out of a workflow's step, where the class is lost. */
export function isDeliveryError(error: unknown): error is DeliveryError {
  return error instanceof Error && error.name === "DeliveryError" && "code" in error && "retryable" in error;
}

const EXCERPT_LENGTH_MAX = 300;

/** What a server has answered, fit to stand in a sentence: one line, without a full stop, at most 300 characters. */
export function excerpt(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim().replace(/\.$/, "").slice(0, EXCERPT_LENGTH_MAX);
}
