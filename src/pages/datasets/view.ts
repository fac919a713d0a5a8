import { inArray, sum } from "drizzle-orm";
import { isAllowed } from "../../access/rights.ts";
import type { Database } from "../../db.ts";
import { userNames } from "../../experiments/page-queries.ts";
import { type AppContext, pageRequest } from "../../http.ts";
import { type ProjectPageView, projectPageView } from "../project-shell.tsx";
import { datasetParts } from "../../pipelines/schema.ts";
import { findUses } from "../used-by.tsx";
import { type DatasetRow, listDatasets } from "../../pipelines/datasets/queries.ts";

/** A dataset as the list shows it. */
export interface DatasetLine {
  dataset: DatasetRow;
  /** Of an upload in parts that is under way: what has arrived. */
  arrivedBytes: number;
  usedBy: readonly string[];
  creator: string | null;
  mayDelete: boolean;
}

export interface DatasetsView extends Pick<ProjectPageView, "frame" | "project"> {
  lines: DatasetLine[];
  mayChange: boolean;
  /** That of this page; null on the first one. */
  cursor: string | null;
  nextCursor: string | null;
  nowMs: number;
}

// Names of people are asked for by id, of which D1 takes at most 100 in a query.
const PAGE_DATASETS = 50;

/** All that the list of datasets shows, for who may read the project. */
export async function datasetsView(c: AppContext): Promise<DatasetsView> {
  const { db, frame, project } = await projectPageView(c, "read");
  const page = { limit: Math.min(pageRequest(c).limit, PAGE_DATASETS), cursor: c.req.query("cursor") ?? null };
  const { items, nextCursor } = await listDatasets(db, c.var.caller, project.id, page);
  const [uses, names, arrived] = await Promise.all([
    findUses(db, project.id),
    userNames(
      db,
      items.map(({ createdBy }) => createdBy),
    ),
    findArrivedBytes(
      db,
      items.filter(({ state }) => state === "pending"),
    ),
  ]);
  const lines = items.map((dataset) => ({
    dataset,
    arrivedBytes: arrived.get(dataset.id) ?? 0,
    usedBy: uses.get(dataset.id) ?? [],
    creator: names.get(dataset.createdBy) ?? null,
    mayDelete: isAllowed(c.var.caller, "delete", dataset),
  }));
  const mayChange = isAllowed(c.var.caller, "change", { projectId: project.id });
  return { frame, project, lines, mayChange, cursor: page.cursor, nextCursor, nowMs: Date.now() };
}

/** The states that a list shows, in its order: another text once one of them has changed. */
export function statesOf({ lines }: Pick<DatasetsView, "lines">): string {
  return lines.map(({ dataset: { state } }) => state.charAt(0)).join("");
}

async function findArrivedBytes(db: Database, pending: DatasetRow[]): Promise<Map<string, number>> {
  if (pending.length === 0) return new Map();
  const ids = pending.map(({ id }) => id);
  const rows = await db
    .select({ id: datasetParts.datasetId, bytes: sum(datasetParts.bytes).mapWith(Number) })
    .from(datasetParts)
    .where(inArray(datasetParts.datasetId, ids))
    .groupBy(datasetParts.datasetId);
  return new Map(rows.map(({ id, bytes }) => [id, bytes ?? 0]));
}
