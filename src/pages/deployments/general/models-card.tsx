import type { Task } from "../../../engine/serving-plan.ts";
import { metricHint, metricLabel, METRICS_AT_A_GLANCE, metricText } from "../../../experiments/metrics/metric-facts.ts";
import type { ModelRow } from "../../../experiments/queries.ts";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { formatBytes, formatDuration, plural } from "../../../lib/format.ts";
import { type Column, Table } from "../../../ui/table.tsx";

interface ComparedRow {
  label: string;
  note: string;
  main: string;
  challenger: string;
}

/** Main and challenger side by side: how well they predicted rows whose target is known, and what they take. */
export function ModelsCard({ main, challenger, task }: { main: ModelRow; challenger: ModelRow | null; task: Task }) {
  const rows = [...metricRows(main, challenger, task), ...sizeRows(main, challenger)];
  const columns: Column<ComparedRow>[] = [
    { key: "label", header: "Measure", primary: true, cell: ({ label }) => label },
    { key: "note", header: "What it says", cell: ({ note }) => <span class="muted small">{note}</span> },
    { key: "main", header: `Main: ${main.name}`, align: "end", cell: (row) => row.main },
    ...(challenger
      ? [
          {
            key: "challenger",
            header: `Challenger: ${challenger.name}`,
            align: "end" as const,
            cell: (row: ComparedRow) => row.challenger,
          },
        ]
      : []),
  ];
  return (
    <Card title="Models" description={measuredOn(main, challenger, task)} flush>
      <Table
        caption="Main and challenger compared"
        columns={columns}
        rows={rows}
        empty={<EmptyState title="No metrics" />}
      />
    </Card>
  );
}

function metricRows(main: ModelRow, challenger: ModelRow | null, task: Task): ComparedRow[] {
  const mainValues = main.metrics?.values ?? {};
  const challengerValues = challenger?.metrics?.values ?? {};
  const present = new Set([...METRICS_AT_A_GLANCE[task], ...Object.keys(mainValues), ...Object.keys(challengerValues)]);
  return [...present]
    .filter((name) => name in mainValues || name in challengerValues)
    .map((name) => ({
      label: metricLabel(name),
      note: metricHint(name) ?? "",
      main: metricText(name, mainValues[name]),
      challenger: metricText(name, challengerValues[name]),
    }));
}

function sizeRows(main: ModelRow, challenger: ModelRow | null): ComparedRow[] {
  const row = (label: string, note: string, text: (model: ModelRow) => string): ComparedRow => ({
    label,
    note,
    main: text(main),
    challenger: challenger ? text(challenger) : "–",
  });
  return [
    row("Memory", "Measured during the trial.", ({ heapBytes }) => (heapBytes === null ? "–" : formatBytes(heapBytes))),
    row("Time to load", "Measured during the trial.", ({ loadMs }) => (loadMs === null ? "–" : formatDuration(loadMs))),
    row("File", "As it was uploaded.", ({ bytes }) => formatBytes(bytes)),
  ];
}

/** On which rows the metrics were taken: those of two models may differ. */
function measuredOn(main: ModelRow, challenger: ModelRow | null, task: Task): string {
  const measured = [main, ...(challenger ? [challenger] : [])].map(({ metrics }) =>
    metrics ? `${plural(metrics.rows, metrics.source === "holdout" ? "holdout row" : "training row")}` : null,
  );
  const [first, second] = measured;
  if (measured.every((text) => text === null)) {
    return task === "anomaly_detection"
      ? "Anomaly detectors are not measured against a target."
      : "Without a target in the training data, models have no metrics.";
  }
  const flattering = [main, challenger].some((model) => model?.metrics?.source === "training");
  const warning = flattering ? " Metrics on training rows are too good: the model has seen these rows." : "";
  if (challenger === null || first === second) return `Metrics on ${first ?? second ?? ""}.${warning}`;
  return `Metrics of the main model on ${first ?? "no rows"}, of the challenger on ${second ?? "no rows"}: compare with care.${warning}`;
}
