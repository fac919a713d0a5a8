import type { Child } from "hono/jsx";
import { type ChartData, hasValues } from "./chart-data.ts";
import { ChartLegend } from "./chart-legend.tsx";
import { ChartTable } from "./chart-table.tsx";
import { PlainChart } from "./plain-chart.tsx";

export type ChartProps = {
  /** Unique on the page; a chart that comes back under its id keeps what was zoomed into. */
  id: string;
  title: string;
  data: ChartData;
  /** How the numbers were measured. */
  note?: Child;
  /** Instead of the chart when no series has a value. */
  empty?: Child;
  /** "date" for steps of a day or more. */
  precision?: "date" | "minutes" | undefined;
  /** Where the same numbers are as a file. */
  csvHref?: string | undefined;
};

/**
 * Series over time: a legend with the latest values, a picture that the server draws, and the same numbers as a table that
 * opens below. On a page with CHART_FILES, charts.ts puts a livelier picture in its place, from the JSON inside.
 */
export function Chart({ id, title, data, note, empty, precision = "minutes", csvHref }: ChartProps) {
  if (!hasValues(data) && empty) return <>{empty}</>;
  return (
    <figure class="chart-figure" aria-labelledby={`${id}-title`}>
      <figcaption class="chart-caption">
        <span class="chart-title" id={`${id}-title`}>
          {title}
        </span>
        <button class="chart-reset" type="button" data-chart-reset hidden>
          Show the whole time
        </button>
        <ChartLegend data={data} precision={precision} />
      </figcaption>
      <div class="chart" id={id} data-chart={data.kind} data-precision={precision}>
        <script type="application/json" dangerouslySetInnerHTML={{ __html: jsonForScript(data) }} />
        <PlainChart data={data} label={title} precision={precision} />
        {!hasValues(data) && <p class="chart-nothing">No values in this time.</p>}
      </div>
      {note && <p class="chart-note">{note}</p>}
      <ChartNumbers csvHref={csvHref} title={title}>
        <ChartTable caption={title} data={data} precision={precision} />
      </ChartNumbers>
    </figure>
  );
}

export type ChartNumbersProps = {
  csvHref?: string | undefined;
  /** Of the chart: for those who hear the link without what is around it. */
  title: string;
  /** The table. */
  children?: Child;
};

/** Below a chart: its numbers as a table that opens, and as a file. */
export function ChartNumbers({ csvHref, title, children }: ChartNumbersProps) {
  return (
    <div class="chart-numbers">
      <details class="chart-table">
        <summary>Numbers as a table</summary>
        {children}
      </details>
      {csvHref !== undefined && (
        <a class="chart-csv" href={csvHref} download="">
          Download CSV<span class="visually-hidden">: {title}</span>
        </a>
      )}
    </div>
  );
}

/** JSON that cannot end the script element it stands in, whatever the labels hold. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", String.raw`\u003c`);
}
