import type { OpenedHttp } from "../connections/connection-input.ts";
import { postSigned } from "../connections/post-signed.ts";
import type { DeliveredFile, DeliveryRun } from "./delivered-file.ts";
import { isDeliveryError } from "./delivery-error.ts";
import { ndjsonParts } from "./ndjson-parts.ts";
import { checkedRows } from "./table-plan.ts";

const PART_BYTES_MAX = 5_000_000;

/** A receiver that asks for more time than this, or more often, has failed. */
const PAUSE_MS_MAX = 600_000;
const PAUSES_MAX = 5;
const LOOK_MS = 5_000;

interface HttpPorts {
  now?: () => number;
  wait?: (ms: number) => Promise<void>;
  /** Aborted when nobody wants the rest to be sent. */
  signal?: AbortSignal;
}

/** Does it again after the pause that the receiver has asked for (Retry-After), up to five times and 10 minutes each. */
async function patiently(
  send: () => Promise<void>,
  wait: (ms: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  for (let pauses = 0; ; pauses += 1) {
    try {
      return await send();
    } catch (error) {
      const ms = isDeliveryError(error) && error.retryable ? error.retryAfterMs : undefined;
      if (ms === undefined || ms > PAUSE_MS_MAX || pauses >= PAUSES_MAX) throw error;
      for (let left = ms; left > 0; left -= LOOK_MS) {
        await wait(Math.min(left, LOOK_MS));
        signal?.throwIfAborted();
      }
    }
  }
}

/**
 * Sends the rows as NDJSON in parts of at most 5 MB, in order. A repeated delivery sends the same parts under the same Idempotency-Key,
 * by which the receiver knows what it has; X-Tiltyard-Last is `true` on the part that completes the file. A receiver that says when to
 * come again (Retry-After) is asked then. Throws DeliveryError at the first part that is not taken.
 */
export async function deliverToHttp(
  connection: OpenedHttp,
  file: DeliveredFile,
  { id, position }: DeliveryRun,
  { now = Date.now, wait = (ms: number): Promise<void> => scheduler.wait(ms), signal }: HttpPorts = {},
): Promise<{ rows: number }> {
  const counted = { rows: 0 };
  let number = 0;
  for await (const { text, rows, isLast } of ndjsonParts(
    checkedRows(file, [], counted),
    file.columns,
    PART_BYTES_MAX,
  )) {
    number += 1;
    const headers = {
      "idempotency-key": `${id}-${position}-${number}`,
      "x-tiltyard-run": id,
      "x-tiltyard-part": String(number),
      "x-tiltyard-rows": String(rows),
      "x-tiltyard-last": String(isLast),
    };
    await patiently(() => postSigned(connection, text, headers, now()), wait, signal);
  }
  return { rows: counted.rows };
}
