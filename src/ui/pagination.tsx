import type { Child } from "hono/jsx";
import { Icon } from "./icon.tsx";

export type PaginationProps = {
  /** Absent on the last page. */
  previousHref?: string | undefined;
  nextHref?: string | undefined;
  previousLabel?: string | undefined;
  nextLabel?: string | undefined;
  summary?: Child;
};

/** Goes through a list by cursor. Renders nothing when there is neither a page before nor one after, and no summary. */
export function Pagination({
  previousHref,
  nextHref,
  previousLabel = "Newer",
  nextLabel = "Older",
  summary,
}: PaginationProps) {
  if (previousHref === undefined && nextHref === undefined && !summary) return null;
  return (
    <nav class="pagination" aria-label="Pages">
      <p class="pagination-summary">{summary}</p>
      {previousHref !== undefined && (
        <a class="button" data-variant="secondary" data-size="small" href={previousHref} rel="prev">
          <Icon name="chevron-left" />
          <span class="button-label">{previousLabel}</span>
        </a>
      )}
      {nextHref !== undefined && (
        <a class="button" data-variant="secondary" data-size="small" href={nextHref} rel="next">
          <span class="button-label">{nextLabel}</span>
          <Icon name="chevron-right" />
        </a>
      )}
    </nav>
  );
}
