import { LIMITS } from "../../config.ts";
import { AppError } from "../../errors.ts";

/** What was entered, by feature name; a field that was not sent is absent. */
export type FieldValues = ReadonlyMap<string, string>;

/**
 * The text fields of a form; of two with one name the last counts. Line breaks are plain ones, as in training data, not the pairs
 * that browsers send. 415 for another kind of body, 413 past the limit of a JSON body: a form may have 4,096 fields.
 */
export async function readFields(request: Request): Promise<FieldValues> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type)) {
    throw new AppError("unsupported_media_type", "Send the features as form fields, or as JSON to the prediction API.");
  }
  const declared = Number(request.headers.get("content-length") ?? "0");
  const body = declared > LIMITS.jsonBytesMax ? null : await request.arrayBuffer();
  if (body === null || body.byteLength > LIMITS.jsonBytesMax) {
    throw new AppError(
      "too_large",
      `A form may be at most ${LIMITS.jsonBytesMax / 1_000_000} MB. Shorten the longest field.`,
    );
  }
  const values = new Map<string, string>();
  for (const [name, value] of await parse(body, type)) {
    if (typeof value === "string") values.set(plainBreaks(name), plainBreaks(value));
  }
  return values;
}

async function parse(body: ArrayBuffer, type: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { "content-type": type } }).formData();
  } catch {
    throw new AppError("malformed", "The body does not match its content type.");
  }
}

function plainBreaks(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
