import { isAppError } from "../../errors.ts";
import { isDeliveryError } from "../delivery/delivery-error.ts";
import { isSourceError } from "../sources/source-error.ts";
import { messageOf } from "../../lib/message-of.ts";

/** Why a run, or a delivery of it, has failed: a stable code, and the sentence that says what to do. */
export interface RunFailure {
  code: string;
  message: string;
}

/** Of a run whose files hold no answer: another attempt would ask about the same rows. */
export const NOTHING_PREDICTED = "nothing_predicted";
/** Of a run in whose source no cell of a feature could be read. */
export const UNREADABLE = "unreadable_feature";

/** Whether another attempt would fail in the same way, because it would ask about the same rows. */
export function isFinalFailure(code: string | null): boolean {
  return code === NOTHING_PREDICTED || code === UNREADABLE;
}

/** A failure that passes by itself perhaps: the step is tried again. What a step throws comes back as a text alone, so it holds all. */
export class PassingFailure extends Error {
  static readonly MARK = "passing failure ";

  constructor({ code, message }: RunFailure, options?: ErrorOptions) {
    super(PassingFailure.MARK + JSON.stringify({ code, message }), options);
    this.name = "PassingFailure";
  }
}

/** What is known of an error that was thrown where the work is done; null when it is none of ours. */
export function knownFailure(error: unknown): (RunFailure & { isPassing: boolean }) | null {
  if (isSourceError(error)) return { code: error.code, message: error.message, isPassing: error.isRetryable };
  if (isDeliveryError(error)) return { code: error.code, message: error.message, isPassing: error.retryable };
  if (isAppError(error)) return { code: error.code, message: error.message, isPassing: error.code === "not_running" };
  return null;
}

/** What a step has failed with when all its attempts are used up. */
export function lastFailure(error: unknown): RunFailure {
  const text = messageOf(error);
  const at = text.indexOf(PassingFailure.MARK);
  if (at >= 0) return JSON.parse(text.slice(at + PassingFailure.MARK.length)) as RunFailure;
  console.error("a step of a run has failed", error);
  return {
    code: "internal",
    message: "The run was interrupted by a server error. Retry it. Finished work is kept.",
  };
}
