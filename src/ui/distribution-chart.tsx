import type { Child } from "hono/jsx";
import { ChartNumbers } from "./chart.tsx";
import { CategoryBars } from "./distribution-chart-categories.tsx";
import {
  bucketsOf,
  type Bucket,
  type DistributionBins,
  type DistributionSeries,
  totalOf,
} from "./distribution-chart-data.ts";
import { NumberBins } from "./distribution-chart-numbers.tsx";
import { formatCount, formatPercent, plural } from "../lib/format.ts";
import { Legend } from "./histogram.tsx";
import { type Column, Table } from "./table.tsx";

export type DistributionChartProps = {
  /** Unique on the page. */
  id: string;
  title: string;
  bins: DistributionBins;
  /** What is compared with first: the reference, then the window (or main and challenger). */
  series: DistributionSeries[];
  /** How the numbers were counted. */
  note?: Child;
  /** Instead of the chart when no series has a row. */
  empty?: Child;
  csvHref?: string | undefined;
};

/**
 * How values are distributed, in shares of each series' own rows: numbers as outlines over the bins of the reference,
 * categories as bars. What is missing, unseen or out of range is set apart; a table below has all of it.
 */
export function DistributionChart({ id, title, bins, series, note, empty, csvHref }: DistributionChartProps) {
  const totals = series.map(totalOf);
  if (empty && totals.every((total) => total === 0)) return <>{empty}</>;
  const buckets = bucketsOf(bins, series);
  return (
    <figure class="chart-figure" aria-labelledby={`${id}-title`}>
      <figcaption class="chart-caption">
        <span class="chart-title" id={`${id}-title`}>
          {title}
        </span>
        <Legend
          entries={series.map(({ label, tone }, index) => ({
            label: `${label}, ${plural(totals[index] ?? 0, "row")}`,
            tone,
          }))}
        />
      </figcaption>
      <div class="distribution" id={id}>
        {bins.kind === "numbers" ? (
          <NumberBins title={title} edges={bins.edges} buckets={buckets} series={series} />
        ) : (
          <CategoryBars title={title} buckets={buckets} series={series} />
        )}
      </div>
      {note && <p class="chart-note">{note}</p>}
      <ChartNumbers csvHref={csvHref} title={title}>
        <BucketTable
          title={title}
          heading={bins.kind === "numbers" ? "Range" : "Category"}
          buckets={buckets}
          series={series}
        />
      </ChartNumbers>
    </figure>
  );
}

type BucketTableProps = { title: string; heading: string; buckets: Bucket[]; series: DistributionSeries[] };

function BucketTable({ title, heading, buckets, series }: BucketTableProps) {
  const columns: Column<Bucket>[] = [{ key: "name", header: heading, primary: true, cell: ({ name }) => name }];
  for (const [index, { label }] of series.entries()) {
    columns.push(
      {
        key: `${index}-rows`,
        header: `${label}, rows`,
        align: "end",
        cell: ({ counts }) => formatCount(counts[index] ?? 0),
      },
      {
        key: `${index}-share`,
        header: `${label}, share`,
        align: "end",
        cell: ({ shares }) => formatPercent(shares[index] ?? 0),
      },
    );
  }
  return <Table caption={title} narrow="scroll" rows={buckets} columns={columns} />;
}
