import { z } from "zod";
import { nameInput } from "../../access/account-input.ts";
import { requireUser } from "../../access/authorize.ts";
import type { Caller } from "../../access/caller.ts";
import { auditStatement } from "../../audit/audit.ts";
import type { Database } from "../../db.ts";
import { newId } from "../../lib/id.ts";
import { requireProject } from "../../projects/queries.ts";
import { datasets } from "../schema.ts";
import type { DatasetRow } from "./queries.ts";

export const datasetInput = z.object({
  name: nameInput,
  format: z.enum(["csv", "parquet"], "format must be csv or parquet."),
});

/** Makes a dataset that has no bytes yet. The caller must be a contributor of the project. */
export async function insertDataset(
  db: Database,
  caller: Caller,
  projectIdOrSlug: string,
  input: z.output<typeof datasetInput>,
  nowMs: number,
): Promise<DatasetRow> {
  const project = await requireProject(db, caller, projectIdOrSlug, "change");
  const row: DatasetRow = {
    id: newId("dst"),
    projectId: project.id,
    ...input,
    state: "pending",
    errorCode: null,
    errorMessage: null,
    rows: null,
    columns: null,
    bytes: 0,
    uploadId: null,
    createdBy: requireUser(caller).userId,
    createdAt: nowMs,
  };
  const { id, projectId, name, format } = row;
  const change = {
    projectId,
    action: "dataset.create",
    object: { kind: "dataset", id, name },
    after: { format },
  } as const;
  await db.batch([db.insert(datasets).values(row), auditStatement(db, caller, change, nowMs)]);
  return row;
}
