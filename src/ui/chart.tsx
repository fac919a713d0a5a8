import type { Child } from "hono/jsx";
import { type ChartData, formatInUnit } from "./chart-data.ts";
import { Legend } from "./histogram.tsx";
import { PlainChart } from "./plain-chart.tsx";
import { Table } from "./table.tsx";
import { Timestamp } from "./time.tsx";

export type ChartProps = {
  /** Unique on the page. */
  id: string;
  title: string;
  data: ChartData;
  /** How the numbers were measured. */
  note?: Child;
  /** Instead of the chart when no series has a value. */
  empty?: Child;
  precision?: "date" | "minutes" | undefined;
};

/**
 * Series over time: a picture that the server draws (charts.js may put a livelier one in its place, from the JSON inside),
 * a legend, and the same numbers as a table that opens below.
 */
export function Chart({ id, title, data, note, empty, precision = "minutes" }: ChartProps) {
  const hasValues = data.series.some(({ values }) => values.some((value) => value !== null));
  if (!hasValues && empty) return <>{empty}</>;
  return (
    <figure class="chart-figure" aria-labelledby={`${id}-title`}>
      <figcaption class="chart-caption">
        <span class="chart-title" id={`${id}-title`}>
          {title}
        </span>
        <Legend entries={data.series} />
      </figcaption>
      <div class="chart" id={id} data-chart={data.kind}>
        <script type="application/json" dangerouslySetInnerHTML={{ __html: jsonForScript(data) }} />
        <PlainChart data={data} label={title} />
      </div>
      {note && <p class="chart-note">{note}</p>}
      <details class="chart-table">
        <summary>Numbers as a table</summary>
        <Table
          caption={title}
          narrow="scroll"
          rows={data.times.map((at, index) => ({ at, index }))}
          columns={[
            {
              key: "at",
              header: "Time",
              primary: true,
              cell: (row) => <Timestamp atMs={row.at} precision={precision} />,
            },
            ...data.series.map((series, number) => ({
              key: `series-${number}`,
              header: series.label,
              align: "end" as const,
              cell: (row: { index: number }) => formatInUnit(series.values[row.index] ?? null, data.unit),
            })),
          ]}
        />
      </details>
    </figure>
  );
}

/** JSON that cannot end the script element it stands in, whatever the labels hold. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", String.raw`\u003c`);
}
