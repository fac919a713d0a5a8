import type { UserCaller } from "../access/caller.ts";
import { LIMITS } from "../config.ts";
import type { Database } from "../db.ts";
import type { Frame } from "../ui/layout.tsx";
import type { NavItem } from "../ui/sidebar.tsx";
import { VERSION } from "../version.ts";
import type { Project } from "../projects/project-json.ts";
import { listProjects } from "../projects/queries.ts";

/** The sections that have pages. */
const SECTIONS = [
  "deployments",
  "experiments",
  "pipelines",
  "connections",
  "datasets",
  "members",
  "audit",
  "settings",
] as const;

/** What stands around every page of a signed-in user: their projects and, inside a project, its sections. */
export async function pageFrame(
  db: Database,
  user: UserCaller,
  project?: Pick<Project, "id" | "slug" | "name">,
): Promise<Frame> {
  const { items } = await listProjects(db, user, { limit: LIMITS.listItemsMax, cursor: null });
  return {
    assetVersion: VERSION,
    nav: project ? projectNav(project.slug) : [],
    project,
    projects: items.map(({ id, slug, name }) => ({ name, href: `/projects/${slug}`, current: id === project?.id })),
    user: { name: user.name, email: user.email },
    userLinks: [
      { label: "Account", href: "/account" },
      ...(user.instanceRole === "admin"
        ? [
            { label: "Users", href: "/users" },
            { label: "Audit log", href: "/audit" },
          ]
        : []),
    ],
  };
}

function projectNav(slug: string): NavItem[] {
  return SECTIONS.map((section) => ({ section, href: `/projects/${slug}/${section}` }));
}
