import type { Child } from "hono/jsx";
import { Icon, type IconName } from "./icon.tsx";

export type EmptyStateProps = {
  title: string;
  icon?: IconName | undefined;
  action?: Child;
  children?: Child;
};

/** What stands where nothing is yet: what would be here, and how to get it. */
export function EmptyState({ title, icon, action, children }: EmptyStateProps) {
  return (
    <div class="empty-state">
      {icon && (
        <span class="empty-state-icon">
          <Icon name={icon} size="large" />
        </span>
      )}
      <p class="empty-state-title">{title}</p>
      {children && <div class="empty-state-text">{children}</div>}
      {action && <div class="empty-state-action">{action}</div>}
    </div>
  );
}
