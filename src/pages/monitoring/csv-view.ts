import { csvCell } from "../../audit/audit-file.ts";
import type { AppContext } from "../../http.ts";
import { iso } from "../../lib/time.ts";
import type { ReferenceColumn, Tally } from "../../windows/reference-column.ts";
import { binsOf, rowsOf, slotOf } from "../../windows/tally.ts";
import { effectsOver } from "./drift/view.ts";
import { binsFor, type ColumnOverTime, distributionOf } from "./drift/feature-view.ts";
import type { DriftView } from "./view.ts";
import { tallyQuantile } from "../../monitoring/tally-quantile.ts";

type Cell = string | number | null;

/** The effects in each bucket: of the features that were asked for, else of all, and of the predictions. Too few rows: empty cells. */
export function driftCsv({ report, points, times, asked }: DriftView): string {
  const names = report.features.map(({ name }) => name).filter((name) => asked.length === 0 || asked.includes(name));
  const columns = [
    ...names.map((name) => effectsOver(points, ({ effects }) => effects.features[name])),
    effectsOver(points, ({ effects }) => effects.main),
    effectsOver(points, ({ effects }) => effects.challenger),
  ];
  return csvText([
    ["at", "rows", "state", ...names, "prediction of main", "prediction of challenger"],
    ...times.map((at, index) => [
      iso(at),
      points[index]?.rows ?? 0,
      points[index]?.state ?? "not_enough_data",
      ...columns.map((values) => values[index] ?? null),
    ]),
  ]);
}

/** The rows in each bin, or of each category: of the reference and of each of `current`. */
export function distributionCsv(column: ReferenceColumn, current: { label: string; tally: Tally }[]): string {
  const bins = binsFor(column);
  const series = [{ label: "reference", tally: column.tally }, ...current].map(({ label, tally }) =>
    distributionOf(column, tally, { label, tone: "main" }),
  );
  const names = series.map(({ label }) => label);
  const apart = (["missing", "unseen", "below", "above"] as const).map((slot) => ({
    name: `(${slot})`,
    counts: series.map((one) => one[slot] ?? 0),
  }));
  const counts = (index: number) => series.map((one) => one.counts[index] ?? 0);
  if (bins.kind === "categories") {
    return csvText([
      ["category", ...names],
      ...bins.names.map((name, index) => [name, ...counts(index)]),
      ...apart
        .filter(({ name }) => name === "(missing)" || name === "(unseen)")
        .map((row) => [row.name, ...row.counts]),
    ]);
  }
  return csvText([
    ["bin", "from", "to", ...names],
    ...bins.edges.slice(0, -1).map((edge, index) => [index, edge, bins.edges[index + 1] ?? edge, ...counts(index)]),
    ...apart.map((row) => [row.name, null, null, ...row.counts]),
  ]);
}

/** What a column was in each bucket: percentiles of numbers and lengths, rows of each category, and rows that no bin holds. */
export function columnOverTimeCsv({ binning }: ReferenceColumn, { times, tallies }: ColumnOverTime): string {
  const isCategories = binning.kind === "categories";
  const quantiles = isCategories ? [] : [0.1, 0.5, 0.9];
  const slots = ["missing", "unseen", "below", "above", "words", "unseenWords"] as const;
  return csvText([
    [
      "at",
      "rows",
      ...quantiles.map((q) => `p${q * 100}`),
      "missing",
      "unseen",
      "below",
      "above",
      "words",
      "unseen words",
      ...(isCategories ? binning.categories : []),
    ],
    ...times.map((at, index) => {
      const tally = tallies[index] ?? null;
      return [
        iso(at),
        tally ? rowsOf(binning, tally) : 0,
        ...quantiles.map((q) => tally && tallyQuantile(binning, tally, q)),
        ...slots.map((slot) => (tally ? slotOf(tally, slot) : 0)),
        ...(isCategories ? [...(tally ? binsOf(binning, tally) : binning.categories.map(() => 0))] : []),
      ];
    }),
  ]);
}

/** Numbers as they are; of texts, what a spreadsheet would take for a formula is defused. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  const cell = (value: Cell) => (value === null ? "" : typeof value === "number" ? String(value) : csvCell(value));
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** An answer that browsers keep as a file. */
export function csvFile(c: AppContext, name: string, text: string): Response {
  return c.body(text, 200, {
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": `attachment; filename="${name}"`,
  });
}
