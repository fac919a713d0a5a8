import { z } from "zod";
import { nameInput } from "../../access/account-input.ts";
import { requireUser } from "../../access/authorize.ts";
import { auditedChange } from "../../audit/audited-change.ts";
import { newId } from "../../lib/id.ts";
import { requireProject } from "../../projects/queries.ts";
import type { VerbContext } from "../../verb-context.ts";
import { datasets } from "../schema.ts";
import type { DatasetRow } from "./queries.ts";

export const datasetInput = z.object({
  name: nameInput,
  format: z.enum(["csv", "parquet"], "format must be csv or parquet."),
});

/** Makes a dataset that has no bytes yet. The caller must be a contributor of the project. */
export async function insertDataset(
  context: VerbContext,
  input: z.output<typeof datasetInput> & { project: string },
): Promise<DatasetRow> {
  const { db, caller, nowMs } = context;
  const project = await requireProject(db, caller, input.project, "change");
  const { name, format } = input;
  const row: DatasetRow = {
    id: newId("dst"),
    projectId: project.id,
    name,
    format,
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
  await auditedChange(context, db.insert(datasets).values(row), {
    projectId: project.id,
    action: "dataset.create",
    object: { kind: "dataset", id: row.id, name },
    after: { format },
  });
  return row;
}
