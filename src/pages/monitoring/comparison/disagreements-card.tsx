import { AnswerCell, ChallengerCell, ComparisonCell } from "../../records/answer-cells.tsx";
import { compare, featureText } from "../../records/answer-words.ts";
import { deploymentPath } from "../../deployments/deployment-shell.tsx";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { formatNumber } from "../../../lib/format.ts";
import { SelectField, TextField } from "../../../ui/forms.tsx";
import { type Column, Table } from "../../../ui/table.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import type { ComparisonView } from "./view.ts";
import type { ComparisonReport } from "../../../monitoring/report-comparison.ts";
import { addressWith, choiceParams } from "../span-view.ts";

type Disagreement = ComparisonReport["disagreements"]["items"][number];

/** The rows on which both models differ most, with both answers and the row's features; by a feature's value, where one is asked for. */
export function DisagreementsCard({ view, report }: { view: ComparisonView; report: ComparisonReport }) {
  const { items, isAll } = report.disagreements;
  return (
    <Card
      title="Where they differ most"
      description={
        view.deployment.task === "regression"
          ? "Largest difference first."
          : "Largest difference of the probabilities first (total variation, 0 to 1)."
      }
      id="disagreements"
      flush
      footer={!isAll && "Older rows are left out: only the newest rows of each host are compared one by one."}
    >
      <FilterForm view={view} />
      <Table
        caption="Rows on which main and challenger differ, largest difference first"
        rows={items}
        columns={columnsOf(view)}
        empty={<NoDisagreement view={view} report={report} />}
      />
    </Card>
  );
}

function columnsOf({ deployment, filter }: ComparisonView): Column<Disagreement>[] {
  const path = `${deploymentPath(deployment)}/predictions`;
  const { task } = deployment;
  return [
    {
      key: "row",
      header: "Row",
      primary: true,
      cell: ({ predictionId, at, features }) => (
        <>
          <FeatureValues features={features} first={filter.feature} />
          <span class="cell-note">
            <a href={`${path}/${predictionId}`}>
              <Timestamp atMs={at} precision="seconds" />
            </a>
          </span>
        </>
      ),
    },
    { key: "main", header: "Main", cell: ({ main }) => <AnswerCell answer={main} /> },
    { key: "challenger", header: "Challenger", cell: ({ challenger }) => <ChallengerCell challenger={challenger} /> },
    task === "regression"
      ? {
          key: "difference",
          header: "Difference",
          align: "end",
          cell: (record) => <ComparisonCell comparison={compare(task, record)} />,
        }
      : { key: "distance", header: "Apart by", align: "end", cell: ({ distance }) => formatNumber(distance, 3) },
  ];
}

/** More are folded away. */
const VALUES_SHOWN_MAX = 8;

/** The features of a row; the one that is asked for comes first. */
function FeatureValues({ features, first }: { features: Disagreement["features"]; first: string | undefined }) {
  const pairs = Object.entries(features);
  const sorted = [...pairs.filter(([name]) => name === first), ...pairs.filter(([name]) => name !== first)];
  const hidden = sorted.slice(VALUES_SHOWN_MAX);
  return (
    <>
      <FeatureList pairs={sorted.slice(0, VALUES_SHOWN_MAX)} />
      {hidden.length > 0 && (
        <details class="small">
          <summary class="muted">{hidden.length} more</summary>
          <FeatureList pairs={hidden} />
        </details>
      )}
    </>
  );
}

function FeatureList({ pairs }: { pairs: [string, Disagreement["features"][string]][] }) {
  return (
    <ul class="feature-values">
      {pairs.map(([name, value]) => (
        <li>
          <span class="muted">{name}</span>{" "}
          <span class={value === null ? "muted" : undefined}>
            {typeof value === "number" ? formatNumber(value, 6) : featureText(value)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function FilterForm({ view }: { view: ComparisonView }) {
  const { path, chosen, monitored, filter } = view;
  return (
    <form class="span-picker-form is-in-card" method="get" action={`${path}/comparison#disagreements`}>
      {choiceParams(chosen.choice).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <SelectField
        name="feature"
        label="Only rows by feature"
        options={monitored.columns.map(({ name }) => ({ value: name, label: name }))}
        value={filter.feature}
        placeholder="Any"
        markOptional={false}
      />
      <TextField name="equals" label="equals" value={filter.equals} markOptional={false} />
      <TextField
        name="min"
        label="or is at least"
        value={filter.min === undefined ? undefined : String(filter.min)}
        markOptional={false}
        attributes={{ inputmode: "decimal" }}
      />
      <TextField
        name="max"
        label="and at most"
        value={filter.max === undefined ? undefined : String(filter.max)}
        markOptional={false}
        attributes={{ inputmode: "decimal" }}
      />
      <Button type="submit">Show</Button>
    </form>
  );
}

function NoDisagreement({ view, report }: { view: ComparisonView; report: ComparisonReport }) {
  const { path, chosen, filter } = view;
  if (filter.feature !== undefined) {
    return (
      <EmptyState title="No disagreement on these rows" icon="monitoring">
        <a href={`${addressWith(`${path}/comparison`, choiceParams(chosen.choice))}#disagreements`}>Show all rows</a>
      </EmptyState>
    );
  }
  return report.n === 0 ? (
    <EmptyState title="Nothing to compare in this time" icon="monitoring">
      The challenger answers the rows of callers within seconds after the main model. Rows on which the two differ are
      listed here.
    </EmptyState>
  ) : (
    <EmptyState title="The two never differed" icon="check">
      Main and challenger agreed on every row that both answered in this time.
    </EmptyState>
  );
}
