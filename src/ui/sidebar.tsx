import { Icon, type IconName, Mark } from "./icon.tsx";
import { MenuAction, MenuLink, MenuPanel, MenuSeparator } from "./menu.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

const sections = {
  deployments: "Deployments",
  experiments: "Experiments",
  pipelines: "Pipelines",
  connections: "Connections",
  datasets: "Datasets",
  members: "Members",
  audit: "Audit",
  settings: "Settings",
} as const satisfies Partial<Record<IconName, string>>;

export type SectionKey = keyof typeof sections;

export type NavItem = { section: SectionKey; href: string };
export type ProjectLink = { name: string; href: string; current?: boolean | undefined };

export type SidebarProps = {
  nav: NavItem[];
  /** The project that is open. */
  project?: { name: string } | undefined;
  /** What the project switch offers. */
  projects: ProjectLink[];
  projectsHref?: string | undefined;
  user: { name: string; email: string };
  /** Further entries of the user menu: personal tokens, users of the instance. */
  userLinks?: { label: string; href: string; icon?: IconName | undefined }[] | undefined;
  section?: SectionKey | undefined;
};

/**
 * Beside the page where there is room, and it folds to its icons (a checkbox; preferences.ts and app.ts remember it);
 * on narrow screens a popover that the menu button opens.
 */
export function Sidebar({
  nav,
  project,
  projects,
  projectsHref = "/projects",
  user,
  userLinks,
  section,
}: SidebarProps) {
  return (
    <aside class="sidebar" id="sidebar" popover="auto" aria-label="Sidebar">
      <div class="sidebar-top">
        <a class="brand" href="/" aria-label="Tiltyard, home">
          <Mark />
          <span class="brand-name">Tiltyard</span>
        </a>
        <label class="sidebar-fold" title="Fold or unfold the sidebar">
          <input
            class="visually-hidden"
            type="checkbox"
            role="switch"
            aria-label="Fold the sidebar"
            autocomplete="off"
            data-sidebar-fold
          />
          <Icon name="sidebar" />
        </label>
        <button
          class="icon-button sidebar-close narrow-only"
          type="button"
          popovertarget="sidebar"
          popovertargetaction="hide"
          aria-label="Close the menu"
        >
          <Icon name="x" />
        </button>
      </div>
      <ProjectSwitch project={project} projects={projects} projectsHref={projectsHref} />
      <nav class="sidebar-nav" aria-label="Main">
        <ul>
          {nav.map((item) => (
            <li>
              <a
                class="nav-item"
                href={item.href}
                aria-current={item.section === section ? "page" : undefined}
                title={sections[item.section]}
              >
                <Icon name={item.section} />
                <span class="nav-label">{sections[item.section]}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <UserMenu user={user} userLinks={userLinks} />
    </aside>
  );
}

function ProjectSwitch({
  project,
  projects,
  projectsHref,
}: Pick<SidebarProps, "project" | "projects"> & { projectsHref: string }) {
  const name = project?.name ?? "Choose a project";
  return (
    <div class="sidebar-project">
      <button class="project-switch" type="button" popovertarget="project-menu" title={name}>
        <span class="monogram" aria-hidden="true">
          {initials(project?.name ?? "?", 1)}
        </span>
        <span class="project-name">{name}</span>
        <span class="visually-hidden">, switch project</span>
        <Icon name="sort" size="small" />
      </button>
      <MenuPanel id="project-menu" label="Projects">
        {projects.map((link) => (
          <MenuLink href={link.href} current={link.current}>
            {link.name}
          </MenuLink>
        ))}
        {projects.length > 0 && <MenuSeparator />}
        <MenuLink href={projectsHref}>All projects</MenuLink>
      </MenuPanel>
    </div>
  );
}

function UserMenu({ user, userLinks = [] }: Pick<SidebarProps, "user" | "userLinks">) {
  return (
    <div class="sidebar-user">
      <button class="user-button" type="button" popovertarget="user-menu" title={user.name}>
        <span class="avatar" aria-hidden="true">
          {initials(user.name, 2)}
        </span>
        <span class="user-name">{user.name}</span>
        <span class="visually-hidden">, account</span>
      </button>
      <MenuPanel id="user-menu" label="Account">
        <div class="user-card">
          <p class="user-card-name">{user.name}</p>
          <p class="user-card-email">{user.email}</p>
        </div>
        <MenuSeparator />
        <ThemeSwitch />
        {userLinks.map(({ label, href, icon }) => (
          <MenuLink href={href} icon={icon}>
            {label}
          </MenuLink>
        ))}
        <MenuSeparator />
        <MenuAction action="/sign-out" icon="sign-out">
          Sign out
        </MenuAction>
      </MenuPanel>
    </div>
  );
}

/** The first letters of the first words of a name, by whole characters. */
function initials(name: string, count: number): string {
  const words = name.split(/\s+/u).filter((word) => word !== "");
  return words
    .slice(0, count)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 0x20).toUpperCase())
    .join("");
}
