import type { Child } from "hono/jsx";
import { hidden, requireUser } from "../../access/authorize.ts";
import { isAllowed } from "../../access/rights.ts";
import { type Database, database } from "../../db.ts";
import { type AppContext, originOf } from "../../http.ts";
import { pageFrame } from "../page-frame.ts";
import { findProject } from "../../projects/queries.ts";
import { CHART_FILES } from "../../ui/chart-files.ts";
import { AppShell, type Crumb, type Frame } from "../../ui/layout.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { deploymentLinks } from "../../deployments/deployment-json.ts";
import { requireDeployment, targetOf } from "../../deployments/find-deployment.ts";
import { type Deployment, describeDeployments } from "../../deployments/queries.ts";
import { hostFor } from "../../deployments/reach-host.ts";
import { type RunningStatus, runningStatus } from "../../deployments/running-status.ts";

/** What every page of one deployment needs. */
export interface DeploymentView {
  frame: Frame;
  deployment: Deployment;
  project: { slug: string; name: string };
  links: ReturnType<typeof deploymentLinks>;
  mayChange: boolean;
  mayDelete: boolean;
  nowMs: number;
}

/** Reads what stands around a page of the deployment that the address names: 401, 403 or 404 where the caller may not read it. */
export async function deploymentView(c: AppContext): Promise<DeploymentView> {
  const db = database(c.env);
  const { caller } = c.var;
  const deployment = await readDeployment(c, db);
  const user = requireUser(caller);
  const project = await findProject(db, deployment.projectId);
  if (!project) throw hidden();
  return {
    frame: await pageFrame(db, user, project),
    deployment,
    project,
    links: deploymentLinks(originOf(c), deployment.slug),
    mayChange: isAllowed(caller, "change", targetOf(deployment)),
    mayDelete: isAllowed(caller, "delete", targetOf(deployment)),
    nowMs: Date.now(),
  };
}

/** The deployment that the address names, as its pages show it, for a caller who may read it. */
export async function readDeployment(c: AppContext, db: Database): Promise<Deployment> {
  const row = await requireDeployment(db, c.var.caller, c.req.param("deployment") ?? "", "read");
  const [deployment] = await describeDeployments(db, [row]);
  if (!deployment) throw hidden();
  return deployment;
}

/** Whether the deployment answers callers here, as was known at most `ageMsMax` ago. */
export async function statusOf(c: AppContext, deployment: Deployment, ageMsMax = 0): Promise<RunningStatus> {
  const host = hostFor(c.env, c.req.raw, deployment.id, deployment.currentVersion);
  return runningStatus(c.env, deployment, host, Date.now(), ageMsMax);
}

/** The address of a deployment's page. */
export function deploymentPath({ slug }: Pick<Deployment, "slug">): string {
  return `/deployments/${slug}`;
}

/** The way from the project to its deployments. */
export function crumbsToList({ slug, name }: { slug: string; name: string }): Crumb[] {
  return [
    { label: name, href: `/projects/${slug}` },
    { label: "Deployments", href: `/projects/${slug}/deployments` },
  ];
}

const SECTIONS = [
  { key: "general", label: "General", path: "", hasCharts: true },
  { key: "monitoring", label: "Monitoring", path: "/monitoring", hasCharts: true },
  { key: "predictions", label: "Predictions", path: "/predictions", hasCharts: false },
  { key: "versions", label: "Versions", path: "/versions", hasCharts: false },
  { key: "usage", label: "Usage", path: "/usage", hasCharts: true },
] as const;

export interface DeploymentShellProps {
  view: DeploymentView;
  section: (typeof SECTIONS)[number]["key"];
  /** Beside the name. */
  badges?: Child;
  actions?: Child;
  /** A page below the section: the last crumb. */
  below?: string | undefined;
  children?: Child;
}

/** A page of one deployment: its name, its sections, and what the section shows. */
export function DeploymentShell({ view, section, badges, actions, below, children }: DeploymentShellProps) {
  const { frame, deployment, project } = view;
  const path = deploymentPath(deployment);
  const { label, path: sectionPath, hasCharts } = SECTIONS.find(({ key }) => key === section) ?? SECTIONS[0];
  const crumbs: Crumb[] = [
    ...crumbsToList(project),
    { label: deployment.name, href: path },
    ...(sectionPath === "" ? [] : [{ label, href: path + sectionPath }]),
    ...(below === undefined ? [] : [{ label: below }]),
  ];
  return (
    <AppShell
      title={below ?? (sectionPath === "" ? deployment.name : `${label} · ${deployment.name}`)}
      frame={frame}
      section="deployments"
      breadcrumb={crumbs}
      {...(hasCharts && CHART_FILES)}
    >
      <PageHeader
        title={deployment.name}
        badges={badges}
        description={deployment.description}
        actions={actions}
        tabs={
          <Tabs
            label="Sections of the deployment"
            tabs={SECTIONS.map((tab) => ({ label: tab.label, href: path + tab.path, current: tab.key === section }))}
          />
        }
      />
      {children}
    </AppShell>
  );
}
