import type { Child } from "hono/jsx";
import type { Tone } from "./tone.ts";

export type BadgeProps = {
  tone?: Tone | undefined;
  dot?: "still" | "busy" | undefined;
  title?: string | undefined;
  children?: Child;
};

/** A short word about a thing. A `busy` dot breathes: something is still under way. */
export function Badge({ tone = "neutral", dot, title, children }: BadgeProps) {
  return (
    <span class="badge" data-tone={tone} title={title}>
      {dot && <span class="badge-dot" data-dot={dot} aria-hidden="true" />}
      {children}
    </span>
  );
}

type Look = { label: string; tone: Tone; busy?: true };

const statuses = {
  building: { label: "Building", tone: "accent", busy: true },
  deployed: { label: "Deployed", tone: "ok" },
  failed: { label: "Failed", tone: "bad" },
  running: { label: "Running", tone: "ok" },
  not_running: { label: "Not running", tone: "bad" },
  ok: { label: "OK", tone: "ok" },
  minor: { label: "Minor change", tone: "neutral" },
  warning: { label: "Warning", tone: "warning" },
  drift: { label: "Drift", tone: "bad" },
  not_enough_data: { label: "Not enough data", tone: "neutral" },
  pending: { label: "Pending", tone: "neutral", busy: true },
  queued: { label: "Queued", tone: "neutral", busy: true },
  in_progress: { label: "In progress", tone: "accent", busy: true },
  succeeded: { label: "Succeeded", tone: "ok" },
  cancelled: { label: "Cancelled", tone: "neutral" },
  skipped: { label: "Skipped", tone: "neutral" },
  error: { label: "Error", tone: "bad" },
  suspended: { label: "Suspended", tone: "warning" },
  current: { label: "Current", tone: "accent" },
  challenger_better: { label: "Challenger is better", tone: "ok" },
  challenger_worse: { label: "Challenger is worse", tone: "bad" },
  undecided: { label: "Undecided", tone: "neutral" },
  enabled: { label: "Enabled", tone: "ok" },
  paused: { label: "Paused", tone: "neutral" },
} as const satisfies Record<string, Look>;

export type Status = keyof typeof statuses;

/** The badge of a state that the API names. `detail` (such as "37/100") follows the word, `title` says more on hover. */
export function StatusBadge({
  status,
  detail,
  title,
}: {
  status: Status;
  detail?: string | undefined;
  title?: string | undefined;
}) {
  const look: Look = statuses[status];
  return (
    <Badge tone={look.tone} dot={look.busy ? "busy" : "still"} title={title}>
      {look.label}
      {detail !== undefined && <span class="badge-detail"> {detail}</span>}
    </Badge>
  );
}
