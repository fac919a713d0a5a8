import { type ChartData, eventsAt, formatInUnit } from "./chart-data.ts";
import { formatUtc } from "../lib/format.ts";
import { type Column, Table } from "./table.tsx";

export type ChartTableProps = { caption: string; data: ChartData; precision: "date" | "minutes" };

type Row = { at: number; index: number };

/** The numbers of a chart, in UTC as on the chart (a day in UTC is another day elsewhere). */
export function ChartTable({ caption, data, precision }: ChartTableProps) {
  const numbers = (label: string, values: (number | null)[]): Column<Row> => ({
    key: label,
    header: label,
    align: "end",
    nowrap: true,
    cell: ({ index }) => formatInUnit(values[index], data.unit),
  });
  const columns: Column<Row>[] = [
    {
      key: "at",
      header: "Time",
      primary: true,
      nowrap: true,
      cell: ({ at }) => <time datetime={new Date(at).toISOString()}>{formatUtc(at, precision)}</time>,
    },
    ...data.series.map(({ label, values }) => numbers(label, values)),
    ...(data.bands ?? []).flatMap(({ label, low, high }) => [
      numbers(`${label}, low`, low),
      numbers(`${label}, high`, high),
    ]),
    ...(data.thresholds ?? []).flatMap(({ label, value }) =>
      typeof value === "number" ? [] : [numbers(label, value)],
    ),
  ];
  if (data.markers?.length) {
    columns.push({
      key: "event",
      header: "Event",
      nowrap: true,
      cell: ({ index }) => eventsAt(data, index).join(", "),
    });
  }
  return (
    <Table caption={caption} narrow="scroll" rows={data.times.map((at, index) => ({ at, index }))} columns={columns} />
  );
}
