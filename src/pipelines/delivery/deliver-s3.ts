import type { OpenedS3 } from "../connections/connection-input.ts";
import { type CallS3, s3Client } from "../connections/s3-client.ts";
import type { DeliveredFile, DeliveryRun } from "./delivered-file.ts";
import { DeliveryError } from "./delivery-error.ts";
import type { ObjectDestination } from "./destination-kind.ts";
import { equalParts } from "./equal-parts.ts";
import { writeBatches } from "./write-batches.ts";

/** R2 wants parts of 5 MiB or more that are equal but the last; 10,000 of these are 84 GB. */
export const PART_BYTES = 8 * 1024 * 1024;
const KEY_BYTES_MAX = 1_024;
export const CONTENT_TYPES = { csv: "text/csv; charset=utf-8", parquet: "application/vnd.apache.parquet" };

/**
 * Writes the file as one object. The object comes to be, or is replaced, as a whole when all of it has arrived; a repeated delivery
 * writes the same bytes under the same key. Throws DeliveryError; then the object is as it was before.
 */
export async function deliverToS3(
  destination: ObjectDestination,
  connection: OpenedS3,
  file: DeliveredFile,
  delivery: DeliveryRun,
): Promise<{ rows: number }> {
  const key = objectKey(destination.key_pattern, delivery);
  const headers = { "content-type": CONTENT_TYPES[destination.format] };
  const call = s3Client(connection);
  const parts = equalParts(await file.bytes(destination.format), PART_BYTES);
  const { value: first = new Uint8Array() } = await parts.next();
  if (first.byteLength < PART_BYTES) await call({ method: "PUT", key, headers, body: first });
  else await uploadParts(call, key, headers, first, parts);
  return { rows: file.rowCount };
}

/** The key of the pattern with {date} (YYYY-MM-DD of the run's start, UTC) and {run} (its id) put in. */
export function objectKey(pattern: string, { id, startedAtMs }: DeliveryRun): string {
  const date = new Date(startedAtMs).toISOString().slice(0, 10);
  const key = pattern.replaceAll("{date}", date).replaceAll("{run}", id).replace(/^\/+/, "");
  const bytes = new TextEncoder().encode(key).byteLength;
  // Dots would be taken out of the URL, and the object would lie elsewhere.
  const hasDots = key.split("/").some((segment) => segment === "." || segment === "..");
  if (key !== "" && bytes <= KEY_BYTES_MAX && !hasDots) return key;
  throw new DeliveryError(
    "wrong_destination",
    `The key pattern must give a key of 1 to ${KEY_BYTES_MAX} bytes without . or .. as a folder, such as predictions/{date}/{run}.csv.`,
  );
}

async function uploadParts(
  call: CallS3,
  key: string,
  headers: Record<string, string>,
  first: Uint8Array<ArrayBuffer>,
  rest: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const uploadId = textOf(
    await (await call({ method: "POST", key, query: { uploads: "" }, headers })).text(),
    "UploadId",
  );
  const etags: string[] = [];
  const send = async (body: Uint8Array<ArrayBuffer>) => {
    const query = { partNumber: String(etags.length + 1), uploadId };
    const response = await call({ method: "PUT", key, query, body });
    await response.body?.cancel();
    etags.push(response.headers.get("etag") ?? "");
  };
  try {
    await send(first);
    await writeBatches(rest, send);
    await complete(call, key, uploadId, etags);
  } catch (error) {
    await abandon(call, key, uploadId);
    throw error;
  }
}

async function complete(call: CallS3, key: string, uploadId: string, etags: readonly string[]): Promise<void> {
  const list = etags.map(
    (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
  );
  const body = `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`;
  const response = await call({
    method: "POST",
    key,
    query: { uploadId },
    headers: { "content-type": "application/xml" },
    body,
  });
  // S3 begins to answer 200 before it knows: the end says whether it went well.
  if (/<Error>/.test(await response.text()))
    throw new DeliveryError(
      "refused",
      "The store could not combine the parts of the object. Check that it is up.",
      true,
    );
}

/** Parts that nobody puts together cost money. What refuses the upload may refuse this too, and is told by the upload's own error. */
async function abandon(call: CallS3, key: string, uploadId: string): Promise<void> {
  try {
    await call({ method: "DELETE", key, query: { uploadId } });
  } catch (error) {
    console.error(`the upload ${uploadId} of an object was not abandoned`, error);
  }
}

function textOf(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
  if (text === undefined)
    throw new DeliveryError("refused", "The store did not send an S3 answer. Check the endpoint.");
  return text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
