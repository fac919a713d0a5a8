import type { Child } from "hono/jsx";
import type { Tone } from "./tone.ts";

export type StatProps = {
  label: string;
  value: Child;
  unit?: string | undefined;
  /** A line under the number: how it was measured, or what it is compared to. */
  hint?: Child;
  tone?: Tone | undefined;
};

/** One number with its name. Belongs inside StatGrid. */
export function Stat({ label, value, unit, hint, tone }: StatProps) {
  return (
    <div class="stat" data-tone={tone}>
      <dt class="stat-label">{label}</dt>
      <dd class="stat-value">
        {value}
        {unit && <span class="stat-unit"> {unit}</span>}
      </dd>
      {hint && <dd class="stat-hint">{hint}</dd>}
    </div>
  );
}

/** Lays stats out in as many columns as fit. */
export function StatGrid({ children }: { children?: Child }) {
  return <dl class="stat-grid">{children}</dl>;
}
