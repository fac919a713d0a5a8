import { requireUser } from "../../access/authorize.ts";
import type { FormError } from "../../ui/form-layout.tsx";
import { isAllowed } from "../../access/rights.ts";
import type { Database } from "../../db.ts";
import type { AppContext } from "../../http.ts";
import { pageFrame } from "../page-frame.ts";
import { findProject } from "../../projects/queries.ts";
import type { Crumb, Frame } from "../../ui/layout.tsx";
import type { ExperimentRow } from "../../experiments/queries.ts";

/** What every page about experiments stands in. */
export interface ProjectView {
  frame: Frame;
  project: { id: string; slug: string; name: string };
  /** False hides what would be refused anyway. */
  mayChange: boolean;
}

/** The project around a page that the caller may already see; `projectId` is one that exists. */
export async function projectView(c: AppContext, db: Database, projectId: string): Promise<ProjectView> {
  const caller = requireUser(c.var.caller);
  const project = await findProject(db, projectId);
  if (!project) throw new Error(`project ${projectId} is missing from the store`);
  return {
    frame: await pageFrame(db, caller, project),
    project,
    mayChange: isAllowed(caller, "change", { projectId: project.id }),
  };
}

/** The way from the project to an experiment, and on. */
export function crumbsTo(
  { project }: ProjectView,
  experiment?: Pick<ExperimentRow, "id" | "name">,
  versionNumber?: number,
): Crumb[] {
  const crumbs: Crumb[] = [
    { label: project.name, href: `/projects/${project.slug}` },
    { label: "Experiments", href: `/projects/${project.slug}/experiments` },
  ];
  if (!experiment) return crumbs;
  crumbs.push({ label: experiment.name, href: `/experiments/${experiment.id}` });
  if (versionNumber !== undefined) {
    crumbs.push({ label: `Version ${versionNumber}`, href: versionHref(experiment.id, versionNumber) });
  }
  return crumbs;
}

export function versionHref(experimentId: string, versionNumber: number): string {
  return `/experiments/${experimentId}/versions/${versionNumber}`;
}

/** Where a model of the experiment is chosen for a new deployment. */
export function deployHref(project: { slug: string }, experimentId: string): string {
  return `/projects/${project.slug}/deployments/new?experiment=${experimentId}`;
}

/** Errors of a verb at the fields that a form has: `schema.kinds.age` belongs to `schema`, what fits none to the form as a whole. */
export function atFields(errors: readonly FormError[], fields: readonly string[]): FormError[] {
  return errors.map(({ path = "", message }) => {
    const field = fields.find((name) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`));
    return field === undefined ? { message } : { path: field, message };
  });
}
