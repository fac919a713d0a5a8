import { inArray, isNotNull } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { projects } from "../../projects/schema.ts";
import { connections } from "../schema.ts";

/** Removes the connections of deleted projects, secrets included. Repeating is safe. */
export async function purgeConnections(db: Database): Promise<void> {
  const deleted = db.select({ id: projects.id }).from(projects).where(isNotNull(projects.deletedAt));
  await db.delete(connections).where(inArray(connections.projectId, deleted));
}
