import { and, asc, count, desc, eq, isNull, sql } from "drizzle-orm";
import type { Database } from "../db.ts";
import { type Deployment, describeDeployments } from "./queries.ts";
import { deployments } from "./schema.ts";

export interface DeploymentSearch {
  /** Part of the name; "" finds all. */
  term: string;
  sort: "name" | "created";
  direction: "ascending" | "descending";
  /** From 1. */
  page: number;
}

/** Each of them asks a host whether it runs, so a page has fewer than other lists. */
export const DEPLOYMENTS_PER_PAGE = 20;

/**
 * One page of the deployments of a project whose name contains the term, whatever its case, and how many there are in all. Asks for no
 * right.
 */
export async function searchDeployments(
  db: Database,
  projectId: string,
  search: DeploymentSearch,
): Promise<{ items: Deployment[]; total: number }> {
  const term = search.term.trim();
  const where = and(
    eq(deployments.projectId, projectId),
    isNull(deployments.deletedAt),
    term === "" ? undefined : sql`instr(lower(${deployments.name}), lower(${term})) > 0`,
  );
  const order = search.direction === "ascending" ? asc : desc;
  const column = search.sort === "name" ? sql`lower(${deployments.name})` : deployments.createdAt;
  const [rows, counted] = await Promise.all([
    db
      .select()
      .from(deployments)
      .where(where)
      .orderBy(order(column), order(deployments.id))
      .limit(DEPLOYMENTS_PER_PAGE)
      .offset((search.page - 1) * DEPLOYMENTS_PER_PAGE),
    db.select({ total: count() }).from(deployments).where(where).get(),
  ]);
  return { items: await describeDeployments(db, rows), total: counted?.total ?? 0 };
}
