import type { Child } from "hono/jsx";
import type { Task } from "../../engine/serving-plan.ts";
import { Badge, type Status, StatusBadge } from "../../ui/badge.tsx";
import { plural } from "../../lib/format.ts";
import { type Column, Table } from "../../ui/table.tsx";
import { bestModels, metricLabel, METRICS_AT_A_GLANCE, metricText } from "../../experiments/metrics/metric-facts.ts";
import type { ModelLine } from "../../experiments/page-queries.ts";
import type { ModelRow } from "../../experiments/queries.ts";

const STATUS_OF_STATE: Record<ModelRow["state"], Status> = {
  pending: "pending",
  running: "in_progress",
  succeeded: "succeeded",
  failed: "failed",
};

/** How far a model is; `title` says more on hover. */
export function ModelState({ state, title }: { state: ModelRow["state"]; title?: string | undefined }) {
  return <StatusBadge status={STATUS_OF_STATE[state]} title={title} />;
}

export type ModelTableProps = { task: Task; lines: ModelLine[]; showVersion?: boolean; empty: Child };

/** Models with their metrics side by side, the best of those that were measured on the same rows marked. */
export function ModelTable({ task, lines, showVersion = false, empty }: ModelTableProps) {
  return (
    <Table
      caption="Models"
      rows={lines}
      columns={[
        {
          key: "name",
          header: "Model",
          primary: true,
          cell: (line) => (
            <>
              <a href={`/models/${line.id}`}>{line.name}</a>
              <span class="cell-note">{noteOf(line, showVersion)}</span>
            </>
          ),
        },
        {
          key: "state",
          header: "State",
          nowrap: true,
          cell: (line) => <ModelState state={line.state} title={line.errorMessage ?? undefined} />,
        },
        ...METRICS_AT_A_GLANCE[task].map((name) => metricColumn(name, lines)),
      ]}
      empty={empty}
    />
  );
}

function noteOf({ versionNumber, metrics }: ModelLine, showVersion: boolean): string {
  const measured = metrics ? `measured on ${plural(metrics.rows, `${metrics.source} row`)}` : "not measured";
  return showVersion ? `Version ${versionNumber}, ${measured}` : measured;
}

function metricColumn(name: string, lines: readonly ModelLine[]): Column<ModelLine> {
  const best = bestModels(lines, name);
  return {
    key: name,
    header: metricLabel(name),
    align: "end",
    cell: (line) => {
      const text = metricText(name, line.metrics?.values[name]);
      if (!best.has(line.id)) return text;
      return (
        <div>
          <strong>{text}</strong>
          <span class="cell-note">
            <Badge tone="ok">best</Badge>
          </span>
        </div>
      );
    },
  };
}
