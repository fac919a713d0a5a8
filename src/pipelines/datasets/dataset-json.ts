import { z } from "zod";
import { iso } from "../../lib/time.ts";
import type { DatasetRow } from "./queries.ts";

export const datasetSchema = z.object({
  id: z.string(),
  project_id: z.string(),
  name: z.string(),
  format: z.enum(["csv", "parquet"]),
  state: z
    .enum(["pending", "running", "succeeded", "failed"])
    .describe("pending: parts are still arriving; running: the file is being read"),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  rows: z.number().int().nullable().describe("Null until it has been read"),
  columns: z.array(z.string()).nullable(),
  bytes: z.number().int(),
  created_by: z.string(),
  created_at: z.string(),
});

/** A dataset as the API answers it. */
export function datasetJson(dataset: DatasetRow): z.output<typeof datasetSchema> {
  const { id, projectId, name, format, state, errorCode, errorMessage, rows, columns, bytes, createdBy, createdAt } =
    dataset;
  return {
    id,
    project_id: projectId,
    name,
    format,
    state,
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? "" },
    rows,
    columns,
    bytes,
    created_by: createdBy,
    created_at: iso(createdAt),
  };
}
