import { type Bucket, describeBucket, type DistributionSeries, drawnCategories } from "./distribution-chart-data.ts";
import { formatPercent } from "../lib/format.ts";

export type CategoryBarsProps = { title: string; buckets: Bucket[]; series: DistributionSeries[] };

/** A bar for each series under each category; the longest of all fills the width. */
export function CategoryBars({ title, buckets, series }: CategoryBarsProps) {
  const apart = buckets.filter(({ isApart, counts }) => isApart && counts.some((count) => count > 0));
  const drawn = [...drawnCategories(buckets), ...apart];
  const top = Math.max(0, ...drawn.flatMap(({ shares }) => shares));
  return (
    <ul class="distribution-rows" aria-label={title}>
      {drawn.map((bucket, index) => (
        <li
          class="distribution-row"
          data-apart={bucket.isApart ? (drawn[index - 1]?.isApart ? "" : "first") : undefined}
          title={describeBucket(bucket, series)}
        >
          <span class="distribution-name">{bucket.name}</span>
          <span class="distribution-bars">
            {series.map(({ label, tone }, at) => (
              <span class="distribution-line">
                <span class="visually-hidden">{label}</span>
                <Bar share={top === 0 ? 0 : (bucket.shares[at] ?? 0) / top} tone={tone} />
                <span class="distribution-share">{formatPercent(bucket.shares[at] ?? 0)}</span>
              </span>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

// SVG lengths instead of CSS widths: the content security policy forbids style attributes.
function Bar({ share, tone }: { share: number; tone: string }) {
  return (
    <svg class="distribution-bar" width="100%" height="8" aria-hidden="true" focusable="false">
      <rect
        class="histogram-bar"
        data-series={tone}
        width={`${Math.round(share * 10_000) / 100}%`}
        height="100%"
        rx="1.5"
      />
    </svg>
  );
}
