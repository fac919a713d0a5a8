import { Hono } from "hono";
import { requireInstanceAdmin } from "../../access/authorize.ts";
import { refusalOf } from "../page-form.ts";
import { database } from "../../db.ts";
import { parseInput } from "../../endpoint.ts";
import { type AppContext, type AppEnv, pageRequest } from "../../http.ts";
import { AppShell } from "../../ui/layout.tsx";
import { auditDownload, auditFormatInput } from "../../projects/audit-api.ts";
import { type AuditFilter, auditFilterInput } from "../../projects/audit-filter.ts";
import { AuditView, type AuditViewProps } from "./page.tsx";
import { type AuditScope, instanceAudit, projectAudit } from "../../projects/list-audit.ts";
import { pageFrame } from "../page-frame.ts";
import { ProjectShell, projectPageView } from "../project-shell.tsx";
import { projectNames } from "../../projects/queries.ts";

/** /audit and /projects/{project}/audit: who did what, with a download at /export under each. */
export const auditPages = new Hono<AppEnv>();

auditPages.get("/projects/:project/audit", async (c) => {
  const view = await projectPageView(c, "read");
  const { project } = view;
  const scope = await projectAudit(view.db, c.var.caller, project.id);
  const { props, status } = await auditView(c, scope, `/projects/${project.slug}/audit`);
  return c.html(
    <ProjectShell view={view} title="Audit" section="audit" crumbs={[{ label: "Audit" }]}>
      <AuditView {...props} />
    </ProjectShell>,
    status,
  );
});

auditPages.get("/audit", async (c) => {
  const db = database(c.env);
  const user = requireInstanceAdmin(c.var.caller);
  const scope = await instanceAudit(db, user, projectOf(c));
  const { props, status } = await auditView(c, scope, "/audit");
  const names = await projectNames(
    db,
    props.entries.flatMap(({ projectId }) => (projectId === null ? [] : [projectId])),
  );
  return c.html(
    <AppShell title="Audit log" frame={await pageFrame(db, user)} breadcrumb={[{ label: "Audit log" }]}>
      <AuditView {...props} projectNames={names} />
    </AppShell>,
    status,
  );
});

auditPages.get("/projects/:project/audit/export", async (c) =>
  download(c, await projectAudit(database(c.env), c.var.caller, c.req.param("project"))),
);

auditPages.get("/audit/export", async (c) =>
  download(c, await instanceAudit(database(c.env), c.var.caller, projectOf(c))),
);

function download(c: AppContext, scope: AuditScope): Response {
  const filter = parseInput(auditFilterInput, c.req.query());
  return auditDownload(c, scope, filter, parseInput(auditFormatInput, c.req.query("format"), "format"));
}

function projectOf(c: AppContext): string | null {
  return c.req.query("project")?.trim() || null;
}

// D1 takes at most 100 values in a query, and the projects are asked for by id.
const PAGE_ENTRIES = 50;

/** What the filter lets through; nothing, with what is wrong at its field, where the filter makes no sense. */
async function auditView(c: AppContext, scope: AuditScope, path: string) {
  const fields = c.req.query();
  const cursor = c.req.query("cursor") ?? null;
  const props: AuditViewProps = {
    path,
    fields,
    entries: [],
    nextCursor: null,
    isFirstPage: cursor === null,
    errors: [],
  };
  try {
    const filter: AuditFilter = parseInput(auditFilterInput, fields);
    const limit = Math.min(pageRequest(c).limit, PAGE_ENTRIES);
    const { items, nextCursor } = await scope.read(filter, { limit, cursor });
    return { props: { ...props, entries: items, nextCursor }, status: 200 as const };
  } catch (error) {
    const { errors, status } = refusalOf(c, error);
    return { props: { ...props, errors }, status };
  }
}
