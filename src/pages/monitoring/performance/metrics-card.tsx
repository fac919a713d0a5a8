import { betterMetric, metricHint, metricLabel, metricText } from "../../../experiments/metrics/metric-facts.ts";
import { Card } from "../../../ui/card.tsx";
import { plural } from "../../../lib/format.ts";
import { type Column, Table } from "../../../ui/table.tsx";
import type { MetricEstimate } from "../../../monitoring/performance/model-metrics.ts";
import type { PerformanceView } from "./view.ts";
import { addressWith, choiceParams } from "../span-view.ts";

interface Row {
  name: string;
  href: string;
  main: MetricEstimate | undefined;
  challenger: MetricEstimate | undefined;
  ahead: string | null;
}

/** The metrics of both models side by side, each with its interval. */
export function MetricsCard({ view }: { view: PerformanceView }) {
  const { report, metrics, chosen, path } = view;
  const { main, challenger, answered } = report;
  const isPaired = challenger !== null && answered.main === answered.challenger;
  const rows = metrics.map((name): Row => {
    const [one, other] = [main[name], challenger?.[name]];
    return {
      name,
      href: `${addressWith(`${path}/performance`, [...choiceParams(chosen.choice), ["metric", name]])}#over-time`,
      main: one,
      challenger: other,
      ahead: isPaired ? aheadIn(name, one?.value ?? null, other?.value ?? null) : null,
    };
  });
  return (
    <Card title="Metrics" description={describe(view)} flush>
      <Table
        caption="Metrics of both models on labelled rows"
        rows={rows}
        columns={[
          NAME,
          { key: "main", header: "Main", align: "end", cell: (row) => <EstimateText name={row.name} of={row.main} /> },
          ...(challenger === null ? [] : [CHALLENGER]),
          ...(isPaired ? [AHEAD] : []),
        ]}
      />
    </Card>
  );
}

const NAME: Column<Row> = {
  key: "metric",
  header: "Metric",
  primary: true,
  cell: ({ name, href }) => (
    <>
      <a href={href}>{metricLabel(name)}</a>
      <span class="cell-note">{metricHint(name)}</span>
    </>
  ),
};

const CHALLENGER: Column<Row> = {
  key: "challenger",
  header: "Challenger",
  align: "end",
  cell: (row) => <EstimateText name={row.name} of={row.challenger} />,
};

const AHEAD: Column<Row> = {
  key: "ahead",
  header: "Ahead",
  cell: ({ ahead }) => ahead ?? <span class="muted">–</span>,
};

/** A metric, and below it where it lies in 95 of 100 cases. */
export function EstimateText({ name, of }: { name: string; of: MetricEstimate | undefined }) {
  if (!of || of.value === null) return <span class="muted">–</span>;
  return (
    <span>
      {metricText(name, of.value)}
      {of.interval && (
        <span class="cell-note">
          {metricText(name, of.interval[0])} to {metricText(name, of.interval[1])}
        </span>
      )}
    </span>
  );
}

function aheadIn(name: string, main: number | null, challenger: number | null): string | null {
  const better = betterMetric(name);
  if (main === null || challenger === null || main === challenger || better === undefined) return null;
  return challenger > main === (better === "higher") ? "Challenger" : "Main";
}

function describe({ report, monitored }: PerformanceView): string {
  const { labelled, answered } = report;
  const { main, challenger } = monitored;
  const pair = challenger ? `Main is ${main.name}, challenger ${challenger.name}.` : `Main is ${main.name}.`;
  const all =
    answered.main === labelled && (answered.challenger === null || answered.challenger === labelled)
      ? `Over ${plural(labelled, "labelled row")}`
      : `Over the labelled rows that it answered: main ${plural(answered.main, "row")}${answered.challenger === null ? "" : `, challenger ${plural(answered.challenger, "row")}, so compare with care`}`;
  const only = challenger ? " Only the verdict says whether the difference is more than chance." : "";
  return `${pair}${otherModels(report)} ${all}, with 95\u00a0% intervals (none where the rows are too few to say).${only}`;
}

/** Where all versions are shown, those of other models are named. */
function otherModels({ versions }: PerformanceView["report"]): string {
  const others = versions.filter(({ pair: models }) => models === "other");
  if (others.length === 0) return "";
  const references = [...new Set(versions.map(({ reference }) => reference))].toSorted((one, other) => one - other);
  return ` In ${plural(others.length, "version")} (${others.map(({ number }) => number).join(", ")}) other models answered; the references are of ${references.map((number) => `version ${number}`).join(", ")} of the experiment.`;
}
