import type { Child } from "hono/jsx";
import { requireUser } from "../access/authorize.ts";
import { isAllowed, type Right } from "../access/rights.ts";
import { type Database, database } from "../db.ts";
import type { AppContext } from "../http.ts";
import { AppShell, type Crumb, type Frame } from "../ui/layout.tsx";
import type { SectionKey } from "../ui/sidebar.tsx";
import { pageFrame } from "./page-frame.ts";
import type { Project } from "../projects/project-json.ts";
import { requireProject } from "../projects/queries.ts";

/** What the pages of a project itself stand in. */
export interface ProjectPageView {
  db: Database;
  frame: Frame;
  project: Project;
  mayManage: boolean;
}

/** The project that the address names, for a caller who has the right in it: 401, 403 or 404 otherwise. */
export async function projectPageView(c: AppContext, right: Right): Promise<ProjectPageView> {
  const db = database(c.env);
  const project = await requireProject(db, c.var.caller, c.req.param("project") ?? "", right);
  const user = requireUser(c.var.caller);
  const mayManage = isAllowed(user, "manage", { projectId: project.id });
  return { db, frame: await pageFrame(db, user, project), project, mayManage };
}

export interface ProjectShellProps {
  view: { frame: Frame; project: Pick<Project, "slug" | "name"> };
  title: string;
  section: SectionKey;
  /** From the project to this page. */
  crumbs: Crumb[];
  /** Further files, as in Page. */
  scripts?: string[] | undefined;
  children?: Child;
}

/** A page of a project: the frame, and the way to it from the project. */
export function ProjectShell({ view, title, section, crumbs, scripts, children }: ProjectShellProps) {
  const { frame, project } = view;
  const breadcrumb = [{ label: project.name, href: `/projects/${project.slug}` }, ...crumbs];
  return (
    <AppShell title={title} frame={frame} section={section} breadcrumb={breadcrumb} scripts={scripts}>
      {children}
    </AppShell>
  );
}
