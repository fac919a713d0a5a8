import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import { classes } from "./classes.ts";
import { Icon, Mark } from "./icon.tsx";
import { type SectionKey, Sidebar, type SidebarProps } from "./sidebar.tsx";

export type PageProps = {
  /** Stands before "· Tiltyard" in the browser's tab. */
  title: string;
  /** Changes with every release, so that files may be cached forever. */
  assetVersion: string;
  /** Further scripts of src/client, such as "/static/charts.js", loaded after htmx and before app.ts. */
  scripts?: string[] | undefined;
  stylesheets?: string[] | undefined;
  bodyClass?: string | undefined;
  children?: Child;
};

/** A whole HTML document. Nothing in it is inline code, so a content security policy of 'self' holds. */
export function Page({ title, assetVersion, scripts = [], stylesheets = [], bodyClass, children }: PageProps) {
  const asset = (path: string) => `${path}?v=${encodeURIComponent(assetVersion)}`;
  return (
    <>
      {raw("<!doctype html>")}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="htmx-config" content='{"includeIndicatorCSS":false}' />
          <title>{`${title} · Tiltyard`}</title>
          <link rel="icon" href={asset("/static/icon.svg")} type="image/svg+xml" />
          {/* Not deferred: it sets theme and sidebar before the first paint. */}
          <script src={asset("/static/preferences.js")} />
          {[...stylesheets, "/static/app.css"].map((path) => (
            <link rel="stylesheet" href={asset(path)} />
          ))}
          {["/static/vendor/htmx.min.js", ...scripts, "/static/app.js"].map((path) => (
            <script src={asset(path)} defer />
          ))}
        </head>
        <body class={bodyClass}>{children}</body>
      </html>
    </>
  );
}

export type Crumb = { label: string; href?: string | undefined };

/** What all pages of a signed-in user have in common; made once per request. */
export type Frame = { assetVersion: string } & Omit<SidebarProps, "section">;

export type AppShellProps = Omit<PageProps, "assetVersion" | "bodyClass"> & {
  frame: Frame;
  /** The entry of the sidebar that is marked. */
  section?: SectionKey | undefined;
  /** From the outermost to this page. */
  breadcrumb?: Crumb[] | undefined;
};

/** A page for a signed-in user: sidebar, breadcrumb, main area. */
export function AppShell({ frame, section, breadcrumb = [], children, ...page }: AppShellProps) {
  const { assetVersion, ...sidebar } = frame;
  return (
    <Page {...page} assetVersion={assetVersion}>
      <a class="skip-link" href="#main">
        Skip to the content
      </a>
      <div class="shell">
        <Sidebar {...sidebar} section={section} />
        <div class="shell-body">
          <div class="topbar">
            <button class="icon-button topbar-menu narrow-only" type="button" popovertarget="sidebar" aria-label="Menu">
              <Icon name="menu" />
            </button>
            <Breadcrumb crumbs={breadcrumb} />
          </div>
          <main class="main" id="main" tabindex={-1}>
            {children}
          </main>
        </div>
      </div>
    </Page>
  );
}

function Breadcrumb({ crumbs }: { crumbs: Crumb[] }) {
  if (crumbs.length === 0) return null;
  return (
    <nav class="breadcrumb" aria-label="Breadcrumb">
      <ol>
        {crumbs.map(({ label, href }, index) => (
          <li>
            {index > 0 && <Icon name="chevron-right" size="small" />}
            {href === undefined || index === crumbs.length - 1 ? (
              <span class="crumb" aria-current={index === crumbs.length - 1 ? "page" : undefined} title={label}>
                {label}
              </span>
            ) : (
              <a class="crumb" href={href} title={label}>
                {label}
              </a>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

export type BarePageProps = Omit<PageProps, "bodyClass"> & {
  /** "narrow" (the default) for one small form, "wide" for the form page of a deployment. */
  width?: "narrow" | "wide" | undefined;
  footer?: Child;
};

/** A page without navigation: sign-in, setup, the public form, errors. */
export function BarePage({ width = "narrow", footer, children, ...page }: BarePageProps) {
  return (
    <Page {...page} bodyClass="bare">
      <div class={classes("bare-page", width === "wide" && "is-wide")}>
        <header class="bare-header">
          <a class="bare-brand" href="/">
            <Mark />
            <span>Tiltyard</span>
          </a>
        </header>
        <main class="bare-main" id="main">
          {children}
        </main>
        {footer && <footer class="bare-footer">{footer}</footer>}
      </div>
    </Page>
  );
}
