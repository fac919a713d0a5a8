import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "../db.ts";
import { pipelines } from "../pipelines/schema.ts";

/** The names of the pipelines that use a connection or a dataset, by its id. */
export type Uses = ReadonlyMap<string, readonly string[]>;

/** Which pipelines of a project, those that were deleted left out, read from or deliver to what. */
export async function findUses(db: Database, projectId: string): Promise<Uses> {
  const rows = await db
    .select({ name: pipelines.name, source: pipelines.source, destinations: pipelines.destinations })
    .from(pipelines)
    .where(and(eq(pipelines.projectId, projectId), isNull(pipelines.deletedAt)))
    .orderBy(pipelines.name);
  const uses = new Map<string, string[]>();
  for (const { name, source, destinations } of rows) {
    const ids = destinations.map(({ connection_id: id }) => id);
    if ("connection_id" in source) ids.push(source.connection_id);
    if ("dataset_id" in source) ids.push(source.dataset_id);
    for (const id of new Set(ids)) uses.set(id, [...(uses.get(id) ?? []), name]);
  }
  return uses;
}

const SHOWN = 3;

/** The pipelines that use a thing, the first of them by name. */
export function UsedBy({ names = [] }: { names: readonly string[] | undefined }) {
  if (names.length === 0) return <span class="muted">None</span>;
  const more = names.length - SHOWN;
  return (
    <>
      {names.slice(0, SHOWN).join(", ")}
      {more > 0 && <span class="cell-note">and {more} more</span>}
    </>
  );
}
