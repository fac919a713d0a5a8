import { LIMITS } from "../config.ts";
import { AppError, invalid } from "../errors.ts";
import { type AppContext, readBytes } from "../http.ts";

/** The parts of a multipart upload, read whole: the platform holds a body in memory anyway while it takes it apart. */
export class Upload {
  readonly #form: FormData;

  constructor(form: FormData) {
    this.#form = form;
  }

  /** The one file of a part; throws 422 when it is missing, null when it may be. */
  async file(part: string, options: { required: true }): Promise<UploadedFile>;
  async file(part: string, options?: { required: false }): Promise<UploadedFile | null>;
  async file(part: string, options?: { required: boolean }): Promise<UploadedFile | null> {
    const [file, ...more] = await this.files(part);
    if (more.length > 0) throw invalid(part, `Send one file as \`${part}\`, not ${more.length + 1}.`);
    if (file) return file;
    if (options?.required)
      throw invalid(part, `The part \`${part}\` is missing. Send the file as multipart/form-data under that name.`);
    return null;
  }

  /** All files of a repeated part. A browser sends an empty part without a name where nothing was chosen. */
  async files(part: string): Promise<UploadedFile[]> {
    const found: UploadedFile[] = [];
    for (const entry of this.#form.getAll(part)) {
      if (typeof entry === "string") {
        if (entry !== "") throw invalid(part, `The part \`${part}\` must be a file, not a text.`);
      } else if (entry.name !== "" || entry.size > 0) {
        found.push({ name: entry.name, bytes: new Uint8Array(await entry.arrayBuffer()) });
      }
    }
    return found;
  }

  /** The text of a part, given as a field or as a file; null when it is absent or blank. */
  async text(part: string): Promise<string | null> {
    const entry = this.#form.get(part);
    if (entry === null) return null;
    const text = typeof entry === "string" ? entry : await entry.text();
    return text.trim() === "" ? null : text;
  }

  /** The JSON of a part; null when it is absent, 422 when it is none. */
  async json(part: string): Promise<unknown> {
    const text = await this.text(part);
    if (text === null) return null;
    try {
      return JSON.parse(text);
    } catch {
      throw invalid(part, `The part \`${part}\` is not valid JSON.`);
    }
  }
}

export interface UploadedFile {
  name: string;
  bytes: Uint8Array;
}

/** Reads a multipart request: 415 when it is none, 413 past 25 MB, 400 when it cannot be taken apart. */
export async function readUpload(c: AppContext): Promise<Upload> {
  const type = c.req.header("content-type") ?? "";
  if (!type.toLowerCase().startsWith("multipart/form-data")) {
    throw new AppError("unsupported_media_type", "Send the files as multipart/form-data.");
  }
  const limit = LIMITS.uploadBytesMax;
  // Boundaries and headers of the parts come on top of the files.
  const allowance = 100_000;
  const body = await readBytes(c.req.raw, limit + allowance, tooLarge);
  try {
    return new Upload(await new Response(body, { headers: { "content-type": type } }).formData());
  } catch {
    throw new AppError(
      "malformed",
      "The body is not multipart/form-data as its content type says. Let the client library set the boundary.",
    );
  }
}

function tooLarge(): AppError {
  return new AppError("too_large", `An upload may have ${LIMITS.uploadBytesMax / 1_000_000} MB.`);
}
