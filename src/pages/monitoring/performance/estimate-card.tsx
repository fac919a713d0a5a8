import { metricLabel, metricText } from "../../../experiments/metrics/metric-facts.ts";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { plural } from "../../../lib/format.ts";
import { type Column, Table } from "../../../ui/table.tsx";
import type { ModelEstimate } from "../../../monitoring/performance/estimate-model.ts";
import { ESTIMATED_METRICS } from "../../../monitoring/performance/estimate-performance.ts";
import type { MetricEstimate } from "../../../monitoring/performance/model-metrics.ts";
import type { ModelRole } from "../../../windows/answer-counts.ts";
import { EstimateText } from "./metrics-card.tsx";
import type { PerformanceView } from "./view.ts";

interface Row {
  name: string;
  estimates: (MetricEstimate | undefined)[];
}

const ROLES = ["main", "challenger"] as const;
const NAMES: Record<ModelRole, string> = { main: "Main", challenger: "Challenger" };

/** What to expect of the rows that nobody has labelled yet, by how sure the models were; and what such an estimate cannot see. */
export function EstimateCard({ view }: { view: PerformanceView }) {
  const { report, deployment } = view;
  const { rows, main, challenger } = report.estimated;
  // A number says nothing of how sure the model is of it.
  if (deployment.task === "regression" || deployment.task === "anomaly_detection") return null;
  const columns = columnsOf(report.labelled > 0, report.challenger !== null);
  const known = ESTIMATED_METRICS.filter((name) => isKnown(main, name) || isKnown(challenger, name));
  const reasons = ROLES.flatMap((role) => {
    const estimate = report.estimated[role];
    return estimate && estimate.state !== "estimated" ? [{ role, estimate }] : [];
  });
  return (
    <Card
      title="Expected before labels"
      description={`Estimated from how sure the models were of ${plural(rows, "row")} of this time, labelled or not, and how often that was right on their holdout rows.`}
      flush={known.length > 0}
      footer={known.length > 0 && <span class="small muted">{CANNOT_SEE}</span>}
    >
      {reasons.map(({ role, estimate }) => (
        <Reason who={report.challenger === null ? "" : `${NAMES[role]}: `} estimate={estimate} />
      ))}
      {known.length > 0 && (
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
  "The estimate cannot detect a change in the relation of features and target: a model that is sure and wrong looks good here, until labels contradict it. The 95 % intervals cover chance in these rows and in the holdout rows. Only labels decide.";

function Reason({ who, estimate }: { who: string; estimate: ModelEstimate }) {
  const { contradiction: against } = estimate;
  if (!against) return <p class="muted">{who + WHY_UNKNOWN[estimate.state]}</p>;
  const text = (value: number) => metricText(against.metric, value);
  return (
    <Callout level="warning" title={`${who}Withdrawn: labels contradict the estimate`}>
      On {plural(against.rows, "labelled row")}, {metricLabel(against.metric)} was {text(against.actual)}. The estimate
      expected {text(against.expected[0])} to {text(against.expected[1])} for the same rows, so it cannot be trusted for
      the others. The relation of features and target has most likely changed.
    </Callout>
  );
}

const WHY_UNKNOWN: Record<ModelEstimate["state"], string> = {
  estimated: "",
  contradicted: "",
  no_rows: "Not known: no row was predicted in this time.",
  no_holdout:
    "Not known: the version of the experiment has no holdout rows. How often a model is right about its training rows does not say how often it will be.",
  no_calibration:
    "Not known: the estimate needs a model with probabilities, and holdout rows with a known target when the model is uploaded.",
  few_holdout_rows: "Not known: the holdout needs at least 100 rows, and 20 of either outcome.",
  scores_beyond_holdout:
    "Not known: over 10 % of the rows have probabilities below or above all of the holdout rows, so an estimate would be a guess.",
};

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

function isKnown(estimated: ModelEstimate | null, name: (typeof ESTIMATED_METRICS)[number]): boolean {
  return (estimated?.[name]?.value ?? null) !== null;
}
