import { AppError } from "./errors.ts";

/** The encodings that are undone. */
const FORMATS = new Map<string, "gzip" | "deflate">([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
]);

/** Whether the body of a request is packed, so that its Content-Length does not say what comes out. */
export function isPacked(request: Request): boolean {
  return encodingOf(request) !== null;
}

/**
 * The body of a request as it was before it was packed, piece by piece; nothing where it has none. Throws AppError when it is read, behind
 * the check of rights: 415 for an encoding other than gzip and deflate, 400 for a body that is not packed as its header says. How much may
 * come out is up to the reader: a few bytes may unpack to gigabytes.
 */
export async function* unpackedBody(request: Request): AsyncGenerator<Uint8Array, void, undefined> {
  const { body } = request;
  if (body === null) return;
  const encoding = encodingOf(request);
  if (encoding === null) {
    yield* body;
    return;
  }
  const format = FORMATS.get(encoding);
  if (format === undefined) {
    throw new AppError(
      "unsupported_media_type",
      `The Content-Encoding "${encoding.slice(0, 40)}" is not supported. Send the body as gzip, as deflate, or without an encoding.`,
    );
  }
  try {
    yield* body.pipeThrough(new DecompressionStream(format));
  } catch {
    throw new AppError("malformed", `The body is not ${encoding} as its Content-Encoding says, or it is cut off.`);
  }
}

function encodingOf({ headers }: Request): string | null {
  const said = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  return said === "" || said === "identity" ? null : said;
}
