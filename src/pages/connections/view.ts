import { isAllowed } from "../../access/rights.ts";
import { userNames } from "../../experiments/page-queries.ts";
import { type AppContext, pageRequest } from "../../http.ts";
import { type ProjectPageView, projectPageView } from "../project-shell.tsx";
import { findUses } from "../used-by.tsx";
import { type Lead, leadOf } from "../../pipelines/connections/connection-kind-view.ts";
import type { ConnectionKind } from "../../pipelines/connections/connection-kinds.ts";
import { type ConnectionRow, listConnections } from "../../pipelines/connections/queries.ts";

/** A connection as the list shows it: nothing of its secret is in it. */
export interface ConnectionLine {
  id: string;
  name: string;
  kind: ConnectionKind;
  lead: Lead;
  usedBy: readonly string[];
  createdAt: number;
  creator: string | null;
  mayDelete: boolean;
}

export interface ConnectionsView extends Pick<ProjectPageView, "frame" | "project"> {
  connections: ConnectionLine[];
  mayChange: boolean;
  nextCursor: string | null;
  isFirstPage: boolean;
}

// Names of people are asked for by id, of which D1 takes at most 100 in a query.
const PAGE_CONNECTIONS = 50;

/** All that the list of connections shows, for who may read the project. */
export async function connectionsView(c: AppContext): Promise<ConnectionsView> {
  const { db, frame, project } = await projectPageView(c, "read");
  const page = { limit: Math.min(pageRequest(c).limit, PAGE_CONNECTIONS), cursor: c.req.query("cursor") ?? null };
  const { items, nextCursor } = await listConnections(db, c.var.caller, project.id, page);
  const [uses, names] = await Promise.all([
    findUses(db, project.id),
    userNames(
      db,
      items.map(({ createdBy }) => createdBy),
    ),
  ]);
  return {
    frame,
    project,
    connections: items.map((row) => ({
      ...lineOf(row),
      usedBy: uses.get(row.id) ?? [],
      creator: names.get(row.createdBy) ?? null,
      mayDelete: isAllowed(c.var.caller, "delete", row),
    })),
    mayChange: isAllowed(c.var.caller, "change", { projectId: project.id }),
    nextCursor,
    isFirstPage: page.cursor === null,
  };
}

function lineOf(row: ConnectionRow) {
  const { id, name, kind, createdAt } = row;
  return { id, name, kind, lead: leadOf(row), createdAt };
}
