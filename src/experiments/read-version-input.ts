import { z } from "zod";
import { LIMITS } from "../config.ts";
import type { Database } from "../db.ts";
import { parseInput } from "../endpoint.ts";
import { AppError, isAppError } from "../errors.ts";
import { type AppContext, readJson } from "../http.ts";
import type { VersionInput } from "./create-version.ts";
import { StatedSchema } from "./training/feature.ts";
import type { ProjectDatasets } from "./project-datasets.ts";
import { readUpload } from "./upload.ts";

const datasetId = z.string("The id of a dataset of the project.").max(100);

/** A version of what the project has already. The schema is checked against the data, as that of an upload is. */
const versionOfDatasets = z.strictObject({
  reference_dataset_id: datasetId,
  holdout_dataset_id: datasetId.nullish(),
  schema: z.unknown().optional(),
});

/** `versionOfDatasets` for the document, where `schema` shows its members. */
export const describedVersionOfDatasets = versionOfDatasets.extend({ schema: StatedSchema.nullish() });

/** The members of a JSON body that stand for the parts of an upload. */
export const DATASET_FIELDS = { reference: "reference_dataset_id", holdout: "holdout_dataset_id" } as const;

type Part = keyof typeof DATASET_FIELDS;

/** What a version is to be made of, and which of its parts came as datasets. */
export interface SentVersion {
  input: VersionInput;
  ofDatasets: Part[];
}

interface Ports {
  db: Database;
  store: R2Bucket;
  datasets: ProjectDatasets;
}

/**
 * Reads a new version for an experiment of the project: files as multipart/form-data, or the ids of datasets as JSON, as the content
 * type says; 415 for another one. Past 25 MB as CSV, reference and holdout together, it is 413 either way.
 */
export async function readVersionInput(c: AppContext, ports: Ports, projectId: string): Promise<SentVersion> {
  const type = c.req.header("content-type") ?? "";
  if (/^application\/([\w.+-]+\+)?json\b/i.test(type)) return readDatasets(c, ports, projectId);
  if (!type.toLowerCase().startsWith("multipart/form-data")) {
    throw new AppError(
      "unsupported_media_type",
      "Send the files as multipart/form-data, or the ids of datasets of the project as application/json.",
    );
  }
  const upload = await readUpload(c);
  const input = {
    reference: (await upload.file("reference", { required: true })).bytes,
    holdout: (await upload.file("holdout"))?.bytes ?? null,
    schema: await upload.json("schema"),
  };
  return { input, ofDatasets: [] };
}

async function readDatasets(c: AppContext, ports: Ports, projectId: string): Promise<SentVersion> {
  const body = parseInput(versionOfDatasets, await readJson(c.req.raw));
  const { reference_dataset_id: referenceId, holdout_dataset_id: holdoutId, schema = null } = body;
  const reference = await readDataset(ports, projectId, "reference", referenceId);
  if (typeof holdoutId !== "string") return { input: { reference, holdout: null, schema }, ofDatasets: ["reference"] };
  const holdout = await readDataset(ports, projectId, "holdout", holdoutId, reference);
  return { input: { reference, holdout, schema }, ofDatasets: ["reference", "holdout"] };
}

/** A dataset as the CSV of one part; `beside` is the other part, with which it shares the 25 MB that an isolate has room for. */
export function readDataset(
  { datasets, ...ports }: Ports,
  projectId: string,
  part: Part,
  id: string,
  beside: Uint8Array | null = null,
): Promise<Uint8Array> {
  const bytesMax = Math.max(0, LIMITS.uploadBytesMax - (beside?.byteLength ?? 0));
  return datasets.readCsv(ports, projectId, { id, field: DATASET_FIELDS[part] }, bytesMax);
}

/** Does what `verb` does with a version; what it says of a part that came as a dataset it says of the member that named it. */
export async function namingDatasets<Result>(
  ofDatasets: readonly Part[],
  verb: () => Promise<Result>,
): Promise<Result> {
  try {
    return await verb();
  } catch (error) {
    if (!isAppError(error) || error.details.errors === undefined) throw error;
    const errors = error.details.errors.map(({ path, message }) => {
      const part = ofDatasets.find((name) => path === name || path.startsWith(`${name}.`));
      return { path: part === undefined ? path : DATASET_FIELDS[part], message };
    });
    throw new AppError(error.code, error.message, { ...error.details, errors });
  }
}
