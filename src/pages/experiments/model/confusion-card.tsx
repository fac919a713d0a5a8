import { Card } from "../../../ui/card.tsx";
import { formatCount, formatPercent } from "../../../lib/format.ts";
import { type Column, Table } from "../../../ui/table.tsx";
import type { ConfusionMatrix } from "../../../experiments/metrics/metrics-labels.ts";

/** A larger matrix is no longer read as a whole: its most frequent mistakes are listed instead. */
const MATRIX_LABELS_MAX = 20;
const MISTAKES_SHOWN = 20;
const STEPS = 8;

interface ConfusionCardProps {
  confusion: ConfusionMatrix;
  /** Whose it is, where a page has several. */
  of?: string;
}

/** Which classes the model takes for which. */
export function ConfusionCard({ confusion, of }: ConfusionCardProps) {
  const whose = of === undefined ? "" : ` of ${of}`;
  if (confusion.labels.length > MATRIX_LABELS_MAX) return <MistakesCard confusion={confusion} whose={whose} />;
  return (
    <Card
      title={`Confusion matrix${whose}`}
      description="Rows are actual classes, columns are predicted classes. A stronger shade is a larger share of the actual class. Blue is right, amber is wrong."
      flush
    >
      <Table
        caption={`Confusion matrix${whose}: actual classes in rows, predicted classes in columns`}
        rows={confusion.labels.map((label, index) => ({ label, index, counts: confusion.counts[index] ?? [] }))}
        columns={[
          { key: "actual", header: "Actual", primary: true, cell: ({ label }) => label },
          ...confusion.labels.map((label, column) => predictedColumn(label, column)),
        ]}
        narrow="scroll"
      />
    </Card>
  );
}

interface ActualRow {
  label: string;
  index: number;
  counts: number[];
}

function predictedColumn(label: string, column: number): Column<ActualRow> {
  return {
    key: `predicted-${column}`,
    header: label,
    align: "end",
    cell: ({ index, counts }) => {
      const count = counts[column] ?? 0;
      const total = counts.reduce((sum, value) => sum + value, 0);
      const share = total === 0 ? 0 : count / total;
      return (
        <span
          class="shade"
          data-series={index === column ? "main" : "warning"}
          data-shade={count === 0 ? 0 : Math.max(1, Math.round(share * STEPS))}
          title={`${formatPercent(share)} of the actual class`}
        >
          {formatCount(count)}
        </span>
      );
    },
  };
}

function MistakesCard({ confusion: { labels, counts }, whose }: { confusion: ConfusionMatrix; whose: string }) {
  const mistakes = counts.flatMap((row, actual) =>
    row.flatMap((count, predicted) =>
      count > 0 && actual !== predicted ? [{ actual: labels[actual], predicted: labels[predicted], count }] : [],
    ),
  );
  return (
    <Card title={`Most frequent mistakes${whose}`} description={`The model has ${labels.length} classes.`} flush>
      <Table
        caption={`Most frequent mistakes${whose}`}
        rows={mistakes.toSorted((one, other) => other.count - one.count).slice(0, MISTAKES_SHOWN)}
        columns={[
          { key: "actual", header: "Actual", primary: true, cell: ({ actual }) => actual },
          { key: "predicted", header: "Predicted", cell: ({ predicted }) => predicted },
          { key: "count", header: "Rows", align: "end", cell: ({ count }) => formatCount(count) },
        ]}
        empty={<p class="empty-state">None.</p>}
      />
    </Card>
  );
}
