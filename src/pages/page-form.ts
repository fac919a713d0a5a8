import { keyedByText } from "../lib/keyed-by-text.ts";
import { AppError, type ErrorCode, isAppError, STATUS_OF_CODE } from "../errors.ts";
import type { AppContext } from "../http.ts";
import type { FormError } from "../ui/form-layout.tsx";

// A form of text fields; files go through the upload endpoints.
const FORM_BYTES_MAX = 200_000;

/** The text fields of a form that a page sent; a field that was not sent is absent. 415 for another kind of body, 413 past 200 kB. */
export async function readForm(c: AppContext): Promise<Partial<Record<string, string>>> {
  const type = c.req.header("content-type") ?? "";
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type)) {
    throw new AppError(
      "unsupported_media_type",
      "Send the fields as a form: application/x-www-form-urlencoded or multipart/form-data.",
    );
  }
  const declared = Number(c.req.header("content-length") ?? "0");
  const body = declared > FORM_BYTES_MAX ? null : await c.req.raw.arrayBuffer();
  if (body === null || body.byteLength > FORM_BYTES_MAX) {
    throw new AppError(
      "too_large",
      `This form may be at most ${FORM_BYTES_MAX / 1_000} kB. Shorten the longest field.`,
    );
  }
  const fields: Partial<Record<string, string>> = keyedByText<string>();
  for (const [name, value] of await parseForm(body, type)) {
    if (typeof value === "string") fields[name] = value;
  }
  return fields;
}

async function parseForm(body: ArrayBuffer, type: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { "content-type": type } }).formData();
  } catch {
    throw new AppError("malformed", "The body does not match its content type.");
  }
}

export interface Refusal {
  status: (typeof STATUS_OF_CODE)[ErrorCode];
  errors: FormError[];
}

/** What a form shows when a verb refused its input, and the status for it. Throws any other error again. */
export function refusalOf(c: AppContext, error: unknown): Refusal {
  if (!isAppError(error)) throw error;
  const { errors, retryAfterSeconds } = error.details;
  if (retryAfterSeconds !== undefined) c.header("retry-after", String(retryAfterSeconds));
  return { status: STATUS_OF_CODE[error.code], errors: errors ?? [{ message: error.message }] };
}

/** The message for one field of a form, if it has one. */
export function errorAt(errors: FormError[], name: string): string | undefined {
  return errors.find(({ path }) => path === name)?.message;
}

/** `next` where it is a path of this site, else null: a sign-in link must not lead to somebody else's page. */
export function safeNext(next: string | undefined, origin: string): string | null {
  if (!next?.startsWith("/") || !URL.canParse(next, origin)) return null;
  const url = new URL(next, origin);
  const path = url.pathname + url.search + url.hash;
  // The parser drops dots and tabs, by which `/.//host` becomes an address of another host.
  return url.origin === origin && !path.startsWith("//") ? path : null;
}
