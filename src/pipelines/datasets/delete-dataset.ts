import { and, eq, isNull, ne, type SQL, sql } from "drizzle-orm";
import { auditedChange } from "../../audit/audited-change.ts";
import { AppError } from "../../errors.ts";
import type { VerbContext } from "../../verb-context.ts";
import { datasets, pipelines } from "../schema.ts";
import { requireDataset } from "./queries.ts";

/**
 * Deletes a dataset: from here on nothing of it is found, and `purgeDatasets` removes its file. Contributors may delete what they
 * made, admins of the project any. 409 naming the pipelines that read it. 404 on repetition.
 */
export async function deleteDataset(context: VerbContext, { dataset: id }: { dataset: string }): Promise<void> {
  const { db, caller } = context;
  const dataset = await requireDataset(db, caller, id, "delete");
  // In the write itself, so that a pipeline that is made at the same moment keeps its rows.
  const isFree = sql`not exists (select 1 from ${pipelines} where ${usesDataset(id)})`;
  const write = db
    .update(datasets)
    .set({ name: "" })
    .where(and(eq(datasets.id, id), ne(datasets.name, ""), isFree))
    .returning({ id: datasets.id });
  const { projectId, name, format, rows } = dataset;
  const [marked] = await auditedChange(context, write, {
    projectId,
    action: "dataset.delete",
    object: { kind: "dataset", id, name },
    before: { format, rows },
  });
  if (!marked) {
    const uses = await db.select({ name: pipelines.name }).from(pipelines).where(usesDataset(id)).limit(10);
    // Nothing that uses it, and yet not marked: somebody else has just deleted it.
    if (uses.length === 0) await requireDataset(db, caller, id, "change");
    const names = uses.map(({ name }) => name).join(", ");
    throw new AppError(
      "conflict",
      `${uses.length === 1 ? "The pipeline" : "The pipelines"} ${names} ${uses.length === 1 ? "reads" : "read"} this dataset. First change the source or delete the pipeline.`,
    );
  }
}

/** The condition for the pipelines that are not deleted and read the dataset. */
export function usesDataset(id: string): SQL | undefined {
  return and(isNull(pipelines.deletedAt), sql`${pipelines.source} ->> '$.dataset_id' = ${id}`);
}
