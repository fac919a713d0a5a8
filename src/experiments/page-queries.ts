import { and, count, countDistinct, desc, eq, inArray, sql } from "drizzle-orm";
import { users } from "../access/schema.ts";
import type { Database } from "../db.ts";
import type { ModelRow, VersionRow } from "./queries.ts";
import { experimentVersions, models } from "./schema.ts";

/** A model as tables compare it: without its report, plan and confusion matrix. */
export type ModelLine = Pick<
  ModelRow,
  "id" | "name" | "state" | "errorMessage" | "metrics" | "heapBytes" | "createdAt"
> & { versionNumber: number };

/** A version as lists show it: without what its features are. */
export type VersionLine = Pick<VersionRow, "number" | "rows" | "holdoutRows" | "createdAt"> & {
  featureCount: number;
  modelCount: number;
};

export interface PartCounts {
  versions: number;
  models: number;
}

/** Older models than these are found on the pages of their versions. */
export const MODEL_LINES_MAX = 100;
const VERSION_LINES_MAX = 200;

/** How many versions and models each of at most 100 experiments has; absent where there is no version. */
export async function countParts(db: Database, experimentIds: string[]): Promise<Map<string, PartCounts>> {
  if (experimentIds.length === 0) return new Map();
  const rows = await db
    .select({
      id: experimentVersions.experimentId,
      versions: countDistinct(experimentVersions.id),
      models: count(models.id),
    })
    .from(experimentVersions)
    .leftJoin(models, eq(models.versionId, experimentVersions.id))
    .where(inArray(experimentVersions.experimentId, experimentIds))
    .groupBy(experimentVersions.experimentId);
  return new Map(rows.map(({ id, ...counts }) => [id, counts]));
}

/** The newest 200 versions of an experiment, newest first. */
export async function listVersionLines(db: Database, experimentId: string): Promise<VersionLine[]> {
  return db
    .select({
      number: experimentVersions.number,
      rows: experimentVersions.rows,
      holdoutRows: experimentVersions.holdoutRows,
      createdAt: experimentVersions.createdAt,
      featureCount: sql<number>`json_array_length(${experimentVersions.features})`,
      modelCount: count(models.id),
    })
    .from(experimentVersions)
    .leftJoin(models, eq(models.versionId, experimentVersions.id))
    .where(eq(experimentVersions.experimentId, experimentId))
    .groupBy(experimentVersions.id)
    .orderBy(desc(experimentVersions.number))
    .limit(VERSION_LINES_MAX);
}

/** The models of an experiment, or of one of its versions: those of newer versions first, then newer models; at most 100. */
export async function listModelLines(db: Database, experimentId: string, versionNumber?: number): Promise<ModelLine[]> {
  return db
    .select({
      id: models.id,
      name: models.name,
      state: models.state,
      errorMessage: models.errorMessage,
      // A confusion matrix may have 10,000 counts, which no table of models shows.
      metrics: sql<ModelRow["metrics"]>`json_remove(${models.metrics}, '$.confusion')`.mapWith(models.metrics),
      heapBytes: models.heapBytes,
      createdAt: models.createdAt,
      versionNumber: experimentVersions.number,
    })
    .from(models)
    .innerJoin(experimentVersions, eq(experimentVersions.id, models.versionId))
    .where(
      and(
        eq(experimentVersions.experimentId, experimentId),
        versionNumber === undefined ? undefined : eq(experimentVersions.number, versionNumber),
      ),
    )
    .orderBy(desc(experimentVersions.number), desc(models.createdAt), desc(models.id))
    .limit(MODEL_LINES_MAX);
}

/** The names of at most 100 users by id. */
export async function userNames(db: Database, ids: string[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return new Map();
  const rows = await db.select({ id: users.id, name: users.name }).from(users).where(inArray(users.id, wanted));
  return new Map(rows.map(({ id, name }) => [id, name]));
}
