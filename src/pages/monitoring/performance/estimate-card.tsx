import { metricLabel } from "../../../experiments/metrics/metric-facts.ts";
import { Card } from "../../../ui/card.tsx";
import { plural } from "../../../lib/format.ts";
import { type Column, Table } from "../../../ui/table.tsx";
import type { EstimatedPerformance } from "../../../monitoring/performance/estimate-performance.ts";
import type { MetricEstimate } from "../../../monitoring/performance/model-metrics.ts";
import { EstimateText } from "./metrics-card.tsx";
import type { PerformanceView } from "./view.ts";

const ESTIMATED = ["accuracy", "f1", "roc_auc"] as const;

interface Row {
  name: string;
  estimates: (MetricEstimate | undefined)[];
}

/** What to expect of the rows that nobody has labelled yet, by how sure the models were; and what such an estimate cannot see. */
export function EstimateCard({ view }: { view: PerformanceView }) {
  const { report, deployment } = view;
  const { rows, main, challenger } = report.estimated;
  // A number says nothing of how sure the model is of it.
  if (deployment.task === "regression" || deployment.task === "anomaly_detection") return null;
  const columns = columnsOf(report.labelled > 0, report.challenger !== null);
  const known = ESTIMATED.filter((name) => isKnown(main, name) || isKnown(challenger, name));
  return (
    <Card
      title="Expected before labels"
      description={`Estimated from the confidence of the models on ${plural(rows, "row")} of this time, labelled or not, and how often that confidence was right on their reference rows (confidence-based estimation, CBPE).`}
      flush={known.length > 0}
      footer={known.length > 0 && <span class="small muted">{CANNOT_SEE}</span>}
    >
      {known.length === 0 ? (
        <p class="muted">{whyUnknown(rows, main ?? challenger)}</p>
      ) : (
        <Table
          caption="Expected performance of both models"
          rows={known.map((name): Row => {
            const measured = [report.main[name], report.challenger?.[name]];
            return { name, estimates: [main?.[name], challenger?.[name], ...measured] };
          })}
          columns={columns}
        />
      )}
    </Card>
  );
}

const CANNOT_SEE =
  "The estimate cannot detect a change in the relation of features and target: a model that is sure and wrong looks good here. The 95 % intervals cover chance in this many rows, not the error of the calibration. Only labels decide.";

function columnsOf(hasLabels: boolean, hasChallenger: boolean): Column<Row>[] {
  const headers = ["Main, expected", "Challenger, expected", "Main, by labels", "Challenger, by labels"];
  return [
    { key: "metric", header: "Metric", primary: true, cell: ({ name }) => metricLabel(name) },
    ...headers.flatMap((header, index): Column<Row>[] => {
      const isShown = (hasLabels || index < 2) && (hasChallenger || index % 2 === 0);
      if (!isShown) return [];
      const cell = ({ name, estimates }: Row) => <EstimateText name={name} of={estimates[index]} />;
      return [{ key: header, header, align: "end", cell }];
    }),
  ];
}

function isKnown(estimated: EstimatedPerformance | null, name: (typeof ESTIMATED)[number]): boolean {
  return (estimated?.[name]?.value ?? null) !== null;
}

function whyUnknown(rows: number, estimated: EstimatedPerformance | null): string {
  if (rows === 0) return "Not known: no row was predicted in this time.";
  return estimated
    ? "Not known: the confidence on these rows hardly occurs on the reference rows, so an estimate would be a guess."
    : "Not known: the estimate needs a model with probabilities, and reference rows with a known target.";
}
