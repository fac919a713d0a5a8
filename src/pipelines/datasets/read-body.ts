import type { z } from "zod";
import { parseInput } from "../../endpoint.ts";
import { AppError } from "../../errors.ts";
import { readUpload, type UploadedFile } from "../../experiments/upload.ts";
import { type AppContext, readBytes } from "../../http.ts";
import { isPacked, unpackedBody } from "../../packed-body.ts";
import { bodyTooLarge } from "./create-dataset.ts";
import { BODY_BYTES_MAX } from "./dataset-limits.ts";
import { datasetInput } from "./insert-dataset.ts";
import type { PartBody } from "./upload-parts.ts";

/** What comes without its length is read whole, and must fit into memory. */
const UNDECLARED_BYTES_MAX = 32_000_000;

const FORMATS = new Map<string, "csv" | "parquet">([
  ["text/csv", "csv"],
  ["application/vnd.apache.parquet", "parquet"],
]);

type DatasetBody = z.output<typeof datasetInput> & { content: AsyncIterable<Uint8Array> };

/** The file of a request and what it is: multipart, or the bytes themselves by their content type. 415 for another one, 413 past 100 MB. */
export async function readDatasetBody(c: AppContext, name: string | undefined): Promise<DatasetBody> {
  const type = (c.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "multipart/form-data") return readMultipart(c, name);
  const format = FORMATS.get(type);
  if (format === undefined) {
    throw new AppError(
      "unsupported_media_type",
      "Send the file as text/csv or application/vnd.apache.parquet, or in the part `file` of multipart/form-data.",
    );
  }
  if (Number(c.req.header("content-length") ?? "0") > BODY_BYTES_MAX) throw bodyTooLarge();
  const input = parseInput(datasetInput, { name: name ?? "Dataset", format });
  return { ...input, content: unpackedBody(c.req.raw) };
}

async function readMultipart(c: AppContext, nameInQuery: string | undefined): Promise<DatasetBody> {
  const upload = await readUpload(c);
  const file = await upload.file("file", { required: true });
  return uploadedBody(file, (await upload.text("name")) ?? nameInQuery);
}

/** An uploaded file as a dataset: named after the file unless told, Parquet by its first bytes or its name. 422 for a name that is none. */
export function uploadedBody(file: UploadedFile, given: string | null | undefined): DatasetBody {
  const isParquet = new TextDecoder("latin1").decode(file.bytes.subarray(0, 4)) === "PAR1";
  const name = given ?? (file.name === "" ? "Dataset" : file.name.slice(-120));
  const input = parseInput(datasetInput, {
    name,
    format: isParquet || /\.parquet$/i.test(file.name) ? "parquet" : "csv",
  });
  async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
    yield file.bytes;
  }
  return { ...input, content: content() };
}

/** The bytes of a part, as a stream where the request says how many they are. */
export async function readPartBody(request: Request): Promise<PartBody> {
  const { body } = request;
  if (body === null) return { bytes: 0, content: new ArrayBuffer(0) };
  const declared = request.headers.get("content-length");
  if (declared !== null && !isPacked(request)) {
    const bytes = Number(declared);
    return { bytes, content: bytes <= BODY_BYTES_MAX ? body : new ArrayBuffer(0) };
  }
  const whole = await readBytes(request, UNDECLARED_BYTES_MAX, partTooLarge);
  return { bytes: whole.byteLength, content: new Uint8Array(whole).buffer };
}

function partTooLarge(): AppError {
  return new AppError(
    "too_large",
    "A part of more than 32 MB needs a Content-Length, and no Content-Encoding. Send it so, or in smaller parts.",
  );
}
