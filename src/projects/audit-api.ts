import { z } from "zod";
import { listJson, listQuery, listSchema } from "../list-cursor.ts";
import type { AuditFormat } from "../audit/audit-file.ts";
import { auditEntryJson, auditEntrySchema } from "../audit/audit-json.ts";
import { database } from "../db.ts";
import { endpoint } from "../endpoint.ts";
import { type AppContext, pageRequest } from "../http.ts";
import { iso } from "../lib/time.ts";
import { type AuditFilter, auditFilterInput } from "./audit-filter.ts";
import { auditFile, type AuditScope, instanceAudit, projectAudit } from "./list-audit.ts";

export const auditFormatInput = z.enum(["csv", "ndjson"], "format must be csv or ndjson.");

const auditQuery = listQuery.extend(auditFilterInput.shape).extend({
  format: auditFormatInput.optional().describe("All matching entries as a file, instead of one page"),
});

const responses = {
  200: { description: "Newest first; with `format`, a file", schema: listSchema(auditEntrySchema) },
};

export const projectAuditEndpoint = endpoint(
  {
    tag: "Audit",
    summary: "Who did what in a project (viewers and above)",
    params: z.object({ project: z.string().describe("Id or slug") }),
    query: auditQuery,
    isPaged: true,
    responses,
  },
  async (c, { params, query }) =>
    answerAudit(c, await projectAudit(database(c.env), c.var.caller, params.project), query),
);

export const instanceAuditEndpoint = endpoint(
  {
    tag: "Audit",
    summary: "Who did what on the instance (instance admin)",
    description: "Includes deleted projects.",
    query: auditQuery.extend({
      project: z.string().optional().describe("Id of a project, or slug of an existing one"),
    }),
    isPaged: true,
    responses,
  },
  async (c, { query }) =>
    answerAudit(c, await instanceAudit(database(c.env), c.var.caller, query.project ?? null), query),
);

async function answerAudit(
  c: AppContext,
  scope: AuditScope,
  query: AuditFilter & { format?: AuditFormat | undefined },
): Promise<Response> {
  if (query.format !== undefined) return auditDownload(c, scope, query, query.format);
  return c.json(listJson(await scope.read(query, pageRequest(c)), auditEntryJson));
}

const CONTENT_TYPES = { csv: "text/csv; charset=utf-8", ndjson: "application/x-ndjson" } as const;

/** The file as a download, named after the project and the day. */
export function auditDownload(c: AppContext, scope: AuditScope, filter: AuditFilter, format: AuditFormat): Response {
  const day = iso(Date.now()).slice(0, 10);
  const name = ["audit", ...(scope.project ? [scope.project.slug] : []), day].join("-");
  return c.body(auditFile(scope, filter, format), 200, {
    "content-type": CONTENT_TYPES[format],
    "content-disposition": `attachment; filename="${name}.${format}"`,
    "cache-control": "no-store",
  });
}
