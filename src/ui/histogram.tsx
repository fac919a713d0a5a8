import { formatPercent, plural } from "../lib/format.ts";
import type { SeriesTone } from "./tone.ts";

export type HistogramSeries = {
  label: string;
  tone: SeriesTone;
  /** One count per bin; all series have the same bins. */
  counts: number[];
};

export type HistogramProps = {
  /** What is distributed: "Age, reference and current". */
  label: string;
  series: HistogramSeries[];
  /** The name of each bin, shown on hover: "20 – 30", "Paris". */
  bins?: string[] | undefined;
  /** True writes the names of the bins under them: for a few short ones. */
  named?: boolean | undefined;
  /** Words under the left and right end. */
  ends?: [string, string] | undefined;
  size?: "small" | "large" | undefined;
  legend?: boolean | undefined;
};

/**
 * Bars of a binned distribution, drawn by the server. Each series is shown as shares of its own sum, so that a window of
 * 100 rows compares with a reference of 10,000; the tallest bar of all fills the height.
 */
export function Histogram({ label, series, bins, named, ends, size = "small", legend }: HistogramProps) {
  const shares = series.map(({ counts }) => toShares(counts));
  const top = Math.max(0, ...shares.flat());
  const binCount = Math.max(0, ...series.map(({ counts }) => counts.length));
  return (
    <figure class="histogram" data-size={size}>
      {legend && <Legend entries={series} />}
      <svg class="histogram-plot" role="img" aria-label={describe(label, series)} width="100%" height="100%">
        {Array.from({ length: binCount }, (_, bin) => (
          <g class="histogram-bin">
            <title>{binTitle(bin, bins, series, shares)}</title>
            <rect class="histogram-hit" x={`${(100 * bin) / binCount}%`} width={`${100 / binCount}%`} height="100%" />
            {series.map(({ tone }, index) => (
              <BinBar
                share={top === 0 ? 0 : (shares[index]?.[bin] ?? 0) / top}
                bin={bin}
                binCount={binCount}
                index={index}
                seriesCount={series.length}
                tone={tone}
              />
            ))}
          </g>
        ))}
      </svg>
      {named && bins && (
        <ol class="histogram-names">
          {bins.map((bin) => (
            <li title={bin}>{bin}</li>
          ))}
        </ol>
      )}
      {ends && (
        <p class="histogram-ends">
          <span>{ends[0]}</span>
          <span>{ends[1]}</span>
        </p>
      )}
    </figure>
  );
}

/** Names the colours of a chart. */
export function Legend({ entries }: { entries: { label: string; tone: SeriesTone }[] }) {
  return (
    <ul class="legend">
      {entries.map(({ label, tone }) => (
        <li class="legend-entry" data-series={tone}>
          {label}
        </li>
      ))}
    </ul>
  );
}

type BinBarProps = {
  share: number;
  bin: number;
  binCount: number;
  index: number;
  seriesCount: number;
  tone: SeriesTone;
};

function BinBar({ share, bin, binCount, index, seriesCount, tone }: BinBarProps) {
  const slot = 100 / binCount;
  const bar = (slot * 0.84) / seriesCount;
  return (
    <rect
      class="histogram-bar"
      data-series={tone}
      x={percent(bin * slot + slot * 0.08 + index * bar)}
      y={percent(100 - share * 100)}
      width={percent(bar)}
      height={percent(share * 100)}
    />
  );
}

function toShares(counts: number[]): number[] {
  const sum = counts.reduce((total, count) => total + count, 0);
  return counts.map((count) => (sum === 0 ? 0 : count / sum));
}

function binTitle(bin: number, bins: string[] | undefined, series: HistogramSeries[], shares: number[][]): string {
  const parts = series.map(
    ({ label, counts }, index) => `${label} ${formatPercent(shares[index]?.[bin] ?? 0)} (${counts[bin] ?? 0})`,
  );
  return [bins?.[bin], ...parts].filter((part) => part !== undefined).join(" · ");
}

function describe(label: string, series: HistogramSeries[]): string {
  const sums = series.map(
    ({ label: name, counts }) =>
      `${name}: ${plural(
        counts.reduce((total, count) => total + count, 0),
        "value",
      )}`,
  );
  return `${label}. ${sums.join(", ")}`;
}

function percent(value: number): string {
  return `${Math.round(value * 100) / 100}%`;
}
