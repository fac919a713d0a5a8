import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { Database } from "../db.ts";
import { members, projects } from "./schema.ts";

const PER_TICK = 10;

/**
 * Removes what is left of deleted projects: members at once, the row when nothing refers to it any more. Until then, and for good
 * where a removed deployment keeps its address, an empty row stays. Repeating is safe.
 */
export async function purgeProjects(db: Database): Promise<void> {
  const due = await db
    .select({ id: projects.id })
    .from(projects)
    .where(and(isNotNull(projects.deletedAt), hasWork))
    .limit(PER_TICK);
  for (const { id } of due) {
    await db.batch([
      db.delete(members).where(eq(members.projectId, id)),
      // The slug is free for another project; an id is a slug that no name gives.
      db.update(projects).set({ slug: id, name: "", description: "", createdBy: "" }).where(eq(projects.id, id)),
      db.delete(projects).where(and(eq(projects.id, id), sql`not ${isReferred}`)),
    ]);
  }
}

// What projects hold comes after them in the order of imports, so its tables are named here and not imported.
const isReferred = sql`(exists (select 1 from experiments where experiments."projectId" = "projects"."id")
  or exists (select 1 from deployments where deployments."projectId" = "projects"."id")
  or exists (select 1 from pipelines where pipelines."projectId" = "projects"."id")
  or exists (select 1 from datasets where datasets."projectId" = "projects"."id")
  or exists (select 1 from connections where connections."projectId" = "projects"."id"))`;

const hasMembers = sql`exists (select 1 from "members" where "members"."projectId" = "projects"."id")`;

const hasWork = sql`("projects"."name" <> '' or ${hasMembers} or not ${isReferred})`;
