import type { Child } from "hono/jsx";
import { Icon, type IconName } from "./icon.tsx";

export type CalloutLevel = "info" | "success" | "warning" | "error";

const looks: Record<CalloutLevel, { tone: string; icon: IconName; word: string }> = {
  info: { tone: "accent", icon: "info", word: "Note" },
  success: { tone: "ok", icon: "check", word: "Done" },
  warning: { tone: "warning", icon: "alert", word: "Warning" },
  error: { tone: "bad", icon: "error", word: "Error" },
};

export type CalloutProps = {
  level?: CalloutLevel | undefined;
  title?: Child;
  /** Buttons or links at the end. */
  action?: Child;
  /** True for a message that answers what the user just did: screen readers say it at once. */
  live?: boolean | undefined;
  children?: Child;
};

/** A message in the flow of the page: what is the matter, and what to do about it. */
export function Callout({ level = "info", title, action, live, children }: CalloutProps) {
  const look = looks[level];
  return (
    <div class="callout" data-tone={look.tone} role={live ? (level === "error" ? "alert" : "status") : undefined}>
      <Icon name={look.icon} />
      <div class="callout-body">
        <span class="visually-hidden">{look.word}: </span>
        {title && <p class="callout-title">{title}</p>}
        {children && <div class="callout-text">{children}</div>}
      </div>
      {action && <div class="callout-action">{action}</div>}
    </div>
  );
}
