import type { Child } from "hono/jsx";
import { formatPercent } from "../lib/format.ts";
import type { SeriesTone } from "./tone.ts";

export type BarItem = {
  label: Child;
  /** 0..1; outside of it the bar is cut. */
  share: number;
  /** Instead of the share as a percentage. */
  text?: string | undefined;
  /** The one that was chosen. */
  emphasized?: boolean | undefined;
};

/** A bar for each label, with its share: probabilities per class, counts per category. */
export function BarList({
  label,
  items,
  tone = "main",
}: {
  label: string;
  items: BarItem[];
  tone?: SeriesTone | undefined;
}) {
  return (
    <ul class="bar-list" aria-label={label} data-series={tone}>
      {items.map((item) => (
        <li class="bar-item" data-emphasized={item.emphasized ? "" : undefined}>
          <span class="bar-label">{item.label}</span>
          <span class="bar-text">{item.text ?? formatPercent(item.share)}</span>
          <Bar share={item.share} />
        </li>
      ))}
    </ul>
  );
}

/** Work that is part done, as a bar with words: "3,000 of 12,000 rows". `share` is 0..1, null while nobody knows. */
export function Progress({ label, share, text }: { label: string; share: number | null; text: string }) {
  return (
    <div class="progress" data-series="main">
      <p class="progress-text">{text}</p>
      <progress class="upload-bar" aria-label={label} max={1} value={share === null ? undefined : clamp(share)} />
    </div>
  );
}

// SVG lengths instead of CSS widths: the content security policy forbids style attributes.
function Bar({ share }: { share: number }) {
  return (
    <svg class="bar" width="100%" height="6" aria-hidden="true" focusable="false">
      <rect class="bar-track" width="100%" height="100%" rx="3" />
      <rect class="bar-fill" width={`${round(clamp(share) * 100)}%`} height="100%" rx="3" />
    </svg>
  );
}

function clamp(share: number): number {
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
