import type { Child } from "hono/jsx";

export type PageHeaderProps = {
  title: string;
  /** Badges beside the title. */
  badges?: Child;
  description?: Child;
  /** Buttons, the main one last. */
  actions?: Child;
  /** Tabs under it. */
  tabs?: Child;
};

/** The top of a page: its only h1. Names of any length break instead of pushing the buttons out. */
export function PageHeader({ title, badges, description, actions, tabs }: PageHeaderProps) {
  return (
    <header class="page-header">
      <div class="page-header-row">
        <div class="page-header-text">
          <div class="page-heading">
            <h1 class="page-title">{title}</h1>
            {badges && <div class="page-badges">{badges}</div>}
          </div>
          {description && <p class="page-description">{description}</p>}
        </div>
        {actions && <div class="page-actions">{actions}</div>}
      </div>
      {tabs}
    </header>
  );
}
