import type { OpenedHttp } from "../connections/connection-input.ts";
import { postSigned } from "../connections/post-signed.ts";
import type { DeliveredFile, DeliveryRun } from "./delivered-file.ts";
import { ndjsonParts } from "./ndjson-parts.ts";
import { checkedRows } from "./table-plan.ts";

const PART_BYTES_MAX = 5_000_000;

/**
 * Sends the rows as NDJSON in parts of at most 5 MB, in order. A repeated delivery sends the same parts under the same Idempotency-Key, by which
 * the receiver knows what it has; X-Tiltyard-Last is `true` on the part that completes the file. Throws DeliveryError at the first part that
 * is not taken.
 */
export async function deliverToHttp(
  connection: OpenedHttp,
  file: DeliveredFile,
  { id, position }: DeliveryRun,
  now: () => number = Date.now,
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
    await postSigned(connection, text, headers, now());
  }
  return { rows: counted.rows };
}
