import { and, desc, eq, type SQL } from "drizzle-orm";
import { requireInstanceAdmin } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { behindCursor, listPage, type ListPage } from "../list-cursor.ts";
import { auditFileLine, auditFileStart, type AuditFormat } from "../audit/audit-file.ts";
import type { AuditEntry } from "../audit/audit-json.ts";
import { auditEntries } from "../audit/schema.ts";
import { LIMITS } from "../config.ts";
import type { Database } from "../db.ts";
import type { PageRequest } from "../http.ts";
import { auditCondition, type AuditFilter } from "./audit-filter.ts";
import type { Project } from "./project-json.ts";
import { findProject, requireProject } from "./queries.ts";

/** The part of the audit log that a caller has asked for and may read. */
export interface AuditScope {
  /** null: the whole instance, projects that are gone among it. */
  project: Project | null;
  read: (filter: AuditFilter, page: PageRequest) => Promise<ListPage<AuditEntry>>;
}

/** The log of one project, for who may read the project: 401, 403 or 404 for others. */
export async function projectAudit(db: Database, caller: Caller, idOrSlug: string): Promise<AuditScope> {
  const project = await requireProject(db, caller, idOrSlug, "read");
  return scopeOf(db, project, eq(auditEntries.projectId, project.id));
}

/** The log of everything, for admins of the instance; of one project, also one that is gone, where `project` names it by id or slug. */
export async function instanceAudit(db: Database, caller: Caller, project: string | null): Promise<AuditScope> {
  requireInstanceAdmin(caller);
  if (project === null) return scopeOf(db, null, undefined);
  const id = (await findProject(db, project))?.id ?? project;
  return scopeOf(db, null, eq(auditEntries.projectId, id));
}

function scopeOf(db: Database, project: Project | null, isInScope: SQL | undefined): AuditScope {
  return {
    project,
    async read(filter, page) {
      const rows = await db
        .select()
        .from(auditEntries)
        .where(and(isInScope, auditCondition(filter), behindCursor(auditEntries.at, auditEntries.id, page)))
        .orderBy(desc(auditEntries.at), desc(auditEntries.id))
        .limit(page.limit + 1);
      return listPage(
        rows.map((row) => ({ ...row, createdAt: row.at })),
        page,
      );
    },
  };
}

/** Every entry that fits the filter as a file, newest first. It is read as fast as it is taken, so that its length costs no memory. */
export function auditFile(scope: AuditScope, filter: AuditFilter, format: AuditFormat): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let cursor: string | null = null;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const start = auditFileStart(format);
        if (start !== "") controller.enqueue(encoder.encode(start));
      },
      async pull(controller) {
        const { items, nextCursor } = await scope.read(filter, { limit: LIMITS.listItemsMax, cursor });
        const lines = items.map((entry) => auditFileLine(entry, format)).join("");
        if (lines !== "") controller.enqueue(encoder.encode(lines));
        cursor = nextCursor;
        if (cursor === null) controller.close();
      },
    },
    { highWaterMark: 1 },
  );
}
